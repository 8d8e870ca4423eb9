"""Mails out by file or SMTP."""

import hashlib
import smtplib

import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import ActionKind
from goodstanding.server.mailroom import sending
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.sending import send_mail
from goodstanding.server.store.models import Notice
from tests.server.factories import make_action_in_force


@pytest.fixture
def notice(db):
    return Notice.objects.get(case=make_action_in_force(ActionKind.RESTRICT))


class Server:
    """A mail server in memory; `refusal` is what it raises."""

    extensions = frozenset({"starttls"})

    def __init__(self, host, port, timeout):
        self.said = [(host, port)]
        self.sent = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def ehlo_or_helo_if_needed(self):
        self.said.append("ehlo")

    def has_extn(self, name):
        return name in self.extensions

    def starttls(self, context):
        assert context.check_hostname
        self.said.append("starttls")

    def login(self, user, password):
        self.said.append((user, password))

    def sendmail(self, sender, recipients, message):
        self.sent.append((sender, recipients, message))


@pytest.fixture
def server(monkeypatch, settings):
    made = []

    def connect(*args, **kwargs):
        made.append(Server(*args, **kwargs))
        return made[-1]

    settings.SMTP_URL = "smtp://mail%40er:s%2Fcret@mail.example:587"
    monkeypatch.setattr(sending.smtplib, "SMTP", connect)
    return made


def test_a_mail_becomes_a_file_that_is_the_notice_byte_for_byte(notice, settings):
    send_mail(notice=notice)
    send_mail(notice=notice)
    (path,) = settings.EMAIL_FILE_PATH.iterdir()
    assert path.name == f"2026-11-20-{notice.notice_id}.eml"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == notice.sha256
    assert path.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_a_failed_delivery(notice, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.EMAIL_FILE_PATH = tmp_path / "file" / "mail"
    with pytest.raises(DeliveryFailed):
        send_mail(notice=notice)


def test_smtp_gets_the_kept_bytes_over_tls_and_with_the_password(notice, server):
    send_mail(notice=notice)
    assert server[0].said == [("mail.example", 587), "ehlo", "starttls", ("mail@er", "s/cret")]
    assert server[0].sent == [("standing@marketplace.invalid", [notice.recipient], bytes(notice.message))]


@pytest.mark.parametrize(
    ("raised", "permanent"),
    [
        (smtplib.SMTPRecipientsRefused({"x": (550, b"no such user")}), True),
        (smtplib.SMTPRecipientsRefused({"x": (450, b"mailbox busy")}), False),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (OSError("no route"), False),
    ],
)
def test_only_a_recipient_refused_for_good_is_given_up_at_once(notice, server, monkeypatch, raised, permanent):
    def refuse(*_):
        raise raised

    monkeypatch.setattr(Server, "sendmail", refuse)
    with pytest.raises(DeliveryFailed) as caught:
        send_mail(notice=notice)
    assert caught.value.permanent is permanent


def test_a_wrong_smtp_setting_is_told_by_its_name(notice, settings):
    settings.SMTP_URL = "mail.example:587"
    with pytest.raises(UnusableInput, match="GOODSTANDING_SMTP"):
        send_mail(notice=notice)
