"""Whether an approved action may take effect: looked at when it does, not when it was proposed (requirement A7).

Between proposal and effect facts are put right, reviewers overturn violations, people leave and policy changes. What was right to approve then is
not always right to do now.
"""

from collections.abc import Iterable

from goodstanding.core.enforcement.evaluation import action_stands
from goodstanding.core.policy.pack import Rule
from goodstanding.core.terms import ActionKind, Approval, Band, HolderKind, NoticeException, Role

COVERS: dict[Approval, frozenset[Role]] = {
    Approval.NONE: frozenset({Role.AUTOMATION, Role.SPECIALIST, Role.SENIOR_SPECIALIST}),
    Approval.PERSON: frozenset({Role.SPECIALIST, Role.SENIOR_SPECIALIST}),
    Approval.SENIOR: frozenset({Role.SENIOR_SPECIALIST}),
}
"""Whose word is enough for which approval."""

_STRICTNESS = list(Approval)


def covers(needed: Approval, role: str) -> bool:
    """Whether somebody in this role may give an approval of that kind."""
    return role in COVERS[needed]


def needed_now(proposed: Approval, rule: Rule | None) -> Approval:
    """The approval an action needs on the day it takes effect: what was asked for then, or what its rule asks for now, whichever is stricter."""
    now = rule.approval if rule else Approval.NONE
    return max(proposed, now, key=_STRICTNESS.index)


def is_still_called_for(rule: Rule | None, open_reasons: Iterable[str], band: Band | None) -> bool:
    """Whether the rule still calls for its action on the violations that are open now. A rule that the pack has dropped calls for nothing."""
    return rule is not None and action_stands(rule, open_reasons, band)


def needs_time_of_notice(kind: ActionKind, holder: HolderKind, exception: NoticeException | None) -> bool:
    """Whether an action must be announced ahead: only the closing of a business account, unless an exception of the law holds (P2B art. 4(2), 4(4))."""
    return kind is ActionKind.CLOSE and holder is HolderKind.SELLER and exception is None
