"""Stories of orders that go wrong: a carrier that turns late, a bad production batch, the platform's own doing."""

import numpy as np

from goodstanding.synthetic import vocabulary as words
from goodstanding.synthetic.columns import DAY, MISSING, Whole
from goodstanding.synthetic.trade import BY_PLATFORM, BY_SELLER, HOUR
from goodstanding.synthetic.truth import Expected, Story
from goodstanding.synthetic.world import World

CARRIER, BATCH, OWN = "carrier_turns_late", "bad_batch", "own_enforcement"
TURN_DAYS, CARRIER_SHARE, CARRIER_LATE = 40, 0.6, 0.25
BATCH_NAME, BATCH_DAYS, BATCH_SHARE, BATCH_DEFECTIVE = "LOT-B-0417", 45, 0.8, 0.65


def plant_carrier_turns_late(world: World) -> Story:
    """Sellers who send most parcels with one carrier; it starts to collect a day or two late."""
    rng, orders = world.dice(CARRIER), world.orders
    sellers = world.cast_sellers[CARRIER]
    turn = world.days.before_end(TURN_DAYS)
    places = np.concatenate([orders.of(seller) for seller in sellers])
    carried = places[rng.random(len(places)) < CARRIER_SHARE]
    orders.carrier[carried] = len(words.CARRIERS)
    late = carried[(orders.placed[carried] >= turn) & (orders.cancelled[carried] == MISSING) & (rng.random(len(carried)) < CARRIER_LATE)]
    orders.shipped[late] = orders.ship_by[late] + rng.integers(14 * HOUR, 50 * HOUR, len(late))
    room = orders.deliver_by[late] - orders.shipped[late] - 6 * HOUR
    orders.delivered[late] = orders.shipped[late] + 6 * HOUR + (rng.random(len(late)) * room).astype(np.int64)
    orders.tracking[late] = 1
    return Story(
        key=CARRIER,
        title="A carrier turns late",
        accounts=tuple(world.sellers.ids[seller] for seller in sellers),
        reasons=("PERF_LATE_SHIPMENT",),
        innocent=False,
        what_happened=f"{words.TURNING_CARRIER} carries {CARRIER_SHARE:.0%} of these sellers' parcels. From {TURN_DAYS} days before the last day "
        f"it collects {CARRIER_LATE:.0%} of them a day or two after the ship-by day; all their other parcels leave in time.",
        expected=Expected.FOUND,
        details={"carrier": words.TURNING_CARRIER},
    )


def plant_bad_batch(world: World) -> Story:
    """One lot of a seller's best product fails at its buyers."""
    rng, orders = world.dice(BATCH), world.orders
    seller = int(world.cast_sellers[BATCH][0])
    product = world.product_of(seller)
    places = orders.of(seller)
    recent = (orders.product[places] == product) & (orders.placed[places] >= world.days.before_end(BATCH_DAYS))
    sold = places[recent & (rng.random(len(places)) < BATCH_SHARE)]
    world.batches.append(BATCH_NAME)
    orders.batch[sold] = len(world.batches) - 1
    broken = sold[(orders.delivered[sold] != MISSING) & (rng.random(len(sold)) < BATCH_DEFECTIVE)]
    for number, place in enumerate(broken):
        _add_defect(world, f"D-BATCH-{number:03d}", int(place), int(rng.integers(DAY, 4 * DAY)), "claim" if number % 3 == 0 else "negative_feedback")
    account = world.sellers.ids[seller]
    return Story(
        key=BATCH,
        title="A bad batch",
        accounts=(account,),
        reasons=("PERF_ODR",),
        innocent=False,
        what_happened=f"Most pieces of {world.products[product]} sold in the last {BATCH_DAYS} days are of lot {BATCH_NAME}; "
        f"{BATCH_DEFECTIVE:.0%} of those delivered bring negative feedback or a claim.",
        expected=Expected.FOUND,
        details={"product_id": world.products[product], "batch": BATCH_NAME},
    )


def plant_own_enforcement(world: World) -> Story:
    """The platform restricts a seller by mistake, cancels its open orders in its name, and takes it back."""
    orders, seller = world.orders, int(world.cast_sellers[OWN][0])
    account, action = world.sellers.ids[seller], "ACT-OWN-1"
    struck = world.days.before_end(3) + 9 * HOUR
    world.add("actions", action_id=action, account_id=account, kind="restrict", at=struck, lifted_at=struck + 7 * HOUR)
    world.causes.append(action)
    cancelled = _open_orders(world, seller, struck)
    orders.call_off(cancelled, struck + 600, BY_SELLER)
    orders.cancelled_by[cancelled[::4]] = BY_PLATFORM
    orders.caused_by[cancelled] = len(world.causes) - 1
    for number, place in enumerate(cancelled[:2]):
        world.add(
            "defects",
            defect_id=f"D-OWN-{number}",
            order_id=world.order_id(place),
            account_id=account,
            kind="claim",
            at=struck + DAY + number * HOUR,
            reason="not_received",
            text="My order was cancelled and nobody can tell me why.",
            caused_by=action,
        )
    return Story(
        key=OWN,
        title="The platform's own doing",
        accounts=(account,),
        reasons=(),
        innocent=True,
        what_happened=f"A restriction ({action}) that was lifted after seven hours cancelled {len(cancelled)} open orders, most of them in the seller's "
        "name, and brought two claims. All of it names the action as its cause and must not count against the seller.",
        expected=Expected.LEFT_ALONE,
        details={"action": action},
    )


def _open_orders(world: World, seller: int, moment: int) -> Whole:
    """A seller's orders of the two days before a moment, which had not left yet, and of the hours after it."""
    orders, places = world.orders, world.orders.of(seller)
    placed = (orders.placed[places] < moment + 7 * HOUR) & (orders.placed[places] > moment - 2 * DAY)
    found: Whole = places[placed & (orders.cancelled[places] == MISSING)]
    return found


def _add_defect(world: World, defect_id: str, place: int, after: int, kind: str) -> None:
    at = int(world.orders.delivered[place]) + after
    if at >= world.days.end:
        return
    world.add(
        "defects",
        defect_id=defect_id,
        order_id=world.order_id(place),
        account_id=world.sellers.ids[int(world.orders.seller[place])],
        kind=kind,
        at=at,
        reason="defective",
        text="The seam burst on the second day. My neighbour has the same one, hers did too.",
    )
