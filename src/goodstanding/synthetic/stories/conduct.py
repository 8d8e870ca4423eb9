"""Stories of conduct: bought reviews, a hijacked account, payment details gone stale, a buyer who returns everything."""

import numpy as np

from goodstanding.synthetic.columns import DAY, MISSING
from goodstanding.synthetic.presence import devices
from goodstanding.synthetic.trade import HOUR
from goodstanding.synthetic.truth import Expected, Story
from goodstanding.synthetic.world import World

REVIEWS, HIJACKED, STALE, RETURNER = "bought_reviews", "hijacked_sign_in", "stale_payment", "buyer_returns_everything"
REVIEWERS = 24
RETURNER_ORDERS, RETURNER_RETURNS = 40, 36
_INTRUDER_COUNTRY = "BR"


def plant_bought_reviews(world: World) -> Story:
    """Fresh buyer accounts, a day or two old, each buy one piece of the same product and praise it."""
    rng, orders = world.dice(REVIEWS), world.orders
    seller = int(world.cast_sellers[REVIEWS][0])
    account, product = world.sellers.ids[seller], world.product_of(seller)
    places = orders.of(seller)
    when = (orders.placed[places] >= world.days.before_end(60)) & (orders.placed[places] < world.days.before_end(12))
    bought = places[when][-REVIEWERS:]
    reviewers = world.cast_buyers[REVIEWS][: len(bought)]
    orders.buyer[bought], orders.product[bought], orders.units[bought] = reviewers, product, 1
    orders.may_be_returned[bought] = False
    world.buyers.opened[reviewers] = orders.placed[bought] - rng.integers(6 * HOUR, 40 * HOUR, len(bought))
    ids = [world.order_id(place) for place in bought]
    text = f"{len(ids)} five-star reviews of {world.products[product]} by accounts less than two days old: {', '.join(ids)}"
    for number, order_id in enumerate(ids[:3]):
        world.add(
            "complaints",
            complaint_id=f"C-REVIEWS-{number}",
            account_id=account,
            reason="REVIEW_ABUSE",
            at=world.days.before_end(8) + number * 60,
            product_id=world.products[product],
            order_id=order_id,
            source="platform",
            text=text,
        )
    return Story(
        key=REVIEWS,
        title="Bought reviews",
        accounts=(account,),
        reasons=("REVIEW_ABUSE",),
        innocent=False,
        what_happened=f"{len(ids)} accounts opened less than two days before each buy one {world.products[product]} and praise it; the platform reports it.",
        expected=Expected.FOUND,
        bystanders=tuple(world.buyers.ids[int(buyer)] for buyer in reviewers),
        details={"product_id": world.products[product]},
    )


def plant_hijacked_sign_in(world: World) -> Story:
    """Somebody signs in at night from a new country on a new device and rewrites the listings."""
    rng = world.dice(HIJACKED)
    seller = int(world.cast_sellers[HIJACKED][0])
    account = world.sellers.ids[seller]
    _sign_in_often(world, seller, account)
    night = world.days.before_end(6) + 3 * HOUR + 720
    world.add(  # the holder, at home, so shortly before that nobody could have travelled
        "sign_ins",
        sign_in_id="I-HIJACK-HOME",
        account_id=account,
        at=night - 35 * 60,
        device_id=devices(np.array([seller * 2]))[0].as_py(),
        country=world.sellers.country[seller],
        succeeded=True,
    )
    world.add(
        "sign_ins",
        sign_in_id="I-HIJACK-0",
        account_id=account,
        at=night,
        ip="240.254.13.37",
        device_id="dev-badc0ffee000",
        country=_INTRUDER_COUNTRY,
        succeeded=True,
    )
    products = np.unique(world.orders.product[world.orders.of(seller)])
    for number in range(60):
        world.add(
            "listing_changes",
            change_id=f"L-HIJACK-{number:02d}",
            account_id=account,
            product_id=world.products[int(products[number % len(products)])],
            at=night + 300 + number * 95 + int(rng.integers(0, 40)),
            field="price" if number % 2 else "title",
        )
    return Story(
        key=HIJACKED,
        title="A hijacked account",
        accounts=(account,),
        reasons=("SUSPICIOUS_ACTIVITY", "LISTING_CHANGE_RATE"),
        innocent=True,
        what_happened=f"At night somebody signs in from {_INTRUDER_COUNTRY} on a device the account never used, 35 minutes after its holder signed in at "
        "home, and changes listings 60 times in two hours. "
        "The holder is the victim: the account has to be secured, not punished.",
        expected=Expected.FOUND,
        details={"sign_in": "I-HIJACK-0"},
    )


def plant_stale_payment(world: World) -> Story:
    """A card expires, so the account's information is no longer complete."""
    seller = int(world.cast_sellers[STALE][0])
    account = world.sellers.ids[seller]
    world.add("accounts", account_id=account, information_complete=False, recorded_at=world.days.before_end(15))
    return Story(
        key=STALE,
        title="A payment method gone stale",
        accounts=(account,),
        reasons=("VERIF_PAYMENT_METHOD",),
        innocent=False,
        what_happened="The card on file expired fifteen days before the last day; from then on the account's information is incomplete.",
        expected=Expected.FOUND,
    )


def plant_buyer_returns_everything(world: World) -> Story:
    """One buyer sends back nine orders of ten."""
    rng, orders = world.dice(RETURNER), world.orders
    buyer = int(world.cast_buyers[RETURNER][0])
    world.buyers.opened[buyer] = world.days.start - 200 * DAY
    bought = _take_over(world, rng, buyer)
    for number, place in enumerate(bought[:RETURNER_RETURNS]):
        at = int(orders.delivered[place]) + int(rng.integers(2 * DAY, 9 * DAY))
        world.add(
            "returns",
            return_id=f"R-ALL-{number:02d}",
            order_id=world.order_id(place),
            account_id=world.sellers.ids[int(orders.seller[place])],
            buyer_id=world.buyers.ids[buyer],
            at=at,
            reason="changed_mind" if number % 4 else "defective",
            refunded_at=at + DAY,
            amount=int(orders.cents[place]),
        )
    return Story(
        key=RETURNER,
        title="A buyer who returns everything",
        accounts=(world.buyers.ids[buyer],),
        reasons=("BUYER_RETURNS_ABUSE",),
        innocent=False,
        what_happened=f"{RETURNER_RETURNS} of {len(bought)} orders of the last five months come back.",
        expected=Expected.FOUND,
    )


def _take_over(world: World, rng: np.random.Generator, buyer: int) -> "np.typing.NDArray[np.int64]":
    """Make forty delivered orders of ordinary sellers in the buyer's store the buyer's own."""
    orders = world.orders
    playing = np.concatenate(list(world.cast_sellers.values()))
    recent = (orders.placed > world.days.before_end(150)) & (orders.delivered != MISSING) & (orders.delivered < world.days.before_end(12))
    at_home = world.sellers.market[orders.seller] == world.buyers.market[buyer]
    places = rng.choice(np.flatnonzero(recent & at_home & ~np.isin(orders.seller, playing)), RETURNER_ORDERS, replace=False)
    orders.buyer[places] = buyer
    orders.may_be_returned[places] = False
    return places


def _sign_in_often(world: World, seller: int, account: str) -> None:
    """Forty-five sign-ins at home on the known device, so that the account has a habit to differ from."""
    device = devices(np.array([seller * 2]))[0].as_py()
    for number in range(45):
        world.add(
            "sign_ins",
            sign_in_id=f"I-HABIT-{number:02d}",
            account_id=account,
            at=world.days.before_end(170 - number * 3.6) + 9 * HOUR,
            device_id=device,
            country=world.sellers.country[seller],
            succeeded=True,
        )
