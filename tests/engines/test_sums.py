"""The kernel alone: spans become sums, and whole matrices are judged as single rates are."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.health import violations
from goodstanding.core.health.rating import rate
from goodstanding.core.terms import Severity
from goodstanding.core.values import OPERATORS, Rate, Target
from goodstanding.engines.sums import Grid, breach_spans, breaches, is_met, ratings
from tests.core.health.test_rating import Struck
from tests.factories import POINTS, make_metric, make_rating

DAY = date(2026, 3, 10)
whole = st.integers(0, 2**31)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-5, 15), st.integers(-5, 15), st.integers(1, 9))))
def test_a_cell_is_the_sum_of_the_spans_that_hold_its_day(spans: list[tuple[int, int, int, int]]):
    grid = Grid(accounts=3, days=10, base=0)
    columns = np.array(spans, dtype=np.int64).reshape(-1, 4).T
    expected = [[sum(w for row, start, end, w in spans if row == account and start <= day < end) for day in range(10)] for account in range(3)]
    assert grid.cover(*columns).tolist() == expected


@given(st.sampled_from(OPERATORS), st.sampled_from(["0", "4 %", "2.5 %", "90 %", "100 %", "3"]), whole, whole, st.integers(0, 3))
def test_a_matrix_meets_a_target_exactly_where_a_rate_does(operator: str, value: str, numerator: int, denominator: int, minimum: int):
    """Equality happens: 4 of 100 is not below 4 %."""
    target = Target.parse(f"{operator} {value}")
    metric = make_metric(target=f"{operator} {value}", minimum_volume=minimum)
    for above, below in ((numerator, denominator), (4 * denominator, 100 * denominator), (0, minimum)):
        cells = np.array([[above]]), np.array([[below]])
        if below:
            assert bool(is_met(target, *cells)[0, 0]) is target.met(Rate(above, below))
        assert bool(is_met(target, cells[0], None)[0, 0]) is target.met(Rate(above, None))
        for whole_matrix, single in ((cells[1], below), (None, None)):
            assert bool(breaches(metric, cells[0], whole_matrix, np.array([[True]]))[0, 0]) is metric.is_breach(above, single)


@given(st.lists(st.lists(st.booleans(), min_size=30, max_size=30), min_size=1, max_size=4), st.integers(0, 5))
def test_breaches_of_a_matrix_are_joined_as_those_of_one_account(matrix: list[list[bool]], recover: int):
    found = breach_spans(np.array(matrix), recover)
    spans = [[] for _ in matrix]
    for row, opened, latest in zip(found.rows, found.opened, found.latest, strict=True):
        spans[row].append((DAY + timedelta(int(opened)), DAY + timedelta(int(latest) + 1 + recover)))
    for account, breach in enumerate(matrix):
        days = [DAY + timedelta(n) for n, is_breach in enumerate(breach) if is_breach]
        assert spans[account] == violations.breach_spans(days, recover, date.max)


@given(st.integers(0, 10**6), st.lists(st.sampled_from(Severity), max_size=12))
def test_a_matrix_is_rated_as_one_account_is(orders: int, severities: list[Severity]):
    struck = [Struck(DAY, None, severity, POINTS[severity]) for severity in severities]
    expected = rate(make_rating(), orders, struck)
    cells = (np.array([[number]]) for number in (orders, expected.points, severities.count(Severity.CRITICAL)))
    assert ratings(make_rating(), *cells).tolist() == [[expected.rating]]
