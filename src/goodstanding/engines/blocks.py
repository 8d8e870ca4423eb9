"""Running the sums: block of accounts by block of accounts, on several threads, and the violations found on the way.

A block holds as many accounts as its matrices have room for, so memory does not grow with the number of accounts.
"""

import os
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import MetricRule
from goodstanding.core.values import Window
from goodstanding.engines import edges, rows
from goodstanding.engines.base import Progress
from goodstanding.engines.behaving import add_behaviour
from goodstanding.engines.breaches import OPEN, Breaches, read_spells, strikes_of, violations
from goodstanding.engines.daily import EPOCH, Counts, number_and_count, source_of, windowed
from goodstanding.engines.holders import Holders
from goodstanding.engines.sums import Flags, Grid, Whole, breach_spans, breaches, ratings

ROOM = 24 * 1024 * 1024
"""Bytes that the matrices of a block may take, about; small enough that most of them stay in a processor's cache."""
MOST_ROWS = 1_000_000
"""Rows of one batch at most, about."""


@dataclass(frozen=True, slots=True)
class Edges:
    """What is added to running sums, by account number: one table of `sums`, in memory."""

    idx: Whole
    day: Whole
    numerator: Whole
    denominator: Whole

    def sums(self, grid: Grid, start: int) -> tuple[Whole | None, Whole | None]:
        """Running sums of numerator and denominator for a block that begins with account `start`; None where nothing is added."""
        cut = slice(*np.searchsorted(self.idx, [start, start + grid.accounts]))
        places = self.idx[cut] - start, self.day[cut]
        weights = self.numerator[cut], self.denominator[cut]
        over, under = (grid.running_sum(*places, weight) if weight.any() else None for weight in weights)
        return over, under


@dataclass(slots=True)
class _Done:
    """What came of a block."""

    metrics: pa.Table | None
    ratings: pa.Table
    found: list[Breaches]
    cells: list[rows.MetricCells] = field(default_factory=list)


class Blocks:
    """One assessment: runs over the accounts block by block and gathers the breaches for the violations at the end."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        pack: PolicyPack,
        sink: rows.Sink,
        first: date,
        last: date,
        changes_only: bool,
        room: int,
        with_metrics: bool = True,
    ) -> None:
        self.with_metrics = with_metrics
        self.con, self.pack, self.sink, self.first, self.last, self.changes_only, self.room = con, pack, sink, first, last, changes_only, room
        self.takes_cells = isinstance(sink, rows.CellSink)
        self.metrics = [metric for metric in pack.metrics.values() if with_metrics or metric.reason is not None]
        self.found: list[Breaches] = []
        self.spans: Mapping[str, str] = {
            **{f"edges_{n}": edges.metric_spans(metric, edges.BESIDE_DAILY) for n, metric in enumerate(self.metrics)},
            edges.FULFILLED: edges.fulfilled_spans(Window(pack.rating.window_days), edges.BESIDE_DAILY),
        }

    def count(self, tell: Progress) -> int:
        """Number the accounts and count their orders by the day; returns how many accounts there are."""
        tell("daily counts", 0, 1)
        accounts, self.daily = number_and_count(self.con, self.pack, self.last)
        tell("daily counts", 1, 1)
        return accounts

    def run(self, accounts: int, tell: Progress) -> None:
        """Edges on top of the daily counts, all blocks, then the violations."""
        self._read(tell)
        base = self._base()
        days = day_number(self.last) + 1 - base
        for start, done in self._blocks(accounts, base, days):
            tell("accounts", start, accounts)
            if isinstance(self.sink, rows.CellSink):
                self.sink.cells(done.cells)
            if done.metrics is not None:
                self.sink.metrics(done.metrics)
            self.sink.ratings(done.ratings)
            self.found += done.found
        tell("accounts", accounts, accounts)
        self._emit_violations(tell)

    def _base(self) -> int:
        """The first day of the sums."""
        return min([day_number(self.first), self.daily.base + self.daily.first_used, *(int(e.day.min()) for e in self.edges.values() if len(e.day))])

    def _emit_violations(self, tell: Progress) -> None:
        tell("violations", 0, 1)
        self.sink.violations(violations(self.con, self.pack, self.metrics, self.found, self.last))
        tell("violations", 1, 1)

    def _read(self, tell: Progress) -> None:
        """Make and read what the blocks are cut from."""
        add_behaviour(self.con, self.pack, self.last)
        self.edges: dict[str, Edges] = {}
        for n, (table, spans) in enumerate(self.spans.items()):
            tell("edges", n, len(self.spans))
            edges.make_edges(self.con, table, spans, self.last)
            query = f"SELECT idx, day, numerator, denominator FROM sums.{table} ORDER BY idx"  # noqa: S608 - our own names
            found = self.con.sql(query).to_arrow_table()
            self.edges[table] = Edges(*(found[name].to_numpy() for name in ("idx", "day", "numerator", "denominator")))
            self.con.execute(f"DROP TABLE sums.{table}")
        tell("edges", len(self.spans), len(self.spans))
        self._read_accounts()

    def _read_accounts(self) -> None:
        self.holders = Holders.read(self.con)
        self.spells = read_spells(self.con)
        rows_of = self.con.sql("SELECT account_id, seller_row, buyer_row FROM sums.accounts ORDER BY idx").to_arrow_table()
        self.names: pa.Array = rows_of["account_id"].combine_chunks()
        self.row_of = {name: rows_of[name].fill_null(-1).to_numpy() for name in ("seller_row", "buyer_row")}

    def _blocks(self, accounts: int, base: int, days: int) -> Iterator[tuple[int, _Done]]:
        """The results of all blocks in order; a few blocks are worked on ahead, so that memory holds no more than these."""
        size, workers = self._block_size(days), os.cpu_count() or 1
        with ThreadPoolExecutor(workers) as pool:
            waiting: deque[tuple[int, Future[_Done]]] = deque()
            for start in range(0, accounts, size):
                grid = Grid(min(size, accounts - start), days, base)
                waiting.append((start, pool.submit(self._block(start, grid).done)))
                if len(waiting) > workers:
                    number, future = waiting.popleft()
                    yield number, future.result()
            for number, future in waiting:
                yield number, future.result()

    def _block(self, start: int, grid: Grid) -> "Block":
        return Block(self, start, grid)

    def _block_size(self, days: int) -> int:
        asked = (self.last - self.first).days + 1
        shown = len(self.metrics) if self.with_metrics else 0
        cells_of_account = 3 * days + asked * (shown + 2)
        return max(1, min(self.room // (8 * cells_of_account), MOST_ROWS // (asked * max(1, shown))))


@dataclass(slots=True)
class Block:
    """The sums of some accounts over all days."""

    work: Blocks
    start: int
    grid: Grid
    holders: Holders = field(init=False)
    masks: dict[bytes, tuple[Flags, Flags]] = field(init=False, default_factory=dict)
    totals: dict[str, Counts] = field(init=False, default_factory=dict)
    found: list[Breaches] = field(init=False, default_factory=list)

    def done(self) -> _Done:
        """Sum everything up."""
        work, grid = self.work, self.grid
        self.holders = work.holders.block(self.start, self.start + grid.accounts)
        days = np.arange(grid.base, grid.base + grid.days, dtype=np.int64)[self._asked]
        scope = rows.Asked(work.names.slice(self.start, grid.accounts), days, work.changes_only)
        cells = [cell for n, metric in enumerate(work.metrics) if (cell := self._cells(n, metric)) and work.with_metrics]
        if work.takes_cells:
            return _Done(None, self._ratings(scope), self.found, cells)
        metrics = rows.metric_rows(scope, cells) if cells else None
        return _Done(metrics, self._ratings(scope), self.found)

    @property
    def _asked(self) -> slice:
        return slice(day_number(self.work.first) - self.grid.base, None)

    def _masks(self, chosen: Flags) -> tuple[Flags, Flags]:
        key = chosen.tobytes()
        if key not in self.masks:
            self.masks[key] = self.holders.masks(self.grid, chosen)
        return self.masks[key]

    def _window(self, name: str, window: Window) -> Counts:
        """Window sums of daily counts, whose running sum all windows share."""
        if name not in self.totals:
            self.totals[name] = np.cumsum(self._counts(name), axis=1, dtype=np.int32)
        return windowed(self.totals[name], window.days, window.lag)

    def _counts(self, name: str) -> Counts:
        grid, daily = self.grid, self.work.daily
        row_of = self.work.row_of["buyer_row" if name == "bought" else "seller_row"][self.start : self.start + grid.accounts]
        mine = np.flatnonzero(row_of >= 0)
        counts = np.zeros((grid.accounts, grid.days), dtype=np.int32)
        begin, end = max(grid.base, daily.base), min(grid.base + grid.days, daily.base + daily.days)
        if len(mine) and begin < end:
            cut = slice(int(row_of[mine[0]]), int(row_of[mine[-1]]) + 1)
            counts[mine, begin - grid.base : end - grid.base] = daily.block(name, cut, slice(begin - daily.base, end - daily.base))
        return counts

    def _cells(self, number: int, metric: Metric) -> rows.MetricCells | None:
        chosen = self.holders.having(metric)
        if not chosen.any():
            return None
        applies, is_open = self._masks(chosen)
        numerator, below = self._sums(number, metric)
        denominator = None if metric.rule == MetricRule.OVERDUE_UNSHIPPED else below
        if metric.reason is not None:
            enforced = self.holders.enforced(self.grid, chosen, metric) if metric.enforced_from else applies
            self._find(number, metric, numerator, denominator, enforced)
        cut = self._asked
        shown = is_open[:, cut] | (numerator[:, cut] != 0) | (below[:, cut] != 0)
        shown &= applies[:, cut]
        return rows.MetricCells(metric, numerator[:, cut], None if denominator is None else denominator[:, cut], shown)

    def _sums(self, number: int, metric: Metric) -> tuple[Whole, Whole]:
        """Numerator and denominator on every day: window sums of daily counts, and the running sums of what daily counts cannot tell."""
        over, under = self.work.edges[f"edges_{number}"].sums(self.grid, self.start)
        source = source_of(metric)
        if source:
            denominator = self._window(source.denominator, metric.window)
            if source.numerator or source.missing:
                counted = self._window(str(source.numerator or source.missing), metric.window)
                over = _added(over, counted if source.numerator else denominator - counted)
            under = _added(under, denominator)
        nothing = np.zeros((self.grid.accounts, self.grid.days), np.int32)
        return nothing if over is None else over, nothing if under is None else under

    def _find(self, number: int, metric: Metric, numerator: Whole, denominator: Whole | None, enforced: Flags) -> None:
        spans = breach_spans(breaches(metric, numerator, denominator, enforced), metric.recover_days)
        if not len(spans.rows):
            return
        at = spans.rows, spans.opened
        base, last = self.grid.base, day_number(self.work.last)
        closed = base + spans.latest + 1 + metric.recover_days
        counted = numerator[at].astype(np.int64), None if denominator is None else denominator[at].astype(np.int64)
        ends = np.where(closed <= last, closed, OPEN)
        self.found.append(Breaches(number, spans.rows + self.start, base + spans.opened, ends, *counted, base + spans.latest))

    def _ratings(self, scope: rows.Asked) -> pa.Table:
        rules, cut = self.work.pack.rating, self._asked
        selling = self.holders.selling()
        sellers, is_open = self._masks(selling)
        points, criticals = self._strikes()
        odd, _ = self.work.edges[edges.FULFILLED].sums(self.grid, self.start)
        fulfilled = _added(odd, self._window("shipped", Window(rules.window_days)))[:, cut]
        points, criticals = points[:, cut], criticals[:, cut]
        shown = is_open[:, cut] | (fulfilled != 0) | (points != 0)
        shown &= sellers[:, cut]
        return rows.rating_rows(scope, rules, ratings(rules, fulfilled, points, criticals), fulfilled, points, shown)

    def _strikes(self) -> tuple[Whole, Whole]:
        """Points of the violations that count on each day, and how many of them are critical."""
        pack, grid = self.work.pack, self.grid
        lists = [self.work.spells.block(self.start, self.start + grid.accounts)]
        lists += [strikes_of(pack, self.work.metrics[b.metric], b, self.start) for b in self.found]
        idx, opened, starts, ends, points, critical = (np.concatenate(column) for column in zip(*lists, strict=True))
        ends = np.minimum(ends, opened + pack.rating.window_days)
        return grid.cover(idx, starts, ends, points), grid.cover(idx, starts, ends, critical)


def _added(one: Whole | None, other: Counts) -> Whole:
    return other if one is None else one + other


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days
