"""What ordinary orders lead to: defects, returns, messages, a complaint now and then, edits of listings."""

import numpy as np
import pyarrow as pa

from goodstanding.synthetic import vocabulary as words
from goodstanding.synthetic.columns import DAY, MISSING, Mask, Whole, coded, digits, joined, moments, money
from goodstanding.synthetic.trade import HOUR, rates, spread
from goodstanding.synthetic.world import World

DEFECTIVE, RETURNED, ASKED = 0.005, 0.066, 0.07
"""How often an order of a large ordinary seller ends in a defect, an ordinary order is returned, makes its buyer write."""
DEFECTIVE_SIZE = 950
"""Orders a year from which a seller is large in this sense."""
MOST_RETURNED = 0.16
UNANSWERED = 0.02
DEFECT_KINDS = ("negative_feedback", "claim", "chargeback")


def defect_columns(world: World) -> dict[str, pa.Array]:
    """Negative feedback, claims and chargebacks, days or weeks after the order; some are taken back."""
    rng, orders = world.dice("defects"), world.orders
    rate = rates(world.sellers, orders.seller, DEFECTIVE, DEFECTIVE_SIZE) * np.where(orders.cancelled == MISSING, 1.0, 0.0)
    places = np.flatnonzero(spread(rng, orders.seller, rate))
    reached = np.where(orders.delivered[places] == MISSING, orders.deliver_by[places], orders.delivered[places])
    at = reached + rng.integers(6 * HOUR, 24 * DAY, len(places))
    places, at = places[at < world.days.end], at[at < world.days.end]
    withdrawn = _later(rng, at, 0.08, world.days.end)
    kind = rng.choice(3, len(places), p=[0.6, 0.32, 0.08])
    return {
        "defect_id": numbered("D-", len(places)),
        "order_id": world.order_ids.take(pa.array(places)),
        "account_id": coded(world.sellers.ids, orders.seller[places]),
        "kind": coded(DEFECT_KINDS, kind),
        "at": moments(at),
        "withdrawn_at": moments(withdrawn),
        "reason": coded(words.DEFECT_REASONS, rng.integers(0, len(words.DEFECT_REASONS), len(places))),
        "text": coded(words.DEFECT_TEXTS, rng.integers(0, len(words.DEFECT_TEXTS), len(places))),
    }


def return_columns(world: World) -> dict[str, pa.Array]:
    """Returns within a month of delivery, refunded within days; some buyers return more than others."""
    rng, orders = world.dice("returns"), world.orders
    order = np.lexsort((orders.placed, orders.buyer))
    buyer = orders.buyer[order]
    sent_back = np.zeros(len(orders), dtype=np.bool_)
    sent_back[order] = spread(rng, buyer, np.minimum(world.buyers.returning[buyer] * RETURNED, MOST_RETURNED))
    places = np.flatnonzero(sent_back & (orders.delivered != MISSING) & orders.may_be_returned)
    at = orders.delivered[places] + rng.integers(DAY, 28 * DAY, len(places))
    places, at = places[at < world.days.end], at[at < world.days.end]
    return {
        "return_id": numbered("R-", len(places)),
        "order_id": world.order_ids.take(pa.array(places)),
        "account_id": coded(world.sellers.ids, orders.seller[places]),
        "buyer_id": coded(world.buyers.ids, orders.buyer[places]),
        "at": moments(at),
        "reason": coded(words.RETURN_REASONS, rng.integers(0, len(words.RETURN_REASONS), len(places))),
        "refunded_at": moments(_later(rng, at, 0.97, world.days.end)),
        "amount": money(orders.cents[places]),
    }


def message_columns(world: World) -> dict[str, pa.Array]:
    """Questions from buyers, nearly all answered within a day; their sellers' answers are the same rows' `answered_at`."""
    rng, orders = world.dice("messages"), world.orders
    places = np.flatnonzero(rng.random(len(orders)) < ASKED)
    at = orders.placed[places] + rng.integers(HOUR, 9 * DAY, len(places))
    places, at = places[at < world.days.end], at[at < world.days.end]
    slow = spread(rng, orders.seller[places], UNANSWERED * world.sellers.care[orders.seller[places]])
    answered = at + np.where(slow, rng.integers(26 * HOUR, 4 * DAY, len(places)), rng.integers(600, 22 * HOUR, len(places)))
    return {
        "message_id": numbered("M-", len(places)),
        "account_id": coded(world.sellers.ids, orders.seller[places]),
        "buyer_id": coded(world.buyers.ids, orders.buyer[places]),
        "order_id": world.order_ids.take(pa.array(places)),
        "at": moments(at),
        "direction": pa.array(["from_buyer"] * len(places)),
        "answered_at": moments(np.where(answered < world.days.end, answered, MISSING)),
        "topic": coded(words.MESSAGE_TOPICS, rng.integers(0, len(words.MESSAGE_TOPICS), len(places))),
    }


def complaint_columns(world: World) -> dict[str, pa.Array]:
    """A few complaints about ordinary sellers (one in eighty), most of them settled within a week."""
    rng, orders = world.dice("complaints"), world.orders
    quiet = ~_is_cast(world)[orders.seller] & (orders.delivered != MISSING)
    places = np.sort(rng.choice(np.flatnonzero(quiet), len(world.sellers) // 80, replace=False))
    at = orders.delivered[places] + rng.integers(DAY, 12 * DAY, len(places))
    places, at = places[at < world.days.end], at[at < world.days.end]
    kind = rng.integers(0, len(words.COMPLAINT_REASONS), len(places))
    return {
        "complaint_id": numbered("C-", len(places)),
        "account_id": coded(world.sellers.ids, orders.seller[places]),
        "reason": coded(words.COMPLAINT_REASONS, kind),
        "at": moments(at),
        "product_id": coded(world.products, orders.product[places]),
        "order_id": world.order_ids.take(pa.array(places)),
        "source": pa.array(["buyer"] * len(places)),
        "resolved_at": moments(_later(rng, at, 0.9, world.days.end)),
        "text": coded(words.COMPLAINT_TEXTS, kind),
        "complainant_id": coded(world.buyers.ids, orders.buyer[places]),
    }


def listing_change_columns(world: World) -> dict[str, pa.Array]:
    """A handful of edits per seller and year, never many at once."""
    rng, orders = world.dice("listing changes"), world.orders
    places = np.sort(rng.choice(len(orders), min(len(orders), 5 * len(world.sellers)), replace=False))
    return {
        "change_id": numbered("L-", len(places)),
        "account_id": coded(world.sellers.ids, orders.seller[places]),
        "product_id": coded(world.products, orders.product[places]),
        "at": moments(np.maximum(orders.placed[places] - rng.integers(0, 3 * DAY, len(places)), world.days.start)),
        "field": coded(words.LISTING_FIELDS, rng.integers(0, len(words.LISTING_FIELDS), len(places))),
    }


def numbered(prefix: str, count: int) -> pa.Array:
    """Ids of ordinary rows: a prefix and eight digits. Rows of stories have other ids."""
    return joined(prefix, digits(np.arange(count, dtype=np.int64), 8))


def _later(rng: np.random.Generator, at: Whole, share: float, end: int) -> Whole:
    """For a share of moments one two to nine days later, where that has happened yet."""
    later = at + rng.integers(2 * DAY, 9 * DAY, len(at))
    return np.where((rng.random(len(at)) < share) & (later < end), later, MISSING)


def _is_cast(world: World) -> Mask:
    cast = np.zeros(len(world.sellers), dtype=np.bool_)
    for places in world.cast_sellers.values():
        cast[places] = True
    return cast
