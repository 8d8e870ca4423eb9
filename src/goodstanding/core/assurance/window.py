"""The solve window: what opens it, when calls are due, what may settle it, and what its end means (requirements J3, J4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from goodstanding.core.assurance.eligibility import ends_membership
from goodstanding.core.policy.pack import Assurance
from goodstanding.core.terms import ActionKind, CallOutcome

WOULD_DEACTIVATE = frozenset({ActionKind.DEACTIVATE})
"""Actions that open a window instead. A closing has its own notice period by law and is no matter of 72 hours."""


class Obstacle(StrEnum):
    """What still has to happen before a window can be settled."""

    PLAN = "plan"
    CALL = "call"


class AtTheEnd(StrEnum):
    """What becomes of a window when its time is over."""

    DEACTIVATE = "deactivate"
    GOES_ON = "goes_on"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call: when it was due, and how it went; `outcome` None: nobody has made it yet. `asked_by_holder`: by "contact me now"."""

    due_at: datetime
    asked_by_holder: bool = False
    called_at: datetime | None = None
    outcome: CallOutcome | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A solve window as it stands.

    `plan_at`: when the holder handed in the newest plan. `answered_at`: when the platform last asked for more about it; a newer plan than
    that waits for the platform.
    """

    opened_at: datetime
    ends_at: datetime
    attempts: Sequence[Attempt] = ()
    plan_at: datetime | None = None
    answered_at: datetime | None = None

    @property
    def was_reached(self) -> bool:
        """Whether a call has reached the holder."""
        return any(attempt.outcome is CallOutcome.REACHED for attempt in self.attempts)

    @property
    def is_our_turn(self) -> bool:
        """Whether the holder waits for the platform: a plan that nobody has answered, or a call asked for that nobody has made."""
        plan_waits = self.plan_at is not None and (self.answered_at is None or self.answered_at < self.plan_at)
        return plan_waits or any(attempt.asked_by_holder and attempt.outcome is None for attempt in self.attempts)


def opens_window(rules: Assurance | None, kind: ActionKind, reasons: Collection[str], *, is_member: bool) -> bool:
    """Whether an action opens a window instead of taking effect."""
    return rules is not None and is_member and kind in WOULD_DEACTIVATE and not ends_membership(rules, reasons)


def calls_due(rules: Assurance, opened_at: datetime) -> tuple[datetime, ...]:
    """When the calls of the pack's schedule are due, as moments; a change of the clocks moves none of them."""
    return tuple(opened_at + timedelta(hours=hours) for hours in rules.calls)


def obstacles(rules: Assurance, window: Window) -> tuple[Obstacle, ...]:
    """What has to happen before the window may be settled."""
    missing = []
    if window.plan_at is None:
        missing.append(Obstacle.PLAN)
    if rules.call_required and not window.was_reached:
        missing.append(Obstacle.CALL)
    return tuple(missing)


def at_the_end(window: Window) -> AtTheEnd:
    """The account stays active while it is the platform's turn; a holder who owes the next step has had the whole window."""
    return AtTheEnd.GOES_ON if window.is_our_turn else AtTheEnd.DEACTIVATE


def next_end(rules: Assurance, ends_at: datetime, now: datetime) -> datetime:
    """When a window that goes on ends next: extensions follow one another from its end, whole ones, until one lies ahead."""
    end = rules.extension.after(ends_at)
    while end <= now:
        end = rules.extension.after(end)
    return end
