"""The listener: mails by SMTP from the internet or a relay, or by LMTP from the mail server in the house.

A mail is acknowledged only once it is kept for good; whatever else happens, its server is told to try again.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as SmtpEnvelope
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import MailCause, MailVerdict
from goodstanding.server.mailroom.addresses import read_address
from goodstanding.server.mailroom.proofs import Envelope
from goodstanding.server.services.incoming import Taken

Take = Callable[[bytes, Envelope], Taken]
"""What takes a mail in: its bytes, and how it came."""

WRITE_IT = "write it like smtp://0.0.0.0:25 or lmtp://127.0.0.1:8024"

KEPT = "250 2.6.0 Kept"
AGAIN = "451 4.3.0 Not kept; please send it again later"
NOBODY = "550 5.1.1 No such address; answer the newest letter, its address names your case"
REFUSALS = {
    MailCause.TOO_LARGE: "552 5.3.4 Too large; send large files by the link of the letter",
    MailCause.SENDERS: "550 5.7.1 Write one From line with one address",
    MailCause.UNREADABLE: "550 5.6.0 The header of this mail cannot be read",
    MailCause.NO_CASE: NOBODY,
}
"""What the sending server is told of a refused mail; its user reads it."""

log = logging.getLogger(__name__)


class Door:
    """Answers the commands of a sending server."""

    def __init__(self, take: Take) -> None:
        self._take = take

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: SmtpEnvelope, address: str, options: list[str]) -> str:  # noqa: N802
        """Only an address that we made is one: so nothing is relayed, and nobody finds out which cases there are."""
        if envelope.rcpt_tos:
            # LMTP answers each receiver apart; a server that is told this sends the rest in a transaction of its own.
            return "452 4.5.3 One receiver at a time"
        if read_address(address, timezone.now()) is None:
            return NOBODY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: SmtpEnvelope) -> str:  # noqa: N802
        """The mail itself, taken in a thread of its own, because services wait for the database and for names."""
        peer = str((session.peer or ("",))[0])
        came = Envelope(envelope.mail_from or "<>", tuple(envelope.rcpt_tos), peer, session.host_name or "")
        raw = envelope.original_content or b""
        return await asyncio.to_thread(self._answer, raw, came)

    def _answer(self, raw: bytes, came: Envelope) -> str:
        try:
            taken = self._take(raw, came)
        # Whatever goes wrong, the mail is not lost: its server keeps it and sends it again.
        except Exception:
            log.exception("a mail could not be taken")
            return AGAIN
        finally:
            close_old_connections()
        return REFUSALS.get(taken.cause, NOBODY) if taken.verdict == MailVerdict.REFUSED else KEPT


class _Listening(Controller):
    """The library's controller, for either protocol."""

    protocol = "smtp"

    def factory(self) -> SMTP:
        """One conversation."""
        return (LMTP if self.protocol == "lmtp" else SMTP)(self.handler, **self.SMTP_kwargs)


def listen(*, url: str, take: Take) -> Controller:
    """Listen at a `MAIL_LISTEN` address until its `stop` is called. Raises UnusableInput where the setting cannot be read or used."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "lmtp") or not parts.hostname or parts.port is None:
        raise UnusableInput(f"GOODSTANDING_MAIL_LISTEN cannot be read; {WRITE_IT}")
    controller = _Listening(
        Door(take),
        hostname=parts.hostname,
        port=parts.port,
        data_size_limit=settings.MAIL_MAX_BYTES,
        ident="goodstanding",
        tls_context=_certificate(settings.MAIL_CERTIFICATE),
    )
    controller.protocol = parts.scheme
    try:
        controller.start()
    except OSError as error:
        raise UnusableInput(f"GOODSTANDING_MAIL_LISTEN: cannot listen at {url}: {error.strerror or error}") from error
    return controller


def _certificate(path: str) -> ssl.SSLContext | None:
    if not path:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(Path(path))
    except OSError as error:
        raise UnusableInput(f"GOODSTANDING_MAIL_CERTIFICATE: {path} cannot be used: {error.strerror or error}") from error
    return context
