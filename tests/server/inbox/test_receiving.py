"""The ways in for mails: a real listener for SMTP and LMTP on the loopback, a real IMAP server, and the command (requirements C2, G1, G2)."""

import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from imap_tools import MailBoxUnencrypted

from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import MailCause, MailVerdict
from goodstanding.server.inbox.listener import listen
from goodstanding.server.inbox.mailbox import empty_mailbox
from goodstanding.server.mailroom.addresses import reply_address
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.proofs import Envelope
from goodstanding.server.services.incoming import Taken
from tests.patience import SECONDS
from tests.ports import free_port
from tests.server.factories import NOW
from tests.server.mailroom.mailing import REPLIES, SELLER, write


class Taker:
    """Takes mails in memory; `answers` is what becomes of each, an exception is raised."""

    def __init__(self, *answers: Taken | Exception) -> None:
        self.came: list[tuple[bytes, Envelope]] = []
        self.answers = list(answers)

    def __call__(self, raw: bytes, envelope: Envelope) -> Taken:
        self.came.append((raw, envelope))
        answer = self.answers.pop(0) if self.answers else Taken(MailVerdict.ACCEPTED, MailCause.NONE)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def address(settings: Any) -> str:
    settings.REPLY_DOMAIN = REPLIES
    return reply_address(case_id="C-KNOWN", expires_at=NOW + timedelta(days=4000))


@pytest.fixture
def listening() -> Iterator[Callable[..., int]]:
    running = []

    def start(take: Taker, scheme: str = "smtp") -> int:
        port = free_port()
        running.append(listen(url=f"{scheme}://127.0.0.1:{port}", take=take))
        return port

    yield start
    for one in running:
        one.stop()


@pytest.mark.parametrize(("scheme", "client"), [("smtp", smtplib.SMTP), ("lmtp", smtplib.LMTP)])
def test_a_mail_comes_in_byte_for_byte_with_its_envelope(scheme: str, client: Any, address: str, listening: Callable[..., int]) -> None:
    taker, raw = Taker(), write(address, "..a line that begins with dots\n.\nand 中文")
    with client("127.0.0.1", listening(taker, scheme)) as server:
        server.sendmail(SELLER, [address], raw)
    ((came, envelope),) = taker.came
    assert came == raw
    assert (envelope.mail_from, envelope.recipients, envelope.peer) == (SELLER, (address,), "127.0.0.1")


def test_a_bounce_keeps_its_empty_sender(address: str, listening: Callable[..., int]) -> None:
    taker = Taker()
    with smtplib.SMTP("127.0.0.1", listening(taker)) as server:
        server.sendmail("", [address], b"Subject: x\r\n\r\nx\r\n")
    assert taker.came[0][1].mail_from == "<>"


def test_nothing_is_relayed_and_nobody_learns_which_cases_there_are(address: str, listening: Callable[..., int]) -> None:
    with smtplib.SMTP("127.0.0.1", listening(Taker())) as server:
        server.ehlo()
        server.mail(SELLER)
        for other in ("someone@elsewhere.example", f"standing@{REPLIES}", address.replace(".", "x", 1), "x" * 300 + address):
            assert server.rcpt(other)[0] in (550, 553, 501)
        assert server.rcpt(address)[0] == 250
        assert server.rcpt(address)[0] == 452


@pytest.mark.parametrize(
    ("cause", "code"), [(MailCause.TOO_LARGE, 552), (MailCause.SENDERS, 550), (MailCause.UNREADABLE, 550), (MailCause.NO_CASE, 550)]
)
def test_a_refused_mail_is_told_to_its_server_with_the_reason(cause: MailCause, code: int, address: str, listening: Callable[..., int]) -> None:
    port = listening(Taker(Taken(MailVerdict.REFUSED, cause)))
    with smtplib.SMTP("127.0.0.1", port) as server, pytest.raises(smtplib.SMTPDataError) as refused:
        server.sendmail(SELLER, [address], b"Subject: x\r\n\r\nx\r\n")
    assert refused.value.smtp_code == code


def test_a_mail_that_cannot_be_kept_now_is_sent_again_by_its_server(address: str, listening: Callable[..., int]) -> None:
    taker = Taker(RuntimeError("the disk is full"))
    with smtplib.SMTP("127.0.0.1", listening(taker)) as server:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            server.sendmail(SELLER, [address], b"Subject: x\r\n\r\nx\r\n")
        assert refused.value.smtp_code == 451
        server.sendmail(SELLER, [address], b"Subject: x\r\n\r\nx\r\n")
    assert len(taker.came) == 2


def test_a_huge_mail_is_refused_before_it_is_sent(address: str, listening: Callable[..., int], settings: Any) -> None:
    settings.MAIL_MAX_BYTES = 5000
    taker = Taker()
    with smtplib.SMTP("127.0.0.1", listening(taker)) as server, pytest.raises(smtplib.SMTPException):
        server.sendmail(SELLER, [address], b"Subject: x\r\n\r\n" + b"x" * 10_000)
    assert taker.came == []


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1", "smtp://127.0.0.1", "lmtp://:25"])
def test_a_wrong_address_to_listen_at_is_told_by_its_setting(url: str) -> None:
    with pytest.raises(UnusableInput, match="GOODSTANDING_MAIL_LISTEN"):
        listen(url=url, take=Taker())


def test_a_port_that_is_taken_is_one_line(listening: Callable[..., int], address: str) -> None:
    port = listening(Taker())
    with pytest.raises(UnusableInput, match="cannot listen"):
        listen(url=f"smtp://127.0.0.1:{port}", take=Taker())


@pytest.fixture(scope="module")
def imap() -> Iterator[int]:
    """A real IMAP server in memory."""
    port = free_port()
    command = [
        sys.executable,
        "-c",
        "from pymap.main import main; main()",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-tls",
        "dict",
        "--demo-data",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
        server.terminate()


def test_a_mailbox_is_emptied_once_and_what_cannot_be_taken_now_stays(imap: int) -> None:
    url = f"imap://demouser:demopass@127.0.0.1:{imap}/INBOX"
    with MailBoxUnencrypted("127.0.0.1", imap).login("demouser", "demopass") as box:
        box.delete(box.uids())
        raws = [b"Return-Path: <>\r\nDelivered-To: a@b.example\r\nSubject: %d\r\n\r\n\xe4\xb8\xad text\r\n" % number for number in range(3)]
        for raw in raws:
            box.append(raw, "INBOX")
    taker = Taker(Taken(MailVerdict.ACCEPTED, MailCause.NONE), Taken(MailVerdict.REFUSED, MailCause.SENDERS), RuntimeError("away"))
    assert empty_mailbox(url=url, take=taker) == (1, 1)
    assert [raw for raw, _ in taker.came] == raws
    assert taker.came[0][1] == Envelope("<>", ("a@b.example",))
    assert empty_mailbox(url=url, take=taker) == (1, 0)
    assert empty_mailbox(url=url, take=taker) == (0, 0)


def test_a_mailbox_that_is_away_or_wrong_is_one_line(imap: int) -> None:
    with pytest.raises(DeliveryFailed, match="cannot be used"):
        empty_mailbox(url=f"imap://demouser:wrong@127.0.0.1:{imap}", take=Taker())
    with pytest.raises(DeliveryFailed):
        empty_mailbox(url=f"imap://a:b@127.0.0.1:{free_port()}", take=Taker())
    with pytest.raises(UnusableInput, match="GOODSTANDING_IMAP"):
        empty_mailbox(url="pop3://a:b@c", take=Taker())


def test_the_command_says_which_setting_is_missing(settings: Any) -> None:
    settings.REPLY_DOMAIN = settings.MAIL_LISTEN = settings.IMAP_URL = ""
    with pytest.raises(CommandError, match="GOODSTANDING_REPLY_DOMAIN"):
        call_command("receive_mail")
    settings.REPLY_DOMAIN = REPLIES
    with pytest.raises(CommandError, match="GOODSTANDING_MAIL_LISTEN"):
        call_command("receive_mail")
    settings.MAIL_LISTEN = "smtp://127.0.0.1:1"
    with pytest.raises(CommandError, match="GOODSTANDING_IMAP"):
        call_command("receive_mail", "--once")


@pytest.mark.django_db(transaction=True)
def test_the_command_empties_the_mailbox(imap: int, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.REPLY_DOMAIN, settings.IMAP_URL = REPLIES, f"imap://demouser:demopass@127.0.0.1:{imap}/INBOX"
    with MailBoxUnencrypted("127.0.0.1", imap).login("demouser", "demopass") as box:
        box.delete(box.uids())
        box.append(b"From: a@b.example\r\nSubject: spam\r\n\r\nbuy\r\n", "INBOX")
    call_command("receive_mail", "--once")
    assert "0 mails kept, 1 refused" in capsys.readouterr().out
