"""Daily counts: how many orders of an account were placed, shipped and due on each day, in one pass over the orders.

An order that counts from its own day on for a whole window needs no edges: windows of every length are differences of the running sum of the
same daily counts. What happens to few orders (late, untracked, not on time) is a sorted list of cells; what happens to most is a plane of days x accounts.
Orders of any other kind are left to `edges`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import numpy as np
from numpy.typing import NDArray

from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import HolderKind, LateBy, MetricRule
from goodstanding.engines import edges
from goodstanding.engines.statements import Raw, sql

Counts = NDArray[np.int32]
Columns = Mapping[str, NDArray[np.integer]]

EPOCH = date(1970, 1, 1)
PLANES = 1 << 30
"""Bytes that the planes may take if every day is used; orders of days before that are left to `edges`."""
MOST_DAYS = 4_000
BATCH = 1 << 20
_BYTES_OF_SELLER, _BYTES_OF_BUYER = 20, 4
_MERCHANT, _LATE, _LATE_TO_THE_SECOND, _UNTRACKED, _MISSED, _EARLY = (1 << n for n in range(6))
_SECOND_FIELD = 32


@dataclass(frozen=True, slots=True)
class Source:
    """Where a metric's daily counts come from: `denominator` is the name of a count, the numerator is `numerator` or the denominator less `missing`."""

    denominator: str
    numerator: str | None = None
    missing: str | None = None


_SOURCES: Mapping[MetricRule, Source] = {
    MetricRule.ORDER_DEFECT_RATE: Source("placed"),
    MetricRule.NEGATIVE_FEEDBACK_RATE: Source("placed"),
    MetricRule.CANCELLATION_RATE: Source("placed_by_merchant"),
    MetricRule.LATE_SHIPMENT_RATE: Source("shipped_by_merchant", "late"),
    MetricRule.VALID_TRACKING_RATE: Source("shipped_by_merchant", missing="untracked"),
    MetricRule.ON_TIME_DELIVERY_RATE: Source("due", missing="missed"),
    MetricRule.RETURN_RATE: Source("bought"),
    MetricRule.BUYER_CANCELLATION_RATE: Source("bought"),
    MetricRule.COMPLAINED_OF_RATE: Source("bought"),
}
_FEW = {
    "late": ("shipped", _LATE),
    "late_to_the_second": ("shipped", _LATE_TO_THE_SECOND),
    "untracked": ("shipped", _UNTRACKED),
    "missed": ("due", _MISSED),
}


def source_of(metric: Metric) -> Source | None:
    """The daily counts of a metric; None where none of its orders is counted by the day."""
    found = _SOURCES.get(metric.rule)
    if found and found.numerator and metric.late_by == LateBy.TIMESTAMP:
        return Source(found.denominator, "late_to_the_second")
    return found


@dataclass(slots=True)
class _Few:
    """Cells (account row * days + day) of what is rare: gathered in batches, then sorted."""

    batches: list[NDArray[np.int64]] = field(default_factory=list)
    cells: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def close(self) -> None:
        self.cells = np.sort(np.concatenate([self.cells, *self.batches]))
        self.batches = []


class Daily:
    """Daily counts of all accounts over `days` days from day `base` (since 1970-01-01) on. Rows are `seller_row` and `buyer_row` of `sums.accounts`.

    `ahead`: how many days after `last` have room too, for counts that are kept and extended; `room`: the first day and how many, where they are given.
    """

    def __init__(self, pack: PolicyPack, sellers: int, buyers: int, last: date, ahead: int = 0, room: tuple[int, int] | None = None) -> None:
        bought = any(metric.holder_kind == HolderKind.BUYER for metric in pack.metrics.values())
        self.sellers, self.buyers = sellers, buyers if bought else 0
        a_day = max(1, _BYTES_OF_SELLER * self.sellers + _BYTES_OF_BUYER * self.buyers)
        self.days = max(1, min(MOST_DAYS, PLANES // a_day)) + ahead
        self.base = (last - EPOCH).days + 1 + ahead - self.days
        if room:
            self.base, self.days = room
        self.first_used, self.last_used = self.days, -1
        self.has_early = False
        self.is_listed = False
        self.has_strangers = False
        shape = (self.days, self.sellers)
        # The system gives zeroed pages only where something is written, so days that nothing happened on cost nothing.
        self.placed, self.shipped = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.due, self.bought = np.zeros(shape, np.int32), np.zeros((self.days, self.buyers), np.int32)
        wanted = {name for metric in pack.metrics.values() if (s := source_of(metric)) for name in (s.numerator, s.missing) if name}
        self.few = {name: _Few() for name in _FEW if name in wanted}

    @property
    def odd(self) -> Raw:
        """The condition of an order that daily counts cannot tell."""
        first = "least(placed_at_day, shipped_at_day, deliver_by_day)"
        return Raw(f"NOT (known_to = DATE '9999-12-31' AND caused_by IS NULL AND known_from <= {first} AND {first} >= {self.first_day})")

    @property
    def first_day(self) -> Raw:
        """The first day there is room for, in SQL."""
        return Raw(f"DATE '{EPOCH + timedelta(days=self.base)}'")

    @property
    def end(self) -> Raw:
        """The day after the last there is room for, in SQL."""
        return Raw(f"DATE '{EPOCH + timedelta(days=self.base + self.days)}'")

    def count(self, con: duckdb.DuckDBPyConnection) -> None:
        """Count all orders of a connection that are not odd."""
        for batch in _batches(con, sql("daily_orders", odd=self.odd, tomorrow=self.end, base=self.first_day)):
            self._add(batch)
        for few in self.few.values():
            few.close()

    def _add(self, batch: Columns) -> None:
        seller, bits = batch["seller"].astype(np.int64), batch["bits"]
        self.has_early = self.has_early or bool(bits.max(initial=0) >= _EARLY)
        merchant = (bits & _MERCHANT) != 0
        weights = np.where(merchant, np.int64(1 + (1 << _SECOND_FIELD)), np.int64(1))
        ones = np.ones(len(seller), np.int32)
        self.has_strangers = self.has_strangers or bool(seller.min(initial=0) < 0 or batch["buyer"].min(initial=0) < 0)
        for name, plane in (("placed", self.placed), ("shipped", self.shipped)):
            self._scatter(plane, batch[name], seller, weights)
        self._scatter(self.due, batch["due"], seller, ones)
        if self.buyers:
            self._scatter(self.bought, batch["placed"], batch["buyer"].astype(np.int64), ones)
        for name, few in self.few.items():
            day_name, bit = _FEW[name]
            day = batch[day_name]
            hit = np.flatnonzero(merchant & ((bits & bit) != 0) & (day >= 0) & (seller >= 0))
            few.batches.append(seller[hit] * self.days + day[hit])

    def _scatter(self, plane: NDArray[np.integer], day: NDArray[np.integer], row: NDArray[np.int64], weights: NDArray[np.integer]) -> None:
        real = (day >= 0) & (row >= 0)
        if not real.all():
            day, row, weights = day[real], row[real], weights[real]
        if not len(day):
            return
        self.first_used, self.last_used = min(self.first_used, int(day.min())), max(self.last_used, int(day.max()))
        cells = day.astype(np.int64) * plane.shape[1] + row
        # An array of weights takes numpy's fast way; a single number would not.
        np.add.at(plane.reshape(-1), cells, weights)

    def of_day(self, name: str, day: int) -> NDArray[np.integer]:
        """The counts of one name of a plane on one of the days there is room for, of all rows."""
        if name in ("due", "bought"):
            found: NDArray[np.integer] = {"due": self.due, "bought": self.bought}[name][day]
            return found
        packed = (self.placed if name.startswith("placed") else self.shipped)[day]
        counts: NDArray[np.integer] = packed >> _SECOND_FIELD if name.endswith("merchant") else packed & ((1 << _SECOND_FIELD) - 1)
        return counts

    def block(self, name: str, rows: slice, days: slice) -> Counts:
        """The counts of one name as accounts x days for some rows and some of the days there is room for."""
        if name in self.few:
            return self._few_block(self.few[name], rows, days)
        plane = {"due": self.due, "bought": self.bought}.get(name)
        if plane is None:
            packed = (self.placed if name.startswith("placed") else self.shipped)[days, rows].T
            part = packed >> _SECOND_FIELD if name.endswith("merchant") else packed & ((1 << _SECOND_FIELD) - 1)
            return np.ascontiguousarray(part, dtype=np.int32)
        return np.ascontiguousarray(plane[days, rows].T)

    def _few_block(self, few: _Few, rows: slice, days: slice) -> Counts:
        start, stop = np.searchsorted(few.cells, [rows.start * self.days, rows.stop * self.days])
        cells = few.cells[start:stop] - rows.start * self.days
        counts = np.bincount(cells, minlength=(rows.stop - rows.start) * self.days)
        return np.ascontiguousarray(counts.reshape(-1, self.days)[:, days], dtype=np.int32)


def windowed(total: Counts, days: int, lag: int) -> Counts:
    """Window sums from a running sum over days: at each day the counts of the `days` days that end `lag` days before."""
    length = total.shape[1]
    sums = np.zeros_like(total)
    if lag < length:
        sums[:, lag:] = total[:, : length - lag]
    if lag + days < length:
        sums[:, lag + days :] -= total[:, : length - lag - days]
    return sums


def number_and_count(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date, ahead: int = 0) -> tuple[int, Daily]:
    """Number the accounts and count their orders; returns how many accounts there are.

    Where accounts are listed at all, all are taken to be listed before their orders. Counting shows whether that is so; if not, it is done again
    with those sellers that only orders tell of. That costs a second pass where it was wrong and spares one everywhere else.
    """
    if con.execute("SELECT 1 FROM facts.accounts LIMIT 1").fetchone():
        accounts = edges.prepare(con, pack, listed_only=True)
        daily = count_daily(con, pack, last, ahead)
        if not daily.has_early and not edges.has_early(con):
            daily.is_listed = True
            return accounts, daily
    return edges.prepare(con, pack), count_daily(con, pack, last, ahead)


def room_for(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date, ahead: int = 0) -> Daily:
    """Room for the daily counts of all accounts of `sums.accounts`, with nothing counted yet."""
    sellers, buyers = con.execute("SELECT count(seller_row), count(buyer_row) FROM sums.accounts").fetchall()[0]
    return Daily(pack, sellers, buyers, last, ahead)


def count_daily(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date, ahead: int = 0) -> Daily:
    """Count all orders that are not odd, and make `sums.special_orders` with its views of all that is left."""
    daily = room_for(con, pack, last, ahead)
    daily.count(con)
    edges.prepare_special(con, pack, daily.odd, daily.end)
    edges.view_special(con)
    return daily


def _batches(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[Columns]:
    for batch in con.sql(query).to_arrow_reader(BATCH):
        yield {name: column.to_numpy(zero_copy_only=False) for name, column in zip(batch.schema.names, batch.columns, strict=True)}
