"""Moving a case along its table: lock, ask the lifecycle, stop the old clock, start the new one."""

from datetime import datetime

from django.db.models import F

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState, Transition, follow
from goodstanding.core.errors import NotFound
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Role
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import Case, Deadline


def lock_case(*, call: Call, case_id: str) -> Case:
    """The case, locked until the transaction ends. Raises NotFound also where a holder asks for another's case."""
    case = Case.objects.select_for_update(of=("self",)).select_related("action", "account").filter(pk=case_id).first()
    if case is None or (call.actor.role == Role.HOLDER and case.account_id not in call.actor.accounts):
        raise NotFound(f"there is no case {case_id}")
    return case


def move(*, call: Call, case: Case, event: CaseEvent, pack: PolicyPack, clock_runs_out: datetime | None = None) -> Transition:
    """Move a locked case by an event and save its state, clocks and due date.

    `clock_runs_out` sets another end for the clock that starts than the pack's span from now (e.g. an appeal window
    that goes on running). Raises IllegalTransition or NotPermitted as `core.cases.lifecycle.follow` does.
    """
    row = follow(CaseState(case.state), event, call.actor.role)
    Deadline.objects.filter(case=case, done_at=None, cancelled_at=None).update(cancelled_at=call.now)
    case.state, case.changed_at, case.due_at = row.to, call.now, None
    if row.starts:
        case.due_at = clock_runs_out or pack.deadlines[row.starts].after(call.now)
        started = Deadline.objects.filter(case=case).count()  # the case is locked, so this numbers its clocks
        Deadline.objects.create(key=f"{row.starts}:{case.case_id}:{started + 1}", clock=row.starts, case=case, due_at=case.due_at)
    case.save(update_fields=["state", "changed_at", "due_at"])
    return row


def count_attempt(case: Case) -> int:
    """Count one more appeal of a locked case and give its number."""
    Case.objects.filter(pk=case.pk).update(attempts=F("attempts") + 1)
    case.refresh_from_db(fields=["attempts"])
    return case.attempts
