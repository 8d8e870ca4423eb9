"""Moving a case along its table: lock, ask the lifecycle, stop the clocks that end, start the new ones."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache

from django.db import connection
from django.db.models import QuerySet

from goodstanding.core.cases.deadlines import SHOWN, goes_on, resume
from goodstanding.core.cases.lifecycle import TERMINAL, UNDER_APPEAL, CaseEvent, CaseState, Given, Transition, follow
from goodstanding.core.errors import NotFound, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Clock, WindowOutcome
from goodstanding.server.services.call import Call
from goodstanding.server.services.placing import PLACED, place_case
from goodstanding.server.services.rights import check_delegated
from goodstanding.server.services.together import Order, save_later, write_aside
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Case, ContactAttempt, Deadline, FirstDecision, InformationRequest, SolveWindow

MAY_BE_LEFT_OUT = frozenset({Clock.ACTION_END, Clock.FOLLOW_UP, Clock.REVIEW_LEASE, Clock.RETENTION})
"""Clocks that do not start where neither action nor pack says when they end: an action without end, a pack that does not lease."""


WINDOW_OUTCOMES = {
    CaseEvent.SETTLE: WindowOutcome.SETTLED,
    CaseEvent.CURE: WindowOutcome.SETTLED,
    CaseEvent.WINDOW_ENDS: WindowOutcome.UNSOLVED,
    CaseEvent.EXCLUDE: WindowOutcome.EXCLUDED,
}
"""What a solve window came to, by the event that ended it; by any other one it was taken back."""


def lock_case(*, call: Call, case_id: str, with_account: bool = False) -> Case:
    """The case, locked until the transaction ends. Raises NotFound also where a holder or a delegate asks for another's case.

    `with_account`: its account too, after it (`accounts.lock_account` says what for).
    """
    write_aside(Order.ROWS)  # what this transaction has changed of the case must be found
    case = next(iter(_with_account(case_id=case_id) if with_account else _alone(case_id=case_id)), None)
    if case is None or not call.actor.reaches(case.account_id):
        raise NotFound(f"there is no case {case_id}")
    check_delegated(call=call, account_id=case.account_id)
    return case


def locked_cases(*, skip_locked: bool = False, with_account: bool = False) -> QuerySet[Case]:
    """Cases that are locked as they are read, with action and account; `skip_locked`: without those that somebody holds, where the database can.

    The action is locked too, though everybody locks the case first: who had to wait would otherwise read it as it was before the wait.
    Locks are taken in the order of `of`.
    """
    skips = skip_locked and connection.features.has_select_for_update_skip_locked
    of = ("self", "action", "account") if with_account else ("self", "action")
    return Case.objects.select_for_update(of=of, no_key=True, skip_locked=skips).select_related("action", "account")


_alone = compiled.Query(lambda case_id: locked_cases().filter(pk=case_id), texts=["case_id"])
_with_account = compiled.Query(lambda case_id: locked_cases(with_account=True).filter(pk=case_id), texts=["case_id"])


def given_of(case: Case) -> frozenset[Given]:
    """What is given about a case, for the rows of the table that ask."""
    action = case.action
    found = {
        Given.AHEAD: action.effective_at is None and action.scheduled_for is not None,
        Given.OVER: action.ended_at is not None,
        Given.NEVER_IN_FORCE: action.effective_at is None,
        Given.LAST_INSTANCE: case.is_escalated,
    }
    return frozenset(one for one, holds in found.items() if holds)


def move(
    *,
    call: Call,
    case: Case,
    event: CaseEvent,
    pack: PolicyPack,
    given: Iterable[Given] = (),
    runs_out: datetime | None = None,
) -> Transition:
    """Move a locked case by an event and save its state, clocks and due date, the row at the end of the transaction.

    `given`: what holds beside what the rows themselves tell. `runs_out` sets another end than the pack's span for the clock that pages show.
    Raises IllegalTransition or NotPermitted as `core.cases.lifecycle.follow` does.
    """
    row = follow(CaseState(case.state), event, call.actor.role, call.actor.rights_in(case.account_id))
    before, state = CaseState(case.state), row.target(given_of(case) | frozenset(given))
    case.state, case.changed_at = state, call.now
    _stop_clocks(call, case, row, before, state)
    shown = SHOWN.get(state)
    ends = {clock: (runs_out if clock == shown else None) or _ends(call, case, clock, pack) for clock in row.starts if goes_on(clock, state)}
    _start_clocks(case, {clock: due for clock, due in ends.items() if due is not None})
    if before == CaseState.SOLVING != state:
        _end_window(call, case, event)
    if before != state:
        if before in UNDER_APPEAL and state not in UNDER_APPEAL:
            _end_waiting(call, case, before)
        case.closed_at = call.now if state in TERMINAL else None
        case.paused_at = call.now if state == CaseState.INFORMATION_ASKED else None
    case.due_at = case.review_due_at if shown == Clock.REVIEW_DUE else case.due_at if shown else None
    place_case(call=call, pack=pack, case=case, event=event)
    moved = ["state", "changed_at", "due_at", "review_due_at", "paused_at", "lease_until", "closed_at", "assignee"]
    save_later(case, *moved, *PLACED)
    return row


def count_attempt(case: Case) -> int:
    """Count one more appeal of a locked case and give its number."""
    case.attempts += 1
    save_later(case, "attempts")
    return case.attempts


def running_clock(case: Case, clock: Clock) -> Deadline | None:
    """The row of a clock that runs for a case."""
    return Deadline.objects.filter(case=case, clock=clock, done_at=None, cancelled_at=None).first()


def new_clock(case: Case, clock: Clock, due: datetime) -> Deadline:
    """A clock of a locked case, numbered after those that it had; the caller writes it."""
    case.clocks += 1
    save_later(case, "clocks")
    return compiled.new(Deadline, key=f"{clock}:{case.case_id}:{case.clocks}", clock=clock, case_id=case.pk, due_at=due)


def _stop_clocks(call: Call, case: Case, row: Transition, before: CaseState, state: CaseState) -> None:
    over = [clock for clock in Clock if clock in (*row.starts, *row.stops) or not goes_on(clock, state)]
    # What did not go on in the state before was stopped on the way into it.
    if running := [clock for clock in over if goes_on(clock, before)]:
        _stopping(tuple(running))(case_id=case.pk, now=call.now)
    if Clock.REVIEW_LEASE in over:
        case.lease_until = None


@cache
def _stopping(clocks: tuple[Clock, ...]) -> compiled.Change:
    """Stops these clocks of a case; there are as many as rows of the lifecycle's table at most."""
    return compiled.Change(
        lambda case_id, now: (Deadline.objects.filter(case=case_id, clock__in=clocks, done_at=None, cancelled_at=None), {"cancelled_at": now}),
        texts=["case_id"],
        moments=["now"],
    )


def _end_window(call: Call, case: Case, event: CaseEvent) -> None:
    """A solve window ends with the state it belongs to, whatever ends it; calls that nobody has made are dropped."""
    if SolveWindow.objects.filter(case=case, ended_at=None).update(
        ended_at=call.now, ended_by=call.actor.id, outcome=WINDOW_OUTCOMES.get(event, WindowOutcome.DISMISSED)
    ):
        ContactAttempt.objects.filter(window=case.pk, called_at=None, dropped_at=None).update(dropped_at=call.now)


def _end_waiting(call: Call, case: Case, before: CaseState) -> None:
    """Whatever ends the wait for an answer ends also who holds the case, what the holder is asked for, and what waits for a second person."""
    case.assignee = ""
    if before == CaseState.INFORMATION_ASKED:
        InformationRequest.objects.filter(appeal__case=case, answered_at=None, lapsed_at=None).update(lapsed_at=call.now)
    elif before == CaseState.SECOND_REVIEW:
        FirstDecision.objects.filter(appeal__case=case, answered_at=None).update(answered_at=call.now, answered_by=call.actor.id)


def _start_clocks(case: Case, ends: Mapping[Clock, datetime]) -> None:
    """Start clocks of a locked case, each with its end."""
    if not ends:
        return
    compiled.insert([new_clock(case, clock, due) for clock, due in ends.items()])
    case.review_due_at = ends.get(Clock.REVIEW_DUE, case.review_due_at)
    case.lease_until = ends.get(Clock.REVIEW_LEASE, case.lease_until)
    shown = SHOWN.get(CaseState(case.state))
    case.due_at = ends.get(shown, case.due_at) if shown else case.due_at


def _ends(call: Call, case: Case, clock: Clock, pack: PolicyPack) -> datetime | None:
    """When a clock that starts now runs out: a date that was promised before, or else the pack's span from now."""
    match clock:
        case Clock.TAKES_EFFECT if case.action.scheduled_for:
            return max(case.action.scheduled_for, call.now)
        case Clock.ACTION_END:
            return case.action.ends_at
        case Clock.APPEAL_WINDOW if case.appeal_until:
            return max(case.appeal_until, call.now)
        case Clock.REVIEW_DUE if case.paused_at and case.review_due_at:
            return resume(case.review_due_at, case.paused_at, call.now)
    span = pack.deadlines.get(clock)
    if span is None and clock not in MAY_BE_LEFT_OUT:
        raise UnusableInput(f"pack {pack.name} sets no deadline '{clock}', which a case that is '{case.state}' needs")
    return span.after(call.now) if span else None
