"""The solve window: opened instead of a deactivation, settled or ended exactly once, ended at once by fraud (requirements J3, J4)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import AccountStatus, Act, ActionKind, CallOutcome, NoticeKind, OwnerKind, Role, Route, WindowOutcome
from goodstanding.server.services import ledger
from goodstanding.server.services.actions import approve_action, rescind_action
from goodstanding.server.services.calls import calls_to_make, give_back_call, record_call, take_call
from goodstanding.server.services.commitments import Promise
from goodstanding.server.services.endings import exclude_windows, settle_window
from goodstanding.server.services.standing import standing_of
from goodstanding.server.services.windows import ask_about_plan
from goodstanding.server.store.models import Case, ContactAttempt, LedgerEntry, Notice, SolveWindow
from tests.server.factories import NOW, automation, call_as, make_proposed, senior, specialist
from tests.server.services.assuring import (
    OTHER_PLAN,
    PLAN,
    ask_for_call,
    assured_pack,
    at,
    call_holder,
    fire,
    make_assured,
    make_member,
    make_window,
    send_plan,
)

pytestmark = pytest.mark.django_db
PACK = assured_pack()


@pytest.fixture
def case():
    return make_window(PACK)


def now(case):
    return Case.objects.select_related("action", "account", "window").get(pk=case.pk)


def kinds(case):
    return list(case.notices.order_by("created_at", "notice_id").values_list("kind", flat=True))


def settle(case, *, hours=10, **options):
    return settle_window(call=specialist(now=at(hours)), pack=PACK, case_id=case.pk, because="The supplier is gone.", **options)


def test_a_deactivation_of_a_member_opens_a_window_and_limits_nothing(case):
    assert case.state == CaseState.SOLVING
    standing = standing_of(account_id=case.account_id, now=NOW)
    assert standing.status == AccountStatus.AT_RISK
    assert standing.permissions[Act.SELL].allowed
    assert (case.window.ends_at, case.due_at) == (at(72), at(72))
    letter = case.notices.get(kind=NoticeKind.WINDOW_OPENED)
    assert "number=…0123" in letter.body
    assert "206 555" not in letter.body
    assert case.action.effective_at is None


def test_who_is_no_member_is_deactivated_as_before():
    case = make_proposed(ActionKind.DEACTIVATE, account=make_assured(), pack=PACK)
    assert approve_action(call=senior(), pack=PACK, case_id=case.pk).state == CaseState.IN_FORCE


def test_calls_come_on_the_list_on_schedule_one_at_a_time_until_the_holder_is_reached(case):
    assert fire(PACK, 0) == 1
    assert fire(PACK, 5) == 1
    assert ContactAttempt.objects.count() == 1, "the first call still waits"
    call_holder(PACK, case, CallOutcome.NO_ANSWER, hours=6)
    assert fire(PACK, 24) == 1
    call_holder(PACK, case, CallOutcome.REACHED, hours=25)
    assert fire(PACK, 48) == 1
    assert ContactAttempt.objects.count() == 2, "who was reached is not called again"
    assert kinds(case) == [NoticeKind.WINDOW_OPENED, NoticeKind.CALL_MISSED]
    assert "at=2026-11-21 09:30 UTC" in case.notices.get(kind=NoticeKind.CALL_MISSED).body


def test_the_number_is_shown_to_who_took_the_call_and_to_nobody_else(case):
    fire(PACK, 0)
    one, other = specialist("user:1", now=at(0)), specialist("user:2", now=at(0))
    attempt = ContactAttempt.objects.get()
    assert [listed.number for listed in calls_to_make(actor=one.actor, now=at(0))] == ["…0123"]
    take_call(call=one, attempt_id=attempt.pk)
    assert take_call(call=one, attempt_id=attempt.pk).assignee == "user:1"
    assert [listed.number for listed in calls_to_make(actor=one.actor, now=at(0))] == ["+1 206 555 0123"]
    assert [listed.number for listed in calls_to_make(actor=other.actor, now=at(0))] == ["…0123"]
    with pytest.raises(IllegalTransition, match="somebody else"):
        take_call(call=other, attempt_id=attempt.pk)
    with pytest.raises(NotPermitted):
        record_call(call=other, pack=PACK, attempt_id=attempt.pk, outcome=CallOutcome.REACHED)
    with pytest.raises(NotPermitted):
        calls_to_make(actor=call_as(Role.AUDITOR, "user:7").actor, now=at(0))
    give_back_call(call=one, attempt_id=attempt.pk)
    take_call(call=other, attempt_id=attempt.pk)
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="CallTaken").count() == 2


def test_contact_me_now_comes_on_the_list_at_once_and_first_and_once(case):
    fire(PACK, 0)
    asked = ask_for_call(PACK, case, hours=1)
    assert ask_for_call(PACK, case, hours=2).pk == asked.pk
    assert [listed.attempt.wish for listed in calls_to_make(actor=specialist().actor, now=at(1))] == ["holder", "schedule"]


def test_a_call_is_recorded_once(case):
    fire(PACK, 0)
    attempt = call_holder(PACK, case, CallOutcome.NO_ANSWER, hours=1)
    again = record_call(call=specialist(now=at(2)), pack=PACK, attempt_id=attempt.pk, outcome=CallOutcome.NO_ANSWER)
    assert again.called_at == at(1)
    with pytest.raises(IllegalTransition):
        record_call(call=specialist(now=at(2)), pack=PACK, attempt_id=attempt.pk, outcome=CallOutcome.REACHED)
    assert kinds(case).count(NoticeKind.CALL_MISSED) == 1


def test_settling_needs_a_plan_and_a_call_that_reached_somebody(case):
    with pytest.raises(IllegalTransition, match="a plan of the holder and a call"):
        settle(case)
    send_plan(PACK, case, hours=2)
    with pytest.raises(IllegalTransition, match="it needs: a call"):
        settle(case)
    ask_for_call(PACK, case, hours=3)
    call_holder(PACK, case, CallOutcome.REACHED, hours=4)
    assert settle(case).state == CaseState.SETTLED
    assert now(case).window.outcome == WindowOutcome.SETTLED
    assert kinds(case)[-1] == NoticeKind.SETTLED
    assert fire(PACK, 1000) == 0, "no clock is left"
    with pytest.raises(IllegalTransition):
        settle(case, hours=11)
    assert list(ledger.verify()) == []


def test_settling_with_commitments_is_followed_for_the_packs_time_and_ends_settled(case):
    """Requirement I2."""
    send_plan(PACK, case, hours=2)
    ask_for_call(PACK, case, hours=3)
    call_holder(PACK, case, CallOutcome.REACHED, hours=4)
    settle(case, promises=[Promise("Test every delivery", date(2026, 12, 1))])
    assert now(case).state == CaseState.MONITORING
    assert now(case).due_at == at(10) + timedelta(days=90)
    assert "commitment=Test every delivery" in now(case).notices.get(kind=NoticeKind.SETTLED).body
    assert fire(PACK, 10 + 90 * 24) == 1
    assert now(case).state == CaseState.SETTLED, "an action that never took effect is not reinstated"


def test_a_window_in_which_nobody_moved_ends_in_the_deactivation_once(case):
    """Requirement J3: exactly once, also where the worker comes late and twice."""
    assert fire(PACK, 71.9) == 4
    assert now(case).state == CaseState.SOLVING
    assert fire(PACK, 80) == 1
    assert fire(PACK, 90) == 0
    case = now(case)
    assert (case.state, case.window.outcome) == (CaseState.IN_FORCE, WindowOutcome.UNSOLVED)
    assert not standing_of(account_id=case.account_id, now=at(90)).permissions[Act.SELL].allowed
    assert {limit.owner_kind for limit in case.action.limits.all()} == {OwnerKind.PERSON}, "a person approved it"
    assert kinds(case) == [NoticeKind.WINDOW_OPENED, NoticeKind.ACTION]
    assert ContactAttempt.objects.get().dropped_at == at(80)
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="ActionTookEffect").count() == 1


def test_a_case_has_one_window_only(case):
    """What was re-opened or not solved takes effect when it is approved again."""
    rescind_action(call=senior("user:3", now=at(1)), pack=PACK, case_id=case.pk, because="our mistake")
    assert now(case).window.outcome == WindowOutcome.DISMISSED


def test_while_it_is_the_platforms_turn_the_window_goes_on(case):
    """Requirement J3: the account stays active while its holder works with the platform."""
    send_plan(PACK, case, hours=70)
    assert fire(PACK, 72) == 5
    assert (now(case).state, now(case).window.ends_at) == (CaseState.SOLVING, at(96))
    assert fire(PACK, 200) == 1
    assert now(case).window.ends_at == at(216), "whole extensions from its end, the next one ahead"
    ask_about_plan(call=specialist(now=at(201)), pack=PACK, case_id=case.pk, question="Which supplier?")
    assert now(case).window.ends_at == at(225), "the holder has at least an extension to answer"
    assert fire(PACK, 225) == 1
    assert now(case).state == CaseState.IN_FORCE


def test_a_call_asked_for_and_not_made_keeps_the_window_open(case):
    ask_for_call(PACK, case, hours=71)
    fire(PACK, 72)
    assert now(case).state == CaseState.SOLVING
    call_holder(PACK, case, CallOutcome.NO_ANSWER, hours=73)
    fire(PACK, 96)
    assert now(case).state == CaseState.IN_FORCE


def test_the_same_plan_is_taken_once_and_a_better_one_replaces_it(case):
    send_plan(PACK, case, hours=1)
    send_plan(PACK, case, hours=2)
    send_plan(PACK, case, hours=3, answer=OTHER_PLAN)
    window = now(case).window
    assert (window.plan_at, window.preventive) == (at(3), OTHER_PLAN.preventive)
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="PlanHandedIn").count() == 2
    assert kinds(case).count(NoticeKind.ACKNOWLEDGEMENT) == 2


def test_an_empty_plan_a_dispute_and_a_strangers_plan_are_refused(case):
    stranger = make_assured()
    with pytest.raises(UnusableInput):
        send_plan(PACK, case, hours=1, answer=replace(PLAN, root_cause="", corrective=" ", preventive=""))
    with pytest.raises(UnusableInput):
        send_plan(PACK, case, hours=1, answer=replace(PLAN, route=Route.DISPUTE, grounds="No."))
    from goodstanding.server.services.windows import hand_in_plan
    from tests.server.factories import holder

    with pytest.raises(NotFound):
        hand_in_plan(call=holder(stranger), pack=PACK, case_id=case.pk, answer=PLAN)


def test_fraud_found_meanwhile_ends_membership_and_window_at_once_and_what_was_approved_takes_effect(case):
    """Requirement J4."""
    other = make_proposed(ActionKind.CLOSE, account=case.account, pack=PACK)
    approve_action(call=senior("user:4", now=at(5)), pack=PACK, case_id=other.pk)
    case = now(case)
    assert (case.state, case.window.outcome, case.window.ended_at) == (CaseState.IN_FORCE, WindowOutcome.EXCLUDED, at(5))
    assert case.window.enrollment.ended_because == ["harm"]
    assert fire(PACK, 72) == 0
    assert exclude_windows(call=automation(now=at(6)), pack=PACK) == 0
    assert list(ledger.verify()) == []


def test_a_crash_between_the_decision_and_the_exclusion_is_made_up_by_the_worker(case, monkeypatch):
    """Requirement J4: at once, also across crashes."""
    monkeypatch.setattr("goodstanding.server.services.actions.exclude_windows", lambda **_: 0)
    other = make_proposed(ActionKind.CLOSE, account=case.account, pack=PACK)
    approve_action(call=senior("user:4", now=at(5)), pack=PACK, case_id=other.pk)
    assert now(case).state == CaseState.SOLVING
    assert exclude_windows(call=automation(now=at(5.1)), pack=PACK) == 1
    assert now(case).state == CaseState.IN_FORCE


def test_a_member_whose_deactivation_rests_on_fraud_gets_no_window():
    """Requirement J4."""
    pack = assured_pack(ends_for=frozenset({"counterfeit"}))
    case = make_proposed(ActionKind.DEACTIVATE, account=make_member(pack), pack=pack)
    assert approve_action(call=senior(), pack=pack, case_id=case.pk).state == CaseState.IN_FORCE
    assert not SolveWindow.objects.exists()


def test_leaving_the_programme_does_not_take_an_open_window_away(case):
    from goodstanding.server.services.enrollments import review_memberships

    account = case.account
    account.emergency_phone = ""
    account.save()
    assert review_memberships(call=automation(now=at(2)), pack=PACK, as_of=NOW.date()).left == 1
    assert exclude_windows(call=automation(now=at(2)), pack=PACK) == 0
    assert now(case).state == CaseState.SOLVING


def test_what_the_facts_put_right_meanwhile_is_settled_at_the_end(case):
    case.action.violations.update(closed=NOW.date())
    fire(PACK, 72)
    assert now(case).state == CaseState.SETTLED
    assert now(case).window.outcome == WindowOutcome.SETTLED
    assert not Notice.objects.filter(case=case, kind=NoticeKind.ACTION).exists()


def test_nobody_but_reviewers_asks_or_settles(case):
    with pytest.raises(NotPermitted):
        ask_about_plan(call=call_as(Role.AUDITOR, "user:6"), pack=PACK, case_id=case.pk, question="Why?")
    send_plan(PACK, case, hours=1)
    ask_for_call(PACK, case, hours=1)
    call_holder(PACK, case, CallOutcome.REACHED, hours=2)
    with pytest.raises(NotPermitted):
        settle_window(call=call_as(Role.AUDITOR, "user:6", now=at(3)), pack=PACK, case_id=case.pk, because="ok")
