"""Enforcement rules for tests."""

from collections.abc import Collection
from typing import Any

from goodstanding.core.policy.pack import Rule
from goodstanding.core.terms import Act, ActionKind, Approval, Band
from tests.factories import CITED


def make_rule(
    id: str, reasons: list[str], action: ActionKind, approval: Approval, *, limits: Collection[Act] = (), bands: Collection[Band] = (), **more: Any
) -> Rule:
    """A rule of a pack."""
    return Rule(id, tuple(reasons), action, approval, CITED, frozenset(limits), bands=frozenset(bands), **more)
