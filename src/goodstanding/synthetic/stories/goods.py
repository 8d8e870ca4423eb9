"""Stories of complaints about goods: one seller who earned them, one who did not."""

import numpy as np

from goodstanding.synthetic.columns import DAY, MISSING
from goodstanding.synthetic.presence import devices, networks
from goodstanding.synthetic.trade import HOUR
from goodstanding.synthetic.truth import Expected, Story
from goodstanding.synthetic.world import World

COUNTERFEIT, FALSE = "counterfeit", "false_complaints"
_FALSE_TEXT = "Fake goods. Not the real brand. Do not buy from this shop."


def plant_counterfeit(world: World) -> Story:
    """Two buyers and the owner of the mark say that a product is counterfeit."""
    orders, seller = world.orders, int(world.cast_sellers[COUNTERFEIT][0])
    account, product = world.sellers.ids[seller], world.product_of(seller)
    places = orders.of(seller)
    between = (orders.delivered[places] != MISSING) & (orders.delivered[places] < world.days.before_end(26))
    bought = places[between & (orders.product[places] == product)][-2:]
    reports = (
        (24.3, "buyer", int(bought[0]), "The logo peels off and the maker says the serial number does not exist."),
        (19.1, "rights_owner", None, "Test purchase: housing, label and packaging are not ours. The mark is registered to us."),
        (12.6, "buyer", int(bought[-1]), "My repair shop opened it: this is a copy."),
    )
    for number, (before, source, place, text) in enumerate(reports):
        world.add(
            "complaints",
            complaint_id=f"C-COUNTERFEIT-{number}",
            account_id=account,
            reason="AUTH_COUNTERFEIT",
            at=world.days.before_end(before),
            product_id=world.products[product],
            order_id=None if place is None else world.order_id(place),
            source=source,
            text=text,
            complainant_id=None if place is None else world.buyers.ids[int(orders.buyer[place])],
        )
    return Story(
        key=COUNTERFEIT,
        title="Counterfeit goods",
        accounts=(account,),
        reasons=("AUTH_COUNTERFEIT",),
        innocent=False,
        what_happened=f"Two buyers and the owner of the mark complain within twelve days that {world.products[product]} is counterfeit.",
        expected=Expected.FOUND,
        details={"product_id": world.products[product]},
    )


def plant_false_complaints(world: World) -> Story:
    """A rival opens three buyer accounts and has them complain about a shop they never bought from."""
    seller, rival = (int(place) for place in world.cast_sellers[FALSE])
    account, product = world.sellers.ids[seller], world.products[world.product_of(seller)]
    shared = (("device", devices(np.array([rival * 2]))), ("wifi", networks(np.array([rival]))))
    complainants = world.cast_buyers[FALSE]
    for number, buyer in enumerate(complainants):
        opened = world.days.before_end(14 - number)
        world.buyers.opened[buyer] = opened
        buyer_id = world.buyers.ids[int(buyer)]
        for kind, value in shared:
            world.add("identifiers", account_id=buyer_id, kind=kind, value=value[0].as_py(), first_seen=opened, last_seen=opened + DAY)
        world.add(
            "complaints",
            complaint_id=f"C-FALSE-{number}",
            account_id=account,
            reason="AUTH_INAUTHENTIC",
            at=world.days.before_end(9 - number) + number * HOUR,
            product_id=product,
            source="buyer",
            text=_FALSE_TEXT,
            complainant_id=buyer_id,
        )
    return Story(
        key=FALSE,
        title="Complaints ordered by a rival",
        accounts=(account,),
        reasons=("AUTH_INAUTHENTIC",),
        innocent=True,
        what_happened=f"Three buyer accounts, opened days before on a device and the Wi-Fi of the rival {world.sellers.ids[rival]}, complain in the same words. "
        "None of them ever bought from the shop.",
        expected=Expected.NEEDS_PERSON,
        bystanders=(world.sellers.ids[rival], *(world.buyers.ids[int(buyer)] for buyer in complainants)),
        details={"product_id": product},
    )
