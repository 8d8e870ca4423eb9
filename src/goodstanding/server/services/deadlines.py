"""Time's events: each clock that runs out moves its case once, whoever looks and however often a worker dies."""

import logging
from collections.abc import Callable, Mapping

from django.db.models import Q

from goodstanding.core.cases.deadlines import CLOCK_EVENTS
from goodstanding.core.cases.lifecycle import CaseEvent, CaseState
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Clock
from goodstanding.server.services.actions import expire_action
from goodstanding.server.services.afterwards import end_monitoring
from goodstanding.server.services.appeals import end_appeal_window, lapse_information, raise_appeal
from goodstanding.server.services.call import Call
from goodstanding.server.services.leases import lapse_lease
from goodstanding.server.services.moves import locked_cases
from goodstanding.server.services.retention import erase_case
from goodstanding.server.services.scheduling import end_window, take_effect
from goodstanding.server.services.together import together
from goodstanding.server.services.windows import call_due
from goodstanding.server.store.models import Deadline

EFFECTS: Mapping[CaseEvent, Callable[..., None]] = {
    CaseEvent.APPEAL_WINDOW_ENDS: end_appeal_window,
    CaseEvent.INFORMATION_LAPSES: lapse_information,
    CaseEvent.FOLLOW_UP_DUE: raise_appeal,
    CaseEvent.LEASE_LAPSES: lapse_lease,
    CaseEvent.EXPIRES: expire_action,
    CaseEvent.TAKES_EFFECT: take_effect,
    CaseEvent.WINDOW_ENDS: end_window,
    CaseEvent.CALL_DUE: call_due,
    CaseEvent.MONITORING_ENDS: end_monitoring,
    CaseEvent.RETENTION_ENDS: erase_case,
}
"""What an event of a clock does to its locked case."""

PAGE = 100
"""Clocks looked up at once."""

log = logging.getLogger(__name__)


def fire_due(*, call: Call, pack: PolicyPack, limit: int = 100) -> int:
    """Let the clocks run out whose time has come, at most `limit`; gives how many did.

    A clock that fails is logged and stays due; the others go on, however many fail before them. One whose case somebody holds at the moment
    is left for the next round.
    """
    due = Deadline.objects.filter(done_at=None, cancelled_at=None, due_at__lte=call.now).order_by("due_at", "pk")
    fired, passed = 0, Q()
    while fired < limit and (rows := list(due.filter(passed).values_list("pk", "case_id", "due_at")[:PAGE])):
        for deadline_id, case_id, _ in rows:
            try:
                fired += fired < limit and _fire(call.by_automation(), pack, deadline_id, case_id)
            # One broken case must not stop every other clock of the marketplace.
            except Exception:
                log.exception("deadline %s of case %s", deadline_id, case_id)
        last, at = rows[-1][0], rows[-1][2]
        passed = Q(due_at__gt=at) | Q(due_at=at, pk__gt=last)
    return fired


def _fire(call: Call, pack: PolicyPack, deadline_id: int, case_id: str) -> bool:
    with together():
        # The case is locked first, as every service does: the other way round a worker and a reviewer would wait for each other.
        case = locked_cases(skip_locked=True).filter(pk=case_id).first()
        if case is None:
            return False
        waiting = Deadline.objects.filter(pk=deadline_id, done_at=None, cancelled_at=None, due_at__lte=call.now)
        clock = waiting.values_list("clock", flat=True).first()
        if clock is None:
            return False
        # Marked first, so that moving the case does not count it among the clocks that were stopped.
        waiting.update(done_at=call.now)
        event = CLOCK_EVENTS.get((CaseState(case.state), Clock(clock)))
        if event is not None:
            EFFECTS[event](call=call, pack=pack, case=case)
    return True
