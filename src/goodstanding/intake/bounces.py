"""What a bounce says: that a mail did not arrive, for good, and which one (RFC 3464, and the mails of servers that do not keep to it)."""

import re
from dataclasses import dataclass

MOST_READ = 200_000
"""Bytes of a bounce that are looked at; the mail that comes back stands in it."""

LONGEST_SAID = 300
"""Characters of the other server's words that are kept."""

_ACTION = re.compile(rb"^Action:[ \t]*failed\b", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"^Status:[ \t]*5\.\d{1,3}\.\d{1,3}", re.IGNORECASE | re.MULTILINE)
_FAILED = re.compile(rb"^X-Failed-Recipients:", re.IGNORECASE | re.MULTILINE)
_SAID = re.compile(rb"^Diagnostic-Code:[ \t]*(?:[\w-]{1,20};[ \t]*)?((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(rb"^(?:Original-)?Message-ID:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{3,240}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A bounce, read. `is_final`: nobody tries any further. `message_ids`: of the mails it holds. `said`: the other server's words."""

    is_final: bool
    message_ids: tuple[str, ...]
    said: str


def read_bounce(content: bytes) -> Bounce:
    """Read a bounce from its bytes; never raises."""
    head = content[:MOST_READ]
    said = _SAID.search(head)
    status = _STATUS.search(head)
    text = " ".join((said[1] if said else status[0] if status else b"").decode("utf-8", "replace").replace("\0", "").split())
    found = dict.fromkeys(one.decode("ascii", "replace") for one in _MESSAGE_ID.findall(head))
    final = _ACTION.search(head) or status or _FAILED.search(head)
    return Bounce(final is not None, tuple(found), text[:LONGEST_SAID])
