"""A mailbox that is emptied by IMAP: each mail is taken and then moved to the folder that says what became of it.

A crash between the two takes the mail again, and it counts once. The bytes are fetched as they lie there: a library that parses and
writes a mail anew breaks its signature.
"""

import logging
import re
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import MailVerdict
from goodstanding.server.inbox.listener import Take
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.proofs import Envelope
from goodstanding.server.services.incoming import addresses_in

TAKEN, REFUSED = "Taken", "Refused"
"""The folders that mails are moved to."""

MOST_A_ROUND = 500
"""Mails of one round."""

WRITE_IT = "write it like imaps://user:password@host/INBOX"
RECEIVERS = ("delivered-to", "x-original-to", "envelope-to")

log = logging.getLogger(__name__)


def empty_mailbox(*, url: str, take: Take) -> tuple[int, int]:
    """Take what lies in a mailbox; gives how many mails were kept and refused. Raises UnusableInput for the setting, DeliveryFailed for the server."""
    parts = urlsplit(url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise UnusableInput(f"GOODSTANDING_IMAP cannot be read; {WRITE_IT}")
    counts = {TAKEN: 0, REFUSED: 0}
    try:
        with _connect(parts) as box:
            for folder in counts:
                if not box.folder.exists(folder):
                    box.folder.create(folder)
            for uid in box.uids()[:MOST_A_ROUND]:
                if folder := _take_one(box, uid, take):
                    box.move(uid, folder)
                    counts[folder] += 1
    except (ImapToolsError, OSError) as error:
        raise DeliveryFailed(f"the mailbox at {parts.hostname} cannot be used: {error}") from error
    return counts[TAKEN], counts[REFUSED]


def _connect(parts: SplitResult) -> BaseMailBox:
    host, folder = parts.hostname or "", parts.path.strip("/") or "INBOX"
    box = MailBox(host, parts.port or 993) if parts.scheme == "imaps" else MailBoxUnencrypted(host, parts.port or 143)
    return box.login(unquote(parts.username or ""), unquote(parts.password or ""), folder)


def _take_one(box: BaseMailBox, uid: str, take: Take) -> str:
    """The folder a mail belongs to now; '' where it could not be taken and stays for the next round."""
    size = re.search(rb"RFC822\.SIZE (\d+)", _flat(box.client.uid("FETCH", uid, "(RFC822.SIZE)")[1]))
    if size and int(size[1]) > settings.MAIL_MAX_BYTES:
        log.warning("a mail of %d bytes is larger than GOODSTANDING_MAIL_MAX_BYTES and was refused", int(size[1]))
        return REFUSED
    found = [one[1] for one in box.client.uid("FETCH", uid, "(BODY.PEEK[])")[1] if isinstance(one, tuple)]
    if not found:
        return ""
    try:
        taken = take(found[0], _envelope(found[0]))
    # One mail that cannot be taken must not keep the others waiting; it stays where it is.
    except Exception:
        log.exception("a mail of the mailbox could not be taken")
        return ""
    return REFUSED if taken.verdict == MailVerdict.REFUSED else TAKEN


def _flat(answer: Any) -> bytes:
    return b" ".join(one[0] if isinstance(one, tuple) else one for one in answer if one)


def _envelope(raw: bytes) -> Envelope:
    """What the mailbox's server wrote down of how the mail came; which server brought it is not known any more."""
    headers = BytesHeaderParser().parsebytes(raw)
    recipients = [str(value) for name in RECEIVERS for value in headers.get_all(name, [])]
    returned = str(headers.get("return-path", "")).strip()
    return Envelope("<>" if returned == "<>" else next(iter(addresses_in(returned)), ""), addresses_in(*recipients))
