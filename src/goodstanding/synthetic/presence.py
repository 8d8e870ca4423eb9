"""Where and on what accounts sign in, and the identifiers that tells: own devices and homes, shared hubs, households."""

import numpy as np
import pyarrow as pa

from goodstanding.synthetic import vocabulary as words
from goodstanding.synthetic.aftermath import numbered
from goodstanding.synthetic.columns import DAY, MISSING, Mask, Whole, coded, colon_hexed, digits, flags, hexed, joined, moments, whole
from goodstanding.synthetic.world import World

SIGN_INS_OF_SELLER, SIGN_INS_OF_BUYER = 12, 3
NAT_ADDRESSES = tuple(f"100.64.{k}.{k * 7 + 1}" for k in range(6))
"""Addresses of mobile carriers, each shared by thousands of subscribers (RFC 6598's own range)."""
NAT_SHARE = 0.35
SHARED_STORE = "Unit 7, Harbour Fulfilment Park, Exampleton"
"""The warehouse that one seller in seven gives as its address."""
_HOME_COUNTRY = ("US", "DE", "GB")


def sign_in_columns(world: World) -> dict[str, pa.Array]:
    """Sign-ins from an account's own devices, at home; travellers take a device along that the account knows."""
    rng = world.dice("sign-ins")
    sellers, buyers = len(world.sellers), len(world.buyers)
    counts = np.concatenate([2 + rng.poisson(SIGN_INS_OF_SELLER - 2, sellers), 1 + rng.poisson(SIGN_INS_OF_BUYER - 1, buyers)])
    account = np.repeat(np.arange(sellers + buyers), counts)
    opened = np.concatenate([world.sellers.opened, world.buyers.opened])
    since = np.maximum(opened, world.days.start)[account]
    at = (since + rng.random(len(account)) * (world.days.end - 1 - since)).astype(np.int64)
    order = np.lexsort((at, account))
    at, device = at[order], np.where(rng.random(len(account)) < 0.8, 0, 1)
    first = np.diff(account, prepend=-1) != 0
    away = (rng.random(len(account)) < 0.02) & ~first
    device[away | first | np.append(away[1:], False)] = 0  # what travels is the device last used at home
    homes = [*world.sellers.country, *(_HOME_COUNTRY[m] for m in world.buyers.market)]
    code = {country: place for place, country in enumerate(words.COUNTRIES)}
    country = np.array([code[home] for home in homes])[account]
    mobile = _has_nat(world)[account] & (rng.random(len(account)) < 0.3)
    house = homes_of(world)
    return {
        "sign_in_id": numbered("I-", len(account)),
        "account_id": coded([*world.sellers.ids, *world.buyers.ids], account),
        "at": moments(at),
        "ip": pa.compute.if_else(pa.array(mobile), coded(NAT_ADDRESSES, account % len(NAT_ADDRESSES)), ips(house[account])),
        "device_id": devices(account * 2 + device),
        "wifi": pa.compute.if_else(pa.array(mobile), pa.scalar(None, pa.string()), networks(house[account])),
        "country": coded(words.COUNTRIES, np.where(away, (country + 1 + account % 5) % len(words.COUNTRIES), country)),
        "succeeded": flags((rng.random(len(account)) < 0.97).astype(np.int64)),
    }


def identifier_columns(world: World) -> dict[str, pa.Array]:
    """Every identifier of every account, kind by kind; first seen when the account was opened or a little later."""
    sellers, total = len(world.sellers), len(world.sellers) + len(world.buyers)
    everyone, shops = np.arange(total), np.arange(sellers)
    rng = world.dice("identifiers")
    second = np.flatnonzero(rng.random(total) < 0.55)
    hardware = np.flatnonzero(rng.random(total) < 0.3)
    stored = np.flatnonzero(rng.random(sellers) < 0.15)
    companies = np.flatnonzero(world.sellers.professional)
    house = homes_of(world)
    nat = np.flatnonzero(_has_nat(world))
    pieces = [
        ("device", everyone, devices(everyone * 2)),
        ("device", second, devices(second * 2 + 1)),
        ("ip", everyone, ips(house)),
        ("ip", nat, coded(NAT_ADDRESSES, nat % len(NAT_ADDRESSES))),
        ("wifi", everyone, networks(house)),
        ("mac", hardware, hardware_addresses(hardware)),
        ("address", everyone, addresses(house)),
        ("address", stored, pa.array([SHARED_STORE] * len(stored))),
        ("phone", everyone, phones(everyone)),
        ("payment_instrument", everyone, cards(everyone)),
        ("bank_account", shops, bank_accounts(shops)),
        ("tax_id", shops, tax_ids(shops)),
        ("company_number", companies, company_numbers(companies)),
    ]
    account = np.concatenate([who for _, who, _ in pieces])
    opened = np.concatenate([world.sellers.opened, world.buyers.opened])[account]
    seen = np.minimum(opened + rng.integers(0, 20 * DAY, len(account)), world.days.end - DAY)
    last = (seen + rng.random(len(account)) * (world.days.end - 1 - seen)).astype(np.int64)
    return {
        "account_id": coded([*world.sellers.ids, *world.buyers.ids], account),
        "kind": pa.concat_arrays([pa.array([kind] * len(who)) for kind, who, _ in pieces]),
        "value": pa.concat_arrays([value for _, _, value in pieces]),
        "first_seen": moments(seen),
        "last_seen": moments(np.where(rng.random(len(account)) < 0.9, last, MISSING)),
    }


def homes_of(world: World) -> Whole:
    """The home of every account, sellers first; buyers of one household have the same."""
    sellers = len(world.sellers)
    return np.concatenate([np.arange(sellers), sellers + world.buyers.household])


def ips(homes: Whole) -> pa.Array:
    """Addresses from the block that nobody on the internet may use (240.0.0.0/4)."""
    return joined("240.", *_dotted(homes))


def networks(homes: Whole) -> pa.Array:
    """Names of Wi-Fi networks."""
    return joined("WLAN-", hexed(homes, 8))


def devices(numbers: Whole) -> pa.Array:
    """Device ids."""
    return joined("dev-", hexed(numbers, 12))


def hardware_addresses(numbers: Whole) -> pa.Array:
    """MAC addresses of the locally administered kind, which no maker gives out."""
    return joined("02", colon_hexed(numbers))


def phones(numbers: Whole) -> pa.Array:
    """Numbers under a country code that no country has."""
    return joined("+999 ", digits(numbers // 10_000_000 % 1000, 3), " ", digits(numbers, 7))


def cards(numbers: Whole) -> pa.Array:
    """Tokens of payment instruments."""
    return joined("card-", hexed(numbers, 10))


def bank_accounts(numbers: Whole) -> pa.Array:
    """Account numbers of a country code that is free for private use."""
    return joined("XX00 TEST ", digits(numbers * 37 + 11, 12))


def tax_ids(numbers: Whole) -> pa.Array:
    """Tax numbers."""
    return joined("TX-", digits(numbers * 53 + 7, 9))


def company_numbers(numbers: Whole) -> pa.Array:
    """Numbers in a register of companies."""
    return joined("HRX ", digits(numbers * 19 + 3, 8))


def addresses(homes: Whole) -> pa.Array:
    """Street, house and town; different for every home."""
    streets, towns = len(words.STREETS), len(words.TOWNS)
    street, town = coded(words.STREETS, homes % streets), coded(words.TOWNS, homes // streets % towns)
    return joined(whole(homes // (streets * towns) + 1), " ", street, ", ", town)


def _dotted(homes: Whole) -> tuple[pa.Array | str, ...]:
    return whole(homes // 65_536 % 256), ".", whole(homes // 256 % 256), ".", whole(homes % 256)


def _has_nat(world: World) -> Mask:
    return np.asarray(world.dice("mobile").random(len(world.sellers) + len(world.buyers)) < NAT_SHARE)
