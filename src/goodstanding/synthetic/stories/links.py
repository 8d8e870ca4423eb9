"""Stories of accounts that share identifiers: a ring behind a deactivated account, and a room full of strangers."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from goodstanding.synthetic import presence
from goodstanding.synthetic.columns import DAY
from goodstanding.synthetic.truth import Expected, Story
from goodstanding.synthetic.world import World

RING, COWORKING = "ring", "coworking_lookalike"
RING_STRUCK_DAYS, COWORKING_STRUCK_DAYS = 70, 55
COWORKING_WIFI, COWORKING_IP = "WLAN-LOFT-COWORK", "240.255.7.7"
COWORKING_GUESTS = 40


def plant_ring(world: World) -> Story:
    """Five shops of one hand: each shares two things with the first, which was deactivated, and one with the next."""
    first, *others = (int(place) for place in world.cast_sellers[RING])
    ids = world.sellers.ids
    bank, card = _own(world, "bank_account", first), _own(world, "payment_instrument", first)
    laptop, phone = _own(world, "device", first), _own(world, "phone", first)
    second_bank, tablet = "XX00 TEST 999000000001", "dev-0ddba11ca5e1"
    shared = (
        (others[0], (("bank_account", bank), ("device", laptop))),
        (others[1], (("payment_instrument", card), ("phone", phone), ("device", tablet))),
        (others[2], (("bank_account", second_bank), ("device", "dev-0ddba11ca5e2"))),
        (others[3], (("payment_instrument", "card-0ddba11c01"), ("tax_id", "TX-990000001"))),
    )
    since = world.days.start - 30 * DAY
    for place, things in shared:
        for kind, value in things:
            _use(world, [ids[place]], kind, value, since)
            if value != _own(world, kind, first):
                _use(world, [ids[first]], kind, value, since - 5 * DAY)
    for here, there in pairwise(others):
        _use(world, [ids[there]], "device", _own(world, "device", here), since + 40 * DAY)
    world.add("actions", action_id="ACT-RING-1", account_id=ids[first], kind="deactivate", at=world.days.before_end(RING_STRUCK_DAYS))
    return Story(
        key=RING,
        title="A ring of shops",
        accounts=tuple(ids[place] for place in others),
        reasons=("RELATED_ACCOUNT",),
        innocent=False,
        what_happened=f"{ids[first]} was deactivated {RING_STRUCK_DAYS} days before the last day. The other four trade on: each shares bank accounts, "
        "payment instruments, devices or a tax number with it, and a device with the next of them.",
        expected=Expected.FOUND,
        bystanders=(ids[first],),
        details={"action": "ACT-RING-1"},
    )


def plant_coworking_lookalike(world: World) -> Story:
    """Six honest shops in one co-working room with forty other guests, one of whom is deactivated."""
    *honest, struck = (int(place) for place in world.cast_sellers[COWORKING])
    ids = world.sellers.ids
    since = world.days.start + 20 * DAY
    room = [*(ids[place] for place in honest), ids[struck], *_guests(world)]
    _use(world, room, "wifi", COWORKING_WIFI, since)
    _use(world, room, "ip", COWORKING_IP, since)
    world.add("actions", action_id="ACT-LOFT-1", account_id=ids[struck], kind="deactivate", at=world.days.before_end(COWORKING_STRUCK_DAYS))
    return Story(
        key=COWORKING,
        title="One co-working room",
        accounts=tuple(ids[place] for place in honest),
        reasons=(),
        innocent=True,
        what_happened=f"Six honest sellers share a Wi-Fi and its address with {COWORKING_GUESTS} other guests of a co-working room and with "
        f"{ids[struck]}, which was deactivated {COWORKING_STRUCK_DAYS} days before the last day. They share nothing else.",
        expected=Expected.LEFT_ALONE,
        bystanders=(ids[struck],),
        details={"wifi": COWORKING_WIFI},
    )


def _guests(world: World) -> list[str]:
    """Five ordinary sellers and many ordinary buyers."""
    rng = world.dice(COWORKING)
    playing_sellers, playing_buyers = np.concatenate(list(world.cast_sellers.values())), np.concatenate(list(world.cast_buyers.values()))
    shops = np.setdiff1d(np.arange(len(world.sellers)), playing_sellers)
    shoppers = np.setdiff1d(np.arange(len(world.buyers)), playing_buyers)
    some_shops, some_shoppers = rng.choice(shops, 5, replace=False), rng.choice(shoppers, COWORKING_GUESTS - 5, replace=False)
    return [*(world.sellers.ids[place] for place in some_shops), *(world.buyers.ids[place] for place in some_shoppers)]


def _own(world: World, kind: str, seller: int) -> str:
    """The value of an identifier that `presence.identifier_columns` gives a seller."""
    place = np.array([seller])
    made = {
        "bank_account": presence.bank_accounts,
        "payment_instrument": presence.cards,
        "phone": presence.phones,
        "tax_id": presence.tax_ids,
    }
    column = presence.devices(place * 2) if kind == "device" else made[kind](place)
    return str(column[0].as_py())


def _use(world: World, accounts: Iterable[str], kind: str, value: str, since: int) -> None:
    for number, account in enumerate(accounts):
        first = since + number * 2 * DAY // 3
        world.add("identifiers", account_id=account, kind=kind, value=value, first_seen=first, last_seen=world.days.before_end(3 + number % 20))
