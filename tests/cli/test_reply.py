"""`goodstanding reply` and `goodstanding followups`: the mail that goes out, what is warned of, and the book (requirements F5, L1)."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from goodstanding.cli.book import Book
from goodstanding.cli.main import main
from goodstanding.cli.reply_mail import build_reply
from goodstanding.core.appeals.followups import Sent
from goodstanding.intake.mail import read_mail
from tests.notice_data import mails

NOTICE = """From: Seller Performance <seller-performance@amazon.com>
To: lamps@shop.example
Reply-To: appeals@amazon.com
Subject: =?utf-8?q?Your_account_=E2=80=93_late_shipments?=
Date: Mon, 16 Nov 2026 09:00:00 +0000
Message-ID: <n-1@amazon.com>
References: <n-0@amazon.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Your Amazon account has been deactivated because your late shipment rate is above 4%.
Please reply to this message within 14 days with a plan of action.

Please also send:
-- Copies of invoices from your supplier issued in the last 90 days
"""
PLAN = "# Root cause\n\nOn 26 October 2026 our carrier stopped its pick-ups; 18 of 20 orders left **late**.\n\n# Actions taken\n\n- On 4 November 2026 we changed the carrier. See attached invoice.\n"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notice, a plan and an empty book in the folder where the commands run."""
    (tmp_path / "notice.eml").write_text(NOTICE, encoding="utf-8")
    (tmp_path / "plan.md").write_text(PLAN, encoding="utf-8")
    (tmp_path / "invoice-2026-11-02.pdf").write_bytes(PDF)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GOODSTANDING_BOOK", str(tmp_path / "book.sqlite"))
    return tmp_path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def reply(*more: object, plan: str = "plan.md", notice: str = "notice.eml") -> int:
    return run("reply", plan, "--notice", notice, "--out", "reply.eml", "--now", "2026-11-17T10:00", *more)


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_the_reply_stands_in_the_thread_goes_to_the_right_address_and_reads_back(desk: Path):
    assert reply("--attach", "invoice-2026-11-02.pdf") == 0
    content = (desk / "reply.eml").read_bytes()
    message = message_from_bytes(content, policy=default)
    assert message["In-Reply-To"] == "<n-1@amazon.com>"
    assert message["References"] == "<n-0@amazon.com> <n-1@amazon.com>"
    assert (message["To"], message["From"]) == ("appeals@amazon.com", "lamps@shop.example")
    assert message["Subject"] == "Re: Your account – late shipments"
    mail = read_mail(content)
    assert mail.text.startswith("Root cause\n\nOn 26 October 2026")
    assert "**" not in mail.text
    (file,) = mail.attachments
    assert (file.name, file.content_type, file.content) == ("invoice-2026-11-02.pdf", "application/pdf", PDF)
    assert mail.troubles == ()


def test_chinese_text_and_names_survive(desk: Path):
    (desk / "发票-2026-11-02.pdf").write_bytes(PDF)
    (desk / "计划.md").write_text("# 根本原因\n\n2026年10月26日承运人停止取件，20 个订单中有 18 个迟发。\n", encoding="utf-8")
    reply("--attach", "发票-2026-11-02.pdf", plan="计划.md")
    mail = read_mail((desk / "reply.eml").read_bytes())
    assert "承运人停止取件" in mail.text
    assert mail.attachments[0].name == "发票-2026-11-02.pdf"


def codes(capsys: pytest.CaptureFixture[str]) -> set[str]:
    return {one["code"] for one in said(capsys)["warnings"]}


def test_a_document_that_is_asked_for_and_not_there_is_warned_of_and_blocks_nothing(desk: Path, capsys: pytest.CaptureFixture[str]):
    assert reply("--json") == 1
    assert codes(capsys) == {"document-missing", "attachment-forgotten"}
    assert (desk / "reply.eml").is_file()


def test_kind_age_and_size_of_files_are_held_against_what_was_asked(desk: Path, capsys: pytest.CaptureFixture[str]):
    (desk / "invoice-2026-07-05.pdf").write_bytes(PDF)
    assert reply("--attach", "invoice-2026-07-05.pdf", "--json") == 1
    assert "document-old" in codes(capsys)
    (desk / "invoice.exe").write_bytes(b"MZ program")
    assert reply("--attach", "invoice.exe", "--json", "--force") == 1
    assert "document-kind" in codes(capsys)
    (desk / "invoice-2026-11-03.pdf").write_bytes(PDF[:-7] + b" " * (21 * 2**20) + b"%%EOF\n")
    assert reply("--attach", "invoice-2026-11-03.pdf", "--json", "--force") == 1
    assert {"document-large", "mail-large"} <= codes(capsys)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Use the Appeal button in Seller Central to submit it.", "other-channel"),
        ("We may not reply to further emails about this.", "other-channel"),
        ("We look at every case.", "channel-unknown"),
    ],
)
def test_where_a_reply_is_not_the_way_the_right_one_is_named(desk: Path, capsys: pytest.CaptureFixture[str], line: str, code: str):
    (desk / "notice.eml").write_text(NOTICE.replace("Please reply to this message within 14 days with a plan of action.", line))
    assert reply("--json") == 1
    assert code in codes(capsys)


def test_an_address_of_the_marketplace_in_the_text_is_where_it_goes_and_a_rights_owners_never(desk: Path, capsys: pytest.CaptureFixture[str]):
    line = "Send an e-mail with your plan to notice-dispute@amazon.com. The rights owner can be reached at owner@brand.example."
    text = NOTICE.replace("Please reply to this message within 14 days with a plan of action.", line)
    (desk / "notice.eml").write_text(text, encoding="utf-8")
    reply("--json")
    assert said(capsys)["to"] == "notice-dispute@amazon.com"
    (desk / "notice.txt").write_text(
        text.partition("\n\n")[2].replace("notice-dispute@amazon.com", "notice-dispute@amazom.example"), encoding="utf-8"
    )
    reply("--json", "--force", notice="notice.txt")
    assert said(capsys)["to"] is None


def test_a_pasted_notice_has_no_thread_and_the_missing_addresses_are_said(desk: Path, capsys: pytest.CaptureFixture[str]):
    (desk / "notice.txt").write_text(NOTICE.partition("\n\n")[2], encoding="utf-8")
    assert reply("--attach", "invoice-2026-11-02.pdf", "--json", notice="notice.txt") == 1
    assert codes(capsys) == {"no-thread", "no-recipient", "no-sender"}
    message = message_from_bytes((desk / "reply.eml").read_bytes(), policy=default)
    assert message["In-Reply-To"] is None
    assert reply("--to", "appeals@amazon.com", "--from", "me@shop.example", "--force", notice="notice.txt") == 1


@pytest.mark.parametrize("arguments", [["--attach", "none.pdf"], ["--out", "no/such/folder/reply.eml"], ["--now", "soon"]])
def test_what_cannot_be_done_is_one_line_leaves_with_2_and_writes_nothing(desk: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]):
    assert reply(*arguments) == 2
    assert capsys.readouterr().err.strip()
    assert not (desk / "reply.eml").exists()
    assert not (desk / "book.sqlite").exists()


def test_a_file_that_is_there_is_not_written_over(desk: Path, capsys: pytest.CaptureFixture[str]):
    (desk / "reply.eml").write_text("mine")
    assert reply() == 2
    assert "--force" in capsys.readouterr().err
    assert (desk / "reply.eml").read_text() == "mine"


def test_a_notice_cannot_smuggle_headers_into_the_reply(desk: Path):
    (desk / "notice.eml").write_text(
        NOTICE.replace("<n-1@amazon.com>", "<n-1@x>\r\n Bcc: thief@x.example").replace("appeals@", "a\u202e@"), encoding="utf-8"
    )
    reply("--attach", "invoice-2026-11-02.pdf")
    message = message_from_bytes((desk / "reply.eml").read_bytes(), policy=default)
    assert message["Bcc"] is None


def test_the_book_says_what_is_due_and_when_to_ask_after_it(desk: Path, capsys: pytest.CaptureFixture[str]):
    """The pack waits 48 hours; asking begins the wait anew; an answer ends it."""
    reply("--attach", "invoice-2026-11-02.pdf")
    capsys.readouterr()
    assert run("followups", "--now", "2026-11-18T10:00", "--json") == 0
    (entry,) = said(capsys)["followups"]
    assert (entry["state"], entry["ask_at"], entry["late"]) == ("waiting", "2026-11-19T10:00:00+00:00", False)
    assert entry["must_by"] == "2026-11-30T09:00:00+00:00"
    assert entry["reasons"] == ["PERF_LATE_SHIPMENT"]
    assert run("followups", "--now", "2026-11-19T10:00") == 1
    assert "ask now" in capsys.readouterr().out
    assert run("followups", "asked", "1", "--at", "2026-11-19T11:00") == 0
    assert run("followups", "--now", "2026-11-20T10:00") == 0
    assert run("followups", "answered", "1", "--note", "reinstated") == 0
    assert run("followups", "--now", "2027-01-01") == 0
    assert "reinstated" in capsys.readouterr().out


def test_the_same_reply_written_again_is_the_same_entry(desk: Path, capsys: pytest.CaptureFixture[str]):
    reply("--attach", "invoice-2026-11-02.pdf")
    reply("--attach", "invoice-2026-11-02.pdf", "--force", "--now", "2026-12-01")
    capsys.readouterr()
    run("followups", "--json", "--now", "2026-12-01")
    (entry,) = said(capsys)["followups"]
    assert (entry["number"], entry["sent_at"], entry["late"]) == (1, "2026-12-01T00:00:00+00:00", True)


def test_two_replies_at_once_are_both_in_the_book(tmp_path: Path):
    book = Book(tmp_path / "book.sqlite")
    moment = datetime(2026, 11, 17, tzinfo=UTC)
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: book.add(Sent(0, moment, f"Re: {n}", file=f"{n}.eml")).number, range(24)))
        list(pool.map(lambda n: book.asked(1, moment), range(24)))
    assert sorted(numbers) == list(range(1, 25))
    assert len(book.entries()[0].asked) == 24


def test_an_entry_can_be_corrected_and_taken_out(desk: Path, capsys: pytest.CaptureFixture[str]):
    reply("--attach", "invoice-2026-11-02.pdf")
    assert run("followups", "sent", "1", "--at", "2026-11-18") == 0
    capsys.readouterr()
    run("followups", "--json", "--now", "2026-11-18")
    assert said(capsys)["followups"][0]["sent_at"] == "2026-11-18T00:00:00+00:00"
    assert run("followups", "forget", "1") == 0
    assert run("followups", "forget", "1") == 2
    assert "has no entry 1" in capsys.readouterr().err


def test_an_empty_book_is_said_and_a_file_that_is_none_leaves_with_2(desk: Path, capsys: pytest.CaptureFixture[str]):
    assert run("followups") == 0
    assert "The book is empty" in capsys.readouterr().out
    assert run("followups", "answered", "1") == 2
    (desk / "other.sqlite").write_text("no book " * 500)
    assert run("followups", "--book", "other.sqlite") == 2
    assert "cannot be used as a book" in capsys.readouterr().err
    with sqlite3.connect(desk / "newer.sqlite") as con:
        con.execute("PRAGMA user_version = 9")
    assert run("followups", "--book", "newer.sqlite") == 2
    assert "version 9" in capsys.readouterr().err


@pytest.mark.real_data
@pytest.mark.skipif(not mails(), reason="the collection of mails is not here")
def test_every_real_mail_can_be_answered_and_the_answer_reads_back():
    """Malformed ids, raw bytes in subjects, bounces: none of them breaks the reply's own headers."""
    now = datetime(2026, 11, 17, tzinfo=UTC)
    for path in mails():
        notice = read_mail(path.read_bytes())
        subject = f"Re: {notice.thread_subject}"
        answer = read_mail(build_reply(notice, PLAN, [], sender="me@shop.example", to=notice.reply_to or notice.sender, subject=subject, now=now))
        assert answer.text.startswith("Root cause\n\nOn 26 October 2026"), path.name
        assert answer.sender == "me@shop.example", path.name
        assert not answer.in_reply_to or answer.references[-1] == answer.in_reply_to, path.name
