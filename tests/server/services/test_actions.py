"""Actions: proposed once, put in force with their notice, lifted whole and alone."""

from datetime import timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, MissingFacts, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import AccountStatus, Act, ActionKind, Approval, NoticeKind, OwnerKind
from goodstanding.server.services import ledger
from goodstanding.server.services.actions import approve_action, dismiss_action, lift_action, propose_actions, rescind_action
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.standing import cases_behind, standing_of
from goodstanding.server.store.models import AccessLink, Case, EnforcementAction, LedgerEntry, Limit, Notice, OutboxMessage, Violation
from tests.rules import make_rule
from tests.server.factories import (
    NOW,
    TODAY,
    automation,
    make_account,
    make_action_in_force,
    make_endpoint,
    make_proposed,
    make_rating,
    make_violation,
    senior,
    server_pack,
    specialist,
)

pytestmark = pytest.mark.django_db


def kinds(case: Case) -> list[str]:
    return list(LedgerEntry.objects.filter(case_id=case.case_id).order_by("sequence").values_list("kind", flat=True))


def assert_nothing_was_done() -> None:
    for rows in (Limit, Notice, OutboxMessage, AccessLink):
        assert not rows.objects.exists()


def test_a_warning_takes_effect_at_once_and_limits_nothing(pack):
    case = make_proposed(ActionKind.WARN)
    assert case.state == CaseState.IN_FORCE
    assert not Limit.objects.exists()
    assert kinds(case) == ["ActionProposed", "ActionApproved", "NoticeIssued"]
    assert standing_of(account_id=case.account_id, now=NOW).status == AccountStatus.AT_RISK


def test_a_rule_cannot_make_a_warning_limit_anything():
    rules = (make_rule("warn", ["late_shipment"], ActionKind.WARN, Approval.NONE, limits=[Act.SELL]),)
    make_proposed(ActionKind.WARN, pack=server_pack(rules=rules))
    assert not Limit.objects.exists()


def test_a_hold_by_policy_is_owned_by_the_policy_and_ends_by_itself(pack):
    case = make_proposed(ActionKind.HOLD)
    limit = Limit.objects.get()
    assert (limit.owner_kind, limit.owner, limit.ends_at) == (OwnerKind.POLICY, pack.name, NOW + timedelta(days=14))
    assert not standing_of(account_id=case.account_id, now=NOW).permissions[Act.BUY].allowed
    assert standing_of(account_id=case.account_id, now=limit.ends_at).permissions[Act.BUY].allowed


def test_an_automatic_deactivation_is_never_taken_without_a_person():
    rules = (make_rule("gone", ["counterfeit"], ActionKind.DEACTIVATE, Approval.NONE, limits=[Act.SELL]),)
    case = make_proposed(ActionKind.DEACTIVATE, pack=server_pack(rules=rules))
    assert (case.state, case.action.approval) == (CaseState.PROPOSED, Approval.PERSON)
    assert not Limit.objects.exists()
    with pytest.raises(NotPermitted):
        approve_action(call=automation(), pack=server_pack(rules=rules), case_id=case.case_id)


def test_a_proposal_waits_and_forbids_nothing_yet():
    case = make_proposed(ActionKind.RESTRICT)
    assert case.state == CaseState.PROPOSED
    assert_nothing_was_done()


def test_approving_sets_limits_of_the_person_and_sends_the_notice(pack):
    """Requirements A7, C1, C5."""
    make_endpoint()
    case = make_proposed(ActionKind.RESTRICT)
    approve_action(call=specialist(), pack=pack, case_id=case.case_id)
    case.refresh_from_db()
    assert {(limit.act, limit.owner_kind, limit.owner) for limit in Limit.objects.all()} == {
        (Act.LIST, OwnerKind.PERSON, "user:1"),
        (Act.SELL, OwnerKind.PERSON, "user:1"),
    }
    notice = Notice.objects.get()
    assert (notice.kind, notice.recipient) == (NoticeKind.ACTION, case.account.email)
    assert all(item["id"] in notice.body for item in Violation.objects.get().items)
    assert notice.statement["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"
    assert case.appeal_until == case.due_at == pack.deadlines["appeal_window"].after(NOW)
    event = OutboxMessage.objects.get(channel="webhook").payload
    assert (event["type"], event["status"], event["acts"]["list"], event["acts"]["appeal"]) == ("action.in_force", "restricted", False, True)


def test_only_a_senior_may_approve_what_needs_a_senior(pack):
    case = make_proposed(ActionKind.DEACTIVATE)
    with pytest.raises(NotPermitted, match="senior_specialist"):
        approve_action(call=specialist(), pack=pack, case_id=case.case_id)
    case.refresh_from_db()
    assert case.state == CaseState.PROPOSED
    assert kinds(case) == ["ActionProposed"]
    assert approve_action(call=senior(), pack=pack, case_id=case.case_id).state == CaseState.IN_FORCE


def test_approving_twice_does_nothing_the_second_time(pack):
    case = make_action_in_force(ActionKind.RESTRICT)
    before = kinds(case)
    with pytest.raises(IllegalTransition):
        approve_action(call=senior(), pack=pack, case_id=case.case_id)
    assert (kinds(case), Notice.objects.count(), Limit.objects.count()) == (before, 1, 2)


def test_an_action_without_a_fact_is_not_taken_at_all(pack):
    """Requirement C5: no action without notice, no notice without facts."""
    account = make_account()
    make_violation(account, "counterfeit", items=0)
    (action,) = propose_actions(call=automation(), pack=pack, as_of=TODAY)
    with pytest.raises(MissingFacts):
        approve_action(call=senior(), pack=pack, case_id=action.case.case_id)
    action.refresh_from_db()
    assert action.effective_at is None
    assert Case.objects.get().state == CaseState.PROPOSED
    assert_nothing_was_done()
    assert standing_of(account_id=account.account_id, now=NOW).permissions[Act.SELL].allowed


def test_an_account_without_facts_does_not_stop_the_others_of_the_night(pack):
    bad, good = make_account("A-bad"), make_account("B-good")
    make_violation(bad, "late_shipment", items=0)
    make_violation(good, "late_shipment")
    with pytest.raises(MissingFacts, match="A-bad"):
        propose_actions(call=automation(), pack=pack, as_of=TODAY)
    assert list(Case.objects.values_list("account_id", flat=True)) == ["B-good"]


def test_a_second_run_proposes_nothing_new(pack):
    make_proposed(ActionKind.DEACTIVATE, reasons=["counterfeit", "late_shipment", "order_defects"])
    assert EnforcementAction.objects.count() == 3
    assert propose_actions(call=automation(), pack=pack, as_of=TODAY) == []


def test_a_dismissed_proposal_does_not_come_back(pack):
    case = make_proposed(ActionKind.RESTRICT)
    dismiss_action(call=specialist(), pack=pack, case_id=case.case_id, because="a fault of the carrier")
    assert propose_actions(call=automation(now=NOW + timedelta(days=1)), pack=pack, as_of=TODAY + timedelta(days=1)) == []
    assert not Notice.objects.exists()
    assert kinds(case)[-1] == "ActionDismissed"


def test_an_overturned_violation_is_not_proposed_again(pack):
    """Requirement H7."""
    case = make_action_in_force(ActionKind.DEACTIVATE)
    rescind_action(call=senior(), pack=pack, case_id=case.case_id, because="mistaken identity")
    assert propose_actions(call=automation(), pack=pack, as_of=TODAY) == []


@pytest.mark.parametrize("verb", [dismiss_action, rescind_action])
def test_nothing_is_refused_or_taken_back_without_a_reason(pack, verb):
    case = make_proposed(ActionKind.DEACTIVATE)
    if verb is rescind_action:
        approve_action(call=senior(), pack=pack, case_id=case.case_id)
    with pytest.raises(UnusableInput, match="say why"):
        verb(call=senior(), pack=pack, case_id=case.case_id, because="  ")


def test_rescinding_frees_the_account_gives_points_back_and_tells_why(pack):
    """Requirements H6, I1."""
    make_endpoint()
    account = make_account()
    make_rating(account, 99, points=100)
    case = make_action_in_force(ActionKind.DEACTIVATE, account=account)
    rescind_action(call=senior(), pack=pack, case_id=case.case_id, because="the complaint was about another seller")
    standing = standing_of(account_id=account.account_id, now=NOW)
    assert (standing.status, standing.rating) == (AccountStatus.NORMAL, 260)
    assert all(permission.allowed for permission in standing.permissions.values())
    notice = Notice.objects.get(kind=NoticeKind.REINSTATED)
    assert "the complaint was about another seller" in notice.body
    assert "lifted line act=sell [en]" in notice.body
    assert OutboxMessage.objects.filter(channel="webhook").last().payload["type"] == "action.lifted"
    assert kinds(case)[-3:] == ["LimitsLifted", "ActionRescinded", "NoticeIssued"]


def test_rescinding_is_for_seniors_and_happens_once(pack):
    case = make_action_in_force(ActionKind.RESTRICT)
    with pytest.raises(NotPermitted):
        rescind_action(call=specialist(), pack=pack, case_id=case.case_id, because="wrong")
    rescind_action(call=senior(), pack=pack, case_id=case.case_id, because="wrong")
    with pytest.raises(IllegalTransition):
        rescind_action(call=senior(), pack=pack, case_id=case.case_id, because="wrong")
    assert Notice.objects.filter(kind=NoticeKind.REINSTATED).count() == 1


def test_of_two_limits_on_one_act_lifting_one_leaves_the_other(pack):
    """Requirement A7: what an account may do is what no limit forbids; lifting one never lifts another."""
    account = make_account()
    counterfeit = make_action_in_force(ActionKind.DEACTIVATE, account=account)
    defects = make_action_in_force(ActionKind.RESTRICT, account=account)
    rescind_action(call=senior(), pack=pack, case_id=counterfeit.case_id, because="not ours")
    standing = standing_of(account_id=account.account_id, now=NOW)
    sell = standing.permissions[Act.SELL]
    assert not sell.allowed
    assert [case.case_id for case in cases_behind(sell)] == [defects.case_id]
    assert standing.permissions[Act.WITHDRAW].allowed
    letter = Notice.objects.get(kind=NoticeKind.REINSTATED).body
    assert "lifted line act=sell" not in letter
    assert "remaining line act=sell [en] reasons=order defects [en]" in letter


def test_automation_cannot_lift_what_a_person_set(pack):
    """Requirement A7."""
    case = make_action_in_force(ActionKind.RESTRICT)
    with pytest.raises(NotPermitted, match="person"):
        lift_action(call=automation(), pack=pack, case=lock_case(call=automation(), case_id=case.case_id))
    assert Limit.objects.filter(lifted_at=None).count() == 2


def test_lifting_twice_lifts_once(pack):
    case = lock_case(call=senior(), case_id=make_action_in_force(ActionKind.RESTRICT).case_id)
    assert {limit.act for limit in lift_action(call=senior(), pack=pack, case=case)} == {Act.LIST, Act.SELL}
    assert lift_action(call=senior(), pack=pack, case=case) == []
    assert kinds(case).count("LimitsLifted") == 1


def test_an_account_without_an_address_still_gets_its_notice_on_the_portal():
    case = make_action_in_force(ActionKind.RESTRICT, account=make_account(email=""))
    notice = Notice.objects.get(case=case)
    assert notice.recipient == ""
    assert not OutboxMessage.objects.exists()
    assert b"\r\nTo:" not in bytes(notice.message)


def test_a_holder_is_written_to_in_the_own_language():
    """Requirement C3."""
    case = make_action_in_force(ActionKind.DEACTIVATE, account=make_account(language="zh-CN"))
    notice = Notice.objects.get(case=case)
    assert (case.language, notice.language) == ("zh-Hans", "zh-Hans")
    assert "counterfeit [zh-Hans]" in notice.body


def test_the_letter_names_limits_that_other_actions_have_set(pack):
    account = make_account()
    make_action_in_force(ActionKind.DEACTIVATE, account=account)
    second = make_action_in_force(ActionKind.RESTRICT, account=account)
    assert "remaining line act=withdraw [en] reasons=counterfeit [en]" in Notice.objects.get(case=second).body


def test_a_rule_that_the_pack_no_longer_has_is_named():
    case = make_proposed(ActionKind.RESTRICT)
    with pytest.raises(NotFound, match="restrict-defects"):
        approve_action(call=senior(), pack=server_pack(rules=()), case_id=case.case_id)


def test_every_step_of_enforcement_leaves_a_chain_that_holds(pack):
    case = make_action_in_force(ActionKind.DEACTIVATE)
    rescind_action(call=senior(), pack=pack, case_id=case.case_id, because="wrong")
    assert list(ledger.verify()) == []
