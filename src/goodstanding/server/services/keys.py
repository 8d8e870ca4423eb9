"""Making keys with which programs ask the API. The key itself is shown once and never kept."""

import hashlib
from collections.abc import Collection
from enum import StrEnum

from goodstanding.core.errors import UnusableInput
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import ApiKey

PREFIX = "gs_"
"""What every key starts with, so that a scanner finds one that was committed by mistake."""


class Scope(StrEnum):
    """What a key may open."""

    STANDING_READ = "standing:read"
    CASES_READ = "cases:read"
    NOTICES_READ = "notices:read"
    FACTS_WRITE = "facts:write"


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def make_key(*, call: Call, name: str, scopes: Collection[str]) -> str:
    """Make a key and give it in clear, this once. Raises UnusableInput for an unknown scope or none."""
    strange = sorted(set(scopes) - set(Scope))
    if strange or not scopes:
        raise UnusableInput(f"no such scope: {', '.join(strange) or 'none given'}; choose from: {', '.join(Scope)}")
    if not name.strip():
        raise UnusableInput("name the program that gets the key, so that it can be found and revoked")
    key = PREFIX + call.new_secret()
    ApiKey.objects.create(name=name.strip(), key_sha256=digest_of(key), scopes=sorted(scopes), created_at=call.now)
    return key
