"""What wins back most, how far it is to the target, and how much more a metric bears (requirement A5)."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.health.wins import headroom, is_breach, to_target, wins, with_bad, with_good
from goodstanding.core.policy.pack import Metric
from goodstanding.core.terms import Band, MetricRule, Severity
from goodstanding.core.values import Rate
from tests.factories import POINTS, make_metric, make_rating

DAY = date(2026, 3, 10)


@dataclass(frozen=True)
class Strike:
    violation_id: str
    severity: Severity = Severity.MEDIUM
    age: int = 0
    closes_in: int | None = None
    reason: str = "late_shipment"

    @property
    def opened(self) -> date:
        return DAY - timedelta(days=self.age)

    @property
    def closed(self) -> date | None:
        return None if self.closes_in is None else DAY + timedelta(days=self.closes_in)

    @property
    def points(self) -> int:
        return POINTS[self.severity]


def test_the_violation_that_wins_back_most_comes_first_with_the_rating_it_would_give_and_its_own_end():
    found = wins(make_rating(), 450, [Strike("a", Severity.LOW, 10, 5), Strike("b", Severity.HIGH, 30), Strike("gone", Severity.HIGH, 200)], DAY)
    assert [(win.violation_id, win.gain, win.rating, win.band, (win.by_itself - DAY).days) for win in found] == [
        ("b", 40, 204, Band.HEALTHY, 150),
        ("a", 4, 168, Band.AT_RISK, 5),
    ]


def test_one_of_two_critical_ones_wins_nothing_while_the_other_caps_the_rating():
    found = wins(make_rating(start=900), 0, [Strike("a", Severity.CRITICAL), Strike("b", Severity.CRITICAL), Strike("c", Severity.LOW)], DAY)
    assert {win.violation_id: (win.points, win.gain) for win in found} == {"a": (100, 0), "b": (100, 0), "c": (4, 0)}


def late(target: str, **values: object) -> Metric:
    return make_metric(MetricRule.LATE_SHIPMENT_RATE, target=target, **values)


@pytest.mark.parametrize(
    ("target", "numerator", "denominator", "expected"),
    [
        ("< 4 %", 3, 73, 3),  # 3/75 is 4 % exactly, and not under it
        ("< 4 %", 1, 25, 1),
        ("<= 4 %", 1, 25, 0),
        ("< 4 %", 0, 0, 0),
        ("> 95 %", 19, 20, 1),
        (">= 95 %", 18, 20, 20),
        ("= 0", 3, None, None),
        ("= 0", 0, None, 0),
        (">= 100 %", 9, 10, None),
        ("<= 0 %", 1, 10, None),
        ("< 0 %", 0, 10, None),
    ],
)
def test_how_many_more_meet_the_target(target: str, numerator: int, denominator: int | None, expected: int | None):
    assert to_target(late(target), Rate(numerator, denominator)) == expected


@pytest.mark.parametrize(
    ("target", "numerator", "denominator", "minimum", "expected"),
    [
        ("< 4 %", 0, 49, 1, 2),
        ("< 4 %", 0, 24, 1, 0),
        ("< 4 %", 0, 3, 10, 6),  # 7 late of 10 would be the first enforced
        ("< 4 %", 2, 49, 1, 0),
        ("<= 100 %", 0, 1, 1, None),
        (">= 90 %", 95, 100, 1, 5),
        ("> 0 %", 1, 1, 1, None),
        ("= 0", 0, None, 1, 0),
    ],
)
def test_how_many_more_bad_ones_it_bears(target: str, numerator: int, denominator: int | None, minimum: int, expected: int | None):
    assert headroom(late(target, minimum_volume=minimum), Rate(numerator, denominator)) == expected


def test_without_a_target_there_is_nothing_to_say():
    metric = make_metric(MetricRule.ORDER_DEFECT_RATE, target=None)
    assert to_target(metric, Rate(1, 2)) is None
    assert headroom(metric, Rate(1, 2)) is None


targets = st.builds("{} {} %".format, st.sampled_from(("<", "<=", ">", ">=")), st.sampled_from((0, 1, 2.5, 4, 5, 33, 50, 90, 95, 99.5, 100)))
rates = st.integers(0, 300).flatmap(lambda whole: st.builds(Rate, st.integers(0, whole), st.just(whole)))
MANY = 20_000


@given(target=targets | st.just("= 0 %"), rate=rates)
def test_the_number_that_meets_the_target_is_the_smallest_one(target: str, rate: Rate):
    metric = late(target)
    assert metric.target is not None
    number = to_target(metric, rate)
    missed = [metric.target.met(with_good(metric, rate, n)) is False for n in (number or 0, (number or 0) - 1)]
    if number is None:
        assert all(metric.target.met(with_good(metric, rate, n)) is False for n in (*range(60), MANY, MANY**2))
    elif number:
        assert missed == [False, True]
        assert all(metric.target.met(with_good(metric, rate, n)) is False for n in range(min(number, 60)))
    else:
        assert not missed[0]


@given(target=targets | st.just("= 0 %"), rate=rates, minimum=st.integers(1, 40))
def test_headroom_is_the_largest_number_of_bad_ones_without_a_breach(target: str, rate: Rate, minimum: int):
    metric = late(target, minimum_volume=minimum)
    number = headroom(metric, rate)
    if number is None:
        assert not any(is_breach(metric, with_bad(metric, rate, n)) for n in (*range(1, 60), MANY, MANY**2))
    else:
        assert is_breach(metric, with_bad(metric, rate, number + 1))
        assert not any(is_breach(metric, with_bad(metric, rate, n)) for n in (*range(1, min(number, 60) + 1), *([number] if number else [])))
