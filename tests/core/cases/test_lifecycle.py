"""The life of a case, as properties of its one table (issue: every state reachable, no dead end, nothing unlisted)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.cases.deadlines import CLOCK_EVENTS, EVENT_OF, RUNS_IN, SHOWN, goes_on, resume
from goodstanding.core.cases.lifecycle import (
    APPEALABLE,
    NOT_IN_FORCE,
    START,
    TABLE,
    TERMINAL,
    UNDER_APPEAL,
    CaseEvent,
    CaseState,
    Given,
    Transition,
    diagram,
    events_open_to,
    follow,
    table_markdown,
    targets_of,
)
from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.terms import Clock, Role

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

DECIDING = (
    CaseEvent.DECIDE_UPHELD,
    CaseEvent.DECIDE_REINSTATED,
    CaseEvent.DECIDE_CONDITIONS,
    CaseEvent.SECOND_AGREES_UPHELD,
    CaseEvent.SECOND_AGREES_REINSTATED,
    CaseEvent.SECOND_AGREES_CONDITIONS,
)


def rows_into(state: CaseState) -> Iterator[Transition]:
    return (row for row in TABLE.values() if state in targets_of(row) and row.state != state)


def reachable_from(start: CaseState) -> set[CaseState]:
    seen, todo = {start}, [start]
    while todo:
        state = todo.pop()
        for row in TABLE.values():
            if row.state == state:
                new = set(targets_of(row)) - seen
                seen |= new
                todo += new
    return seen


def test_every_state_can_be_reached_from_a_proposal() -> None:
    assert reachable_from(START) == set(CaseState)


@pytest.mark.parametrize("state", [state for state in CaseState if state not in TERMINAL])
def test_no_state_is_a_dead_end(state: CaseState) -> None:
    assert reachable_from(state) & TERMINAL


@pytest.mark.parametrize("state", [s for s in CaseState if s not in TERMINAL])
def test_a_case_can_always_come_to_a_reinstatement(state: CaseState) -> None:
    assert CaseState.REINSTATED in reachable_from(state)


def test_every_event_is_used_and_every_row_is_listed_once() -> None:
    assert {row.event for row in TABLE.values()} == set(CaseEvent)
    assert all(key == (row.state, row.event) for key, row in TABLE.items())


def test_a_clock_that_runs_out_does_something_only_the_system_may_do() -> None:
    for (state, clock), event in CLOCK_EVENTS.items():
        assert follow(state, event, Role.AUTOMATION).state == state
        assert TABLE[state, event].who == {Role.AUTOMATION}, f"{clock} and a person could both bring {event}"
    assert set(EVENT_OF) | {Clock.REVIEW_DUE} == set(Clock)


def test_whoever_comes_into_a_state_starts_the_clock_that_its_pages_show() -> None:
    """G2: a holder sees by when; so no way into a state may forget its clock, unless it ran already."""
    for state, clock in SHOWN.items():
        for row in rows_into(state):
            runs_already = goes_on(clock, row.state)
            assert clock in row.starts or runs_already, f"{row.state} --{row.event}--> {state} leaves {clock} unset"


def test_a_clock_starts_only_where_it_goes_on_in_a_state_that_can_follow() -> None:
    for row in TABLE.values():
        for clock in row.starts:
            assert any(goes_on(clock, to) for to in targets_of(row)), f"{row.state} {row.event} starts {clock} for nothing"


def test_a_case_that_comes_to_rest_starts_the_clock_of_retention_and_no_other() -> None:
    """I: what is kept is kept from the closure on."""
    for state in TERMINAL:
        assert all(Clock.RETENTION in row.starts for row in rows_into(state))
        assert {clock for clock in Clock if goes_on(clock, state)} <= {Clock.RETENTION, Clock.ACTION_END}


def test_the_holders_time_never_stops_while_an_appeal_waits_and_the_reviewers_rests_while_something_is_asked() -> None:
    """The law counts from the complaint to its answer, also while the holder owes something (regulation.md, 0.4)."""
    assert RUNS_IN[Clock.FOLLOW_UP] == UNDER_APPEAL
    assert RUNS_IN[Clock.REVIEW_DUE] == UNDER_APPEAL - {CaseState.INFORMATION_ASKED}
    inside = [row for row in TABLE.values() if row.state in UNDER_APPEAL and set(targets_of(row)) & UNDER_APPEAL]
    assert all(Clock.FOLLOW_UP not in row.starts for row in inside), "a holder's wait would begin anew"


def test_a_clock_that_rested_goes_on_with_what_was_left_of_it() -> None:
    hour = timedelta(hours=1)
    assert resume(NOW + 5 * hour, paused_at=NOW, now=NOW + 100 * hour) == NOW + 105 * hour
    assert resume(NOW - hour, paused_at=NOW, now=NOW + 100 * hour) == NOW - hour, "late stays late"
    assert resume(NOW, paused_at=NOW, now=NOW + 100 * hour) == NOW, "what ran out as it was paused has nothing left"


def test_no_machine_ever_decides_an_appeal() -> None:
    """H3: adverse decisions on appeal are never made by machine alone."""
    assert all(Role.AUTOMATION not in row.who for row in TABLE.values() if row.event in DECIDING)


def test_a_machine_frees_only_by_facts_and_takes_only_what_a_person_approved() -> None:
    """A7, H3: what automation can bring in force was approved, or is a proposal that the pack lets pass without a person."""
    ways_in = {(row.state, row.event) for row in rows_into(CaseState.IN_FORCE) if Role.AUTOMATION in row.who}
    assert ways_in == {
        (CaseState.PROPOSED, CaseEvent.APPROVE),
        (CaseState.SOLVING, CaseEvent.WINDOW_ENDS),
        (CaseState.SCHEDULED, CaseEvent.TAKES_EFFECT),
    }
    assert TABLE[CaseState.SOLVING, CaseEvent.WINDOW_ENDS].target() == CaseState.PROPOSED
    assert TABLE[CaseState.SOLVING, CaseEvent.WINDOW_ENDS].target([Given.APPROVED]) == CaseState.IN_FORCE


def test_the_last_instance_is_a_seniors_alone() -> None:
    """H4."""
    acts = {CaseEvent.CLAIM, CaseEvent.HAND_OVER, CaseEvent.DECIDE_UPHELD, CaseEvent.DECIDE_REINSTATED, CaseEvent.PASS_TO_SECOND}
    assert acts <= set(events_open_to(CaseState.ESCALATED, Role.SENIOR_SPECIALIST))
    assert events_open_to(CaseState.ESCALATED, Role.SPECIALIST) == ()
    back = [row for row in TABLE.values() if row.state in (CaseState.INFORMATION_ASKED, CaseState.SECOND_REVIEW) and row.to == CaseState.IN_REVIEW]
    assert back
    assert all(row.target([Given.LAST_INSTANCE]) == CaseState.ESCALATED for row in back)


def test_an_appeal_taken_back_or_refused_leaves_the_action_as_it_was() -> None:
    for row in TABLE.values():
        if row.event in (CaseEvent.WITHDRAW_APPEAL, CaseEvent.DECIDE_UPHELD, CaseEvent.SECOND_AGREES_UPHELD):
            assert row.target([Given.AHEAD]) == CaseState.SCHEDULED
            assert row.target([Given.OVER]) == CaseState.EXPIRED
            assert row.target() in (CaseState.IN_FORCE, CaseState.UPHELD)


def test_every_action_that_a_holder_was_told_of_can_be_appealed() -> None:
    """C6: also one that is over, for six months."""
    for state in APPEALABLE:
        assert CaseEvent.SUBMIT_APPEAL in events_open_to(state, Role.HOLDER)
    assert RUNS_IN[Clock.APPEAL_WINDOW] == APPEALABLE - NOT_IN_FORCE


def test_asking_after_a_case_moves_nothing_and_stops_no_clock() -> None:
    """G3: asking never costs the place in the queue."""
    rows = [row for row in TABLE.values() if row.event == CaseEvent.ASK_AFTER]
    assert {row.state for row in rows} == UNDER_APPEAL - {CaseState.INFORMATION_ASKED}
    assert all(row.to == row.state and not row.starts and not row.stops for row in rows)


@given(st.sampled_from(CaseState), st.sampled_from(CaseEvent), st.sampled_from(Role))
def test_what_is_not_listed_is_refused_with_what_would_be_possible(state: CaseState, event: CaseEvent, role: Role) -> None:
    row = TABLE.get((state, event))
    if row is None:
        with pytest.raises(IllegalTransition) as told:
            follow(state, event, role)
        assert set(told.value.possible) == {other.event for other in TABLE.values() if other.state == state and other.who != {Role.AUTOMATION}}
    elif role not in row.who:
        with pytest.raises(NotPermitted) as refused:
            follow(state, event, role)
        assert set(refused.value.who_may) == set(row.who)
    else:
        assert follow(state, event, role) is row
        assert event in events_open_to(state, role)


def test_a_refusal_reads_like_a_sentence() -> None:
    with pytest.raises(IllegalTransition, match="'settle' is not possible while 'dismissed'; possible now: nothing"):
        follow(CaseState.DISMISSED, CaseEvent.SETTLE, Role.SPECIALIST)


def test_picture_and_table_for_the_docs_hold_every_transition() -> None:
    drawn, told = diagram().splitlines(), table_markdown()
    assert all(f"    {row.state} --> {to}: {row.event}" in drawn for row in TABLE.values() for to in targets_of(row) if to != row.state)
    assert all(f"| {row.state} | {row.event} | {row.to}" in told for row in TABLE.values())
