"""Mails that are sent as evidence: how deep they nest, what is attached to them, and their text."""

import email
import email.policy
from email.errors import MessageError
from email.message import Message

from goodstanding.core.appeals.evidence import FileKind, FileLimits, Unfit, damaged
from goodstanding.core.file_terms import FileTrouble
from goodstanding.intake.mail import MOST_PARTS, read_mail


def look(kind: FileKind, data: bytes, limits: FileLimits) -> Unfit | None:
    """Why a mail cannot be taken: more mails within mails, or more parts, than people send."""
    try:
        whole = email.message_from_bytes(data, policy=email.policy.compat32)
        deepest, parts = _counted(whole, 0, limits.nested + 1)
    except RecursionError:
        deepest, parts = limits.nested + 1, 0
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        return damaged(kind)
    if deepest > limits.nested:
        return Unfit(FileTrouble.NESTED, f"holds mails in mails, more than {limits.nested} deep")
    return Unfit(FileTrouble.NESTED, f"has {parts} parts; at most {MOST_PARTS} are taken") if parts > MOST_PARTS else None


def attached(data: bytes) -> list[tuple[str, bytes]]:
    """The files of a mail and of the mails within it: (name, bytes)."""
    return [(one.name, one.content) for one in read_mail(data).attachments]


def _counted(part: Message, depth: int, enough: int) -> tuple[int, int]:
    """How deep mails nest, looking no further than `enough`, and of how many parts they are."""
    deepest, parts, waiting = depth, 0, [(part, depth)]
    while waiting:
        one, at = waiting.pop()
        parts, deepest = parts + 1, max(deepest, at)
        inside = one.get_payload()
        if at < enough and isinstance(inside, list):
            below = at + (one.get_content_maintype() == "message")
            waiting += [(inner, below) for inner in inside if isinstance(inner, Message)]
    return deepest, parts
