"""Delegates act for accounts within granted rights, by their own name, and no longer than that (requirements A1, K5)."""

from datetime import date, timedelta

import pytest

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.cases.lifecycle import NEEDS, TABLE, CaseEvent, follow
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import ActionKind, DelegationEnd, Right, Role, Route
from goodstanding.server.services import ledger, outbox
from goodstanding.server.services.appeals import submit_appeal, withdraw_appeal
from goodstanding.server.services.call import Call
from goodstanding.server.services.delegations import accept_delegation, change_delegation, end_delegation, end_due_delegations, invite_delegate
from goodstanding.server.services.evidence import Upload, evidence_bytes
from goodstanding.server.services.reading import case_file, cases_of
from goodstanding.server.services.reopenings import request_reopening
from goodstanding.server.services.retention import ask_erasure
from goodstanding.server.services.rights import actor_of, in_force
from goodstanding.server.store.models import Delegate, LedgerBody, LedgerEntry, Notice, OutboxMessage
from tests.server.acting import acting, appointed, invited
from tests.server.factories import NOW, automation, holder, make_account, make_action_in_force, specialist
from tests.server.services.appealing import PDF

pytestmark = pytest.mark.django_db
PLAN = Answer(Route.PLAN, root_cause="A batch of 40 came from a new supplier.", corrective="All 40 are destroyed.", preventive="Invoices first.")


@pytest.fixture
def account():
    return make_account(email="ada@shop.example", display_name="Ada's Lamps")


@pytest.fixture
def case(account):
    return make_action_in_force(ActionKind.RESTRICT, account=account)


def submit(call, case, pack, key="one"):
    return submit_appeal(call=call, pack=pack, case_id=case.pk, submission_key=key, answer=PLAN, language="en")


def test_a_delegate_with_the_right_submits_an_appeal_under_the_own_name(case, account, pack):
    one = appointed(account, pack, now=NOW)
    call = acting(one, now=NOW)
    appeal = submit(call, case, pack)
    assert appeal.submitted_by == f"delegate:{one.delegate_id}"
    entry = LedgerEntry.objects.get(case_id=case.pk, kind="AppealSubmitted")
    assert (entry.actor, entry.role) == (f"delegate:{one.delegate_id}", "delegate")
    told = [one.actor for one in case_file(actor=holder(account).actor, case_id=case.pk).happenings if one.kind == "AppealSubmitted"]
    assert told == [f"delegate:{one.delegate_id}"], "the holder reads who did it"
    assert list(ledger.verify()) == []


@pytest.mark.parametrize(("event", "right"), sorted(NEEDS.items()))
def test_each_event_of_the_holders_side_needs_its_right_of_a_delegate_and_nothing_else(event, right):
    """K5: the table is the one place of who may."""
    state = next(row.state for row in TABLE.values() if row.event == event and Role.DELEGATE in row.who)
    assert follow(state, event, Role.DELEGATE, {right}).event == event
    with pytest.raises(NotPermitted) as refused:
        follow(state, event, Role.DELEGATE, set(Right) - {right})
    assert Role.HOLDER in refused.value.who_may


def test_no_other_event_is_a_delegates():
    assert {row.event for row in TABLE.values() if Role.DELEGATE in row.who} == set(NEEDS)
    assert CaseEvent.DECIDE_REINSTATED not in NEEDS


def test_a_delegate_without_the_right_reads_and_cannot_send(case, account, pack):
    call = acting(appointed(account, pack, now=NOW, rights={Right.DRAFT}), now=NOW)
    file = case_file(actor=call.actor, case_id=case.pk)
    assert file.case == case
    assert CaseEvent.SUBMIT_APPEAL not in file.possible
    with pytest.raises(NotPermitted):
        submit(call, case, pack)
    assert not case.appeals.exists()


def test_an_invitation_that_nobody_accepted_opens_nothing(case, account, pack):
    one = invited(account, pack, now=NOW)
    call = acting(one, now=NOW)
    assert call.actor.accounts == frozenset()
    with pytest.raises(NotFound):
        case_file(actor=call.actor, case_id=case.pk)


@pytest.mark.parametrize("end", ["withdrawn", "run out"])
def test_after_the_end_nothing_is_read_or_sent_also_by_a_page_opened_before(case, account, pack, end):
    one = appointed(account, pack, now=NOW, last_day=NOW.date() if end == "run out" else None)
    before = acting(one, now=NOW).actor
    later = NOW + timedelta(days=2)
    if end == "withdrawn":
        end_delegation(call=holder(account, now=NOW), pack=pack, delegation_id=one.pk)
    with pytest.raises(NotFound):
        submit(Call(before, later), case, pack)
    assert actor_of(delegate=one.delegate, now=later).accounts == frozenset()


def test_narrowed_rights_hold_for_a_page_that_was_opened_with_more(case, account, pack):
    one = appointed(account, pack, now=NOW)
    before = acting(one, now=NOW)
    change_delegation(call=holder(account), pack=pack, delegation_id=one.pk, rights={Right.READ}, last_day=None)
    with pytest.raises(NotFound, match="may do less than before"):
        submit(before, case, pack)
    with pytest.raises(NotPermitted):
        submit(acting(one, now=NOW), case, pack)


def test_another_account_does_not_exist_for_a_delegate(case, account, pack):
    other = make_action_in_force(ActionKind.RESTRICT, account=make_account())
    call = acting(appointed(account, pack, now=NOW), now=NOW)
    for ask in (
        lambda: case_file(actor=call.actor, case_id=other.pk),
        lambda: cases_of(actor=call.actor, account_id=other.account_id),
        lambda: submit(call, other, pack),
        lambda: withdraw_appeal(call=call, pack=pack, case_id=other.pk),
    ):
        with pytest.raises(NotFound):
            ask()


def test_what_only_a_holder_may_do_no_right_gives(case, account, pack):
    call = acting(appointed(account, pack, now=NOW), now=NOW)
    with pytest.raises(NotPermitted):
        ask_erasure(call=call, pack=pack, account_id=account.pk)
    with pytest.raises(NotPermitted):
        invite_delegate(call=call, pack=pack, account_id=account.pk, email="x@y.example", name="X", rights=[], last_day=None)
    with pytest.raises(NotFound):
        request_reopening(call=call, account_id=account.pk)


def test_a_delegate_of_several_accounts_has_in_each_what_was_granted_there(account, pack):
    other = make_account()
    appointed(account, pack, now=NOW, rights={Right.APPEAL})
    one = appointed(other, pack, now=NOW, rights={Right.ANSWER})
    actor = acting(one, now=NOW).actor
    assert actor.accounts == {account.pk, other.pk}
    assert actor.rights_in(account.pk) == {Right.READ, Right.APPEAL}
    assert actor.rights_in(other.pk) == {Right.READ, Right.ANSWER}
    assert Delegate.objects.count() == 1


def test_holder_and_delegate_are_told_of_each_step_and_the_ledger_holds(account, pack, settings):
    one = invited(account, pack, now=NOW, rights={Right.APPEAL})
    to_delegate = Notice.objects.get(delegation=one)
    assert to_delegate.recipient == "jun@agency.example"
    assert f"{settings.BASE_URL}/delegate/" in to_delegate.body
    assert one.token_sha256 not in to_delegate.body
    appointed_one = appointed(account, pack, now=NOW, email="two@agency.example")
    change_delegation(call=holder(account), pack=pack, delegation_id=appointed_one.pk, rights={Right.READ}, last_day=date(2027, 1, 31))
    end_delegation(call=acting(appointed_one, now=NOW), pack=pack, delegation_id=appointed_one.pk)
    kinds = list(
        LedgerEntry.objects.filter(case_id=appointed_one.pk).exclude(kind="NoticeIssued").order_by("sequence").values_list("kind", flat=True)
    )
    assert kinds == ["DelegationGranted", "DelegationAccepted", "DelegationChanged", "DelegationEnded"]
    assert Notice.objects.filter(account=account, recipient="ada@shop.example").count() == 5, "granted twice, accepted, changed, ended"
    assert Notice.objects.filter(delegation=appointed_one).count() == 3, "invited, changed, ended"
    appointed_one.refresh_from_db()
    assert appointed_one.ended_because == DelegationEnd.GIVEN_UP
    assert not LedgerBody.objects.filter(text__contains="agency.example").exists(), "the ledger names ids, so that erasing an address erases it"
    assert list(ledger.verify()) == []


def test_doing_it_twice_is_doing_it_once(account, pack):
    one = appointed(account, pack, now=NOW)
    assert invited(account, pack, now=NOW).pk == one.pk
    accept_delegation(call=acting(one, now=NOW), pack=pack, delegation_id=one.pk)
    for _ in range(2):
        end_delegation(call=holder(account), pack=pack, delegation_id=one.pk)
    assert LedgerEntry.objects.filter(case_id=one.pk, kind="DelegationEnded").count() == 1
    with pytest.raises(IllegalTransition):
        change_delegation(call=holder(account), pack=pack, delegation_id=one.pk, rights={Right.READ}, last_day=None)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "nonsense", "write the e-mail address"),
        ("email", "ADA@shop.example", "own address"),
        ("name", "  ", "write the name"),
        ("last_day", date(2026, 11, 1), "is over already"),
    ],
)
def test_a_wrong_invitation_says_what_to_mend(account, pack, field, value, says):
    fields = {"email": "jun@agency.example", "name": "Jun", "rights": [Right.READ], "last_day": None} | {field: value}
    with pytest.raises(UnusableInput, match=says):
        invite_delegate(call=holder(account), pack=pack, account_id=account.pk, **fields)


def test_nobody_can_be_written_to_without_end_at_a_holders_wish(account, pack):
    for number in range(10):
        invited(account, pack, now=NOW, email=f"a{number}@agency.example")
    with pytest.raises(UnusableInput, match="10 invitations within a day"):
        invited(account, pack, now=NOW, email="one-more@agency.example")


def test_the_clock_ends_what_has_run_out_once_and_tells_both(account, pack):
    one = appointed(account, pack, now=NOW, last_day=NOW.date())
    late = invited(account, pack, now=NOW, email="slow@agency.example")
    later = automation(now=NOW + timedelta(days=20))
    assert in_force(NOW + timedelta(days=2)).count() == 0, "it holds no more, also before the clock has come round"
    assert [end_due_delegations(call=later, pack=pack) for _ in range(2)] == [2, 0]
    one.refresh_from_db()
    late.refresh_from_db()
    assert (one.ended_because, late.ended_because) == (DelegationEnd.EXPIRED, DelegationEnd.LAPSED)
    assert Notice.objects.filter(delegation=one, created_at=later.now).count() == 1
    with pytest.raises(IllegalTransition):
        accept_delegation(call=acting(late, now=later.now), pack=pack, delegation_id=late.pk)


def test_letters_are_copied_without_the_holders_link_to_who_is_to_get_them(account, pack, settings):
    one = appointed(account, pack, now=NOW)
    appointed(account, pack, now=NOW, email="quiet@agency.example", rights={Right.READ})
    case = make_action_in_force(ActionKind.RESTRICT, account=account)
    outbox.send_due(now=NOW)
    copies = [path.read_text() for path in settings.EMAIL_FILE_PATH.glob("*.eml") if path.name.count(".") > 1 and one.pk in path.name]
    assert len(copies) == 1
    assert "To: jun@agency.example" in copies[0]
    assert "/n/" not in copies[0]
    assert f"/case/{case.pk}/" in copies[0]
    assert "Reply-To" not in copies[0]
    assert not list(settings.EMAIL_FILE_PATH.glob("*quiet*"))


def test_a_copy_that_waits_is_not_sent_after_the_withdrawal(account, pack, settings):
    one = appointed(account, pack, now=NOW)
    make_action_in_force(ActionKind.RESTRICT, account=account)
    end_delegation(call=holder(account), pack=pack, delegation_id=one.pk)
    OutboxMessage.objects.exclude(payload__has_key="copy_of").delete()
    assert outbox.send_due(now=NOW).dead == 1
    assert not list(settings.EMAIL_FILE_PATH.glob(f"*{one.pk}*"))


def test_a_delegate_reads_the_evidence_of_the_account_and_staff_see_the_name(case, account, pack):
    one = appointed(account, pack, now=NOW)
    call = acting(one, now=NOW)
    upload = Upload("invoice.pdf", PDF, "corrective")
    appeal = submit_appeal(call=call, pack=pack, case_id=case.pk, submission_key="k", answer=PLAN, language="en", uploads=[upload])
    file, _ = evidence_bytes(actor=call.actor, evidence_id=appeal.evidence.get().pk)
    assert file.name == "invoice.pdf"
    end_delegation(call=holder(account), pack=pack, delegation_id=one.pk)
    with pytest.raises(NotFound):
        evidence_bytes(actor=actor_of(delegate=one.delegate, now=NOW), evidence_id=file.pk)
    assert evidence_bytes(actor=specialist().actor, evidence_id=file.pk)[0] == file


def test_an_invitation_that_lapsed_is_not_accepted_though_no_worker_has_ended_it_yet(account, pack):
    one, late = invited(account, pack, now=NOW), NOW + timedelta(days=14)
    assert end_due_delegations(call=automation(now=late - timedelta(seconds=1)), pack=pack) == 0
    with pytest.raises(IllegalTransition, match="not accepted in time"):
        accept_delegation(call=acting(one, now=late), pack=pack, delegation_id=one.pk)
    assert not LedgerEntry.objects.filter(case_id=one.pk, kind="DelegationAccepted").exists()
