"""Sums over kept counts: of some accounts over all days, or of all accounts over the days since the last assessment.

A violation is a matter of all days, but what came before the last assessment is known: which are open, since when, and the last day of breach.
So one more day needs that day's sums alone. Accounts whose past has changed are summed up over all days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

import duckdb
import numpy as np
import pyarrow as pa

from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.values import Window
from goodstanding.engines import rows
from goodstanding.engines.base import Progress
from goodstanding.engines.blocks import Block, Blocks, Edges, day_number
from goodstanding.engines.breaches import OPEN, Breaches
from goodstanding.engines.daily import Counts
from goodstanding.engines.edges import FULFILLED
from goodstanding.engines.kept import KeptCounts
from goodstanding.engines.sums import Flags, Grid, Whole, breaches

MOST_DAYS = 31
"""Days since the last assessment that are worth going through one by one; after more of them all is summed up from the first day on."""
KeptEdges = Sequence[Edges]
"""Of each metric of the pack and, last, of the orders that earn rating points; `idx` is the account's number."""


class Nowhere:
    """A sink for sums of which only the violations matter."""

    def cells(self, cells: Sequence[rows.MetricCells]) -> None:
        """Not wanted."""

    def metrics(self, table: pa.Table) -> None:
        """Not wanted."""

    def ratings(self, table: pa.Table) -> None:
        """Not wanted."""

    def violations(self, table: pa.Table) -> None:
        """Not wanted."""


class KeptBlocks(Blocks):
    """Sums of kept counts and edges. `chosen`: the places of the accounts to sum up, in order; None: all."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        pack: PolicyPack,
        sink: rows.Sink,
        days: tuple[date, date],
        changes_only: bool,
        room: int,
        kept: tuple[KeptCounts, KeptEdges],
        chosen: Whole | None = None,
    ) -> None:
        super().__init__(con, pack, sink, *days, changes_only, room)
        self.counts, self.kept_edges, self.chosen = *kept, chosen

    def _read(self, tell: Progress) -> None:
        self._read_accounts()
        names = [*(f"edges_{n}" for n in range(len(self.metrics))), FULFILLED]
        self.edges = {name: self._placed(edges) for name, edges in zip(names, self.kept_edges, strict=True)}

    def _read_accounts(self) -> None:
        super()._read_accounts()
        order = self.con.sql("SELECT number FROM sums.accounts ORDER BY idx").to_arrow_table()["number"].to_numpy()
        self.place_of = np.full(len(order), -1, np.int64)
        if self.chosen is None:
            self.place_of[order] = np.arange(len(order))
            return
        self.place_of[order[self.chosen]] = np.arange(len(self.chosen))
        places = np.full(len(order), -1, np.int64)
        places[self.chosen] = np.arange(len(self.chosen))
        self.names = self.names.take(pa.array(self.chosen))
        self.row_of = {name: row[self.chosen] for name, row in self.row_of.items()}
        here = places[self.holders.rows] >= 0
        cut = {name: getattr(self.holders, name)[here] for name in ("codes", "from_day", "to_day", "opened")}
        self.holders = replace(self.holders, rows=places[self.holders.rows[here]], **cut)
        spells = self.spells.columns
        here = places[spells[0]] >= 0
        self.spells = replace(self.spells, columns=(places[spells[0][here]], *(column[here] for column in spells[1:])))

    def _placed(self, edges: Edges) -> Edges:
        """Edges by place instead of number, of the accounts and days there are."""
        place = self.place_of[edges.idx]
        here = np.flatnonzero((place >= 0) & (edges.day <= day_number(self.last)))
        order = here[np.argsort(place[here], kind="stable")]
        return Edges(place[order], edges.day[order], edges.numerator[order], edges.denominator[order])

    def _base(self) -> int:
        first = [] if self.counts.first_day is None else [self.counts.first_day]
        return min([day_number(self.first), *first, *(int(e.day.min()) for e in self.edges.values() if len(e.day))])

    def _emit_violations(self, tell: Progress) -> None:
        """The state has older ones too, and emits all."""

    def _block(self, start: int, grid: Grid) -> Block:
        return KeptBlock(self, start, grid)


class KeptBlock(Block):
    """A block of kept counts."""

    def _counts(self, name: str) -> Counts:
        work, grid = self.work, self.grid
        assert isinstance(work, KeptBlocks), "made by them"
        row_of = work.row_of["buyer_row" if name == "bought" else "seller_row"][self.start : self.start + grid.accounts]
        mine = np.flatnonzero(row_of >= 0)
        counts = np.zeros((grid.accounts, grid.days), dtype=np.int32)
        if len(mine):
            chosen = row_of[mine].astype(np.int64)
            in_line = int(chosen[-1]) - int(chosen[0]) + 1 == len(chosen) and bool((np.diff(chosen) == 1).all())
            which = slice(int(chosen[0]), int(chosen[-1]) + 1) if in_line else chosen
            counts[mine] = work.counts.counts(name, which, grid.base, grid.base + grid.days)
        return counts


@dataclass(frozen=True, slots=True)
class Known:
    """What the last assessment knew of the violations that are open, of one metric, by place of the account."""

    idx: Whole
    opened: Whole
    latest: Whole
    numerator: Whole
    denominator: Whole


class DaysSince(KeptBlocks):
    """Sums of all accounts on the days from the last assessment (`since`) or the day after it on; days up to `since` are judged already.

    `redone`: by place, whose violations come from sums over all days, which are `again`.
    """

    def __init__(self, *rest: object, since: date, known: Mapping[int, Known], redone: Flags, again: Sequence[Breaches]) -> None:
        super().__init__(*rest)  # type: ignore[arg-type]
        self.since, self.known, self.redone, self.again = since, known, redone, again
        self.windows: dict[tuple[str, int, int], Counts] = {}
        self._lock = Lock()

    def _base(self) -> int:
        return min(day_number(self.first), day_number(self.since) + 1)

    def _placed(self, edges: Edges) -> Edges:
        placed = super()._placed(edges)
        return replace(placed, day=np.maximum(placed.day, self._base()))

    def window(self, name: str, window: Window) -> Counts:
        """The window sums of daily counts on each of the days, of all rows."""
        key = name, window.days, window.lag
        with self._lock:  # several blocks want the same
            if key not in self.windows:
                self.windows[key] = self._summed(name, window)
            return self.windows[key]

    def _summed(self, name: str, window: Window) -> Counts:
        days = range(self._base() - window.lag, day_number(self.last) - window.lag + 1)
        sums = [self.counts.window(name, days[0] - window.days + 1, days[0] + 1)]
        for day in days[1:]:
            gone, come = self.counts.window(name, day - window.days, day - window.days + 1), self.counts.window(name, day, day + 1)
            sums.append(sums[-1] + come - gone)
        return np.stack(sums, axis=1)

    def _block(self, start: int, grid: Grid) -> Block:
        return _DayBlock(self, start, grid)


class _DayBlock(Block):
    """A block of a few days."""

    def _window(self, name: str, window: Window) -> Counts:
        work, grid = self.work, self.grid
        assert isinstance(work, DaysSince), "made by them"
        row_of = work.row_of["buyer_row" if name == "bought" else "seller_row"][self.start : self.start + grid.accounts]
        sums = np.zeros((grid.accounts, grid.days), np.int32)
        mine = np.flatnonzero(row_of >= 0)
        if len(mine):
            sums[mine] = work.window(name, window)[row_of[mine]]
        return sums

    def _find(self, number: int, metric: Metric, numerator: Whole, denominator: Whole | None, enforced: Flags) -> None:
        work, grid = self.work, self.grid
        assert isinstance(work, DaysSince), "made by them"
        breach = breaches(metric, numerator, denominator, enforced) & ~work.redone[self.start : self.start + grid.accounts, None]
        below = np.zeros_like(numerator) if denominator is None else denominator
        open_ones = _Open(number, metric, grid.accounts, work.known.get(number), self.start)
        for n in range(day_number(work.since) + 1 - grid.base, grid.days):
            open_ones.go_on(grid.base + n, breach[:, n], numerator[:, n], below[:, n])
        self.found += open_ones.all(self.start, denominator is not None)

    def _strikes(self) -> tuple[Whole, Whole]:
        own = list(self.found)
        work = self.work
        assert isinstance(work, DaysSince), "made by them"
        for again in work.again:
            cut = slice(*np.searchsorted(again.idx, [self.start, self.start + self.grid.accounts]))
            self.found.append(_cut(again, cut))
        strikes = super()._strikes()
        self.found = own
        return strikes


def _cut(breaches: Breaches, cut: slice) -> Breaches:
    below = None if breaches.denominator is None else breaches.denominator[cut]
    return Breaches(
        breaches.metric, breaches.idx[cut], breaches.opened[cut], breaches.closed[cut], breaches.numerator[cut], below, breaches.latest[cut]
    )


class _Open:
    """The violations of one metric that are open, day by day: one at most of each account of a block."""

    def __init__(self, number: int, metric: Metric, accounts: int, known: Known | None, start: int) -> None:
        self.number, self.metric = number, metric
        self.opened, self.latest, self.numerator, self.denominator = (np.full(accounts, -1, np.int64) for _ in range(4))
        self.over: list[tuple[Whole, ...]] = []
        if known is not None:
            cut = slice(*np.searchsorted(known.idx, [start, start + accounts]))
            places = known.idx[cut] - start
            for name in ("opened", "latest", "numerator", "denominator"):
                getattr(self, name)[places] = getattr(known, name)[cut]

    def go_on(self, day: int, breach: Flags, numerator: Whole, denominator: Whole) -> None:
        """One more day: `core.health.violations.breach_spans` as it goes."""
        recover = self.metric.recover_days
        is_open = self.opened >= 0
        closes = np.where(breach, day - self.latest > max(recover, 1), self.latest + 1 + recover <= day) & is_open
        self._close(np.flatnonzero(closes))
        opens = breach & (self.opened < 0)
        self.opened[opens] = day
        self.numerator[opens], self.denominator[opens] = numerator[opens], denominator[opens]
        self.latest[breach] = day

    def _close(self, which: Whole) -> None:
        closed = self.latest[which] + 1 + self.metric.recover_days
        self._add(which, closed)
        self.opened[which] = -1

    def _add(self, which: Whole, closed: Whole) -> None:
        self.over.append((which, self.opened[which], closed, self.numerator[which], self.denominator[which], self.latest[which]))

    def all(self, start: int, is_rate: bool) -> list[Breaches]:
        """Those that closed in these days, and those that are open still."""
        still = np.flatnonzero(self.opened >= 0)
        self._add(still, np.full(len(still), OPEN))
        idx, opened, closed, numerator, denominator, latest = (np.concatenate(column) for column in zip(*self.over, strict=True))
        if not len(idx):
            return []
        return [Breaches(self.number, idx + start, opened, closed, numerator, denominator if is_rate else None, latest)]
