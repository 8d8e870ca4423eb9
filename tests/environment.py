"""The environment of a program that a test starts: this one's, without what configures the server of the tests."""

import os
from collections.abc import Mapping

OURS = ("GOODSTANDING_", "DJANGO_")


def own() -> dict[str, str]:
    """What configures the server in this process now."""
    return {name: value for name, value in os.environ.items() if name.startswith(OURS)}


def plain(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment as a new user has it, and `more`."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | dict(more or {})
