"""After a reinstatement on conditions (requirement I2), asking after an appeal (G3), held money (A7), reopening (A4)."""

from datetime import date, timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.notices import Condition
from goodstanding.core.terms import AccountStatus, Act, ActionKind, ClosedBy, DecisionOutcome, NoticeKind
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.afterwards import reopen_case
from goodstanding.server.services.appeals import ask_after, give_information, withdraw_appeal
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.held_money import hold_money, say_amount
from goodstanding.server.services.reopenings import answer_reopening, request_reopening
from goodstanding.server.services.reviews import ask_information, decide_appeal
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Account, Limit, Notice, OutboxMessage, ReopeningRequest
from tests.server.factories import NOW, automation, holder, make_account, make_action_in_force, make_endpoint, senior, specialist
from tests.server.histories import pack_with_everything
from tests.server.services.appealing import appealed, at, claim, decide, submit, verdicts

pytestmark = pytest.mark.django_db

TESTING = Condition("We test every delivery.", date(2027, 1, 15))
NOT_TESTED = [("We test every delivery.", "3 of 40")]


@pytest.fixture
def pack():
    return pack_with_everything()


@pytest.fixture
def monitored(pack):
    """A restriction that was lifted on a condition."""
    case = appealed(make_action_in_force(ActionKind.RESTRICT), pack)
    decide_appeal(call=specialist(now=at(3)), pack=pack, case_id=case.pk, verdicts=verdicts(case, DecisionOutcome.UPHELD), conditions=[TESTING])
    case.refresh_from_db()
    return case


# conditions


def test_an_action_is_lifted_on_conditions_although_it_was_right(monitored):
    """H2: the fourth outcome."""
    assert monitored.state == CaseState.MONITORING
    assert monitored.due_at == at(3) + timedelta(days=90)
    assert standing_of(account_id=monitored.account_id, now=at(4)).permissions[Act.SELL].allowed
    assert TESTING.commitment in Notice.objects.get(kind=NoticeKind.REINSTATED).body


def test_conditions_that_were_kept_end_it_for_good(monitored, pack):
    for _ in range(2):
        fire_due(call=automation(now=monitored.due_at), pack=pack)
    monitored.refresh_from_db()
    assert monitored.state == CaseState.REINSTATED
    assert Notice.objects.filter(kind=NoticeKind.MONITORING_ENDED).count() == 1


def test_a_breach_opens_the_case_again_and_limits_nothing_before_a_person_agrees(monitored, pack):
    for _ in range(2):
        reopen_case(call=automation(now=at(60)), pack=pack, case_id=monitored.pk, broken=NOT_TESTED)
    monitored.refresh_from_db()
    assert (monitored.state, monitored.outcome) == (CaseState.PROPOSED, "")
    assert Notice.objects.filter(kind=NoticeKind.REOPENED).count() == 1
    assert standing_of(account_id=monitored.account_id, now=at(61)).permissions[Act.SELL].allowed
    approve_action(call=senior("user:9", now=at(90)), pack=pack, case_id=monitored.pk)
    assert not standing_of(account_id=monitored.account_id, now=at(91)).permissions[Act.SELL].allowed
    assert Limit.objects.filter(lifted_at=None).count() == 2


def test_after_a_breach_every_appeal_is_open_anew(monitored, pack):
    reopen_case(call=automation(now=at(60)), pack=pack, case_id=monitored.pk, broken=NOT_TESTED)
    approve_action(call=senior("user:9", now=at(90)), pack=pack, case_id=monitored.pk)
    for number in (1, 2):
        appeal = submit(monitored, pack, key=f"again {number}", minutes=100 * number)
        assert not appeal.is_last_instance
        withdraw_appeal(call=holder(monitored.account_id, now=at(100 * number + 1)), pack=pack, case_id=monitored.pk)
    assert submit(monitored, pack, key="again 3", minutes=400).is_last_instance


def test_a_breach_says_what_was_broken(monitored, pack):
    with pytest.raises(UnusableInput):
        reopen_case(call=specialist(), pack=pack, case_id=monitored.pk)


# two clocks, and asking after


def test_the_reviewers_clock_rests_while_the_holder_is_asked_and_the_holders_never_does(pack):
    """regulation.md, 0.4: the complaint's clock never stops."""
    case = appealed(make_action_in_force(ActionKind.RESTRICT), pack)
    due = case.review_due_at
    ask_information(call=specialist(now=at(60)), pack=pack, case_id=case.pk, items=["an invoice"])
    fire_due(call=automation(now=NOW + timedelta(days=5)), pack=pack)
    case.refresh_from_db()
    assert case.raised_at == NOW + timedelta(days=5), "48 hours after it was sent it comes first, whoever is asked"
    minutes = 60 + 5 * 24 * 60
    give_information(call=holder(case.account_id, now=at(minutes)), pack=pack, case_id=case.pk, answer="here")
    case.refresh_from_db()
    assert case.due_at == case.review_due_at == due + timedelta(days=5)


def test_asking_after_an_appeal_is_open_when_it_waits_too_long_and_costs_nothing(pack):
    """G3."""
    case = make_action_in_force(ActionKind.RESTRICT)
    submit(case, pack)
    call = holder(case.account_id, now=at(60))
    with pytest.raises(IllegalTransition, match="your appeal is in time; you hear from us by 2026-11-22"):
        ask_after(call=call, pack=pack, case_id=case.pk)
    late = at(60 * 49)
    fire_due(call=automation(now=late), pack=pack)
    case.refresh_from_db()
    before = (case.due_at, case.raised_at, case.state)
    for _ in range(3):
        ask_after(call=holder(case.account_id, now=late), pack=pack, case_id=case.pk)
    case.refresh_from_db()
    assert (case.due_at, case.raised_at, case.state) == before
    assert Notice.objects.filter(kind=NoticeKind.ASKED_AFTER).count() == 1, "asked three times at once, answered once"
    with pytest.raises(NotFound):
        ask_after(call=holder("somebody else", now=late), pack=pack, case_id=case.pk)


# held money


def test_money_is_held_with_amount_reason_and_day_and_is_free_by_itself(pack):
    case = make_action_in_force(ActionKind.RESTRICT)
    until = NOW + timedelta(days=90)
    held = {"amount": 12_050, "currency": "EUR", "because": "12 claims are open", "until": until}
    for _ in range(2):
        hold_money(call=specialist(), pack=pack, case_id=case.pk, **held)
    letter = Notice.objects.get(kind=NoticeKind.MONEY_HELD)
    assert "120.50 EUR. 12 claims are open" in letter.body
    assert not standing_of(account_id=case.account_id, now=until - timedelta(seconds=1)).permissions[Act.WITHDRAW].allowed
    assert standing_of(account_id=case.account_id, now=until).permissions[Act.WITHDRAW].allowed


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"amount": 0}, "more than nothing"),
        ({"currency": "eur"}, "three letters"),
        ({"because": " "}, "say why"),
        ({"until": NOW}, "has gone by"),
    ],
)
def test_money_is_never_held_without_amount_reason_and_day(pack, wrong, says):
    case = make_action_in_force(ActionKind.RESTRICT)
    right = {"amount": 1, "currency": "EUR", "because": "claims", "until": NOW + timedelta(days=1)}
    with pytest.raises(UnusableInput, match=says):
        hold_money(call=specialist(), pack=pack, case_id=case.pk, **(right | wrong))


def test_money_is_held_by_people_and_never_longer_than_its_action(pack):
    case = make_action_in_force(ActionKind.HOLD)
    held = {"amount": 1, "currency": "EUR", "because": "claims", "until": NOW + timedelta(days=15)}
    with pytest.raises(UnusableInput, match="ends on 2026-12-04"):
        hold_money(call=specialist(), pack=pack, case_id=case.pk, **held)
    with pytest.raises(NotPermitted):
        hold_money(call=automation(), pack=pack, case_id=case.pk, **held)


def test_amounts_are_said_in_their_currencys_own_units():
    assert [say_amount(12_050, code) for code in ("EUR", "JPY", "KWD")] == ["120.50 EUR", "12050 JPY", "12.050 KWD"]


def test_an_action_that_ends_by_its_date_frees_and_tells_and_can_still_be_appealed(pack):
    """C6: six months, also when it is over."""
    case = make_action_in_force(ActionKind.HOLD)
    end = case.action.ends_at
    for _ in range(2):
        fire_due(call=automation(now=end), pack=pack)
    case.refresh_from_db()
    assert (case.state, case.due_at) == (CaseState.EXPIRED, case.appeal_until)
    assert Notice.objects.filter(kind=NoticeKind.EXPIRED).count() == 1
    assert standing_of(account_id=case.account_id, now=end).permissions[Act.BUY].allowed
    later = 60 * 24 * 20
    submit(case, pack, minutes=later)
    claim(case, pack, minutes=later + 1)
    decide(case, pack, DecisionOutcome.UPHELD, minutes=later + 2)
    case.refresh_from_db()
    assert case.state == CaseState.EXPIRED, "upheld, and over all the same"


# reopening


def closed_account():
    return make_account(closed_at=NOW - timedelta(days=3))


def test_reopening_an_own_closed_account_is_a_request_and_not_an_appeal():
    """A4."""
    make_endpoint()
    account = closed_account()
    found = standing_of(account_id=account.pk, now=NOW)
    assert (found.status, found.closed_by, found.permissions[Act.WITHDRAW].allowed) == (AccountStatus.CLOSED, ClosedBy.HOLDER, True)
    call = holder(account)
    first, second = (request_reopening(call=call, account_id=account.pk, because="I am back") for _ in range(2))
    assert first == second
    answer_reopening(call=specialist(), request_id=first.pk, grant=True, because="nothing is open")
    answer_reopening(call=specialist(), request_id=first.pk, grant=True, because="nothing is open")
    assert standing_of(account_id=account.pk, now=NOW).status == AccountStatus.NORMAL
    assert [one.payload["type"] for one in OutboxMessage.objects.all()] == ["reopening.requested", "reopening.granted"]
    with pytest.raises(IllegalTransition):
        answer_reopening(call=specialist(), request_id=first.pk, grant=False, because="or not")


def test_reopening_lifts_nothing_that_an_action_has_set(pack):
    account = closed_account()
    make_action_in_force(ActionKind.RESTRICT, account=account)
    request = request_reopening(call=holder(account), account_id=account.pk)
    answer_reopening(call=specialist(), request_id=request.pk, grant=True, because="fine")
    assert standing_of(account_id=account.pk, now=NOW).status == AccountStatus.RESTRICTED


def test_what_the_marketplace_closed_is_appealed_and_what_is_open_needs_nothing():
    closed, open_one = make_account(), make_account()
    make_action_in_force(ActionKind.CLOSE, account=closed)
    assert standing_of(account_id=closed.pk, now=NOW).closed_by == ClosedBy.PLATFORM
    with pytest.raises(IllegalTransition, match="how to appeal it"):
        request_reopening(call=holder(closed), account_id=closed.pk)
    with pytest.raises(IllegalTransition, match="is open"):
        request_reopening(call=holder(open_one), account_id=open_one.pk)
    with pytest.raises(NotFound):
        request_reopening(call=holder(open_one), account_id=closed.pk)


def test_a_refused_request_says_why_and_only_staff_answers():
    account = closed_account()
    request = request_reopening(call=holder(account), account_id=account.pk)
    with pytest.raises(NotPermitted):
        answer_reopening(call=holder(account), request_id=request.pk, grant=True, because="please")
    with pytest.raises(UnusableInput):
        answer_reopening(call=specialist(), request_id=request.pk, grant=False, because="")
    answer_reopening(call=specialist(), request_id=request.pk, grant=False, because="fees are open")
    assert ReopeningRequest.objects.get().granted is False
    assert Account.objects.get(pk=account.pk).closed_at is not None
