"""The 0-1000 rating of `facts.md` section 3: earned by fulfilled orders, lost by violations; all numbers are the pack's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from goodstanding.core.policy.pack import Rating
from goodstanding.core.terms import Band, Severity


class Strike(Protocol):
    """What the rating has to know of a violation, wherever it was found."""

    @property
    def opened(self) -> date:
        """The day it counts from."""
        ...

    @property
    def closed(self) -> date | None:
        """The day from which it no longer counts; None while it is open."""
        ...

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        ...

    @property
    def points(self) -> int:
        """What it costs."""
        ...


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating with what it is made of: points lost by `points` and band."""

    rating: int
    points: int
    band: Band


def counts_until(violation: Strike, window_days: int) -> date:
    """The first day on which a violation no longer counts: it is resolved or `window_days` old, whichever comes first."""
    expires = violation.opened + timedelta(days=window_days)
    return expires if violation.closed is None else min(violation.closed, expires)


def counts_on(violation: Strike, day: date, window_days: int) -> bool:
    """Whether a violation counts on a day: from its day until it is resolved or too old."""
    return violation.opened <= day < counts_until(violation, window_days)


def rate(rules: Rating, fulfilled_orders: int, counting: Iterable[Strike]) -> Rated:
    """The rating from the orders fulfilled in the window and the violations that count on the day, whoever found them."""
    strikes = list(counting)
    points = sum(strike.points for strike in strikes)
    earned = rules.start + rules.gain * (fulfilled_orders // rules.per_orders)
    rating = max(rules.lowest, min(rules.highest, earned - points))
    if any(strike.severity == Severity.CRITICAL for strike in strikes):
        rating = min(rating, rules.critical_cap)
    return Rated(rating, points, rules.band(rating))


def rate_on(rules: Rating, fulfilled_orders: int, violations: Iterable[Strike], day: date) -> Rated:
    """The rating on a day, of all violations those that count on it."""
    return rate(rules, fulfilled_orders, (violation for violation in violations if counts_on(violation, day, rules.window_days)))
