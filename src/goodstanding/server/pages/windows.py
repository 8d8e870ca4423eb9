"""A solve window as both doors show it: its clock, what has been done, what is missing, whose turn it is."""

from dataclasses import dataclass
from datetime import datetime

from goodstanding.core.assurance import window as rules
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Clock
from goodstanding.server.services.windows import as_value, masked
from goodstanding.server.store.models import Case, ContactAttempt, Deadline, SolveWindow


@dataclass(frozen=True, slots=True)
class WindowShown:
    """A window. `planned`: the calls of the schedule still to come; `waiting`: a call on the list that nobody has made yet."""

    row: SolveWindow
    is_open: bool
    is_our_turn: bool
    needs_plan: bool
    needs_call: bool
    number: str
    calls: tuple[ContactAttempt, ...]
    planned: tuple[datetime, ...]
    waiting: ContactAttempt | None


def show_window(case: Case, pack: PolicyPack) -> WindowShown:
    """The window of a case that has one."""
    row: SolveWindow = case.window
    value = as_value(row)
    missing = rules.obstacles(pack.assurance, value) if pack.assurance else ()
    attempts = tuple(row.attempts.order_by("created_at", "attempt_id"))
    planned = Deadline.objects.filter(case=case, clock=Clock.CALL_DUE, done_at=None, cancelled_at=None).order_by("due_at")
    return WindowShown(
        row=row,
        is_open=row.ended_at is None,
        is_our_turn=value.is_our_turn,
        needs_plan=rules.Obstacle.PLAN in missing,
        needs_call=rules.Obstacle.CALL in missing,
        number=masked(case.account.emergency_phone),
        calls=tuple(one for one in attempts if one.called_at),
        planned=() if value.was_reached else tuple(planned.values_list("due_at", flat=True)),
        waiting=next((one for one in attempts if one.called_at is None and one.dropped_at is None), None),
    )
