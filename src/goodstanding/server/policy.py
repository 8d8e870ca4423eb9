"""The policy pack in force."""

from functools import lru_cache

from django.conf import settings

from goodstanding.core.policy.pack import PolicyPack
from goodstanding.packs.loader import load_pack


@lru_cache(maxsize=4)
def _load(name: str) -> PolicyPack:
    return load_pack(name)


def current_pack() -> PolicyPack:
    """The pack that the setting names, read once a process. Raises InvalidPack with every mistake."""
    return _load(settings.POLICY_PACK)
