"""The life of a case, as ONE table: state x event -> state, who may, which clocks start.

Services ask `follow`, doors ask `events_open_to`, the docs draw `diagram`; nothing else knows a transition.
Clocks are names of the pack's deadlines; every clock of a case stops when the case leaves the state that started it.
"""

from dataclasses import dataclass
from enum import StrEnum

from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.terms import Role


class CaseState(StrEnum):
    """Where a case stands."""

    PROPOSED = "proposed"
    DISMISSED = "dismissed"
    IN_FORCE = "in_force"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INFORMATION_ASKED = "information_asked"
    UPHELD = "upheld"
    REINSTATED = "reinstated"
    FINAL = "final"


class CaseEvent(StrEnum):
    """What can happen to a case."""

    APPROVE = "approve"
    DISMISS = "dismiss"
    SUBMIT_APPEAL = "submit_appeal"
    WITHDRAW_APPEAL = "withdraw_appeal"
    CLAIM = "claim"
    RELEASE = "release"
    ASK_INFORMATION = "ask_information"
    GIVE_INFORMATION = "give_information"
    INFORMATION_LAPSES = "information_lapses"
    DECIDE_UPHELD = "decide_upheld"
    DECIDE_REINSTATED = "decide_reinstated"
    RESCIND = "rescind"
    APPEAL_WINDOW_ENDS = "appeal_window_ends"


TERMINAL = frozenset({CaseState.DISMISSED, CaseState.REINSTATED, CaseState.FINAL})
"""States a case may rest in for ever. A FINAL one can still be rescinded: the marketplace may always mend its own mistake."""

REVIEWERS = frozenset({Role.SPECIALIST, Role.SENIOR_SPECIALIST})
SENIORS = frozenset({Role.SENIOR_SPECIALIST})
HOLDER = frozenset({Role.HOLDER})
CLOCK = frozenset({Role.AUTOMATION})


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `starts` names the clock (a deadline of the pack) that runs while the case is in `to`."""

    state: CaseState
    event: CaseEvent
    to: CaseState
    who: frozenset[Role]
    starts: str | None = None


def _rows() -> tuple[Transition, ...]:
    s, e = CaseState, CaseEvent
    under_appeal = (s.SUBMITTED, s.IN_REVIEW, s.INFORMATION_ASKED)
    return (
        Transition(s.PROPOSED, e.APPROVE, s.IN_FORCE, REVIEWERS | CLOCK, "appeal_window"),
        Transition(s.PROPOSED, e.DISMISS, s.DISMISSED, REVIEWERS),
        Transition(s.IN_FORCE, e.SUBMIT_APPEAL, s.SUBMITTED, HOLDER, "review_due"),
        Transition(s.IN_FORCE, e.APPEAL_WINDOW_ENDS, s.FINAL, CLOCK),
        Transition(s.SUBMITTED, e.CLAIM, s.IN_REVIEW, REVIEWERS, "review_due"),
        Transition(s.IN_REVIEW, e.RELEASE, s.SUBMITTED, REVIEWERS, "review_due"),
        Transition(s.IN_REVIEW, e.ASK_INFORMATION, s.INFORMATION_ASKED, REVIEWERS, "information_due"),
        Transition(s.INFORMATION_ASKED, e.GIVE_INFORMATION, s.IN_REVIEW, HOLDER, "review_due"),
        Transition(s.INFORMATION_ASKED, e.INFORMATION_LAPSES, s.IN_REVIEW, CLOCK, "review_due"),
        Transition(s.IN_REVIEW, e.DECIDE_UPHELD, s.UPHELD, REVIEWERS, "appeal_window"),
        Transition(s.IN_REVIEW, e.DECIDE_REINSTATED, s.REINSTATED, REVIEWERS),
        Transition(s.UPHELD, e.SUBMIT_APPEAL, s.SUBMITTED, HOLDER, "review_due"),
        Transition(s.UPHELD, e.APPEAL_WINDOW_ENDS, s.FINAL, CLOCK),
        *(Transition(state, e.WITHDRAW_APPEAL, s.IN_FORCE, HOLDER, "appeal_window") for state in under_appeal),
        *(Transition(state, e.RESCIND, s.REINSTATED, SENIORS) for state in (s.IN_FORCE, *under_appeal, s.UPHELD, s.FINAL)),
    )


TABLE: dict[tuple[CaseState, CaseEvent], Transition] = {(row.state, row.event): row for row in _rows()}
"""Every transition there is."""

START = CaseState.PROPOSED
"""Every case begins as a proposal, also one that the pack lets take effect at once."""

CLOCK_EVENTS = {
    (CaseState.IN_FORCE, "appeal_window"): CaseEvent.APPEAL_WINDOW_ENDS,
    (CaseState.UPHELD, "appeal_window"): CaseEvent.APPEAL_WINDOW_ENDS,
    (CaseState.INFORMATION_ASKED, "information_due"): CaseEvent.INFORMATION_LAPSES,
}
"""What a clock does when it runs out in a state. A clock without an entry (`review_due`) only orders the queue."""


def follow(state: CaseState, event: CaseEvent, role: Role) -> Transition:
    """The transition of an event.

    Raises IllegalTransition (not now; says what is possible) before NotPermitted (not you; says who may), so that a
    person who may never do it is still told about the moment first.
    """
    row = TABLE.get((state, event))
    if row is None:
        raise IllegalTransition(state, event, [other.event for other in TABLE.values() if other.state == state])
    if role not in row.who:
        raise NotPermitted(f"'{event}'", sorted(row.who))
    return row


def events_open_to(state: CaseState, role: Role) -> tuple[CaseEvent, ...]:
    """What somebody in this role may do with a case in this state, in the table's order."""
    return tuple(row.event for row in TABLE.values() if row.state == state and role in row.who)


def diagram() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", f"    [*] --> {START}"]
    lines += [f"    {row.state} --> {row.to}: {row.event}" for row in TABLE.values()]
    lines += [f"    {state} --> [*]" for state in sorted(TERMINAL)]
    return "\n".join(lines)


def table_markdown() -> str:
    """The table as Markdown rows, for the docs."""
    head = ["| state | event | becomes | who may | clock that starts |", "|---|---|---|---|---|"]
    rows = [f"| {r.state} | {r.event} | {r.to} | {', '.join(sorted(r.who))} | {r.starts or '-'} |" for r in TABLE.values()]
    return "\n".join(head + rows)
