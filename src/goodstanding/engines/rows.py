"""Arrow rows out of matrices: one row per account, day and metric (or rating), in that order, as dictionary-encoded batches.

Text columns are dictionaries, so that a block costs a few bytes a row; `plain` gives them the types of the published schemas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goodstanding.core.policy.pack import Metric, Rating
from goodstanding.engines.base import METRICS_SCHEMA, RATINGS_SCHEMA, VIOLATIONS_SCHEMA
from goodstanding.engines.sums import Flags, Whole, is_met

EPOCH = date(1970, 1, 1)


class Sink(Protocol):
    """Where an engine puts its rows, block by block."""

    def metrics(self, table: pa.Table) -> None:
        """Take rows of METRICS_SCHEMA (texts may be dictionaries)."""
        ...

    def ratings(self, table: pa.Table) -> None:
        """Take rows of RATINGS_SCHEMA (texts may be dictionaries)."""
        ...

    def violations(self, table: pa.Table) -> None:
        """Take all rows of VIOLATIONS_SCHEMA."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """The accounts of a block and the days asked: their names and the day numbers since 1970-01-01."""

    accounts: pa.Array
    days: Whole
    changes_only: bool


@dataclass(frozen=True, slots=True)
class MetricCells:
    """One metric of a block on the days asked. `shown`: where there is a row at all."""

    metric: Metric
    numerator: Whole
    denominator: Whole | None
    shown: Flags


@runtime_checkable
class CellSink(Sink, Protocol):
    """A sink that takes the matrices of metrics as they are, before rows are made of them: all days asked, whatever has changed."""

    def cells(self, cells: Sequence[MetricCells]) -> None:
        """Take the metrics of a block of accounts."""
        ...


def _changed(shown: Flags, *values: Whole) -> Flags:
    """Rows that differ from those of the day before; the first day asked is always kept."""
    same = shown[:, 1:] & shown[:, :-1]
    for value in values:
        same &= value[:, 1:] == value[:, :-1]
    kept = shown.copy()
    kept[:, 1:] &= ~same
    return kept


def _text(codes: NDArray[Any], words: Sequence[str | None]) -> pa.DictionaryArray:
    missing = np.array([word is None for word in words], dtype=np.bool_)
    indices = pa.array(codes.astype(np.int32), mask=missing[codes] if missing.any() else None)
    return pa.DictionaryArray.from_arrays(indices, pa.array([word or "" for word in words], pa.string()))


def _days(days: Whole) -> pa.Array:
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def _of_each(values: Sequence[int], which: NDArray[Any]) -> pa.Array:
    return pa.array(np.asarray(values, dtype=np.int32)[which])


def metric_rows(asked: Asked, cells: Sequence[MetricCells]) -> pa.Table:
    """The rows of a block's metrics, by account, day and the pack's order of metrics."""
    kept = [_changed(c.shown, c.numerator, *([] if c.denominator is None else [c.denominator])) if asked.changes_only else c.shown for c in cells]
    account, day, which = np.nonzero(np.stack(kept, axis=2))
    numerator, denominator = np.zeros(len(which), np.int64), np.zeros(len(which), np.int64)
    is_count, has_met, met = (np.zeros(len(which), np.bool_) for _ in range(3))
    for n, cell in enumerate(cells):
        here = which == n
        at = account[here], day[here]
        numerator[here] = cell.numerator[at]
        is_count[here] = cell.denominator is None
        if cell.denominator is not None:
            denominator[here] = cell.denominator[at]
        if cell.metric.target is not None:
            whole = None if cell.denominator is None else denominator[here]
            has_met[here] = True if whole is None else whole > 0
            met[here] = is_met(cell.metric.target, numerator[here], whole)
    metrics = [cell.metric for cell in cells]
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(account.astype(np.int32)), asked.accounts),
        _days(asked.days[day]),
        _text(which, [m.name for m in metrics]),
        _of_each([m.window.days for m in metrics], which),
        _of_each([m.window.lag for m in metrics], which),
        pa.array(numerator),
        pa.array(denominator, mask=is_count),
        _text(which, [m.target.text if m.target else None for m in metrics]),
        pa.array(met, mask=~has_met),
    ]
    return pa.Table.from_arrays(columns, names=METRICS_SCHEMA.names)


def rating_rows(asked: Asked, rules: Rating, rating: Whole, fulfilled: Whole, points: Whole, shown: Flags) -> pa.Table:
    """The rows of a block's ratings, by account and day."""
    kept = _changed(shown, rating, fulfilled, points) if asked.changes_only else shown
    account, day = np.nonzero(kept)
    values = rating[account, day]
    bands = sorted(rules.bands, key=lambda band: band[1])
    band_of = np.clip(np.searchsorted([at_least for _, at_least in bands], values, side="right") - 1, 0, None)
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(account.astype(np.int32)), asked.accounts),
        _days(asked.days[day]),
        pa.array(values.astype(np.int32)),
        _text(band_of, [str(band) for band, _ in bands]),
        pa.array(fulfilled[account, day]),
        pa.array(points[account, day]),
    ]
    return pa.Table.from_arrays(columns, names=RATINGS_SCHEMA.names)


def plain(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    """The tables as one of exactly this schema, texts as texts."""
    return pa.concat_tables([table.cast(schema) for table in tables]) if tables else schema.empty_table()


class Collected:
    """A sink that keeps everything in memory."""

    def __init__(self) -> None:
        self._metrics: list[pa.Table] = []
        self._ratings: list[pa.Table] = []
        self._violations: list[pa.Table] = []

    def metrics(self, table: pa.Table) -> None:
        """Keep rows of metrics."""
        self._metrics.append(table)

    def ratings(self, table: pa.Table) -> None:
        """Keep rows of ratings."""
        self._ratings.append(table)

    def violations(self, table: pa.Table) -> None:
        """Keep the violations."""
        self._violations.append(table)

    def tables(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """Metrics, ratings and violations, each in its published schema."""
        return plain(self._metrics, METRICS_SCHEMA), plain(self._ratings, RATINGS_SCHEMA), plain(self._violations, VIOLATIONS_SCHEMA)
