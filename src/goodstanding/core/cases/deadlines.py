"""The clocks of a case: in which states each goes on, what it does when it runs out, and when that is.

Two kinds of time run while an appeal waits. The holder's (`FOLLOW_UP`) never stops, as the law counts from the complaint to its answer. The
reviewer's (`REVIEW_DUE`) rests while the holder is asked for something, and goes on with what was left of it.
"""

from collections.abc import Mapping
from datetime import datetime

from goodstanding.core.cases.lifecycle import APPEALABLE, NOT_IN_FORCE, TERMINAL, UNDER_APPEAL, CaseEvent, CaseState
from goodstanding.core.terms import Clock

RUNS_IN: Mapping[Clock, frozenset[CaseState]] = {
    Clock.SOLVE_WINDOW: frozenset({CaseState.SOLVING}),
    Clock.CALL_DUE: frozenset({CaseState.SOLVING}),
    Clock.TAKES_EFFECT: frozenset({CaseState.SCHEDULED}),
    Clock.ACTION_END: frozenset({CaseState.IN_FORCE, CaseState.UPHELD, CaseState.FINAL}) | UNDER_APPEAL,
    Clock.APPEAL_WINDOW: APPEALABLE - NOT_IN_FORCE,
    Clock.REVIEW_DUE: UNDER_APPEAL - {CaseState.INFORMATION_ASKED},
    Clock.FOLLOW_UP: UNDER_APPEAL,
    Clock.REVIEW_LEASE: frozenset({CaseState.IN_REVIEW, CaseState.ESCALATED}),
    Clock.INFORMATION_DUE: frozenset({CaseState.INFORMATION_ASKED}),
    Clock.MONITORING: frozenset({CaseState.MONITORING}),
    Clock.RETENTION: TERMINAL,
}
"""The states in which a clock goes on. It stops where the case comes into another one."""

EVENT_OF: Mapping[Clock, CaseEvent] = {
    Clock.SOLVE_WINDOW: CaseEvent.WINDOW_ENDS,
    Clock.CALL_DUE: CaseEvent.CALL_DUE,
    Clock.TAKES_EFFECT: CaseEvent.TAKES_EFFECT,
    Clock.ACTION_END: CaseEvent.EXPIRES,
    Clock.APPEAL_WINDOW: CaseEvent.APPEAL_WINDOW_ENDS,
    Clock.FOLLOW_UP: CaseEvent.FOLLOW_UP_DUE,
    Clock.REVIEW_LEASE: CaseEvent.LEASE_LAPSES,
    Clock.INFORMATION_DUE: CaseEvent.INFORMATION_LAPSES,
    Clock.MONITORING: CaseEvent.MONITORING_ENDS,
    Clock.RETENTION: CaseEvent.RETENTION_ENDS,
}
"""What happens when a clock runs out. REVIEW_DUE, without an entry, only orders the queue."""

CLOCK_EVENTS: Mapping[tuple[CaseState, Clock], CaseEvent] = {
    (state, clock): event for clock, event in EVENT_OF.items() for state in CaseState if state in RUNS_IN[clock]
}
"""The event of a clock in a state."""

SHOWN: Mapping[CaseState, Clock] = {
    CaseState.SOLVING: Clock.SOLVE_WINDOW,
    CaseState.SCHEDULED: Clock.TAKES_EFFECT,
    CaseState.IN_FORCE: Clock.APPEAL_WINDOW,
    CaseState.UPHELD: Clock.APPEAL_WINDOW,
    CaseState.EXPIRED: Clock.APPEAL_WINDOW,
    CaseState.SUBMITTED: Clock.REVIEW_DUE,
    CaseState.IN_REVIEW: Clock.REVIEW_DUE,
    CaseState.SECOND_REVIEW: Clock.REVIEW_DUE,
    CaseState.ESCALATED: Clock.REVIEW_DUE,
    CaseState.INFORMATION_ASKED: Clock.INFORMATION_DUE,
    CaseState.MONITORING: Clock.MONITORING,
}
"""The clock whose end is the due date that pages show and the queue is ordered by; no state in it without such a date."""


def goes_on(clock: Clock, state: CaseState) -> bool:
    """Whether a clock runs in a state."""
    return state in RUNS_IN[clock]


def resume(due: datetime, paused_at: datetime, now: datetime) -> datetime:
    """The end of a clock that was paused: what was left of it, from now on. A clock that was over already stays over."""
    return now + (due - paused_at) if due > paused_at else due


def clocks_markdown() -> str:
    """The clocks as Markdown rows, for the docs."""
    head = ["| clock | goes on while | when it runs out |", "|---|---|---|"]
    rows = (f"| {clock} | {', '.join(state for state in CaseState if goes_on(clock, state))} | {EVENT_OF.get(clock, '-')} |" for clock in Clock)
    return "\n".join([*head, *rows])
