"""One block of accounts, on a worker: edges, holders and spells in; rows of metrics and ratings, and the breaches found, out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import HolderKind, MetricRule
from goodstanding.core.values import Rate
from goodstanding.engines import rows
from goodstanding.engines.base import METRICS_SCHEMA
from goodstanding.engines.struck import Breach
from goodstanding.engines.sums import Flags, Grid, Whole, breach_spans, breaches, ratings

Columns = Mapping[str, NDArray[np.generic]]
"""Columns of equal length by name; `row` counts the accounts of the block from 0, days count from 1970-01-01."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every block: the pack, the days from `first` to `last`, and `base`, the day from which sums have to run."""

    pack: PolicyPack
    first: date
    last: date
    changes_only: bool
    base: int

    @property
    def days(self) -> int:
        """How many days the sums run over."""
        return number_of(self.last) + 1 - self.base


class Block:
    """The sums of some accounts over all days.

    `edges`: row, part, day, numerator, denominator, where part n is metric n of the pack and the part after the last is the orders
    fulfilled. `holders`: row, kind, marketplace, from_day, to_day, opened. `spells`: row, opened, from_day, to_day, points, critical.
    """

    def __init__(self, question: Question, names: Sequence[str], edges: Columns, holders: Columns, spells: Columns) -> None:
        self.question, self.names, self._edges, self._holders, self._spells = question, names, edges, holders, spells
        self._metrics = list(question.pack.metrics.values())
        self._grid = Grid(len(names), question.days, question.base)
        self._asked = slice(number_of(question.first) - question.base, None)
        days = np.arange(question.base, question.base + question.days, dtype=np.int64)[self._asked]
        self._scope = rows.Asked(names, days, question.changes_only)

    def metrics(self) -> pa.Table:
        """The rows of all metrics."""
        cut = self._asked
        cells = []
        for metric, (numerator, below), chosen in self._counted():
            applies, is_open = self._masks(chosen)
            shown = applies[:, cut] & (is_open[:, cut] | (numerator[:, cut] != 0) | (below[:, cut] != 0))
            cells.append(rows.MetricCells(metric, numerator[:, cut].copy(), below[:, cut].copy() if _is_rate(metric) else None, shown))
        return rows.metric_rows(self._scope, cells) if cells else METRICS_SCHEMA.empty_table()

    def ratings(self) -> pa.Table:
        """The rows of the ratings."""
        rules, cut = self.question.pack.rating, self._asked
        sellers, is_open = self._masks(self._holders["kind"] == HolderKind.SELLER)
        points, criticals = (matrix[:, cut] for matrix in self._strikes())
        fulfilled = self._sums(len(self._metrics))[0][:, cut]
        shown = sellers[:, cut] & (is_open[:, cut] | (fulfilled != 0) | (points != 0))
        return rows.rating_rows(self._scope, rules, ratings(rules, fulfilled, points, criticals), fulfilled, points, shown)

    @cached_property
    def breaches(self) -> dict[int, list[Breach]]:
        """The breaches of each metric that violates a reason, by the metric's number in the pack."""
        return {
            number: list(self._breaches(metric, *sums, self._enforced(metric, chosen)))
            for number, (metric, sums, chosen) in enumerate(self._counted())
            if metric.reason is not None
        }

    def _counted(self) -> Iterator[tuple[Metric, tuple[Whole, Whole], Flags]]:
        """Each metric with its sums, and the versions of holders that have it."""
        stores = list(zip(self._holders["kind"].tolist(), self._holders["marketplace"].tolist(), strict=True))
        for number, metric in enumerate(self._metrics):
            chosen = np.fromiter((metric.applies_to(str(kind), str(store)) for kind, store in stores), np.bool_, len(stores))
            yield metric, self._sums(number), chosen

    def _sums(self, part: int) -> tuple[Whole, Whole]:
        here = self._edges["part"] == part
        places = self._edges["row"][here], self._edges["day"][here]
        return self._grid.running_sum(*places, self._edges["numerator"][here]), self._grid.running_sum(*places, self._edges["denominator"][here])

    def _masks(self, chosen: NDArray[np.bool_]) -> tuple[Flags, Flags]:
        """For the chosen versions of holders: the days on which they were known, and those of these on which the account was open."""
        row, from_day, to_day, opened = (self._holders[name][chosen].astype(np.int64) for name in ("row", "from_day", "to_day", "opened"))
        ones = np.ones(len(row), dtype=np.int64)
        applies = self._grid.cover(row, from_day, to_day, ones) > 0
        return applies, self._grid.cover(row, np.maximum(from_day, opened), to_day, ones) > 0

    def _enforced(self, metric: Metric, chosen: Flags) -> Flags:
        """For the chosen versions of holders: the days on which they were known and their store enforced the metric's target."""
        row, from_day, to_day = (self._holders[name][chosen].astype(np.int64) for name in ("row", "from_day", "to_day"))
        starts = [number_of(metric.first_enforced(str(store))) for store in self._holders["marketplace"][chosen].tolist()]
        from_day = np.maximum(from_day, np.array(starts, dtype=np.int64))
        covered: Flags = self._grid.cover(row, from_day, to_day, np.ones(len(row), dtype=np.int64)) > 0
        return covered

    def _breaches(self, metric: Metric, numerator: Whole, below: Whole, enforced: Flags) -> Iterator[Breach]:
        denominator = below if _is_rate(metric) else None
        spans = breach_spans(breaches(metric, numerator, denominator, enforced), metric.recover_days)
        for row, opened, latest in zip(spans.rows.tolist(), spans.opened.tolist(), spans.latest.tolist(), strict=True):
            closed = day_of(self._grid.base + latest) + timedelta(days=1 + metric.recover_days)
            rate = Rate(int(numerator[row, opened]), None if denominator is None else int(denominator[row, opened]))
            yield Breach(self.names[row], day_of(self._grid.base + opened), closed if closed <= self.question.last else None, rate)

    def _strikes(self) -> tuple[Whole, Whole]:
        """Points of the violations that count on each day, and how many of them are critical."""
        told, window = {name: column.astype(np.int64) for name, column in self._spells.items()}, self.question.pack.rating.window_days
        ends = np.minimum(told["to_day"], told["opened"] + window)
        lists = [told["row"], told["from_day"], ends, told["points"], told["critical"]]
        lists = [np.concatenate([column, more]) for column, more in zip(lists, self._strikes_of_metrics(window), strict=True)]
        row, starts, ends, points, critical = lists
        return self._grid.cover(row, starts, ends, points), self._grid.cover(row, starts, ends, critical)

    def _strikes_of_metrics(self, window: int) -> list[Whole]:
        """Of the breaches: account, [from, to) on which they count, points, whether critical."""
        pack, row_of = self.question.pack, {name: n for n, name in enumerate(self.names)}
        entries = []
        for number, found in self.breaches.items():
            severity = pack.reasons[str(self._metrics[number].reason)].severity
            for breach in found:
                opened = number_of(breach.opened)
                end = min(number_of(breach.closed), opened + window) if breach.closed else opened + window
                entries.append((row_of[breach.account_id], opened, end, pack.rating.points[severity], int(severity == "critical")))
        return list(np.array(entries, dtype=np.int64).reshape(-1, 5).T)


def _is_rate(metric: Metric) -> bool:
    return metric.rule != MetricRule.OVERDUE_UNSHIPPED


def columns_of(table: pa.Table) -> Columns:
    """A table's columns as arrays."""
    return {name: table[name].to_numpy() for name in table.column_names}


def nested(lists: pa.ChunkedArray) -> Columns:
    """A column of lists of structs as columns, `row` telling which list each came from."""
    one = lists.combine_chunks()
    entries = pc.list_flatten(one)
    columns = {entries.type[n].name: entries.field(n).to_numpy(zero_copy_only=False) for n in range(entries.type.num_fields)}
    return {"row": pc.list_parent_indices(one).to_numpy(), **columns}


def number_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - rows.EPOCH).days


def day_of(number: int) -> date:
    """The day so many days after 1970-01-01."""
    return rows.EPOCH + timedelta(days=number)
