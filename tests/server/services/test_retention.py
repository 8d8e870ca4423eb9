"""Erasure when the time is over and on request; the chain of the ledger holds without the bodies (requirement A3)."""

from datetime import timedelta

import pytest

from goodstanding.core.errors import NotFound
from goodstanding.core.terms import ActionKind, DecisionOutcome, NoticeKind, RecordKind
from goodstanding.server.services import ledger
from goodstanding.server.services.evidence import evidence_bytes, path_of
from goodstanding.server.services.retention import ask_erasure, erase_due
from goodstanding.server.store.models import Account, Appeal, Erasure, Evidence, LedgerBody, LedgerEntry, Notice, RatingReading
from tests.server.factories import NOW, automation, holder, make_account, make_action_in_force, make_rating, specialist
from tests.server.services.appealing import INVOICE, appealed, decide, submit
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
    from tests.server.services.appealing import claim

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
    assert not path_of(evidence.sha256).exists()
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
