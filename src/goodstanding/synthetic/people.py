"""Sellers and buyers: who they are, where they trade and how big they are."""

import numpy as np
import pyarrow as pa

from goodstanding.synthetic import vocabulary as words
from goodstanding.synthetic.columns import DAY, MISSING, Mask, Real, Whole, coded, digits, flags, joined, moments
from goodstanding.synthetic.world import Buyers, Days, Sellers

SPREAD_OF_SIZES = 1.63
"""Sigma of the log-normal seller sizes: a median of about 40 orders where the mean is 150."""
CARELESS = 2.5
"""The least `care` of the few honest sellers who are in and out of breach."""
_COUNTRY_SHARES = (0.24, 0.14, 0.14, 0.38, 0.03, 0.03, 0.02, 0.02)
_MARKET_OF_COUNTRY = {"US": (1.0, 0.0, 0.0), "DE": (0.0, 1.0, 0.0), "GB": (0.0, 0.0, 1.0), "FR": (0.0, 1.0, 0.0), "PL": (0.0, 1.0, 0.0)}
_MARKET_ELSEWHERE = (0.6, 0.2, 0.2)
_BUYER_MARKETS = (0.55, 0.25, 0.20)


def make_sellers(rng: np.random.Generator, count: int, days: Days) -> Sellers:
    """`count` sellers; sizes are only weights until `share_out` turns them into orders."""
    country = [words.COUNTRIES[c] for c in rng.choice(len(words.COUNTRIES), count, p=_COUNTRY_SHARES)]
    lots = rng.random(count)
    market = np.array(
        [int(np.searchsorted(np.cumsum(_MARKET_OF_COUNTRY.get(c, _MARKET_ELSEWHERE)), lot)) for c, lot in zip(country, lots, strict=True)]
    )
    market = np.minimum(market, len(words.MARKETS) - 1)
    stores = np.concatenate(words.WAREHOUSES_OF_MARKET)
    per_market = np.array([len(stores) for stores in words.WAREHOUSES_OF_MARKET])
    carrier = rng.integers(0, len(words.CARRIERS), count)
    numbers = 10_000 + rng.permutation(count)
    opened = _openings(rng, count, days, young=0.12)
    language = [_seller_language(c, lot) for c, lot in zip(country, rng.random(count), strict=True)]
    return Sellers(
        ids=[f"S-{number}" for number in numbers],
        market=market,
        country=country,
        language=language,
        name=[_shop_name(rng, c, spoken) for c, spoken in zip(country, language, strict=True)],
        opened=opened,
        stops=np.where((rng.random(count) < 0.02) & (opened < days.start), days.end - rng.integers(5 * DAY, 200 * DAY, count), days.end),
        professional=rng.random(count) < 0.85,
        handling_days=rng.choice([1, 2, 3], count, p=[0.45, 0.4, 0.15]),
        care=_care(rng, count),
        platform_share=np.where(rng.random(count) < 0.25, rng.uniform(0.5, 1.0, count), 0.0),
        size=np.zeros(count, dtype=np.int64),
        carrier=carrier,
        second_carrier=(carrier + rng.integers(1, len(words.CARRIERS), count)) % len(words.CARRIERS),
        warehouse=stores[(np.cumsum(per_market) - per_market)[market] + rng.integers(0, per_market[market])],
    )


def share_out(rng: np.random.Generator, sellers: Sellers, orders: int, fixed: Mask, days: Days) -> None:
    """Deal `orders` orders to the sellers whose size is not `fixed`; the young ones get less."""
    weight = rng.lognormal(0.0, SPREAD_OF_SIZES, len(sellers))
    weight *= np.clip((sellers.stops - sellers.opened) / (days.count * DAY), 0.02, 1.0)
    weight[fixed] = 0.0
    dealt = rng.multinomial(orders - int(sellers.size[fixed].sum()), weight / weight.sum())
    sellers.size = np.where(fixed, sellers.size, dealt)


def make_buyers(rng: np.random.Generator, count: int, days: Days) -> Buyers:
    """`count` buyers ordered by the day they came; one in thirty shares a household with another."""
    market = rng.choice(len(words.MARKETS), count, p=_BUYER_MARKETS)
    language = [words.LANGUAGES[code] for code in rng.choice(3, count, p=[0.93, 0.05, 0.02])]
    household = np.arange(count)
    paired = rng.permutation(count)[: count // 30 * 2].reshape(-1, 2)
    household[paired[:, 0]] = paired[:, 1]
    return Buyers(
        ids=[f"B-{number}" for number in 200_000 + rng.permutation(count)],
        market=market,
        language=language,
        name=[_person_name(rng, spoken) for spoken in language],
        opened=np.sort(_openings(rng, count, days, young=0.2)),
        weight=rng.lognormal(0.0, 0.9, count),
        returning=np.clip(rng.lognormal(-0.15, 0.5, count), 0.1, 3.0),
        household=household,
    )


def account_columns(rng: np.random.Generator, sellers: Sellers, buyers: Buyers, days: Days) -> dict[str, pa.Array]:
    """The accounts table: sellers, then buyers."""
    s, b = len(sellers), len(buyers)
    opened = np.concatenate([sellers.opened, buyers.opened])
    phone_given = np.concatenate([sellers.professional & (rng.random(s) < 0.7), np.zeros(b, dtype=np.bool_)])
    number = np.arange(s + b, dtype=np.int64)
    handle = joined(pa.array(["shop"] * s + ["mail"] * b), digits(number, 6))
    return {
        "account_id": pa.array(sellers.ids + buyers.ids),
        "holder_kind": pa.array(["seller"] * s + ["buyer"] * b),
        "marketplace": coded(words.MARKETS, np.concatenate([sellers.market, buyers.market])),
        "plan": coded(("individual", "professional"), np.concatenate([sellers.professional.astype(np.int64), np.full(b, -1)])),
        "opened_at": moments(opened),
        "closed_at": moments(np.concatenate([_closings(sellers, days), np.full(b, MISSING)])),
        "language": pa.array(sellers.language + buyers.language),
        "country": pa.array(sellers.country + [words.COUNTRIES[m] for m in buyers.market]),
        "display_name": pa.array(sellers.name + buyers.name),
        "email": joined(handle, pa.array(["@sellers.example"] * s + ["@post.invalid"] * b)),
        "emergency_phone": pa.array([f"+999 700 {n:07d}" if given else None for n, given in zip(number.tolist(), phone_given.tolist(), strict=True)]),
        "emergency_phone_verified_at": moments(
            np.where(phone_given & (rng.random(s + b) < 0.9), np.minimum(opened + 3 * DAY, days.end - DAY), MISSING)
        ),
        "information_complete": flags(np.ones(s + b, dtype=np.int64)),
        "identity_verified_at": moments(np.where(number < s, np.minimum(opened + 2 * DAY, days.end - DAY), MISSING)),
    }


def _closings(sellers: Sellers, days: Days) -> Whole:
    """Sellers that stopped of their own will close the account some weeks later; those of stories did not."""
    later = sellers.stops + 14 * DAY
    return np.where((later < days.end) & (sellers.care > 0), later, MISSING)


def _openings(rng: np.random.Generator, count: int, days: Days, young: float) -> Whole:
    """Opening moments: a share `young` within the span (but not in its last ten days), the others in the four years before."""
    long_ago = days.start - rng.integers(5 * DAY, 4 * 365 * DAY, count)
    lately = days.start + rng.integers(0, (days.count - 10) * DAY, count)
    return np.where(rng.random(count) < young, lately, long_ago)


def _care(rng: np.random.Generator, count: int) -> Real:
    """How often things go wrong at each seller: at most about as often as at the others, at one in a hundred far more often."""
    ordinary = np.clip(rng.lognormal(-0.1, 0.3, count), 0.3, 1.4)
    return np.where(rng.random(count) < 0.01, rng.uniform(CARELESS, 5.0, count), ordinary)


def _seller_language(country: str, lot: float) -> str:
    if country == "CN":
        return "zh-Hans" if lot < 0.85 else "en"
    if country in ("HK", "TW"):
        return "zh-Hant"
    return "en"


def _shop_name(rng: np.random.Generator, country: str, language: str) -> str:
    one, two, three = (int(lot) for lot in rng.integers(0, 1_000_000, 3))
    if language == "zh-Hans":
        return f"{_nth(words.SHOP_CITIES, one)}{_nth(words.SHOP_CHARACTERS, two)}贸易有限公司"
    if language == "zh-Hant":
        return f"{_nth(words.SHOP_CITIES_TRADITIONAL, one)}{_nth(words.SHOP_CHARACTERS_TRADITIONAL, two)}商行"
    last = words.SHOP_LAST.get(country, "Co., Ltd")
    return f"{_nth(words.SHOP_FIRST, one)} & {_nth(words.SHOP_FIRST, three)} {_nth(words.SHOP_SECOND, two)} {last}"


def _person_name(rng: np.random.Generator, language: str) -> str:
    one, two = (int(lot) for lot in rng.integers(0, 1_000_000, 2))
    if language == "zh-Hans":
        return _nth(words.CHINESE_FAMILY, one) + _nth(words.CHINESE_GIVEN, two)
    if language == "zh-Hant":
        return _nth(words.CHINESE_FAMILY_TRADITIONAL, one) + _nth(words.CHINESE_GIVEN_TRADITIONAL, two)
    return f"{_nth(words.GIVEN_NAMES, one)} {_nth(words.FAMILY_NAMES, two)}"


def _nth(texts: tuple[str, ...], lot: int) -> str:
    return texts[lot % len(texts)]
