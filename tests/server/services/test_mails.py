"""Mails that are the holder's: what each becomes, that it counts once, and what a person does with one that is held (C2, F5, G1, G2)."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import ActionKind, MailCause, MailVerdict, NoticeKind, Role, Route
from goodstanding.server.services import ledger
from goodstanding.server.services.exports import check_export, export_case
from goodstanding.server.services.mails import held_mails, mail_shown, reject_mail, release_mail, submit_mail
from goodstanding.server.services.outbox import send_due
from goodstanding.server.services.reviews import ask_information
from goodstanding.server.store.models import Appeal, Case, Evidence, IncomingMail, InformationRequest, LedgerEntry, Notice, OutboxMessage
from tests.server.factories import NOW, call_as, holder, specialist
from tests.server.mailroom.mailing import DISPUTE, PLAN, REPLIES, files, make_case, reading_pack, reply_to, send, write
from tests.server.services.appealing import PDF, at, claim, stored_at, submit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _answerable(settings: Any) -> None:
    settings.REPLY_DOMAIN = REPLIES


@pytest.fixture
def pack() -> Any:
    return reading_pack()


def kinds(case: Case) -> list[str]:
    return list(LedgerEntry.objects.filter(case_id=case.pk).order_by("sequence").values_list("kind", flat=True))


def told(case: Case, kind: NoticeKind) -> Notice:
    return Notice.objects.get(case=case, kind=kind)


def test_a_dispute_by_mail_is_the_same_appeal_as_by_the_portal(pack: Any) -> None:
    case = make_case()
    raw = write(reply_to(case), files(("invoice.pdf", "application/pdf", PDF), text=f"{DISPUTE}\r\n\r\nOn Fri, Nov 20, we wrote:\r\n> the letter"))
    taken = send(case, pack, raw)
    assert taken.verdict == MailVerdict.ACCEPTED
    appeal = Appeal.objects.get(case=case)
    assert (appeal.route, appeal.grounds, appeal.attempt) == (Route.DISPUTE, DISPUTE, 1)
    assert [one.name for one in appeal.evidence.all()] == ["invoice.pdf"]
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED
    assert "invoice.pdf" in told(case, NoticeKind.ACKNOWLEDGEMENT).body
    assert kinds(case)[-3:] == ["AppealSubmitted", "NoticeIssued", "MailReceived"]
    row, original = mail_shown(actor=specialist().actor, mail_id=IncomingMail.objects.get().pk)
    assert "On Fri, Nov 20, we wrote" in original
    assert row.quoted == "the letter"
    assert list(ledger.verify()) == []


def test_a_plan_by_mail_is_parted_by_its_headings(pack: Any) -> None:
    case = make_case()
    send(case, pack, write(reply_to(case), PLAN))
    appeal = Appeal.objects.get(case=case)
    assert appeal.route == Route.PLAN
    assert "One supplier" in appeal.root_cause
    assert "removed 12 listings" in appeal.corrective
    assert "test every delivery" in appeal.preventive


def test_twice_the_same_mail_counts_once(pack: Any) -> None:
    case = make_case()
    raw = write(reply_to(case))
    first, second = send(case, pack, raw), send(case, pack, b"Received: by another way\r\n" + raw)
    assert (first.is_repeated, second.is_repeated) == (False, True)
    assert Appeal.objects.count() == IncomingMail.objects.count() == 1


def test_a_mail_that_does_not_say_its_route_is_filed_and_its_writer_chooses_by_a_link(pack: Any) -> None:
    case = make_case()
    send(case, pack, write(reply_to(case), files(("invoice.pdf", "application/pdf", PDF), text="Please see the attached file. Kind regards, Li")))
    row = IncomingMail.objects.get()
    assert row.asks_route
    assert not Appeal.objects.exists()
    assert "mail choose" in told(case, NoticeKind.MAIL_FILED).body
    with pytest.raises(NotFound):
        submit_mail(call=holder("S9999"), pack=pack, mail_id=row.pk, route=Route.DISPUTE)
    appeal = submit_mail(call=holder(case.account_id, now=at(5)), pack=pack, mail_id=row.pk, route=Route.DISPUTE)
    assert appeal.grounds.startswith("Please see the attached file.")
    assert [one.name for one in appeal.evidence.all()] == ["invoice.pdf"]
    with pytest.raises(NotFound):
        submit_mail(call=holder(case.account_id, now=at(6)), pack=pack, mail_id=row.pk, route=Route.PLAN)


def test_what_was_asked_for_can_be_given_by_mail(pack: Any) -> None:
    case = make_case()
    submit(case, pack)
    claim(case, pack)
    ask_information(call=specialist(now=at(3)), pack=pack, case_id=case.pk, items=["The invoice"])
    send(case, pack, write(reply_to(case), files(("invoice.pdf", "application/pdf", PDF), text="Here it is.")), now=at(4))
    assert InformationRequest.objects.get().answer == "Here it is."
    assert Evidence.objects.get().name == "invoice.pdf"
    case.refresh_from_db()
    assert case.state == CaseState.IN_REVIEW


def test_a_mail_while_the_appeal_waits_is_kept_as_a_message_and_answered(pack: Any) -> None:
    case = make_case()
    submit(case, pack)
    send(case, pack, write(reply_to(case)), now=at(4))
    assert Appeal.objects.count() == 1
    row = IncomingMail.objects.get()
    assert (row.text, row.asks_route) == (DISPUTE, False)
    assert "mail choose" not in told(case, NoticeKind.MAIL_FILED).body


def test_a_forged_mail_is_held_and_the_registered_address_is_told_how_to_prove_it(pack: Any) -> None:
    case = make_case()
    send(case, pack, write(reply_to(case), sign=""), peer="198.51.100.7", mail_from="x@evil.example")
    (row,) = held_mails(actor=specialist().actor)
    letter = told(case, NoticeKind.MAIL_HELD)
    assert letter.recipient == "li@seller.example"
    assert "mail unproved" in letter.body
    assert "mail prove" in letter.body
    assert b"Reply-To: appeals+" in bytes(letter.message)
    for role in (Role.POLICY_MANAGER, Role.INTEGRATION, Role.HOLDER):
        with pytest.raises(NotPermitted):
            held_mails(actor=call_as(role, "x").actor)
        with pytest.raises(NotPermitted):
            release_mail(call=call_as(role, "x"), pack=pack, mail_id=row.pk)
    with pytest.raises(NotPermitted):
        reject_mail(call=call_as(Role.AUDITOR, "x"), mail_id=row.pk, because="no")


def test_a_person_releases_a_held_mail_into_its_case(pack: Any) -> None:
    case = make_case()
    send(case, pack, write(reply_to(case), sign=""))
    row = IncomingMail.objects.get()
    release_mail(call=specialist(now=at(5)), pack=pack, mail_id=row.pk)
    assert Appeal.objects.get(case=case).grounds == DISPUTE
    assert "MailReleased" in kinds(case)
    with pytest.raises(IllegalTransition):
        release_mail(call=specialist(now=at(6)), pack=pack, mail_id=row.pk)


def test_a_person_refuses_a_held_mail_with_a_reason(pack: Any) -> None:
    case = make_case()
    send(case, pack, write(reply_to(case), sign=""))
    row = IncomingMail.objects.get()
    with pytest.raises(UnusableInput, match="say why"):
        reject_mail(call=specialist(now=at(5)), mail_id=row.pk, because=" ")
    reject_mail(call=specialist(now=at(5)), mail_id=row.pk, because="not from the holder, asked by phone")
    assert held_mails(actor=specialist().actor) == []
    assert not Appeal.objects.exists()
    assert kinds(case)[-1] == "MailRejected"


def test_a_mail_without_a_case_waits_for_a_person_who_knows_it(pack: Any) -> None:
    case = make_case()
    taken = send(case, pack, write("standing@market.example"), to="standing@market.example")
    assert (taken.verdict, taken.cause) == (MailVerdict.HELD, MailCause.NO_TOKEN)
    row = IncomingMail.objects.get()
    with pytest.raises(UnusableInput, match="names no case"):
        release_mail(call=specialist(now=at(5)), pack=pack, mail_id=row.pk)
    with pytest.raises(NotFound):
        release_mail(call=specialist(now=at(5)), pack=pack, mail_id=row.pk, case_id="C-NONE")
    release_mail(call=specialist(now=at(5)), pack=pack, mail_id=row.pk, case_id=case.pk)
    assert Appeal.objects.get().case_id == case.pk
    assert list(ledger.verify()) == []


BOUNCE = """From: MAILER-DAEMON@mx.seller.example
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I could not deliver your mail.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.seller.example

Final-Recipient: rfc822; li@seller.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} The mailbox does not exist

--b
Content-Type: message/rfc822

Message-ID: {id}
Subject: your account

--b--
"""


@pytest.mark.parametrize(("action", "status", "is_marked"), [("failed", "5.1.1", True), ("delayed", "4.4.1", False)])
def test_a_bounce_is_no_answer_but_the_letters_state_of_delivery(action: str, status: str, is_marked: bool, pack: Any) -> None:
    case = make_case()
    notice = Notice.objects.get(case=case)
    raw = BOUNCE.format(to=reply_to(case), action=action, status=status, id=notice.message_id).encode()
    taken = send(case, pack, raw, mail_from="<>")
    assert (taken.verdict, taken.cause) == (MailVerdict.IGNORED, MailCause.BOUNCE)
    notice.refresh_from_db()
    assert bool(notice.bounced_at) == is_marked
    assert notice.bounce_said == ("5.1.1 The mailbox does not exist" if is_marked else "")
    assert ("NoticeBounced" in kinds(case)) == is_marked
    assert Notice.objects.count() == 1


def test_a_bounce_of_another_case_marks_nothing(pack: Any) -> None:
    case, other = make_case(), make_case("else@shop.example", ActionKind.RESTRICT)
    theirs = Notice.objects.get(case=other)
    raw = BOUNCE.format(to=reply_to(case), action="failed", status="5.1.1", id=theirs.message_id).encode()
    send(case, pack, raw, mail_from="<>")
    theirs.refresh_from_db()
    assert theirs.bounced_at is None


def test_letters_promise_an_answer_by_mail_only_where_it_is_taken_in(settings: Any) -> None:
    answerable = Notice.objects.get(case=make_case())
    settings.REPLY_DOMAIN = ""
    silent = Notice.objects.get(case=make_case("two@seller.example"))
    assert "answer by mail" in answerable.body
    assert b"\nReply-To: appeals+" in bytes(answerable.message)
    assert "answer by mail" not in silent.body
    assert b"Reply-To" not in bytes(silent.message)


def test_a_held_mail_is_answered_again_only_the_next_day(pack: Any) -> None:
    case = make_case()
    for number, days in enumerate((0, 0, 2)):
        send(case, pack, write(reply_to(case), sign="", id=f"<{number}@x>"), now=NOW + timedelta(days=days))
    assert Notice.objects.filter(kind=NoticeKind.MAIL_HELD).count() == 2


def test_every_answer_leaves_by_the_outbox(pack: Any) -> None:
    case = make_case()
    send(case, pack, write(reply_to(case), "Hello?"))
    send_due(now=NOW)
    assert OutboxMessage.objects.filter(sent_at=None).count() == 0


def test_the_export_of_a_case_holds_its_mails_byte_for_byte(pack: Any) -> None:
    """K3: also one that was held, and each under the digest that the ledger says."""
    case = make_case()
    raw, strange = write(reply_to(case), PLAN), write(reply_to(case), sender="stranger@elsewhere.example", sign="", id="<2@elsewhere.example>")
    send(case, pack, raw)
    send(case, pack, strange, peer="198.51.100.7", mail_from="stranger@elsewhere.example", now=at(4))
    data = export_case(call=specialist(), case_id=case.pk)
    archive = zipfile.ZipFile(io.BytesIO(data))
    rows = IncomingMail.objects.filter(case=case)
    assert {archive.read(f"mails/{row.pk}.eml") for row in rows} == {raw, strange}
    assert check_export(data=data) == []
    assert "stranger@elsewhere.example" in archive.read("case.html").decode()
    [told, *_] = json.loads(archive.read("case.json"))["mails"]
    changed = change(data, f"mails/{told['mail_id']}.eml", b"Subject", b"Subjekt")
    assert check_export(data=changed) == [f"mails/{told['mail_id']}.eml was changed"]
    row = rows.get(pk=told["mail_id"])
    stored_at(row.sha256).unlink()
    assert check_export(data=export_case(call=specialist(), case_id=case.pk)) == [f"mails/{row.pk}.eml is missing"]
    IncomingMail.objects.filter(pk=row.pk).update(erased_at=NOW)
    assert check_export(data=export_case(call=specialist(), case_id=case.pk)) == []


def change(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """An archive with one file changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(out, "w") as copy:
        for one in whole.namelist():
            copy.writestr(one, whole.read(one).replace(old, new) if one == name else whole.read(one))
    return out.getvalue()
