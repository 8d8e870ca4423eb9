"""The life of a case, as ONE table: state x event -> state, who may, which clocks start.

Services ask `follow`, doors ask `events_open_to`, the docs draw `diagram`; nothing else knows a transition. What each clock does and in
which states it goes on is `core.cases.deadlines`. Where one event can end in two states, the row names what must be given for the other
one (`unless`), so that also this stands in the table and in no service.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.terms import Clock, Right, Role


class CaseState(StrEnum):
    """Where a case stands."""

    PROPOSED = "proposed"
    DISMISSED = "dismissed"
    SOLVING = "solving"
    SETTLED = "settled"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INFORMATION_ASKED = "information_asked"
    SECOND_REVIEW = "second_review"
    ESCALATED = "escalated"
    UPHELD = "upheld"
    MONITORING = "monitoring"
    REINSTATED = "reinstated"
    EXPIRED = "expired"
    FINAL = "final"


class CaseEvent(StrEnum):
    """What can happen to a case."""

    APPROVE = "approve"
    DISMISS = "dismiss"
    OPEN_WINDOW = "open_window"
    CALL_DUE = "call_due"
    SETTLE = "settle"
    WINDOW_ENDS = "window_ends"
    EXCLUDE = "exclude"
    SCHEDULE = "schedule"
    TAKES_EFFECT = "takes_effect"
    APPROVAL_LAPSES = "approval_lapses"
    SUBMIT_APPEAL = "submit_appeal"
    WITHDRAW_APPEAL = "withdraw_appeal"
    ASK_AFTER = "ask_after"
    FOLLOW_UP_DUE = "follow_up_due"
    CLAIM = "claim"
    EXTEND_LEASE = "extend_lease"
    RELEASE = "release"
    HAND_OVER = "hand_over"
    LEASE_LAPSES = "lease_lapses"
    ASK_INFORMATION = "ask_information"
    GIVE_INFORMATION = "give_information"
    INFORMATION_LAPSES = "information_lapses"
    PASS_TO_SECOND = "pass_to_second"  # noqa: S105 - no password
    SECOND_AGREES_UPHELD = "second_agrees_upheld"
    SECOND_AGREES_REINSTATED = "second_agrees_reinstated"
    SECOND_AGREES_CONDITIONS = "second_agrees_conditions"
    SECOND_DISAGREES = "second_disagrees"
    DECIDE_UPHELD = "decide_upheld"
    DECIDE_REINSTATED = "decide_reinstated"
    DECIDE_CONDITIONS = "decide_conditions"
    ESCALATE = "escalate"
    RESCIND = "rescind"
    CURE = "cure"
    EXPIRES = "expires"
    MONITORING_ENDS = "monitoring_ends"
    BREACH = "breach"
    APPEAL_WINDOW_ENDS = "appeal_window_ends"
    CAUSE_ENDS = "cause_ends"
    RETENTION_ENDS = "retention_ends"


class Given(StrEnum):
    """What may be given about a case when an event comes, and sends it elsewhere than usual. The first of these that holds decides."""

    APPROVED = "approved"
    """The action has an approval that is still valid."""
    AHEAD = "ahead"
    """The action is announced and has not taken effect yet."""
    OVER = "over"
    """The action has ended by its own end date."""
    NEVER_IN_FORCE = "never_in_force"
    """The action has never taken effect: the case was settled before."""
    COMMITTED = "committed"
    """The holder has committed to dated measures, which are followed for a time."""
    LAST_INSTANCE = "last_instance"
    """The appeal is with a senior, beyond whom there is nobody to ask."""


TERMINAL = frozenset({CaseState.DISMISSED, CaseState.SETTLED, CaseState.REINSTATED, CaseState.FINAL})
"""States a case may rest in for ever. A FINAL one can still be rescinded or cured: the marketplace may always mend its own mistake."""

UNDER_APPEAL = frozenset(
    {CaseState.SUBMITTED, CaseState.IN_REVIEW, CaseState.INFORMATION_ASKED, CaseState.SECOND_REVIEW, CaseState.ESCALATED},
)
"""States in which an appeal waits for its answer."""

APPEALABLE = frozenset({CaseState.SCHEDULED, CaseState.IN_FORCE, CaseState.UPHELD, CaseState.EXPIRED})
"""States in which an appeal can be submitted; also against an action to come, and against one that is over (DSA art. 20: six months)."""

NOT_IN_FORCE = frozenset({CaseState.PROPOSED, CaseState.DISMISSED, CaseState.SOLVING, CaseState.SCHEDULED})
"""States in which the action limits nothing yet."""

ENDED = frozenset({CaseState.SETTLED, CaseState.MONITORING, CaseState.REINSTATED, CaseState.EXPIRED})
"""States in which the action limits nothing any more."""

REVIEWERS = frozenset({Role.SPECIALIST, Role.SENIOR_SPECIALIST})
SENIORS = frozenset({Role.SENIOR_SPECIALIST})
HOLDER_SIDE = frozenset({Role.HOLDER, Role.DELEGATE})
"""The account's holder, and delegates as far as `NEEDS` and their rights go."""
CLOCK = frozenset({Role.AUTOMATION})


NEEDS: Mapping[CaseEvent, Right] = {
    CaseEvent.SUBMIT_APPEAL: Right.APPEAL,
    CaseEvent.ESCALATE: Right.APPEAL,
    CaseEvent.WITHDRAW_APPEAL: Right.APPEAL,
    CaseEvent.ASK_AFTER: Right.READ,
    CaseEvent.GIVE_INFORMATION: Right.ANSWER,
}
"""Which right a delegate needs for an event that is the holder's side's to bring about (requirement A1)."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    `starts`: clocks that start anew, as far as they go on in the state that follows. `stops`: clocks that stop although they could go on there.
    All other running clocks go on where `core.cases.deadlines` lets them, and stop where it does not.
    """

    state: CaseState
    event: CaseEvent
    to: CaseState
    who: frozenset[Role]
    starts: tuple[Clock, ...] = ()
    unless: Mapping[Given, CaseState] = field(default_factory=dict)
    stops: tuple[Clock, ...] = ()

    def is_open_to(self, role: Role, rights: Collection[Right] = ()) -> bool:
        """Whether somebody in this role may bring it about; of a delegate also the right is asked."""
        return role in self.who and (role != Role.DELEGATE or NEEDS.get(self.event) in rights)

    def target(self, given: Collection[Given] = ()) -> CaseState:
        """The state that follows, with what is given about the case."""
        return next((self.unless[one] for one in Given if one in given and one in self.unless), self.to)


AT_REST = {Given.AHEAD: CaseState.SCHEDULED, Given.OVER: CaseState.EXPIRED}
"""Where a case stands without an appeal when its action is not in force: announced, or over."""

ANSWERED = (Clock.APPEAL_WINDOW, Clock.TAKES_EFFECT)
TAKEN_UP = (Clock.REVIEW_DUE, Clock.FOLLOW_UP)
BEGUN = (Clock.APPEAL_WINDOW, Clock.ACTION_END)


def _before_force() -> tuple[Transition, ...]:
    s, e = CaseState, CaseEvent
    return (
        Transition(s.PROPOSED, e.APPROVE, s.IN_FORCE, REVIEWERS | CLOCK, BEGUN),
        Transition(s.PROPOSED, e.DISMISS, s.DISMISSED, REVIEWERS),
        Transition(s.PROPOSED, e.OPEN_WINDOW, s.SOLVING, REVIEWERS | CLOCK, (Clock.SOLVE_WINDOW,)),
        Transition(s.PROPOSED, e.SCHEDULE, s.SCHEDULED, REVIEWERS, (Clock.TAKES_EFFECT,)),
        Transition(s.PROPOSED, e.CURE, s.DISMISSED, CLOCK),
        # An approval in the window takes effect when the window ends unsolved, and not before.
        Transition(s.SOLVING, e.APPROVE, s.SOLVING, REVIEWERS),
        Transition(s.SOLVING, e.CALL_DUE, s.SOLVING, CLOCK),
        Transition(s.SOLVING, e.SETTLE, s.SETTLED, REVIEWERS, (Clock.MONITORING,), {Given.COMMITTED: s.MONITORING}),
        Transition(s.SOLVING, e.CURE, s.SETTLED, REVIEWERS | CLOCK),
        Transition(s.SOLVING, e.WINDOW_ENDS, s.PROPOSED, CLOCK, BEGUN, {Given.APPROVED: s.IN_FORCE}),
        Transition(s.SOLVING, e.EXCLUDE, s.PROPOSED, REVIEWERS | CLOCK),
        # A ground for acting at once can come up while the holder's notice runs.
        Transition(s.SCHEDULED, e.APPROVE, s.IN_FORCE, REVIEWERS, BEGUN),
        Transition(s.SCHEDULED, e.TAKES_EFFECT, s.IN_FORCE, CLOCK, BEGUN),
        Transition(s.SCHEDULED, e.APPROVAL_LAPSES, s.PROPOSED, CLOCK),
    )


def _appealing() -> tuple[Transition, ...]:
    s, e = CaseState, CaseEvent
    held = ((s.IN_REVIEW, REVIEWERS), (s.ESCALATED, SENIORS))
    waiting = [state for state in s if state in UNDER_APPEAL]
    return (
        *(Transition(state, e.SUBMIT_APPEAL, s.SUBMITTED, HOLDER_SIDE, TAKEN_UP) for state in s if state in APPEALABLE),
        *(Transition(state, e.ESCALATE, s.ESCALATED, HOLDER_SIDE, TAKEN_UP) for state in s if state in APPEALABLE),
        Transition(s.SUBMITTED, e.CLAIM, s.IN_REVIEW, REVIEWERS, (Clock.REVIEW_LEASE,)),
        Transition(s.ESCALATED, e.CLAIM, s.ESCALATED, SENIORS, (Clock.REVIEW_LEASE,)),
        Transition(s.IN_REVIEW, e.RELEASE, s.SUBMITTED, REVIEWERS),
        Transition(s.ESCALATED, e.RELEASE, s.ESCALATED, SENIORS, stops=(Clock.REVIEW_LEASE,)),
        Transition(s.IN_REVIEW, e.LEASE_LAPSES, s.SUBMITTED, CLOCK),
        Transition(s.ESCALATED, e.LEASE_LAPSES, s.ESCALATED, CLOCK),
        *(Transition(state, e.EXTEND_LEASE, state, who, (Clock.REVIEW_LEASE,)) for state, who in held),
        *(Transition(state, e.HAND_OVER, state, who, (Clock.REVIEW_LEASE,)) for state, who in held),
        Transition(s.IN_REVIEW, e.ESCALATE, s.ESCALATED, REVIEWERS, stops=(Clock.REVIEW_LEASE,)),
        *(Transition(state, e.ASK_INFORMATION, s.INFORMATION_ASKED, who, (Clock.INFORMATION_DUE,)) for state, who in held),
        *(
            Transition(s.INFORMATION_ASKED, event, s.IN_REVIEW, who, (Clock.REVIEW_DUE, Clock.REVIEW_LEASE), {Given.LAST_INSTANCE: s.ESCALATED})
            for event, who in ((e.GIVE_INFORMATION, HOLDER_SIDE), (e.INFORMATION_LAPSES, CLOCK))
        ),
        *(Transition(state, e.WITHDRAW_APPEAL, s.IN_FORCE, HOLDER_SIDE, ANSWERED, AT_REST) for state in waiting),
        *(Transition(state, e.ASK_AFTER, state, HOLDER_SIDE) for state in waiting if state != s.INFORMATION_ASKED),
        *(Transition(state, e.FOLLOW_UP_DUE, state, CLOCK) for state in waiting),
    )


def _deciding() -> tuple[Transition, ...]:
    s, e = CaseState, CaseEvent
    held, second = ((s.IN_REVIEW, REVIEWERS), (s.ESCALATED, SENIORS)), s.SECOND_REVIEW
    return (
        *(Transition(state, e.DECIDE_UPHELD, s.UPHELD, who, ANSWERED, AT_REST) for state, who in held),
        *(Transition(state, e.DECIDE_REINSTATED, s.REINSTATED, who) for state, who in held),
        *(Transition(state, e.DECIDE_CONDITIONS, s.MONITORING, who, (Clock.MONITORING,)) for state, who in held),
        *(Transition(state, e.PASS_TO_SECOND, second, who) for state, who in held),
        Transition(second, e.SECOND_AGREES_UPHELD, s.UPHELD, REVIEWERS, ANSWERED, AT_REST),
        Transition(second, e.SECOND_AGREES_REINSTATED, s.REINSTATED, REVIEWERS),
        Transition(second, e.SECOND_AGREES_CONDITIONS, s.MONITORING, REVIEWERS, (Clock.MONITORING,)),
        Transition(second, e.SECOND_DISAGREES, s.IN_REVIEW, REVIEWERS, (Clock.REVIEW_LEASE,), {Given.LAST_INSTANCE: s.ESCALATED}),
    )


def _ending() -> tuple[Transition, ...]:
    s, e = CaseState, CaseEvent
    open_to_cure = (s.SCHEDULED, s.IN_FORCE, s.SUBMITTED, s.UPHELD, s.FINAL)
    waiting = [state for state in s if state in UNDER_APPEAL]
    return (
        *(Transition(state, e.APPEAL_WINDOW_ENDS, s.FINAL, CLOCK) for state in (s.IN_FORCE, s.UPHELD, s.EXPIRED)),
        *(Transition(state, e.CURE, s.SETTLED, REVIEWERS | CLOCK) for state in open_to_cure),
        *(Transition(state, e.EXPIRES, s.EXPIRED, CLOCK, (Clock.APPEAL_WINDOW,)) for state in (s.IN_FORCE, s.UPHELD)),
        *(Transition(state, e.EXPIRES, state, CLOCK) for state in (*waiting, s.FINAL)),
        Transition(s.MONITORING, e.MONITORING_ENDS, s.REINSTATED, CLOCK, unless={Given.NEVER_IN_FORCE: s.SETTLED}),
        Transition(s.MONITORING, e.BREACH, s.PROPOSED, REVIEWERS | CLOCK),
        *(Transition(state, e.RESCIND, s.REINSTATED, SENIORS) for state in s if state not in (s.PROPOSED, s.DISMISSED, s.SETTLED, s.REINSTATED)),
        # What the action rested on is gone without a decision on the holder's own case: a relation denied, the related account free again.
        # It follows of itself, whoever decided that; by whose authority limits are lifted is asked where they are.
        Transition(s.PROPOSED, e.CAUSE_ENDS, s.DISMISSED, CLOCK),
        *(Transition(state, e.CAUSE_ENDS, s.SETTLED, CLOCK) for state in (s.SOLVING, s.SCHEDULED)),
        *(Transition(state, e.CAUSE_ENDS, s.REINSTATED, CLOCK) for state in (s.IN_FORCE, *waiting, s.UPHELD, s.FINAL)),
        # The texts of a case at rest go when the pack's time to keep them is over; where it stands stays known.
        *(Transition(state, e.RETENTION_ENDS, state, CLOCK) for state in s if state in TERMINAL),
    )


def _closing(row: Transition) -> Transition:
    """The row with the clock of retention, which starts where a case comes to rest."""
    comes_to_rest = row.state not in targets_of(row) and TERMINAL.intersection(targets_of(row))
    return replace(row, starts=(*row.starts, Clock.RETENTION)) if comes_to_rest else row


def targets_of(row: Transition) -> tuple[CaseState, ...]:
    """Every state a row can lead to, the usual one first."""
    return (row.to, *dict.fromkeys(state for state in row.unless.values() if state != row.to))


TABLE: dict[tuple[CaseState, CaseEvent], Transition] = {
    (row.state, row.event): _closing(row) for row in (*_before_force(), *_appealing(), *_deciding(), *_ending())
}
"""Every transition there is."""

START = CaseState.PROPOSED
"""Every case begins as a proposal, also one that the pack lets take effect at once."""


def follow(state: CaseState, event: CaseEvent, role: Role, rights: Collection[Right] = ()) -> Transition:
    """The transition of an event; `rights`: what a delegate may do for the account of the case.

    Raises IllegalTransition (not now; says what is possible) before NotPermitted (not you; says who may), so that a
    person who may never do it is still told about the moment first.
    """
    row = TABLE.get((state, event))
    if row is None:
        # What only a clock brings about is nobody's choice, so a refusal does not offer it.
        raise IllegalTransition(state, event, [other.event for other in TABLE.values() if other.state == state and other.who != CLOCK])
    if not row.is_open_to(role, rights):
        raise NotPermitted(f"'{event}'", sorted(row.who - {role}))
    return row


def events_open_to(state: CaseState, role: Role, rights: Collection[Right] = ()) -> tuple[CaseEvent, ...]:
    """What somebody in this role, with these rights where it is a delegate, may do with a case in this state, in the table's order."""
    return tuple(row.event for row in TABLE.values() if row.state == state and row.is_open_to(role, rights))


def diagram() -> str:
    """The table as a Mermaid state diagram, for the docs. What leaves a case where it stands is in the table only."""
    lines = ["stateDiagram-v2", f"    [*] --> {START}"]
    lines += [f"    {row.state} --> {to}: {row.event}" for row in TABLE.values() for to in targets_of(row) if to != row.state]
    lines += [f"    {state} --> [*]" for state in sorted(TERMINAL)]
    return "\n".join(lines)


def table_markdown() -> str:
    """The table as Markdown rows, for the docs."""
    head = ["| state | event | becomes | who may | clocks that start |", "|---|---|---|---|---|"]
    rows = [f"| {r.state} | {r.event} | {_becomes(r)} | {_who(r)} | {', '.join(r.starts) or '-'} |" for r in TABLE.values()]
    return "\n".join(head + rows)


def _becomes(row: Transition) -> str:
    return "; ".join([row.to, *(f"{state} where {given}" for given, state in row.unless.items())])


def _who(row: Transition) -> str:
    """Who may, a delegate with the right it takes."""
    return ", ".join(f"{role} ({NEEDS[row.event]})" if role == Role.DELEGATE else role for role in sorted(row.who))
