"""Erasure when the time is over and on request; the chain of the ledger holds without the bodies (requirement A3)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from goodstanding.core.errors import NotFound
from goodstanding.core.linkage.judgements import pair_of
from goodstanding.core.terms import ActionKind, DecisionOutcome, NoticeKind, RecordKind, RelationGround, RelationVerdict
from goodstanding.core.values import Span
from goodstanding.server.services import ledger
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.evidence import evidence_bytes
from goodstanding.server.services.judgements import keep_judgement
from goodstanding.server.services.retention import ask_erasure, erase_due
from goodstanding.server.store.models import (
    Account,
    Appeal,
    Case,
    DiagnosisRecord,
    EnforcementAction,
    Erasure,
    Evidence,
    Judgement,
    LedgerBody,
    LedgerEntry,
    Notice,
    RatingReading,
    Relation,
    StruckAccount,
    Viewing,
)
from tests.server.factories import NOW, automation, holder, make_account, make_action_in_force, make_rating, specialist
from tests.server.services.appealing import INVOICE, appealed, claim, decide, stored_at, submit
from tests.server.services.assuring import assured_pack

pytestmark = pytest.mark.django_db
PACK = assured_pack()
MONTH = timedelta(days=31)


@pytest.fixture
def account():
    """A closed account whose appeal was won, with a file."""
    account = make_account(emergency_phone="+1 206 555 0123")
    make_rating(account)
    case = make_action_in_force(ActionKind.RESTRICT, account=account, pack=PACK)
    submit(case, PACK, uploads=[INVOICE])
    claim(case, PACK)
    decide(case, PACK, DecisionOutcome.OVERTURNED)
    account.closed_at = NOW
    account.save()
    return account


def erase(after):
    return erase_due(call=automation(now=NOW + after), pack=PACK)


def test_each_kind_goes_in_its_own_time_and_once(account, django_capture_on_commit_callbacks):
    """Requirement A3: closing is not erasing."""
    evidence = Evidence.objects.get()
    assert erase(timedelta(0)) == 1
    assert Account.objects.get(pk=account.pk).emergency_phone == ""
    assert Account.objects.get(pk=account.pk).email == account.email
    with django_capture_on_commit_callbacks(execute=True):
        assert erase(7 * MONTH) == 2
    assert erase(7 * MONTH) == 0
    assert not RatingReading.objects.exists()
    assert not stored_at(evidence.sha256).exists()
    with pytest.raises(NotFound, match="was erased on"):
        evidence_bytes(actor=specialist().actor, evidence_id=evidence.pk)
    assert Evidence.objects.get().sha256 == evidence.sha256
    assert erase(61 * MONTH) == 1
    assert erase(140 * MONTH) == 1
    gone = Account.objects.get(pk=account.pk)
    assert (gone.display_name, gone.email) == ("", "")
    assert set(Erasure.objects.values_list("kind", flat=True)) == set(RecordKind)


def test_the_ledger_holds_when_its_bodies_are_gone(account):
    entries, digests = LedgerEntry.objects.count(), set(Notice.objects.values_list("sha256", flat=True))
    erase(61 * MONTH)
    assert list(ledger.verify()) == []
    assert LedgerEntry.objects.count() == entries + 1
    assert LedgerBody.objects.count() == 1, "only the entry that says so has a body"
    assert set(Notice.objects.values_list("sha256", flat=True)) == digests
    assert set(Notice.objects.values_list("body", flat=True)) == {""}
    appeal = Appeal.objects.get()
    assert (appeal.root_cause, appeal.corrective, appeal.erased_at) == ("", "", NOW + 61 * MONTH)


def test_an_open_case_keeps_everything(account):
    case = make_action_in_force(ActionKind.DEACTIVATE, account=account, pack=PACK)
    assert erase(61 * MONTH) == 0
    appealed(case, PACK)


def test_nothing_of_an_open_account_is_erased():
    account = make_account(emergency_phone="+1 206 555 0123")
    assert erase(61 * MONTH) == 0
    request = ask_erasure(call=holder(account), pack=PACK, account_id=account.pk)
    assert {one["is_erased"] for one in request.answer} == {False}


def test_a_request_is_answered_at_once_with_what_goes_and_what_stays_and_until_when(account):
    request = ask_erasure(call=holder(account, now=NOW + timedelta(hours=1)), pack=PACK, account_id=account.pk)
    said = {one["kind"]: one for one in request.answer}
    assert said["contact"]["is_erased"]
    assert said["cases"]["until"] == "2031-11-20T09:30:00+00:00"
    assert said["identity"]["until"] == "2036-11-20T09:30:00+00:00"
    letter = Notice.objects.get(kind=NoticeKind.ERASURE_ANSWERED)
    assert letter.body.count("kept line") == 4
    assert letter.body.count("erased line") == 1
    assert Account.objects.get(pk=account.pk).emergency_phone == ""
    again = ask_erasure(call=holder(account, now=NOW + timedelta(hours=2)), pack=PACK, account_id=account.pk)
    assert again == request
    assert Notice.objects.filter(kind=NoticeKind.ERASURE_ANSWERED).count() == 1


def test_nobody_asks_for_another_account(account):
    with pytest.raises(NotFound):
        ask_erasure(call=holder(make_account()), pack=PACK, account_id=account.pk)


def test_what_is_erased_does_not_come_back_with_the_next_nights_facts(account, tmp_path):
    from goodstanding.server.jobs.nightly import run_assessment
    from tests.server.factories import TODAY
    from tests.server.jobs.night import FINE, make_night

    source = make_night(tmp_path / "facts")
    path = tmp_path / "facts" / "accounts.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0] + ",closed_at", *(f"{line},{'2026-01-01T00:00:00' if FINE in line else ''}" for line in lines[1:])]) + "\n")
    gone = make_account(FINE, closed_at=NOW - 12 * MONTH, display_name="", email="")
    Erasure.objects.create(account=gone, kind=RecordKind.IDENTITY, closed_at=gone.closed_at, erased_at=NOW, records=1)
    run_assessment(call=automation(), pack=PACK, source=source, as_of=TODAY)
    assert Account.objects.get(pk=FINE).email == ""
    assert not RatingReading.objects.filter(account=FINE).exists()


def test_relations_judgements_and_diagnoses_go_with_the_cases_and_a_denial_still_holds(account):
    """A3, B16: what is written goes; that a relation was denied stays, so that it is held against nobody again."""
    other = make_account()
    Relation.objects.create(account_a=account.pk, account_b=other.pk, score=120, as_of=NOW.date())
    StruckAccount.objects.create(account_id=account.pk, action_id="A-1", since=NOW.date())
    violation = account.violations.get()
    DiagnosisRecord.objects.create(violation=violation, as_of=NOW.date(), recorded_at=NOW)
    pair = pair_of(account.pk, other.pk)
    keep_judgement(call=specialist(), pair=pair, verdict=RelationVerdict.DENIED, ground=RelationGround.FAMILY, note="her sister")
    Viewing.objects.create(case=Case.objects.get(), actor="user:1", seen_at=NOW)
    erase(61 * MONTH)
    assert not any(model.objects.exists() for model in (Relation, StruckAccount, DiagnosisRecord, Viewing))
    judged = Judgement.objects.get()
    assert (judged.note, judged.verdict, judged.ground) == ("", RelationVerdict.DENIED, RelationGround.FAMILY)
    assert list(ledger.verify()) == []


@pytest.mark.parametrize("change", [{"verdict": "confirmed"}, {"note": "other words"}, {"note": "", "decided_by": "user:7"}])
def test_nothing_else_of_a_judgement_ever_changes(account, change):
    pair = pair_of(account.pk, make_account().pk)
    keep_judgement(call=specialist(), pair=pair, verdict=RelationVerdict.DENIED, ground=RelationGround.FAMILY, note="her sister")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Judgement.objects.update(**change)


def at_rest(account=None):
    """A case of an open account, won on appeal; its clock of retention runs."""
    pack = replace(PACK, deadlines={**PACK.deadlines, "retention": Span(months=60)})
    case = make_action_in_force(ActionKind.RESTRICT, account=account, pack=pack)
    submit(case, pack, uploads=[INVOICE])
    claim(case, pack)
    decide(case, pack, DecisionOutcome.OVERTURNED)
    return case, pack


def test_the_texts_of_a_case_go_when_its_own_time_is_over_though_the_account_goes_on(django_capture_on_commit_callbacks):
    case, pack = at_rest()
    assert fire_due(call=automation(now=NOW + 58 * MONTH), pack=pack) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert fire_due(call=automation(now=NOW + 61 * MONTH), pack=pack) == 1
    assert fire_due(call=automation(now=NOW + 70 * MONTH), pack=pack) == 0
    evidence, appeal = Evidence.objects.get(), Appeal.objects.get()
    assert not stored_at(evidence.sha256).exists()
    assert (appeal.root_cause, appeal.outcome) == ("", "reversed")
    assert set(Notice.objects.values_list("body", flat=True)) == {""}
    assert case.action.violations.get().items == []
    assert list(ledger.verify()) == []


def test_what_another_kept_case_rests_on_stays():
    case, pack = at_rest()
    violation = case.action.violations.get()
    younger = make_action_in_force(ActionKind.DEACTIVATE, account=case.account, pack=pack)
    younger.action.violations.add(violation)
    fire_due(call=automation(now=NOW + 61 * MONTH), pack=pack)
    violation.refresh_from_db()
    assert violation.items
    assert Appeal.objects.get().root_cause == ""


def test_while_an_action_is_in_force_its_holder_can_be_told_why():
    case, pack = at_rest()
    EnforcementAction.objects.filter(pk=case.action_id).update(lifted_at=None)
    fire_due(call=automation(now=NOW + 61 * MONTH), pack=pack)
    assert Appeal.objects.get().root_cause
    EnforcementAction.objects.filter(pk=case.action_id).update(lifted_at=NOW)
    assert fire_due(call=automation(now=NOW + 63 * MONTH), pack=pack) == 1
    assert Appeal.objects.get().root_cause == ""
