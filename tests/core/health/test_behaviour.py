"""Behaviour out of line: rare for this account, explained by numbers a person can check, and seldom a false alarm (requirements B13-B15)."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from benchmarks.behaviour import drawn_rates
from goodstanding.core.health.behaviour import Tally, Visit, chance_of, share_alarms, surge_alarms, travel_alarms
from goodstanding.core.health.countries import PLACES, kilometres_between
from goodstanding.core.policy.pack import Share, Surge, Travel
from goodstanding.core.terms import BehaviourRule
from goodstanding.packs.loader import load_pack
from tests.factories import CITED

FIRST = date(2026, 1, 1)
SURGE = Surge("w", BehaviourRule.LISTING_CHANGES, "r", 7, CITED, 20, 5, 60, 14, 1_000_000, 20, 200, {})
TRAVEL = Travel("w", BehaviourRule.IMPOSSIBLE_TRAVEL, "r", 7, CITED, 1000, 500)


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def tally(n: int, value: int, known: int | None = None, group: str = "") -> Tally:
    return Tally(day(n), day(n if known is None else known), value, group)


def quiet(days: int = 40) -> list[Tally]:
    """One change every other day."""
    return [tally(n, 1) for n in range(0, days, 2)]


def test_a_burst_is_told_with_what_was_seen_and_what_was_usual() -> None:
    (alarm,) = surge_alarms(SURGE, [*quiet(), tally(40, 31)])
    told = json.loads(alarm.explanation)
    assert (told["seen"], told["day"], told["history"], told["most"], told["median"]) == (31, "2026-02-10", 40, 1, "0.5")
    assert told["power"] >= 9


def test_a_busy_account_is_used_to_it() -> None:
    assert surge_alarms(SURGE, [tally(n, 15 + n % 11) for n in range(60)]) == []


def test_an_account_without_a_past_is_left_alone() -> None:
    assert surge_alarms(SURGE, [tally(0, 1), tally(13, 500)]) == []


def test_a_single_day_of_past_is_enough_for_a_pack_that_says_so() -> None:
    assert [alarm.last for alarm in surge_alarms(replace(SURGE, least_history_days=1), [tally(0, 1), tally(1, 500)])] == [day(1)]
    assert chance_of(SURGE, [3], 500) < chance_of(SURGE, [3], 5) < 0


def test_a_history_imported_at_once_is_judged_day_by_day() -> None:
    imported = [tally(n, 3, known=100) for n in range(60)]
    assert surge_alarms(SURGE, imported) == []


def test_what_comes_late_is_judged_when_it_is_known() -> None:
    (alarm,) = surge_alarms(SURGE, [*quiet(), tally(40, 8), tally(40, 23, known=44)])
    assert (alarm.first, alarm.known) == (day(40), day(44))


def test_currencies_are_judged_apart() -> None:
    assert surge_alarms(SURGE, [*quiet(), tally(40, 31, group="USD")]) == []


@given(past=st.lists(st.integers(0, 40), min_size=14, max_size=60), seen=st.integers(20, 400))
def test_the_chance_is_that_of_the_fitted_negative_binomial(past: list[int], seen: int) -> None:
    from statistics import mean, variance

    middle = max(mean(past), 0.2)
    spread = max(variance(past), 2 * middle)
    assert chance_of(SURGE, past, seen) == pytest.approx(nbinom.logsf(seen - 1, middle**2 / (spread - middle), middle / spread), rel=1e-6, abs=1e-9)


@given(past=st.lists(st.integers(0, 40), min_size=14, max_size=60), seen=st.integers(20, 300))
def test_more_is_never_likelier(past: list[int], seen: int) -> None:
    assert chance_of(SURGE, past, seen + 1) <= chance_of(SURGE, past, seen)


def test_a_share_is_compared_in_whole_numbers() -> None:
    share = Share("w", BehaviourRule.OFF_TOPIC_MESSAGES, "r", 7, CITED, 30, 10, 10, frozenset({"marketing"}))
    part = [tally(5, 10)]
    assert share_alarms(share, part, [tally(5, 100)]) == []
    assert len(share_alarms(share, part, [tally(5, 99)])) == 1
    assert share_alarms(share, part, [tally(5, 99), tally(4, 1, known=5)]) == []


def visit(id: str, hour: float, country: str, device: str | None) -> Visit:
    at = datetime(2026, 1, 5) + timedelta(hours=hour)
    return Visit(id, at, at.date(), country, device)


@pytest.mark.parametrize(
    ("later", "is_found"),
    [
        (visit("b", 2, "CN", "phone"), True),
        (visit("b", 2, "CN", "laptop"), False),  # the same device: a tunnel
        (visit("b", 12, "CN", "phone"), False),  # a flight
        (visit("b", 0.1, "FR", "phone"), False),  # across the border
        (visit("b", 2, "XX", "phone"), False),  # nobody knows where that is
        (visit("b", 2, "CN", None), True),
    ],
)
def test_nobody_is_in_two_far_countries_at_once(later: Visit, is_found: bool) -> None:
    alarms = travel_alarms(TRAVEL, [visit("a", 0, "DE", "laptop"), later])
    assert [alarm.ids for alarm in alarms] == ([("a", "b")] if is_found else [])


def test_neighbours_touch_and_the_far_side_of_the_earth_is_far() -> None:
    assert kilometres_between("DE", "FR") == kilometres_between("US", "CA") == kilometres_between("CN", "HK") == 0
    assert kilometres_between("NZ", "GB") > 15_000
    assert kilometres_between("DE", "XX") is None


@given(st.sampled_from(sorted(PLACES)), st.sampled_from(sorted(PLACES)))
def test_distance_is_the_same_both_ways_and_none_within_a_country(one: str, other: str) -> None:
    assert kilometres_between(one, other) == kilometres_between(other, one)
    assert kilometres_between(one, one) == 0


def test_clean_accounts_are_seldom_struck() -> None:
    """At most 0.5 % of drawn clean accounts per watch and year; docs/explanation/behaviour.md gives the rates of a larger draw."""
    rates = drawn_rates(load_pack("amazon"), 400, seed=7)
    assert len(rates) == 10
    assert {name: rate for name, rate in rates.items() if rate > 0.005} == {}


def test_the_library_of_chances_is_imported_only_when_it_is_needed() -> None:
    code = "import sys, goodstanding.cli.main, goodstanding.core.health.violations; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
