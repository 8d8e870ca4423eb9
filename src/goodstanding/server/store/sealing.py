"""Secrets that have to be read again, sealed before they are stored: whoever has only the database has none of them.

The key of each purpose is made of the server's own (GOODSTANDING_SECRET_KEY); seals of the keys of GOODSTANDING_SECRET_KEY_FALLBACKS
are opened too, and `manage reseal_secrets` makes them anew. What need not be read again (keys of the API, links) is kept as a digest instead.
"""

import base64
import hashlib
from enum import StrEnum

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from goodstanding.core.errors import GoodstandingError


class Purpose(StrEnum):
    """What a secret is for; one that is sealed for one purpose opens for no other."""

    FACTORS = "second factors"
    WEBHOOKS = "webhooks"
    LETTERS = "letters"


class SealedOtherwise(GoodstandingError):
    """A secret that no key of this server opens."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was sealed with another GOODSTANDING_SECRET_KEY; set that one again, or name it in GOODSTANDING_SECRET_KEY_FALLBACKS"
        )


def seal(secret: str, purpose: Purpose) -> str:
    """The secret as it is stored."""
    return _boxes(purpose).encrypt(secret.encode()).decode()


def unseal(sealed: str, purpose: Purpose, *, what: str) -> str:
    """The secret. Raises SealedOtherwise, which names `what` it is."""
    try:
        return _boxes(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealedOtherwise(what) from None


def is_sealed_anew(sealed: str, purpose: Purpose) -> bool:
    """Whether the present key made this seal."""
    try:
        _box(settings.SECRET_KEY, purpose).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _boxes(purpose: Purpose) -> MultiFernet:
    return MultiFernet([_box(key, purpose) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _box(key: str, purpose: Purpose) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}\0{key}".encode()).digest()))
