"""Running the sums: block of accounts by block of accounts, and the violations found on the way.

A block holds as many accounts as its matrices have room for, so memory does not grow with the number of accounts.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
from numpy.typing import NDArray

from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import HolderKind, MetricRule
from goodstanding.core.values import Rate, Window
from goodstanding.engines import edges, rows, struck
from goodstanding.engines.base import Progress
from goodstanding.engines.sums import Flags, Grid, Whole, breach_spans, breaches, ratings

ROOM = 64 * 1024 * 1024
"""Bytes that the matrices of a block may take, about."""
MOST_ROWS = 1_000_000
"""Rows of one batch at most, about."""


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
        self.metrics = [metric for metric in pack.metrics.values() if with_metrics or metric.reason is not None]
        self.spans: Mapping[str, str] = {
            **{f"edges_{n}": edges.metric_spans(metric) for n, metric in enumerate(self.metrics)},
            edges.FULFILLED: edges.fulfilled_spans(Window(pack.rating.window_days)),
        }
        self.found: dict[str, list[struck.Breach]] = {metric.name: [] for metric in self.metrics}

    def run(self, accounts: int, tell: Progress) -> None:
        """All blocks, then the violations."""
        base = self._base()
        days = _number(self.last) + 1 - base
        size = self._block_size(days)
        for start in range(0, accounts, size):
            tell("accounts", start, accounts)
            names = self._names(start, min(size, accounts - start))
            _Block(self, start, names, Grid(len(names), days, base)).emit()
        tell("accounts", accounts, accounts)
        self._emit_violations(tell)

    def _emit_violations(self, tell: Progress) -> None:
        violations = struck.from_spells(self.con, self.pack, self.last)
        for n, metric in enumerate(self.metrics):
            tell("violations", n, len(self.metrics))
            violations += struck.from_metric(self.con, self.pack, metric, self.found[metric.name], self.last)
        tell("violations", len(self.metrics), len(self.metrics))
        self.sink.violations(struck.violation_rows(violations))

    def _base(self) -> int:
        """The day from which sums have to run: the first edge, or the first day asked if that is earlier."""
        firsts = " UNION ALL ".join(f"SELECT min(day) AS day FROM sums.{table}" for table in self.spans)  # noqa: S608 - our own names
        row = self.con.execute(f"SELECT min(day) FROM ({firsts})").fetchone()  # noqa: S608
        asked = _number(self.first)
        return min(asked, int(row[0])) if row and row[0] is not None else asked

    def _block_size(self, days: int) -> int:
        asked = (self.last - self.first).days + 1
        shown = len(self.metrics) if self.with_metrics else 0
        cells_of_account = 4 * days + 2 * asked * (shown + 2)
        return max(1, min(self.room // (8 * cells_of_account), MOST_ROWS // (asked * max(1, shown))))

    def _names(self, start: int, many: int) -> list[str]:
        found = self.con.execute("SELECT account_id FROM sums.accounts WHERE idx >= ? AND idx < ? ORDER BY idx", [start, start + many]).fetchall()
        return [name for (name,) in found]


@dataclass(frozen=True, slots=True)
class _Holders:
    """Who the accounts of a block were known to be, and when: one entry per version."""

    rows: NDArray[np.int64]
    kinds: NDArray[np.object_]
    marketplaces: NDArray[np.object_]
    from_day: Whole
    to_day: Whole
    opened: Whole

    def masks(self, grid: Grid, chosen: Flags) -> tuple[Flags, Flags]:
        """For the chosen versions: the days on which they were known, and those of these on which the account was open."""
        known, ones = self.rows[chosen], np.ones(int(chosen.sum()), dtype=np.int64)
        from_day, to_day = self.from_day[chosen], self.to_day[chosen]
        applies = grid.cover(known, from_day, to_day, ones) > 0
        is_open = grid.cover(known, np.maximum(from_day, self.opened[chosen]), to_day, ones) > 0
        return applies, is_open

    def enforced(self, grid: Grid, chosen: Flags, metric: Metric) -> Flags:
        """For the chosen versions: the days on which they were known and their store enforced the metric's target."""
        starts = np.fromiter(((metric.first_enforced(store) - rows.EPOCH).days for store in self.marketplaces[chosen]), np.int64)
        known, from_day = self.rows[chosen], np.maximum(self.from_day[chosen], starts)
        covered: Flags = grid.cover(known, from_day, self.to_day[chosen], np.ones(len(known), dtype=np.int64)) > 0
        return covered


class _Block:
    """The sums of some accounts over all days."""

    def __init__(self, work: Blocks, start: int, names: list[str], grid: Grid) -> None:
        self.work, self.start, self.names, self.grid = work, start, names, grid
        self.holders = self._holders()
        self.masks: dict[bytes, tuple[Flags, Flags]] = {}
        asked = slice(_number(work.first) - grid.base, None)
        self.asked = asked
        days = np.arange(grid.base, grid.base + grid.days, dtype=np.int64)[asked]
        self.scope = rows.Asked(names, days, work.changes_only)

    def emit(self) -> None:
        """Send the block's rows to the sink."""
        cells = (self._cells(n, metric) for n, metric in enumerate(self.work.metrics))
        if self.work.with_metrics and self.work.metrics:
            self.work.sink.metrics(rows.metric_rows(self.scope, list(cells)))
        else:
            deque(cells, maxlen=0)  # only the breaches found on the way are wanted; no matrix is kept
        self._emit_ratings()

    def _fetch(self, query: str) -> Mapping[str, NDArray[np.generic]]:
        """Rows of a table of `sums` that belong to the block; `idx` counts from the block's first account."""
        found = self.work.con.execute(query, [self.start, self.start, self.start + len(self.names)]).fetchnumpy()
        return {name: np.asarray(column) for name, column in found.items()}

    def _holders(self) -> _Holders:
        found = self._fetch(
            "SELECT (idx - ?)::BIGINT AS idx, holder_kind, marketplace, from_day - DATE '1970-01-01' AS from_day, "
            "to_day - DATE '1970-01-01' AS to_day, opened_day - DATE '1970-01-01' AS opened "
            "FROM sums.holders JOIN sums.accounts USING (account_id) WHERE idx >= ? AND idx < ?"
        )
        numbers = [found[name].astype(np.int64) for name in ("from_day", "to_day", "opened")]
        return _Holders(found["idx"].astype(np.int64), found["holder_kind"].astype(object), found["marketplace"].astype(object), *numbers)

    def _masks(self, chosen: Flags) -> tuple[Flags, Flags]:
        key = chosen.tobytes()
        if key not in self.masks:
            self.masks[key] = self.holders.masks(self.grid, chosen)
        return self.masks[key]

    def _sums(self, table: str) -> tuple[Whole, Whole]:
        found = self._fetch(f"SELECT (idx - ?)::BIGINT AS idx, day, numerator, denominator FROM sums.{table} WHERE idx >= ? AND idx < ?")  # noqa: S608
        places = found["idx"].astype(np.int64), found["day"].astype(np.int64)
        return self.grid.running_sum(*places, found["numerator"]), self.grid.running_sum(*places, found["denominator"])

    def _cells(self, number: int, metric: Metric) -> rows.MetricCells:
        holders = self.holders
        stores = zip(holders.kinds, holders.marketplaces, strict=True)
        chosen = np.fromiter((metric.applies_to(kind, store) for kind, store in stores), np.bool_, len(holders.rows))
        applies, is_open = self._masks(chosen)
        numerator, below = self._sums(f"edges_{number}")
        denominator = None if metric.rule == MetricRule.OVERDUE_UNSHIPPED else below
        if metric.reason is not None:
            enforced = self.holders.enforced(self.grid, chosen, metric) if metric.enforced_from else applies
            self.work.found[metric.name] += self._breaches(metric, numerator, denominator, enforced)
        cut = self.asked
        shown = applies[:, cut] & (is_open[:, cut] | (numerator[:, cut] != 0) | (below[:, cut] != 0))
        return rows.MetricCells(metric, numerator[:, cut].copy(), None if denominator is None else denominator[:, cut].copy(), shown)

    def _breaches(self, metric: Metric, numerator: Whole, denominator: Whole | None, enforced: Flags) -> Iterator[struck.Breach]:
        spans = breach_spans(breaches(metric, numerator, denominator, enforced), metric.recover_days)
        for row, opened, latest in zip(spans.rows.tolist(), spans.opened.tolist(), spans.latest.tolist(), strict=True):
            closed = _day(self.grid.base + latest) + timedelta(days=1 + metric.recover_days)
            rate = Rate(int(numerator[row, opened]), None if denominator is None else int(denominator[row, opened]))
            yield struck.Breach(self.names[row], _day(self.grid.base + opened), closed if closed <= self.work.last else None, rate)

    def _emit_ratings(self) -> None:
        rules, cut = self.work.pack.rating, self.asked
        sellers, is_open = self._masks(self.holders.kinds == HolderKind.SELLER)
        points, criticals = self._strikes()
        fulfilled = self._sums(edges.FULFILLED)[0][:, cut]
        points, criticals = points[:, cut], criticals[:, cut]
        shown = sellers[:, cut] & (is_open[:, cut] | (fulfilled != 0) | (points != 0))
        table = rows.rating_rows(self.scope, rules, ratings(rules, fulfilled, points, criticals), fulfilled, points, shown)
        self.work.sink.ratings(table)

    def _strikes(self) -> tuple[Whole, Whole]:
        """Points of the violations that count on each day, and how many of them are critical."""
        found = self._fetch(
            "SELECT (idx - ?)::BIGINT AS idx, opened - DATE '1970-01-01' AS opened, from_day - DATE '1970-01-01' AS from_day, "
            "to_day - DATE '1970-01-01' AS to_day, points, critical FROM sums.spells JOIN sums.accounts USING (account_id) WHERE idx >= ? AND idx < ?"
        )
        window = self.work.pack.rating.window_days
        numbers = {name: column.astype(np.int64) for name, column in found.items()}
        lists = [
            numbers["idx"],
            numbers["from_day"],
            np.minimum(numbers["to_day"], numbers["opened"] + window),
            numbers["points"],
            numbers["critical"],
        ]
        lists = [np.concatenate([column, more]) for column, more in zip(lists, self._strikes_of_metrics(), strict=True)]
        idx, starts, ends, points, critical = lists
        return self.grid.cover(idx, starts, ends, points), self.grid.cover(idx, starts, ends, critical)

    def _strikes_of_metrics(self) -> list[Whole]:
        """Of the metric violations found in this block: account, [from, to) on which they count, points, whether critical."""
        pack, number_of = self.work.pack, {name: n for n, name in enumerate(self.names)}
        entries: list[tuple[int, int, int, int, int]] = []
        for metric in self.work.metrics:
            if metric.reason is None:
                continue
            severity = pack.reasons[metric.reason].severity
            weight = pack.rating.points[severity], int(severity == "critical")
            for breach in reversed(self.work.found[metric.name]):
                if breach.account_id not in number_of:
                    break  # breaches of earlier blocks
                opened = _number(breach.opened)
                expires = opened + pack.rating.window_days
                end = min(_number(breach.closed), expires) if breach.closed else expires
                entries.append((number_of[breach.account_id], opened, end, *weight))
        return list(np.array(entries, dtype=np.int64).reshape(-1, 5).T)


def _number(day: date) -> int:
    return (day - rows.EPOCH).days


def _day(number: int) -> date:
    return rows.EPOCH + timedelta(days=number)
