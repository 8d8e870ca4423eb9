"""The addresses that letters can be answered to, with the settings' key and domain."""

import hashlib
from datetime import datetime

from django.conf import settings

from goodstanding.core.appeals.reply_address import ReplyToken, make_reply_address, read_reply_address


def reply_address(*, case_id: str, expires_at: datetime) -> str:
    """Where a letter about a case can be answered; '' where mails are not taken in."""
    if not settings.REPLY_DOMAIN:
        return ""
    return make_reply_address(case_id=case_id, expires_at=expires_at, key=_key(settings.SECRET_KEY), domain=settings.REPLY_DOMAIN)


def read_address(address: str, now: datetime) -> ReplyToken | None:
    """What an address of ours says; None where it is none. Keys that were in force before count too."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if token := read_reply_address(address, key=_key(secret), domain=settings.REPLY_DOMAIN, now=now):
            return token
    return None


def _key(secret: str | bytes) -> bytes:
    """A key of its own, so that a signature made here says nothing of the server's other secrets."""
    return hashlib.sha256(b"goodstanding.reply:" + (secret if isinstance(secret, bytes) else secret.encode())).digest()
