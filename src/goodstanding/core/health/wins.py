"""What helps most: which violation costs how much and until when, how far a metric is from its target, and how much more it bears.

All of it exact, in integers: a statement like "3 more" is the smallest number for which it is true.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from goodstanding.core.health.rating import Strike, counts_on, counts_until, rate
from goodstanding.core.policy.pack import Metric, Rating
from goodstanding.core.terms import Band
from goodstanding.core.values import Rate, Target


class OpenStrike(Strike, Protocol):
    """A violation that counts, with what names it. `closed`: the day it is expected to close by itself, None: only by its age."""

    @property
    def violation_id(self) -> str:
        """Which violation."""
        ...

    @property
    def reason(self) -> str:
        """The code of its reason."""
        ...


@dataclass(frozen=True, slots=True)
class Win:
    """What comes back with one violation: `gain` rating points if it were resolved today, to `rating` and `band`.

    `points` is what it costs; `gain` is less where another critical violation caps the rating or the rating is clamped. `by_itself`: the
    day on which the points come back if nothing new happens.
    """

    violation_id: str
    reason: str
    points: int
    gain: int
    rating: int
    band: Band
    by_itself: date


def wins(rules: Rating, fulfilled_orders: int, violations: Iterable[OpenStrike], day: date) -> list[Win]:
    """What each violation that counts on a day would win back, most first."""
    counting = [violation for violation in violations if counts_on(violation, day, rules.window_days)]
    now = rate(rules, fulfilled_orders, counting).rating
    found = []
    for violation in counting:
        without = rate(rules, fulfilled_orders, (other for other in counting if other is not violation))
        gain, ends = without.rating - now, counts_until(violation, rules.window_days)
        found.append(Win(violation.violation_id, violation.reason, violation.points, gain, without.rating, without.band, ends))
    return sorted(found, key=lambda win: (-win.gain, -win.points, win.by_itself, win.violation_id))


def wants_more(target: Target) -> bool:
    """Whether a growing numerator helps: `> 95 %`, `>= 90 %`, and an exact target other than `= 0`."""
    return target.higher_is_better or (target.operator == "=" and target.value > 0)


def with_good(metric: Metric, rate: Rate, many: int) -> Rate:
    """A metric's rate after so many more events that speak for the account."""
    if metric.target is not None and wants_more(metric.target):
        return _grown(rate, many, many)
    return _grown(rate, 0, many)


def with_bad(metric: Metric, rate: Rate, many: int) -> Rate:
    """A metric's rate after so many more events that speak against the account."""
    if metric.target is not None and wants_more(metric.target):
        return _grown(rate, 0, many)
    return _grown(rate, many, many)


def _grown(rate: Rate, numerator: int, denominator: int) -> Rate:
    return Rate(rate.numerator + numerator, None if rate.denominator is None else rate.denominator + denominator)


def to_target(metric: Metric, rate: Rate) -> int | None:
    """The smallest number of further good events (shipped on time, with tracking...) that meets the target, if nothing else changes.

    0 where the target is not missed; None where no number does (`= 0`, `>= 100 %`) or there is no target.
    """
    target = metric.target
    if target is None:
        return None
    if target.met(rate) is not False:
        return 0
    if target.operator == "=":
        return None
    return _first(lambda n: target.met(with_good(metric, rate, n)) is True, metric, rate)


def headroom(metric: Metric, rate: Rate) -> int | None:
    """How many further bad events (shipped late, without tracking...) a metric bears: after one more it is a breach.

    A breach needs enough volume, as `Metric.is_breach` says. 0: the next one is a breach (or it is one already); None: no number of them is.
    """
    if metric.target is None:
        return None
    first = _first(lambda n: is_breach(metric, with_bad(metric, rate, n)), metric, rate)
    return None if first is None else first - 1


def is_breach(metric: Metric, rate: Rate) -> bool:
    """`Metric.is_breach` of a rate."""
    return metric.is_breach(rate.numerator, rate.denominator)


def _first(holds: Callable[[int], bool], metric: Metric, rate: Rate) -> int | None:
    """The smallest number from 1 on for which something holds that, once true, stays true.

    A linear inequality whose coefficients are the counts and the target's fraction is decided within the bound, or never.
    """
    assert metric.target is not None, "callers have looked"
    size = rate.numerator + (rate.denominator or 0) + 1
    bound = size * (metric.target.value.denominator + metric.target.value.numerator) + metric.minimum_volume + 1
    numbers = range(1, bound + 1)
    place = bisect_left(numbers, True, key=holds)
    return numbers[place] if place < len(numbers) else None
