"""The solve window: what opens it, when calls are due, whose turn it is at its end (requirements J3, J4)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from goodstanding.core.assurance.window import Attempt, AtTheEnd, Obstacle, Window, at_the_end, calls_due, next_end, obstacles, opens_window
from goodstanding.core.terms import ActionKind, CallOutcome
from goodstanding.packs.loader import load_pack

RULES = load_pack("amazon").assurance
START = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)  # the clocks of Europe go back the night after
END = RULES.window.after(START)


def hours(count):
    return START + timedelta(hours=count)


def window(**values):
    return Window(START, END, **values)


def test_only_a_deactivation_of_a_member_opens_a_window():
    assert opens_window(RULES, ActionKind.DEACTIVATE, ["PERF_ODR"], is_member=True)
    assert not opens_window(RULES, ActionKind.DEACTIVATE, ["PERF_ODR"], is_member=False)
    assert not opens_window(RULES, ActionKind.RESTRICT, ["PERF_ODR"], is_member=True)
    assert not opens_window(None, ActionKind.DEACTIVATE, ["PERF_ODR"], is_member=True)


def test_fraud_opens_none():
    assert not opens_window(RULES, ActionKind.DEACTIVATE, ["PERF_ODR", "FORGED_DOCUMENTS"], is_member=True)


def test_the_window_lasts_72_real_hours_also_where_the_clocks_change():
    on_the_wall = [moment.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None) for moment in (START, END)]
    assert timedelta(hours=72) == END - START
    assert on_the_wall[1] - on_the_wall[0] == timedelta(hours=71), "the wall clock of that night shows an hour twice"
    assert [(due - START) / timedelta(hours=1) for due in calls_due(RULES, START)] == [0, 4, 24, 48]


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({}, (Obstacle.PLAN, Obstacle.CALL)),
        ({"plan_at": hours(2)}, (Obstacle.CALL,)),
        ({"plan_at": hours(2), "attempts": [Attempt(START, called_at=hours(1), outcome=CallOutcome.NO_ANSWER)]}, (Obstacle.CALL,)),
        ({"attempts": [Attempt(START, called_at=hours(1), outcome=CallOutcome.REACHED)]}, (Obstacle.PLAN,)),
        ({"plan_at": hours(2), "attempts": [Attempt(START, called_at=hours(1), outcome=CallOutcome.REACHED)]}, ()),
    ],
)
def test_a_plan_and_a_call_that_reached_somebody_are_needed_to_settle(values, left):
    assert obstacles(RULES, window(**values)) == left


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({}, AtTheEnd.DEACTIVATE),
        ({"plan_at": hours(70)}, AtTheEnd.GOES_ON),
        ({"plan_at": hours(40), "answered_at": hours(50)}, AtTheEnd.DEACTIVATE),
        ({"plan_at": hours(60), "answered_at": hours(50)}, AtTheEnd.GOES_ON),
        ({"plan_at": hours(50), "answered_at": hours(50)}, AtTheEnd.DEACTIVATE),
        ({"attempts": [Attempt(hours(71), asked_by_holder=True)]}, AtTheEnd.GOES_ON),
        ({"attempts": [Attempt(hours(71), True, hours(71), CallOutcome.NO_ANSWER)]}, AtTheEnd.DEACTIVATE),
        ({"attempts": [Attempt(hours(0))]}, AtTheEnd.DEACTIVATE),
        ({"attempts": [Attempt(hours(0), False, hours(1), CallOutcome.REACHED)]}, AtTheEnd.DEACTIVATE),
    ],
)
def test_the_window_closes_on_a_holder_only_where_the_next_step_is_the_holders(values, end):
    """The account stays active while its holder works with the platform."""
    assert at_the_end(window(**values)) is end


def test_a_window_that_goes_on_ends_ahead_of_now_even_after_a_long_stop():
    assert next_end(RULES, END, END) == END + timedelta(hours=24)
    assert next_end(RULES, END, END + timedelta(hours=24)) == END + timedelta(hours=48)
    assert next_end(RULES, END, END + timedelta(hours=60)) == END + timedelta(hours=72)
