"""The kernel: weights on spans of days become running sums, for a block of accounts at a time, in exact 64-bit integers.

All matrices are accounts x days. A span [from, to) is two edges: +weight on `from`, -weight on `to`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodstanding.core.policy.pack import Metric, Rating
from goodstanding.core.values import Target

Whole = NDArray[np.signedinteger[Any]]
"""64 bits, or 32 where counts of orders are all there is to hold."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grid:
    """A block of accounts by the days from `base` (days since 1970-01-01) on."""

    accounts: int
    days: int
    base: int

    def running_sum(self, rows: NDArray[Any], days: NDArray[Any], weights: NDArray[Any]) -> Whole:
        """Each account's sum of the weights up to each day. `days` count from 1970-01-01 and lie within the grid."""
        matrix = np.zeros((self.accounts, self.days), dtype=np.int64)
        np.add.at(matrix, (rows, days - self.base), weights)
        np.cumsum(matrix, axis=1, out=matrix)
        return matrix

    def cover(self, rows: NDArray[Any], starts: NDArray[Any], ends: NDArray[Any], weights: NDArray[Any]) -> Whole:
        """The sum of the weights of all spans [start, end) that hold each day; spans may reach beyond the grid."""
        from_day = np.clip(starts, self.base, self.base + self.days)
        to_day = np.clip(ends, self.base, self.base + self.days)
        real = from_day < to_day
        rows, from_day, to_day, weights = rows[real], from_day[real], to_day[real], weights[real]
        closes = to_day < self.base + self.days
        return self.running_sum(
            np.concatenate([rows, rows[closes]]), np.concatenate([from_day, to_day[closes]]), np.concatenate([weights, -weights[closes]])
        )


def is_met(target: Target, numerator: Whole, denominator: Whole | None) -> Flags:
    """Where a target is met, compared in integers. Cells with a zero denominator mean nothing: mask them."""
    # In 32 bits, which is twice as fast, where all products fit.
    largest = max(int(part.max(initial=0)) for part in (numerator, denominator) if part is not None) + 1
    width = np.int64 if largest * max(target.value.denominator, target.value.numerator) >= 1 << 31 else numerator.dtype.type
    left = numerator * width(target.value.denominator)
    right = width(target.value.numerator) * (1 if denominator is None else denominator)
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal}[target.operator]
    result: Flags = compare(left, right)
    return result


def breaches(metric: Metric, numerator: Whole, denominator: Whole | None, applies: Flags) -> Flags:
    """`Metric.is_breach` of a whole matrix, on the days on which the account has the metric."""
    if metric.target is None:
        return np.zeros(numerator.shape, dtype=np.bool_)
    enforced = applies if denominator is None else applies & (denominator > 0) & (denominator >= metric.minimum_volume)
    over: Flags = enforced & ~is_met(metric.target, numerator, denominator)
    return over


@dataclass(frozen=True, slots=True)
class Spans:
    """Violations found in a matrix: account row, day of opening and last day of breach, as columns of the grid."""

    rows: Whole
    opened: Whole
    latest: Whole


def breach_spans(breach: Flags, recover_days: int) -> Spans:
    """`core.health.violations.breach_spans` of a whole matrix: days of breach that lie close enough together are one violation."""
    rows, days = np.nonzero(breach)
    if not len(rows):
        empty = np.zeros(0, dtype=np.int64)
        return Spans(empty, empty, empty)
    starts = np.ones(len(rows), dtype=np.bool_)
    starts[1:] = (rows[1:] != rows[:-1]) | (days[1:] - days[:-1] > max(recover_days, 1))
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(rows)) - 1
    return Spans(rows[first], days[first], days[last])


def ratings(rules: Rating, fulfilled: Whole, points: Whole, criticals: Whole) -> Whole:
    """`core.health.rating.rate` of a whole matrix."""
    rating = np.clip(rules.start + rules.gain * (fulfilled // rules.per_orders) - points, rules.lowest, rules.highest)
    capped: Whole = np.where(criticals > 0, np.minimum(rating, rules.critical_cap), rating)
    return capped
