"""The marketplace while it is being made: columns that stories may still change, and single rows that they add."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from goodstanding.synthetic.columns import DAY, MISSING, Mask, Real, Whole

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, steps done, steps in all)."""


@dataclass(frozen=True, slots=True)
class Days:
    """The span of the facts: `count` days, the last of them `last`. Moments are seconds since 1970, UTC."""

    last: date
    count: int = 365

    @property
    def first(self) -> date:
        """The first day with facts."""
        return self.last - timedelta(days=self.count - 1)

    @property
    def start(self) -> int:
        """The first moment of the first day."""
        return int(datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC).timestamp())

    @property
    def end(self) -> int:
        """The first moment after the last day; nothing is known from then on."""
        return self.start + self.count * DAY

    def before_end(self, days: float) -> int:
        """The moment `days` days before the end."""
        return self.end - int(days * DAY)


@dataclass(slots=True)
class Sellers:
    """One entry per seller.

    `care` scales how often things go wrong: 1 ordinary, 0 never. `size`: orders in the span. `stops`: the moment after
    which nobody can buy there, the end of the span for nearly all.
    """

    ids: list[str]
    market: Whole
    country: list[str]
    language: list[str]
    name: list[str]
    opened: Whole
    stops: Whole
    professional: Mask
    handling_days: Whole
    care: Real
    platform_share: Real
    size: Whole
    carrier: Whole
    second_carrier: Whole
    warehouse: Whole

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(slots=True)
class Buyers:
    """One entry per buyer, ordered by opening day as made. `weight`: how much they buy; `household`: who lives together."""

    ids: list[str]
    market: Whole
    language: list[str]
    name: list[str]
    opened: Whole
    weight: Real
    returning: Real
    household: Whole

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(slots=True)
class Orders:
    """One entry per order, seller by seller and within a seller by time. Codes point into `vocabulary` or `World` lists, -1 is null."""

    seller: Whole
    buyer: Whole
    placed: Whole
    ship_by: Whole
    shipped: Whole
    deliver_by: Whole
    delivered: Whole
    cancelled: Whole
    cancelled_by: Whole
    platform_fulfilled: Mask
    tracking: Whole
    product: Whole
    cents: Whole
    units: Whole
    carrier: Whole
    warehouse: Whole
    batch: Whole
    caused_by: Whole
    may_be_returned: Mask

    def __len__(self) -> int:
        return len(self.seller)

    def of(self, seller: int) -> Whole:
        """The places of a seller's orders, by time."""
        first, after = np.searchsorted(self.seller, [seller, seller + 1])
        return np.arange(first, after)

    def call_off(self, places: Whole, moment: int, by: int) -> None:
        """Cancel orders before shipment: nothing is shipped, delivered or tracked any more."""
        self.cancelled[places] = moment
        self.cancelled_by[places] = by
        for moments in (self.shipped, self.delivered):
            moments[places] = MISSING
        self.tracking[places] = -1


@dataclass(slots=True)
class World:
    """Everything of a marketplace in the making. `cast` names the sellers and buyers each story was given, by place."""

    seed: int
    days: Days
    sellers: Sellers
    buyers: Buyers
    orders: Orders
    order_ids: pa.Array
    products: list[str]
    batches: list[str]
    cast_sellers: Mapping[str, Whole]
    cast_buyers: Mapping[str, Whole]
    causes: list[str] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def dice(self, key: str) -> np.random.Generator:
        """Random numbers of one part of the making, untouched by how many the other parts draw."""
        return dice(self.seed, key)

    def add(self, table: str, /, **row: Any) -> None:
        """Add one row to a fact table; moments are seconds, amounts hundredths."""
        self.rows.setdefault(table, []).append(row)

    def order_id(self, place: int | np.integer[Any]) -> str:
        """The id of the order at a place."""
        return str(self.order_ids[int(place)].as_py())

    def product_of(self, seller: int) -> int:
        """The place of the product a seller sells most."""
        return int(np.bincount(self.orders.product[self.orders.of(seller)]).argmax())


def dice(seed: int, key: str) -> np.random.Generator:
    """A generator that depends on the seed and on what it is for, and on nothing else."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(key.encode())]))


def no_moments(count: int) -> npt.NDArray[np.int64]:
    """`count` moments that have not happened."""
    return np.full(count, MISSING, dtype=np.int64)
