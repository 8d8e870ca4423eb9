"""What is announced for later: told ahead, looked at again on the day, and held back by an appeal (requirements A7, C6)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import NotPermitted, UnusableInput
from goodstanding.core.terms import Act, ActionKind, DecisionOutcome, NoticeException, NoticeKind, OwnerKind, Role
from goodstanding.server.services.actions import approve_action, rescind_action
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.standing import standing_of
from goodstanding.server.services.users import make_user
from goodstanding.server.store.models import Deadline, Limit, Notice, Violation
from tests.server.factories import NOW, automation, make_account, make_proposed, make_violation, senior, server_pack, specialist
from tests.server.histories import pack_with_everything
from tests.server.services.appealing import claim, decide, submit

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
EFFECT = NOW + 30 * DAY


@pytest.fixture
def pack():
    return pack_with_everything()


@pytest.fixture
def announced(pack):
    """A closing that was approved today."""
    case = make_proposed(ActionKind.CLOSE)
    return approve_action(call=senior("user:9"), pack=pack, case_id=case.case_id)


def fire(pack, at):
    fire_due(call=automation(now=at), pack=pack)


def test_the_closing_of_a_business_account_is_told_thirty_days_ahead(announced):
    """C6: P2B art. 4(2)."""
    assert (announced.state, announced.due_at, announced.action.effective_at) == (CaseState.SCHEDULED, EFFECT, None)
    letter = Notice.objects.get()
    assert (letter.kind, "opening later" in letter.body) == (NoticeKind.ACTION, True)
    assert letter.statement["applies_from"] == EFFECT.isoformat()
    assert standing_of(account_id=announced.account_id, now=EFFECT - timedelta(seconds=1)).permissions[Act.SELL].allowed


def test_on_its_day_it_takes_effect_by_itself_and_belongs_to_who_approved(announced, pack):
    fire(pack, EFFECT - timedelta(seconds=1))
    assert not Limit.objects.exists()
    fire(pack, EFFECT)
    announced.refresh_from_db()
    assert announced.state == CaseState.IN_FORCE
    assert {(one.owner_kind, one.owner) for one in Limit.objects.all()} == {(OwnerKind.PERSON, "user:9")}
    assert announced.appeal_until == announced.due_at == pack.deadlines["appeal_window"].after(NOW), "six months from the day of being told"
    assert not standing_of(account_id=announced.account_id, now=EFFECT).permissions[Act.SELL].allowed


def test_what_was_put_right_meanwhile_never_takes_effect(announced, pack):
    Violation.objects.update(closed=(NOW + 9 * DAY).date())
    fire(pack, EFFECT)
    announced.refresh_from_db()
    assert announced.state == CaseState.SETTLED
    assert not Limit.objects.exists()
    assert Notice.objects.filter(kind=NoticeKind.CURED).count() == 1


def test_delayed_enforcement_never_skips_approval(announced, pack):
    """A peer's fault: what was approved long ago took effect although nobody could have approved it then."""
    rules = tuple(rule for rule in pack.rules if rule.id != "close-fraud")
    user = make_user(call=automation(), email="ex@example.com", name="Ex", role=Role.SENIOR_SPECIALIST, password=None)
    announced.action.decided_by = f"user:{user.pk}"
    announced.action.save()
    user.is_active = False
    user.save()
    fire(pack, EFFECT)
    announced.refresh_from_db()
    assert (announced.state, announced.action.scheduled_for) == (CaseState.PROPOSED, None)
    assert not Limit.objects.exists()
    assert Notice.objects.filter(kind=NoticeKind.POSTPONED).count() == 1, "the holder was told a date that no longer holds"
    assert len(rules) < len(pack.rules)


def test_an_approval_that_the_policy_no_longer_takes_sends_the_case_back(pack):
    case = make_proposed(ActionKind.RESTRICT)
    approve_action(call=specialist(), pack=pack, case_id=case.case_id, at=NOW + 3 * DAY)

    stricter = replace(pack, rules=tuple(replace(rule, approval="senior") if rule.id == "restrict-defects" else rule for rule in pack.rules))
    fire(stricter, NOW + 3 * DAY)
    case.refresh_from_db()
    assert case.state == CaseState.PROPOSED


def test_a_rule_that_was_dropped_takes_no_effect(announced, pack):
    fire(server_pack(rules=(), deadlines=pack.deadlines), EFFECT)
    announced.refresh_from_db()
    assert announced.state == CaseState.SETTLED


def test_an_appeal_before_its_day_holds_it_back_until_it_is_answered(announced, pack):
    submit(announced, pack)
    fire(pack, EFFECT + DAY)
    announced.refresh_from_db()
    assert (announced.state, Limit.objects.count()) == (CaseState.SUBMITTED, 0)
    late = 60 * 24 * 40
    claim(announced, pack, minutes=late)
    plain = server_pack(deadlines=pack.deadlines)
    decide(announced, plain, DecisionOutcome.UPHELD, minutes=late + 1)
    announced.refresh_from_db()
    assert announced.state == CaseState.SCHEDULED
    fire(plain, NOW + timedelta(minutes=late + 2))
    announced.refresh_from_db()
    assert announced.state == CaseState.IN_FORCE


def test_an_exception_of_the_law_takes_effect_at_once_and_is_kept_with_its_reason(announced, pack):
    """C6: P2B art. 4(4)."""
    approve_action(
        call=senior("user:9"), pack=pack, case_id=announced.case_id, exception=NoticeException.IMPERATIVE_REASON, because="people are hurt"
    )
    announced.refresh_from_db()
    assert (announced.state, announced.action.notice_exception) == (CaseState.IN_FORCE, "imperative_reason")
    assert not Deadline.objects.filter(clock="takes_effect", done_at=None, cancelled_at=None).exists()


def test_a_repeated_infringement_has_to_be_one(announced, pack):
    call = senior("user:9")
    exception = NoticeException.REPEATED_INFRINGEMENT
    with pytest.raises(UnusableInput, match="needs 2 earlier violations that were upheld; there are 0"):
        approve_action(call=call, pack=pack, case_id=announced.case_id, exception=exception, because="again and again")
    for _ in range(2):
        make_violation(announced.account, "late_shipment", decided=DecisionOutcome.UPHELD)
    approve_action(call=call, pack=pack, case_id=announced.case_id, exception=exception, because="again and again")
    announced.refresh_from_db()
    assert announced.state == CaseState.IN_FORCE


def test_a_pack_without_exceptions_allows_none(announced, pack):
    with pytest.raises(UnusableInput, match="it allows: none"):
        approve_action(
            call=senior(),
            pack=server_pack(deadlines=pack.deadlines),
            case_id=announced.case_id,
            exception=NoticeException.LEGAL_OBLIGATION,
            because="law",
        )


def test_a_buyers_account_is_closed_at_once(pack):
    case = make_proposed(ActionKind.CLOSE, account=make_account(holder_kind="buyer"))
    assert approve_action(call=senior(), pack=pack, case_id=case.case_id).state == CaseState.IN_FORCE


def test_an_announced_action_can_be_taken_back(announced, pack):
    rescind_action(call=senior(), pack=pack, case_id=announced.case_id, because="our mistake")
    fire(pack, EFFECT)
    announced.refresh_from_db()
    assert (announced.state, Limit.objects.count()) == (CaseState.REINSTATED, 0)


def test_a_proposal_whose_facts_are_gone_can_no_longer_be_approved(pack):
    """A7: looked at on the day, not when it was proposed."""
    case = make_proposed(ActionKind.RESTRICT)
    Violation.objects.update(closed=NOW.date())
    with pytest.raises(Exception, match="no longer holds"):
        approve_action(call=specialist(), pack=pack, case_id=case.case_id)
    assert not Limit.objects.exists()


def test_nobody_approves_an_own_proposal(pack):
    case = make_proposed(ActionKind.RESTRICT)
    case.action.proposed_by = "user:1"
    case.action.save()
    with pytest.raises(NotPermitted, match="your own proposal"):
        approve_action(call=specialist("user:1"), pack=pack, case_id=case.case_id)


def test_spans_of_law_are_counted_in_moments_and_months_whatever_the_summer_does():
    """Hours are hours across a change of the clocks; months are calendar months, the day clipped to the month's last."""
    before_summer = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    pack = pack_with_everything()
    assert pack.deadlines["solve_window"].after(before_summer) - before_summer == timedelta(hours=72)
    assert pack.deadlines["appeal_window"].after(datetime(2026, 8, 31, 23, 30, tzinfo=UTC)) == datetime(2027, 2, 28, 23, 30, tzinfo=UTC)
