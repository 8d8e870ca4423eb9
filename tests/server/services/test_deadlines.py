"""Clocks that run out: once, on time, and never against a case that has moved on."""

from datetime import timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState
from goodstanding.core.terms import ActionKind
from goodstanding.server.services import deadlines
from goodstanding.server.services.actions import rescind_action
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.moves import lock_case, move
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Deadline, LedgerEntry
from tests.server.factories import automation, holder, make_action_in_force, senior

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_action_in_force(ActionKind.RESTRICT)


def test_the_window_to_appeal_ends_on_its_moment_and_once(case, pack):
    assert fire_due(call=automation(now=case.due_at - timedelta(seconds=1)), pack=pack) == 0
    assert fire_due(call=automation(now=case.due_at), pack=pack) == 1
    assert fire_due(call=automation(now=case.due_at + timedelta(days=1)), pack=pack) == 0
    case.refresh_from_db()
    assert (case.state, case.due_at) == (CaseState.FINAL, None)
    assert LedgerEntry.objects.filter(case_id=case.case_id, kind="AppealWindowEnded").count() == 1


def test_the_end_of_the_window_frees_nothing(case, pack):
    due = case.due_at
    before = standing_of(account_id=case.account_id, now=due).permissions
    fire_due(call=automation(now=due), pack=pack)
    assert standing_of(account_id=case.account_id, now=due).permissions == before


def test_a_clock_of_a_case_that_moved_on_does_nothing(case, pack):
    due = case.due_at
    rescind_action(call=senior(), pack=pack, case_id=case.case_id, because="wrong")
    assert fire_due(call=automation(now=due), pack=pack) == 0
    case.refresh_from_db()
    assert case.state == CaseState.REINSTATED


def test_a_clock_that_only_orders_the_queue_runs_out_without_moving_the_case(case, pack):
    locked = lock_case(call=holder(case.account), case_id=case.case_id)
    move(call=holder(case.account), case=locked, event=CaseEvent.SUBMIT_APPEAL, pack=pack)
    assert fire_due(call=automation(now=locked.due_at), pack=pack) == 1
    case.refresh_from_db()
    assert (case.state, case.due_at) == (CaseState.SUBMITTED, locked.due_at)


def test_a_clock_that_fails_stays_due_and_does_not_stop_the_others(case, pack, monkeypatch, caplog):
    other = make_action_in_force(ActionKind.RESTRICT)
    real = deadlines.EFFECTS[CaseEvent.APPEAL_WINDOW_ENDS]

    def fail_for_one(*, call, pack, case):
        if case.case_id == broken:
            raise RuntimeError("broken")
        real(call=call, pack=pack, case=case)

    broken = case.case_id
    monkeypatch.setattr(deadlines, "EFFECTS", {CaseEvent.APPEAL_WINDOW_ENDS: fail_for_one})
    assert fire_due(call=automation(now=other.due_at), pack=pack) == 1
    assert Deadline.objects.get(case=broken).done_at is None
    assert broken in caplog.text
    other.refresh_from_db()
    assert other.state == CaseState.FINAL
