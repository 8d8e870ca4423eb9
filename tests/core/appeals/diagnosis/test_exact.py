"""The exact odds equal those counted out in whole numbers."""

from fractions import Fraction
from itertools import pairwise
from math import comb, exp, inf, isclose

from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.appeals.diagnosis.exact import as_chance, log_best, log_tail


@given(st.data())
def test_the_odds_are_those_of_drawing_blindly(data: st.DataObject):
    total = data.draw(st.integers(1, 60))
    bad, size = data.draw(st.integers(0, total)), data.draw(st.integers(0, total))
    seen = data.draw(st.integers(0, min(size, bad)))
    ways = sum(comb(bad, k) * comb(total - bad, size - k) for k in range(seen, min(size, bad) + 1))
    assert isclose(exp(log_tail(seen, size, bad, total)), float(Fraction(ways, comb(total, size))), rel_tol=1e-9)


@given(st.integers(2, 400), st.data())
def test_more_seen_is_never_likelier_and_never_rarer_than_the_best(total: int, data: st.DataObject):
    bad, size = data.draw(st.integers(1, total)), data.draw(st.integers(1, total))
    tails = [log_tail(seen, size, bad, total) for seen in range(min(size, bad) + 1)]
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(tails))
    assert tails[-1] == log_best(size, bad, total)


def test_what_cannot_be_is_impossible_and_what_must_be_is_certain():
    assert log_tail(4, 3, 10, 100) == -inf
    assert log_tail(1, 10, 5, 10) == 0.0
    assert as_chance(log_tail(900, 1000, 900, 100_000)) == 0.0  # rarer than a float holds
