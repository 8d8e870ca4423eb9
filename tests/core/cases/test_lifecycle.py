"""The life of a case, as properties of its one table (issue: every state reachable, no dead end, nothing unlisted)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.cases.lifecycle import CLOCK_EVENTS, START, TABLE, TERMINAL, CaseEvent, CaseState, diagram, events_open_to, follow
from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.terms import Role


def reachable_from(start: CaseState) -> set[CaseState]:
    seen, todo = {start}, [start]
    while todo:
        state = todo.pop()
        for row in TABLE.values():
            if row.state == state and row.to not in seen:
                seen.add(row.to)
                todo.append(row.to)
    return seen


def test_every_state_can_be_reached_from_a_proposal() -> None:
    assert reachable_from(START) == set(CaseState)


@pytest.mark.parametrize("state", [state for state in CaseState if state not in TERMINAL])
def test_no_state_is_a_dead_end(state: CaseState) -> None:
    assert reachable_from(state) & TERMINAL


@pytest.mark.parametrize("state", [s for s in CaseState if s not in TERMINAL and s not in (CaseState.PROPOSED,)])
def test_the_holder_can_always_come_to_a_reinstatement(state: CaseState) -> None:
    assert CaseState.REINSTATED in reachable_from(state)


def test_every_event_is_used_and_every_row_is_listed_once() -> None:
    assert {row.event for row in TABLE.values()} == set(CaseEvent)
    assert all(key == (row.state, row.event) for key, row in TABLE.items())


def test_a_clock_that_runs_out_does_something_only_the_system_may_do() -> None:
    for (state, clock), event in CLOCK_EVENTS.items():
        row = follow(state, event, Role.AUTOMATION)
        assert row.state == state
        assert any(other.to == state and other.starts == clock for other in TABLE.values()), f"nothing starts {clock} in {state}"


def test_no_machine_ever_decides_an_appeal_against_the_holder() -> None:
    """H3: adverse decisions on appeal are never made by machine alone."""
    assert all(Role.AUTOMATION not in row.who for row in TABLE.values() if row.event in (CaseEvent.DECIDE_UPHELD, CaseEvent.DECIDE_REINSTATED))


@given(st.sampled_from(CaseState), st.sampled_from(CaseEvent), st.sampled_from(Role))
def test_what_is_not_listed_is_refused_with_what_would_be_possible(state: CaseState, event: CaseEvent, role: Role) -> None:
    row = TABLE.get((state, event))
    if row is None:
        with pytest.raises(IllegalTransition) as told:
            follow(state, event, role)
        assert set(told.value.possible) == {other.event for other in TABLE.values() if other.state == state}
    elif role not in row.who:
        with pytest.raises(NotPermitted) as refused:
            follow(state, event, role)
        assert set(refused.value.who_may) == set(row.who)
    else:
        assert follow(state, event, role) is row
        assert event in events_open_to(state, role)


def test_a_refusal_reads_like_a_sentence() -> None:
    with pytest.raises(IllegalTransition, match="'submit_appeal' is not possible while 'submitted'; possible now: claim, withdraw_appeal, rescind"):
        follow(CaseState.SUBMITTED, CaseEvent.SUBMIT_APPEAL, Role.HOLDER)


def test_the_picture_for_the_docs_holds_every_transition() -> None:
    drawn = diagram().splitlines()
    assert all(f"    {row.state} --> {row.to}: {row.event}" in drawn for row in TABLE.values())
