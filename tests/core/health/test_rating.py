"""What the rating is made of, and which violations count on a day."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.health.rating import counts_on, rate, rate_on
from goodstanding.core.terms import Band, Severity
from tests.factories import POINTS, make_rating

DAY = date(2026, 3, 10)


@dataclass(frozen=True)
class Struck:
    """A violation that somebody else found."""

    opened: date
    closed: date | None
    severity: Severity
    points: int


def struck(severity: Severity = Severity.LOW, opened: int = 0, closed: int | None = None) -> Struck:
    return Struck(DAY + timedelta(opened), None if closed is None else DAY + timedelta(closed), severity, POINTS[severity])


@pytest.mark.parametrize(
    ("orders", "severities", "rating", "band"),
    [
        (0, [], 200, Band.HEALTHY),
        (199, [], 200, Band.HEALTHY),
        (200, [], 204, Band.HEALTHY),
        (0, ["low"], 196, Band.AT_RISK),
        (200, ["low"], 200, Band.HEALTHY),
        (0, ["high", "high", "medium", "low"], 100, Band.AT_RISK),
        (0, ["high", "high", "medium", "low", "low"], 96, Band.UNHEALTHY),
        (0, ["critical"] * 5, 0, Band.UNHEALTHY),
        (10**9, [], 1000, Band.HEALTHY),
        (10**9, ["critical"], 99, Band.UNHEALTHY),
    ],
)
def test_orders_earn_violations_cost_and_one_critical_caps(orders: int, severities: list[str], rating: int, band: Band):
    rated = rate(make_rating(), orders, [struck(Severity(name)) for name in severities])
    assert (rated.rating, rated.band) == (rating, band)


@pytest.mark.parametrize(
    ("closed", "day", "counts"), [(None, -1, False), (None, 0, True), (None, 179, True), (None, 180, False), (5, 4, True), (5, 5, False)]
)
def test_a_violation_counts_until_resolved_or_180_days_old(closed: int | None, day: int, counts: bool):
    assert counts_on(struck(closed=closed), DAY + timedelta(day), 180) is counts


@given(st.integers(0, 10**7), st.lists(st.builds(struck, st.sampled_from(Severity), st.integers(-200, 5), st.none() | st.integers(-10, 10))))
def test_no_violation_ever_raises_a_rating(orders: int, violations: list[Struck]):
    rules = make_rating()
    ratings = [rate_on(rules, orders, violations[:n], DAY).rating for n in range(len(violations) + 1)]
    assert ratings == sorted(ratings, reverse=True)
    assert all(rules.lowest <= rating <= rules.highest for rating in ratings)
