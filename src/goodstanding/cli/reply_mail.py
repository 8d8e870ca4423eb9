"""A plan as a reply that mail programs and Amazon's own can thread: headers, body, attachments."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from goodstanding.core.appeals.evidence import EMAIL, FileKind, clean_name, recognise
from goodstanding.intake.mail import Mail

MOST_REFERENCES = 20
"""Ids of the thread that are repeated; the first and the last ones, as mail programs do."""

_ID = re.compile(r"<[!-;=?-~]{1,500}>")
_ADDRESS = re.compile(r"[!-;=?A-~]{1,200}@[!-;=?A-~]{1,200}")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t]*#*$", re.MULTILINE)
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


@dataclass(frozen=True, slots=True)
class File:
    """A file to attach."""

    name: str
    content: bytes


def build_reply(notice: Mail | None, text: str, files: list[File], *, sender: str, to: str, subject: str, now: datetime) -> bytes:
    """The reply as the bytes of an `.eml` file. Its headers hold nothing that could end a line."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(subject.split())
    if _ADDRESS.fullmatch(sender):
        message["From"] = sender
    if _ADDRESS.fullmatch(to):
        message["To"] = to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{uuid.uuid4()}@{sender.rpartition('@')[2] if _ADDRESS.fullmatch(sender) else 'goodstanding.invalid'}>"
    if notice and (answered := _ID.fullmatch(notice.message_id.strip())):
        message["In-Reply-To"] = answered[0]
        message["References"] = " ".join(_thread(notice, answered[0]))
    message["X-Unsent"] = "1"  # Outlook opens the file as a draft, ready to send
    message.set_content(plain_text(text))
    for file in files:
        _attach(message, file)
    return message.as_bytes()


def plain_text(markdown: str) -> str:
    """The plan as people read it in a mail: headings and bold without their marks, points as they are."""
    return _STRONG.sub(r"\2", _HEADING.sub(r"\1", markdown)).strip() + "\n"


def _thread(notice: Mail, answered: str) -> list[str]:
    ids = [one for one in notice.references if _ID.fullmatch(one) and one != answered]
    return [*(ids if len(ids) < MOST_REFERENCES else [ids[0], *ids[-MOST_REFERENCES + 2 :]]), answered]


def _attach(message: EmailMessage, file: File) -> None:
    kind = recognise(file.name, file.content)
    # A mail in a mail may not be base64; as a plain file every program shows it.
    content_type = kind.content_type if isinstance(kind, FileKind) and kind is not EMAIL else "application/octet-stream"
    main, _, sub = content_type.partition("/")
    message.add_attachment(file.content, maintype=main, subtype=sub, filename=clean_name(file.name))
