"""The address that a letter about a case can be answered to: it names the case and the day it ends, and a signature that only we can make.

`appeals+c-7k2m9qxw4tpb.4f2a.JV3...@reply.example`: small letters only, because mail servers may change their case; 64 octets at most before
the @ (RFC 5321, 4.5.3.1.1). The address alone proves nothing of who writes (`incoming.py`).
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

PREFIX = "appeals"
"""What the local part begins with."""

_EPOCH = date(1970, 1, 1)
_SIGNED_BYTES = 10
_CASE = re.compile(r"[A-Z0-9-]{1,30}")
_ADDRESS = re.compile(rf"{PREFIX}\+([a-z0-9-]{{1,30}})\.([0-9a-f]{{1,6}})\.([a-z2-7]{{16}})@([a-z0-9.-]{{1,253}})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReplyToken:
    """What a good address says. `is_expired`: it was ours once."""

    case_id: str
    is_expired: bool


def make_reply_address(*, case_id: str, expires_at: datetime, key: bytes, domain: str) -> str:
    """The address for answers about a case until the end of a day; '' where the case's number would not fit into one."""
    if not _CASE.fullmatch(case_id):
        return ""
    days = (expires_at.astimezone(UTC).date() - _EPOCH).days
    said = f"{case_id.lower()}.{days:x}"
    return f"{PREFIX}+{said}.{_sign(said, key)}@{domain.lower()}"


def read_reply_address(address: str, *, key: bytes, domain: str, now: datetime) -> ReplyToken | None:
    """What an address says, or None where it is not one of ours."""
    found = _ADDRESS.fullmatch(address.strip())
    if found is None or found[4].lower() != domain.lower():
        return None
    case_id, days, signature = (found[place].lower() for place in (1, 2, 3))
    if not hmac.compare_digest(_sign(f"{case_id}.{days}", key), signature):
        return None
    try:
        last = _EPOCH + timedelta(days=int(days, 16))
    except OverflowError:
        return None
    return ReplyToken(case_id.upper(), now.astimezone(UTC).date() > last)


def _sign(said: str, key: bytes) -> str:
    digest = hmac.new(key, said.encode(), hashlib.sha256).digest()[:_SIGNED_BYTES]
    return base64.b32encode(digest).decode().lower()
