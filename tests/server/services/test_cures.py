"""Actions that end because the facts show what they asked for (requirements A4, A7, H3)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.terms import Act, ActionKind, AppealOutcome, NoticeKind
from goodstanding.server.services.cures import cure_action, cure_cases
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Appeal, Limit, Notice, Violation
from tests.server.factories import NOW, TODAY, automation, make_account, make_action_in_force, make_proposed, make_violation, server_pack, specialist
from tests.server.services.appealing import submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack():
    """The test pack, where facts alone may settle what holds a buyer back, and a deactivation."""
    plain = server_pack()
    mild = {code: replace(plain.reasons[code], settled_by_machine=True) for code in ("buyer_abuse", "counterfeit")}
    return replace(plain, reasons={**plain.reasons, **mild})


def put_right():
    Violation.objects.update(closed=TODAY)


def test_new_information_ends_a_hold_the_same_night(pack):
    """A4: stale information is cured by new information, without any appeal."""
    case = make_action_in_force(ActionKind.HOLD)
    assert cure_cases(call=automation(), pack=pack) == []
    put_right()
    assert [one.case_id for one in cure_cases(call=automation(), pack=pack)] == [case.case_id]
    assert cure_cases(call=automation(), pack=pack) == [], "once"
    case.refresh_from_db()
    assert case.state == CaseState.SETTLED
    assert standing_of(account_id=case.account_id, now=NOW).permissions[Act.BUY].allowed
    letter = Notice.objects.get(kind=NoticeKind.CURED)
    assert "lifted line" in letter.body


def test_what_is_only_partly_put_right_stays(pack):
    case = make_action_in_force(ActionKind.HOLD)
    make_violation(case.account, "buyer_abuse").actions.add(case.action)
    Violation.objects.filter(pk=Violation.objects.first().pk).update(closed=TODAY)
    assert cure_cases(call=automation(), pack=pack) == []
    with pytest.raises(IllegalTransition, match="not everything"):
        cure_action(call=specialist(), pack=pack, case_id=case.case_id)


def test_a_reason_that_wants_a_person_waits_for_one():
    case = make_action_in_force(ActionKind.HOLD)
    put_right()
    plain = server_pack()
    assert cure_cases(call=automation(), pack=plain) == []
    assert cure_action(call=specialist(), pack=plain, case_id=case.case_id, because="the card is new").state == CaseState.SETTLED


def test_automation_never_lifts_a_hold_that_a_person_set(pack):
    """A7, a peer's fault: automation overrode a human suspension back and forth."""
    case = make_action_in_force(ActionKind.DEACTIVATE)
    put_right()
    for _ in range(3):
        assert cure_cases(call=automation(), pack=pack) == []
    with pytest.raises(NotPermitted):
        cure_action(call=automation(), pack=pack, case_id=case.case_id)
    case.refresh_from_db()
    assert case.state == CaseState.IN_FORCE
    assert Limit.objects.filter(lifted_at=None).count() == 2
    assert cure_action(call=specialist(), pack=pack, case_id=case.case_id).state == CaseState.SETTLED


def test_a_proposal_that_never_was_is_dropped_without_a_word(pack):
    case = make_proposed(ActionKind.RESTRICT)
    put_right()
    cure_cases(call=automation(), pack=pack)
    case.refresh_from_db()
    assert (case.state, case.action.dismissed_because) == (CaseState.DISMISSED, "what it rested on no longer holds")
    assert not Notice.objects.exists()


def test_an_appeal_that_waits_is_answered_by_the_cure(pack):
    case = make_action_in_force(ActionKind.HOLD)
    submit(case, pack)
    put_right()
    cure_cases(call=automation(now=NOW + timedelta(hours=1)), pack=pack)
    assert Appeal.objects.get().outcome == AppealOutcome.OMITTED


def test_you_are_available_again_is_said_only_where_it_is_true(pack):
    """A peer's fault: 'you are available again' while another suspension was still running."""
    account = make_account()
    case = make_action_in_force(ActionKind.HOLD, account=account)
    make_violation(account, "counterfeit")
    rules = tuple(replace(rule, limits=frozenset({Act.BUY})) if rule.id == "deactivate-counterfeit" else rule for rule in pack.rules)
    make_action_in_force(ActionKind.DEACTIVATE, account=account, pack=replace(pack, rules=rules))
    Violation.objects.filter(actions=case.action).update(closed=TODAY)
    cure_cases(call=automation(), pack=pack)
    letter = Notice.objects.get(kind=NoticeKind.CURED)
    assert "lifted line" not in letter.body
    assert "still limited heading" in letter.body
    assert not standing_of(account_id=account.pk, now=NOW).permissions[Act.BUY].allowed
