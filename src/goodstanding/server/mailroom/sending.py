"""Mails out: as files beside the database, or by SMTP. What is sent is byte for byte the notice that is kept."""

import os
import smtplib
import ssl
import tempfile
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from goodstanding.core.errors import UnusableInput
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.store.models import Notice

SMTP_TIMEOUT = 15
"""Seconds to wait for the mail server."""

_PERMANENT = range(500, 600)


def send_mail(*, notice: Notice) -> None:
    """Send the mail of a notice by the way that the settings name. Raises DeliveryFailed."""
    send_message(message=bytes(notice.message), recipient=notice.recipient, name=f"{notice.created_at:%Y-%m-%d}-{notice.notice_id}")


def send_message(*, message: bytes, recipient: str, name: str) -> None:
    """Send a mail by the way that the settings name; `name` is that of its file, where it becomes one. Raises DeliveryFailed."""
    if settings.SMTP_URL:
        _send_by_smtp(message, recipient, settings.SMTP_URL)
    else:
        write_mail(message, settings.EMAIL_FILE_PATH / f"{name}.eml")


def write_mail(message: bytes, path: Path) -> Path:
    """Write the mail as a file. Its name is the same on a second try, so there is never a second one."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as part:
            part.write(message)
            part.flush()
            os.fsync(part.fileno())
        # Renamed when whole: whoever watches the folder never reads half a mail.
        Path(part.name).replace(path)
    except OSError as error:
        raise DeliveryFailed(f"{path}: {error.strerror}") from error
    return path


def _send_by_smtp(message: bytes, recipient: str, url: str) -> None:
    sender = _bounces_to(message) or parseaddr(settings.MAIL_FROM)[1]
    try:
        with _connect(urlsplit(url)) as server:
            server.sendmail(sender, [recipient], message)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise DeliveryFailed(f"{recipient} was refused: {code} {_text(said)}", permanent=code in _PERMANENT) from error
    except smtplib.SMTPResponseException as error:
        # Only the recipient's refusal is final: a 5xx to us (a wrong password, say) ends when the operator mends it.
        raise DeliveryFailed(f"the mail server answered {error.smtp_code} {_text(error.smtp_error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(f"the mail server cannot be reached: {error}") from error


def _bounces_to(message: bytes) -> str:
    """A letter that can be answered has its bounces sent to the same address, which names the case."""
    return parseaddr(str(BytesHeaderParser().parsebytes(message)["Reply-To"] or ""))[1]


def _connect(url: SplitResult) -> smtplib.SMTP:
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise UnusableInput("GOODSTANDING_SMTP is not an address; write it like smtp://user:password@host:587")
    secure = ssl.create_default_context()
    server: smtplib.SMTP
    if url.scheme == "smtps":
        server = smtplib.SMTP_SSL(url.hostname, url.port or smtplib.SMTP_SSL_PORT, timeout=SMTP_TIMEOUT, context=secure)
    else:
        server = smtplib.SMTP(url.hostname, url.port or smtplib.SMTP_PORT, timeout=SMTP_TIMEOUT)
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls(context=secure)
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
