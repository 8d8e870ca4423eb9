"""Targets compare in integers; spans count as law does."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.values import Rate, Span, Target, Window


@pytest.mark.parametrize(
    ("text", "numerator", "denominator", "met"),
    [
        ("< 4 %", 4, 100, False),
        ("< 4 %", 3, 100, True),
        ("<= 4 %", 4, 100, True),
        (">= 90 %", 9, 10, True),
        ("> 95 %", 19, 20, False),
        ("< 2.5 %", 1, 40, False),
        ("= 0", 0, None, True),
        ("= 0", 1, None, False),
        ("< 4 %", 0, 0, None),
    ],
)
def test_a_target_on_its_very_edge_goes_by_its_sign(text: str, numerator: int, denominator: int | None, met: bool | None) -> None:
    assert Target.parse(text).met(Rate(numerator, denominator)) is met


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.integers(0, 10_000))
def test_a_target_agrees_with_exact_fractions_at_any_size(numerator: int, denominator: int, hundredths: int) -> None:
    target = Target.parse(f"< {hundredths / 100:.2f} %")
    assert target.met(Rate(numerator, denominator)) is (Fraction(numerator, denominator) < Fraction(hundredths, 10_000))


@pytest.mark.parametrize("text", ["4 %", "under 4 %", "< %", "=> 4", ""])
def test_a_target_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="like '< 4 %'"):
        Target.parse(text)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 8, 31), 6, (2027, 2, 28)),
        ((2027, 8, 31), 6, (2028, 2, 29)),
        ((2026, 1, 15), 6, (2026, 7, 15)),
        ((2026, 12, 31), 1, (2027, 1, 31)),
        ((2026, 12, 31), 12, (2027, 12, 31)),
    ],
)
def test_six_months_are_calendar_months_and_not_180_days(start: tuple[int, int, int], months: int, end: tuple[int, int, int]) -> None:
    """C6: an appeal is open for six calendar months."""
    assert Span(months=months).after(datetime(*start, 9, 30, tzinfo=UTC)) == datetime(*end, 9, 30, tzinfo=UTC)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60), st.integers(0, 30), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_a_day_lies_in_a_window_exactly_while_its_interval_of_days_runs(day: date, days: int, lag: int, as_of: date) -> None:
    """facts.md 4: a fact on day k counts on [k + lag, k + lag + days)."""
    assert Window(days, lag).holds(day, as_of) is (lag <= (as_of - day).days < lag + days)
