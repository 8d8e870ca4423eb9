"""What happens after an appeal is sent: who reads it, by when the holder hears, what stays as it is, how often one can appeal again (G2)."""

from dataclasses import dataclass
from datetime import datetime

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Clock
from goodstanding.server.services.appeals import appeals_left, is_for_last_instance
from goodstanding.server.store.models import Case


@dataclass(frozen=True, slots=True)
class NextShown:
    """What a page tells before and after sending. `is_ahead`: the action has not taken effect, and does not while the appeal waits."""

    answer_by: datetime
    is_last_instance: bool
    is_ahead: bool
    left_after: int


def what_next(case: Case, pack: PolicyPack, now: datetime) -> NextShown:
    """What would follow if the holder sent now."""
    return NextShown(
        answer_by=pack.deadlines[Clock.REVIEW_DUE].after(now),
        is_last_instance=is_for_last_instance(pack, case),
        is_ahead=case.state == CaseState.SCHEDULED,
        left_after=max(appeals_left(pack, case) - 1, 0),
    )


def still_next(case: Case, pack: PolicyPack, now: datetime) -> NextShown | None:
    """What follows on the appeal that waits; None where the promised date has gone by: the page of the case says so in words of its own."""
    if case.review_due_at is None or case.review_due_at <= now:
        return None
    return NextShown(case.review_due_at, case.is_escalated, case.action.effective_at is None, appeals_left(pack, case))
