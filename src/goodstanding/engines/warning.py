"""Early warnings out of the rows ahead, block by block: `core.health.early_warnings` for many accounts at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from goodstanding.core.health.wins import wants_more
from goodstanding.core.policy.pack import EarlyWarning, Metric, PolicyPack
from goodstanding.core.terms import WarningCode
from goodstanding.engines.base import WARNINGS_SCHEMA
from goodstanding.engines.rows import EPOCH
from goodstanding.engines.sums import Flags, Whole, breaches

_LONG_AGO = (date.min - EPOCH).days


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of WARNINGS_SCHEMA."""

    account_id: str
    as_of: date
    code: WarningCode
    metric: str | None = None
    on: date | None = None
    numerator: int | None = None
    denominator: int | None = None
    numerator_then: int | None = None
    denominator_then: int | None = None
    headroom: int | None = None
    rating: int | None = None
    rating_then: int | None = None
    band: str | None = None
    band_then: str | None = None


@dataclass(frozen=True, slots=True)
class _Series:
    """The rows of one metric of a block, by account and day: of each account its first day, then its changes. `denominator` None: a count."""

    metric: Metric
    account: Whole
    day: Whole
    numerator: Whole
    denominator: Whole | None

    def breaches(self, more_numerator: int = 0, more_denominator: int = 0) -> Flags:
        """Which rows are a breach, had there been more."""
        denominator = None if self.denominator is None else self.denominator + more_denominator
        return breaches(self.metric, self.numerator + more_numerator, denominator, np.ones(len(self.day), dtype=np.bool_))

    def counts(self, row: int) -> tuple[int, int | None]:
        """Numerator and denominator of a row."""
        return int(self.numerator[row]), None if self.denominator is None else int(self.denominator[row])


class Warnings:
    """Gathers the warnings of all blocks. The rows of an account come as the first day and its changes, by day.

    `stores`: the store of each account, where a metric of the pack is enforced in some only from a day on.
    """

    def __init__(self, pack: PolicyPack, as_of: date) -> None:
        self.pack, self.as_of = pack, as_of
        self.stores: Mapping[str, str] = {}
        self._first = (as_of - EPOCH).days
        self._found: list[tuple[str, int, _Row]] = []

    def add_metrics(self, table: pa.Table) -> None:
        """Warn of a block's metrics."""
        rules = self.pack.early_warning
        if rules is None or not len(table):
            return
        account, names = codes_of(table["account_id"])
        which, metrics = codes_of(table["metric"])
        columns = [account, day_numbers(table["as_of"]), table["numerator"].to_numpy(), table["denominator"].fill_null(0).to_numpy()]
        for code, name in enumerate(metrics):
            metric, place = self.pack.metrics[name], list(self.pack.metrics).index(name)
            rows, day, numerator, denominator = (column[which == code] for column in columns)
            is_count = table["denominator"].filter(pa.array(which == code)).null_count > 0
            series = _Series(metric, rows, day, numerator, None if is_count else denominator)
            if metric.reason is not None:
                self._found += [(row.account_id, place, row) for row in self._of_metric(rules, series, names)]

    def add_ratings(self, table: pa.Table) -> None:
        """Warn of a block's ratings."""
        rules = self.pack.early_warning
        if rules is None or not len(table):
            return
        bounds = dict(self.pack.rating.bands)
        account, names = codes_of(table["account_id"])
        band, bands = codes_of(table["band"])
        day, rating = day_numbers(table["as_of"]), table["rating"].to_numpy()
        level = np.array([bounds[name] for name in bands], dtype=np.int64)[band]  # type: ignore[index]
        first = _first_rows(account)
        falls = (level < level[first]) & (day <= self._first + rules.days_ahead)
        for row in _firsts(account, falls).tolist():
            now = int(first[row])
            on, values = self._day(day[row]), (int(rating[now]), int(rating[row]), bands[band[now]], bands[band[row]])
            told = _Row(names[account[row]], self.as_of, WarningCode.BAND_FALLS, None, on, None, None, None, None, None, *values)
            self._found.append((told.account_id, len(self.pack.metrics), told))

    def table(self) -> pa.Table:
        """All warnings as WARNINGS_SCHEMA, by account, the pack's order of metrics, and the rating last."""
        ordered = [astuple(row) for _, _, row in sorted(self._found, key=lambda entry: entry[:2])]
        columns = list(zip(*ordered, strict=True)) if ordered else [()] * len(WARNINGS_SCHEMA)
        return pa.Table.from_arrays([pa.array(list(c), f.type) for c, f in zip(columns, WARNINGS_SCHEMA, strict=True)], schema=WARNINGS_SCHEMA)

    def _of_metric(self, rules: EarlyWarning, series: _Series, names: Sequence[str]) -> Iterator[_Row]:
        first, enforced = _first_rows(series.account), self._enforced(series.metric, names)[series.account]
        on = np.maximum(series.day, enforced)
        breach = series.breaches() & (on < _ends(series.account, series.day))
        is_fine = ~(breach & (on == self._first))[first]
        near = on <= self._first + rules.days_ahead
        told = np.zeros(len(names), dtype=np.bool_)
        for row in _firsts(series.account, breach & is_fine & near).tolist():
            told[series.account[row]] = True
            now, then = series.counts(int(first[row])), series.counts(row)
            name = names[series.account[row]]
            yield _Row(name, self.as_of, WarningCode.WILL_BREACH, series.metric.name, self._day(on[row]), *now, *then)
        today = (series.day == self._first) & (enforced <= self._first) & is_fine & ~told[series.account]
        yield from self._of_headroom(rules, series, today, names)

    def _enforced(self, metric: Metric, names: Sequence[str]) -> Whole:
        """The first day on which each account's store enforces the target."""
        if not metric.enforced_from:
            return np.full(len(names), _LONG_AGO, dtype=np.int64)
        return np.array([(metric.first_enforced(self.stores.get(name, "")) - EPOCH).days for name in names], dtype=np.int64)

    def _of_headroom(self, rules: EarlyWarning, series: _Series, today: Flags, names: Sequence[str]) -> Iterator[_Row]:
        metric = series.metric
        if series.denominator is None or metric.target is None:
            return
        left = today & (series.denominator >= max(metric.minimum_volume, 1))
        for headroom in range(rules.headroom + 1):
            many = headroom + 1
            over = left & series.breaches(0 if wants_more(metric.target) else many, many)
            for row in np.flatnonzero(over).tolist():
                numerator, denominator = series.counts(row)
                name = names[series.account[row]]
                code = WarningCode.LITTLE_HEADROOM
                yield _Row(name, self.as_of, code, metric.name, None, numerator, denominator, headroom=headroom)
            left &= ~over

    def _day(self, number: int) -> date:
        return EPOCH + timedelta(days=int(number))


def _ends(account: Whole, day: Whole) -> Whole:
    """For each row the day from which the account's next row holds."""
    ends = np.full(len(day), np.iinfo(np.int64).max, dtype=np.int64)
    ends[:-1] = np.where(account[1:] == account[:-1], day[1:], ends[:-1])
    return ends


def codes_of(column: pa.ChunkedArray) -> tuple[Whole, list[str]]:
    """The codes of a column of words, and the words."""
    words = column.combine_chunks()
    if not pa.types.is_dictionary(words.type):
        words = words.dictionary_encode()
    return words.indices.to_numpy(zero_copy_only=False).astype(np.int64), words.dictionary.to_pylist()


def day_numbers(column: pa.ChunkedArray) -> Whole:
    """A column of days as numbers since 1970-01-01."""
    numbers: Whole = column.cast(pa.int32()).to_numpy().astype(np.int64)
    return numbers


def _first_rows(account: Whole) -> Whole:
    """For each row the first row of its account, where an account's rows follow one another."""
    starts = np.ones(len(account), dtype=np.bool_)
    starts[1:] = account[1:] != account[:-1]
    first: Whole = np.maximum.accumulate(np.where(starts, np.arange(len(account)), 0))
    return first


def _firsts(account: Whole, chosen: Flags) -> Whole:
    """Of each account the first chosen row."""
    rows = np.flatnonzero(chosen)
    starts = np.ones(len(rows), dtype=np.bool_)
    starts[1:] = account[rows[1:]] != account[rows[:-1]]
    found: Whole = rows[starts]
    return found
