"""The ordinary trade of a year: who bought what from whom, when it was promised, shipped and delivered, and what went wrong."""

import numpy as np
import pyarrow as pa

from goodstanding.synthetic import vocabulary as words
from goodstanding.synthetic.columns import DAY, MISSING, Mask, Real, Whole, coded, flags, moments, money
from goodstanding.synthetic.people import CARELESS
from goodstanding.synthetic.world import Buyers, Days, Orders, Sellers, World, no_moments

HOUR = 3_600
LATE, CANCELLED, UNTRACKED, SLOW = 0.017, 0.009, 0.014, 0.034
"""How often an order of a large ordinary seller is shipped late, cancelled by it, left without valid tracking, delivered late."""
LATE_SIZE, CANCELLED_SIZE, UNTRACKED_SIZE = 1_250, 2_200, 420
"""Orders a year from which a seller is large in this sense (see `rates`)."""
BY_SELLER, BY_BUYER, BY_PLATFORM = 0, 1, 2
CANCELLERS = ("seller", "buyer", "platform")
_LAST_COLLECTION = 20 * HOUR
_WEEKDAYS = (1.08, 1.02, 0.98, 0.97, 0.95, 0.93, 1.07)
_HOURS = (2, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 7, 6, 6, 6, 6, 7, 8, 9, 10, 9, 7, 4)


def make_orders(rng: np.random.Generator, sellers: Sellers, buyers: Buyers, days: Days) -> tuple[Orders, list[str]]:
    """All orders as `Sellers.size` says, with everything that happened to them before the end; and the products' ids."""
    seller = np.repeat(np.arange(len(sellers)), sellers.size)
    placed = _placing_moments(rng, sellers.opened[seller], sellers.stops[seller], days)
    order = np.lexsort((placed, seller))
    placed = placed[order]
    product, products = _products(rng, sellers, seller)
    orders = _bare(seller, placed, product)
    orders.buyer = _buyers(rng, buyers, sellers.market[seller], placed)
    _price(rng, orders, len(products))
    _send_with(rng, orders, sellers)
    _schedule(rng, orders, sellers, days)
    _cancel(rng, orders, sellers, days)
    return orders, products


def spread(rng: np.random.Generator, owner: Whole, rate: Real) -> Mask:
    """Which orders go wrong at a rate, slips of one owner keeping their distance; owners must come one after the other.

    Somebody who slipped takes care for a while. Were slips independent, one honest seller in five would be over a
    target at any time by chance alone, and no marketplace could live with such targets.
    """
    summed = np.cumsum(rate)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    before = (summed - rate)[starts]
    runs = np.diff(np.append(starts, len(owner)))
    within = summed - np.repeat(before - rng.random(len(starts)), runs)
    return np.asarray(np.floor(within) > np.floor(within - rate))


def rates(sellers: Sellers, seller: Whole, usual: float, large: int) -> Real:
    """How often an order goes wrong: as usual at large sellers, far less at small ones, who see to every parcel themselves.

    Small sellers could not live otherwise: a single slip among ten or twenty orders is a rate above any target. The few
    careless ones among them are in and out of breach.
    """
    shelter = np.where(sellers.care < CARELESS, np.clip((sellers.size / large) ** 3, 0.03, 1.0), 1.0)
    return np.asarray((usual * shelter * sellers.care)[seller])


def order_prefixes(orders: Orders, sellers: Sellers) -> Whole:
    """The first group of each order's id tells the store."""
    return np.asarray(words.ORDER_PREFIXES, dtype=np.int64)[sellers.market[orders.seller]]


def order_columns(world: World) -> dict[str, pa.Array]:
    """The orders table, seller by seller."""
    orders, sellers = world.orders, world.sellers
    market = sellers.market[orders.seller]
    return {
        "order_id": world.order_ids,
        "account_id": coded(sellers.ids, orders.seller),
        "buyer_id": coded(world.buyers.ids, orders.buyer),
        "marketplace": coded(words.MARKETS, market),
        "placed_at": moments(orders.placed),
        "ship_by": moments(orders.ship_by),
        "shipped_at": moments(orders.shipped),
        "deliver_by": moments(orders.deliver_by),
        "delivered_at": moments(orders.delivered),
        "cancelled_at": moments(orders.cancelled),
        "cancelled_by": coded(CANCELLERS, orders.cancelled_by),
        "fulfilment": coded(("merchant", "platform"), orders.platform_fulfilled.astype(np.int64)),
        "tracking_valid": flags(orders.tracking),
        "product_id": coded(world.products, orders.product),
        "amount": money(orders.cents),
        "currency": coded(words.CURRENCIES, market),
        "units": pa.array(orders.units),
        "carrier": coded(words.ALL_CARRIERS, orders.carrier),
        "warehouse": coded(words.WAREHOUSES, orders.warehouse),
        "batch": coded(world.batches, orders.batch),
        "caused_by": coded(world.causes or [""], orders.caused_by),
    }


def lots(days: Days) -> list[str]:
    """The production lots that are sold in the span, one a month, the month before the span first."""
    month = days.first.year * 12 + days.first.month - 2
    return [f"LOT-{(month + k) // 12 % 100:02d}{(month + k) % 12 + 1:02d}" for k in range(days.count // 28 + 2)]


def _placing_moments(rng: np.random.Generator, opened: Whole, stops: Whole, days: Days) -> Whole:
    weights = _day_weights(days)
    summed = np.concatenate([[0.0], np.cumsum(weights)])
    first_day = np.clip((opened - days.start) // DAY + 1, 0, days.count - 1)
    after = np.clip((stops - days.start) // DAY, first_day + 1, days.count)
    lot = summed[first_day] + rng.random(len(opened)) * (summed[after] - summed[first_day])
    day = np.clip(np.searchsorted(summed, lot, side="right") - 1, 0, days.count - 1)
    hours = np.asarray(_HOURS, dtype=np.float64)
    hour = np.searchsorted(np.cumsum(hours / hours.sum()), rng.random(len(opened)))
    return np.asarray(days.start + day * DAY + np.minimum(hour, 23) * HOUR + rng.integers(0, HOUR, len(opened)), dtype=np.int64)


def _day_weights(days: Days) -> Real:
    """More on Sundays and Mondays, most before Christmas, little in summer, a little more each month."""
    place = np.arange(days.count)
    weekday = np.asarray(_WEEKDAYS)[(days.first.weekday() + place) % 7]
    of_year = (days.first.timetuple().tm_yday + place) % 365
    christmas = 0.7 * np.exp(-(((of_year - 340) / 16) ** 2))
    summer = -0.15 * np.exp(-(((of_year - 205) / 30) ** 2))
    return np.asarray(weekday * (1 + christmas + summer) * (1 + 0.12 * place / days.count), dtype=np.float64)


def _products(rng: np.random.Generator, sellers: Sellers, seller: Whole) -> tuple[Whole, list[str]]:
    """A seller's first product sells best; the more a seller sells, the more products."""
    count = np.maximum(1, np.sqrt(sellers.size).astype(np.int64))
    first = np.cumsum(count) - count
    kinds = rng.integers(0, len(words.PRODUCTS), int(count.sum()))
    names = [f"P-{words.PRODUCTS[kind]}-{number:05d}" for number, kind in enumerate(kinds.tolist())]
    return first[seller] + (count[seller] * rng.random(len(seller)) ** 2).astype(np.int64), names


def _bare(seller: Whole, placed: Whole, product: Whole) -> Orders:
    count = len(seller)
    none = np.full(count, -1, dtype=np.int64)
    return Orders(
        seller=seller,
        buyer=none.copy(),
        placed=placed,
        ship_by=no_moments(count),
        shipped=no_moments(count),
        deliver_by=no_moments(count),
        delivered=no_moments(count),
        cancelled=no_moments(count),
        cancelled_by=none.copy(),
        platform_fulfilled=np.zeros(count, dtype=np.bool_),
        tracking=none.copy(),
        product=product,
        cents=np.zeros(count, dtype=np.int64),
        units=np.ones(count, dtype=np.int64),
        carrier=none.copy(),
        warehouse=none.copy(),
        batch=none.copy(),
        caused_by=none.copy(),
        may_be_returned=np.ones(count, dtype=np.bool_),
    )


def _buyers(rng: np.random.Generator, buyers: Buyers, market: Whole, placed: Whole) -> Whole:
    """For each order a buyer of its store who had an account by then; those with weight buy in proportion to it."""
    chosen = np.zeros(len(placed), dtype=np.int64)
    for store in range(len(words.MARKETS)):
        at_home = np.flatnonzero((buyers.market == store) & (buyers.weight > 0))
        summed = np.concatenate([[0.0], np.cumsum(buyers.weight[at_home])])
        asked = np.flatnonzero(market == store)
        there = np.maximum(np.searchsorted(buyers.opened[at_home], placed[asked]), 1)
        lot = rng.random(len(asked)) * summed[there]
        chosen[asked] = at_home[np.minimum(np.searchsorted(summed, lot, side="right") - 1, len(at_home) - 1)]
    return chosen


def _price(rng: np.random.Generator, orders: Orders, products: int) -> None:
    price = np.maximum(300, rng.lognormal(7.8, 0.8, products)).astype(np.int64) // 50 * 50 - 1
    orders.units = 1 + rng.geometric(0.85, len(orders)) // 2
    orders.cents = price[orders.product] * orders.units


def _send_with(rng: np.random.Generator, orders: Orders, sellers: Sellers) -> None:
    """A seller's first carrier takes seven parcels of ten; platform-fulfilled orders leave from the platform's own stores."""
    seller = orders.seller
    orders.platform_fulfilled = rng.random(len(orders)) < sellers.platform_share[seller]
    orders.carrier = np.where(rng.random(len(orders)) < 0.7, sellers.carrier[seller], sellers.second_carrier[seller])
    home = np.asarray([stores[0] for stores in words.WAREHOUSES_OF_MARKET])[sellers.market[seller]]
    orders.warehouse = np.where(orders.platform_fulfilled, home, sellers.warehouse[seller])


def _schedule(rng: np.random.Generator, orders: Orders, sellers: Sellers, days: Days) -> None:
    """Promises and what became of them. Late means by at least fourteen hours: the next day in every time zone of the stores."""
    count, seller = len(orders), orders.seller
    own = np.where(orders.platform_fulfilled, 0.2, 1.0)  # the platform's own stores seldom fail
    orders.ship_by = (orders.placed // DAY + sellers.handling_days[seller]) * DAY + _LAST_COLLECTION
    orders.deliver_by = orders.ship_by + rng.integers(3, 7, count) * DAY
    in_time = orders.placed + (rng.uniform(0.1, 0.95, count) * (orders.ship_by - orders.placed)).astype(np.int64)
    late = spread(rng, seller, own * rates(sellers, seller, LATE, LATE_SIZE))
    orders.shipped = np.where(late, orders.ship_by + rng.integers(14 * HOUR, 54 * HOUR, count), in_time)
    room = orders.deliver_by - orders.shipped - 8 * HOUR
    orders.delivered = orders.shipped + 8 * HOUR + (rng.uniform(0.25, 1.0, count) * room).astype(np.int64)
    slow = spread(rng, seller, own * rates(sellers, seller, SLOW, 1))
    orders.delivered = np.where(slow, orders.deliver_by + rng.integers(14 * HOUR, 6 * DAY, count), orders.delivered)
    orders.tracking = 1 - spread(rng, seller, own * rates(sellers, seller, UNTRACKED, UNTRACKED_SIZE)).astype(np.int64)
    orders.batch = ((orders.placed - days.start) // (28 * DAY)).astype(np.int64)
    forget_after(orders, days.end)


def _cancel(rng: np.random.Generator, orders: Orders, sellers: Sellers, days: Days) -> None:
    """Some orders are called off before shipment: seldom by the seller, more often by the buyer."""
    by_seller = spread(rng, orders.seller, rates(sellers, orders.seller, CANCELLED, CANCELLED_SIZE)) & ~orders.platform_fulfilled
    lot = rng.random(len(orders))
    for by, who in ((BY_SELLER, by_seller), (BY_BUYER, ~by_seller & (lot < 0.018)), (BY_PLATFORM, ~by_seller & (lot > 0.999))):
        places = np.flatnonzero(who)
        moment = orders.placed[places] + rng.integers(HOUR, 16 * HOUR, len(places))
        known = moment < days.end
        places, moment = places[known], moment[known]
        orders.call_off(places, 0, by)
        orders.cancelled[places] = moment


def forget_after(orders: Orders, end: int) -> None:
    """What would happen from `end` on has not happened yet."""
    orders.shipped[orders.shipped >= end] = MISSING
    orders.delivered[(orders.delivered >= end) | (orders.shipped == MISSING)] = MISSING
    orders.tracking[orders.shipped == MISSING] = -1
