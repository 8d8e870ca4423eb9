"""A notice as a mail: the same arguments always give the same bytes, because the bytes are kept and may be sent again."""

import re
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import cast

from goodstanding.core.errors import UnusableInput
from goodstanding.core.notices import NoticeText, rows_csv


class _Header(BaseHeader):
    """A header that keeps the lines it is written as."""

    _lines = ""

    def fold(self, *, policy: Policy) -> str:
        """The lines, by the one policy that there is here."""
        self._lines = self._lines or super().fold(policy=policy)
        return self._lines


class _Plain(str):
    """A header that says what it is: it needs neither reading nor folding."""

    __slots__ = ("name",)
    name: str

    def fold(self, *, policy: Policy) -> str:
        """The line, by any policy."""
        return f"{self.name}: {self}{policy.linesep}"


class _Headers(HeaderRegistry):
    """The standard kinds of headers, each read once and only where there is something to read: reading them was most of the work on a letter."""

    def __init__(self) -> None:
        super().__init__(base_class=_Header)
        self._read = lru_cache(maxsize=1000)(super().__call__)
        self._kind = lru_cache(maxsize=100)(super().__getitem__)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        # The library makes two new classes for every header, after which Python has to find all methods anew.
        return self._kind(name)

    def __call__(self, name: str, value: object) -> BaseHeader:
        text = str(value)
        known = _PLAIN.get(name)
        if known and known.fullmatch(text) and len(name) + 2 + len(text) <= _LONGEST_LINE:
            header = _Plain(text)
            header.name = name
            return cast(BaseHeader, header)
        return self._read(name, text)


_ADDRESS = re.compile(r"[\w+-]+(\.[\w+-]+)*@[\w-]+(\.[\w-]+)*", re.ASCII)
_WORDS = re.compile(r"(?!.*=\?)[!-~]+( [!-~]+)*")
_PLAIN = {
    "Subject": _WORDS,
    "Date": _WORDS,
    "To": _ADDRESS,
    "Message-ID": re.compile(r"<[\w.+-]+@[\w.-]+>", re.ASCII),
    "Content-Type": re.compile(r'multipart/mixed; boundary="=_[\w-]+"', re.ASCII),
}
"""Headers that differ from letter to letter, and how they look where they stand in a letter as they are said."""

_LONGEST_LINE = 78

# Seven bits pass every relay unaltered; with eight, a relay may recode the letter and it is no longer the one that was kept.
POLICY = SMTP.clone(cte_type="7bit", header_factory=_Headers())
FACTS_NAME = "facts.csv"
"""The name of the attached list of items."""


def compose_message(*, notice_id: str, text: NoticeText, sender: str, recipient: str, at: datetime, reply_to: str = "") -> bytes:
    """The whole RFC 5322 message of a notice. `recipient` '': a letter for the portal only, without a To.

    `sender` is like `Name <name@domain>`; `reply_to` an address for answers, where they are taken. Raises UnusableInput where it is not.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = _sender(sender)
    if recipient:
        message["To"] = recipient if _ADDRESS.fullmatch(recipient) else Address(addr_spec=recipient)
    if reply_to:
        message["Reply-To"] = Address(addr_spec=reply_to)
    message["Subject"] = text.subject
    message["Date"] = format_datetime(at.astimezone(UTC))
    message["Message-ID"] = message_id(notice_id=notice_id, sender=sender)
    # Out-of-office replies must not answer it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.body)
    if text.attachment_rows:
        rows = rows_csv(text.attachment_rows).encode()
        message.make_mixed(boundary=f"=_{notice_id}")
        message.add_attachment(rows, maintype="text", subtype="csv", filename=FACTS_NAME, params={"charset": "utf-8"})
    # Last, because setting the content removes every Content header there is.
    message["Content-Language"] = text.language
    return message.as_bytes()


def compose_plain(*, letter_id: str, subject: str, body: str, language: str, sender: str, recipient: str, at: datetime) -> bytes:
    """A mail to a user of this house about the own sign-in; it belongs to no case and cannot be answered. Raises UnusableInput."""
    message = EmailMessage(policy=POLICY)
    message["From"] = _sender(sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = subject
    message["Date"] = format_datetime(at.astimezone(UTC))
    message["Message-ID"] = message_id(notice_id=letter_id, sender=sender)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    message["Content-Language"] = language
    return message.as_bytes()


def message_id(*, notice_id: str, sender: str) -> str:
    """The Message-ID of a notice: one for all attempts to send it, so that a mail program shows it once."""
    return f"<{notice_id}@{_sender(sender).domain}>"


def usable_address(address: str) -> str:
    """The address if a mail can be sent to it, else ''. An action must not fail because an account's address is garbage."""
    if _ADDRESS.fullmatch(address):
        return address
    try:
        found = Address(addr_spec=address.strip())
        return found.addr_spec if found.username and found.domain and address.isascii() else ""
    except (ValueError, IndexError, MessageError):
        return ""


@lru_cache(maxsize=16)
def _sender(sender: str) -> Address:
    name, address = parseaddr(sender)
    if not usable_address(address):
        raise UnusableInput(f"GOODSTANDING_MAIL_FROM is '{sender}'; write it like 'Account standing <standing@example.com>'")
    return Address(display_name=name, addr_spec=address)
