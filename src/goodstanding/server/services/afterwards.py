"""After a reinstatement on conditions: the time of the conditions ends well, or a breach re-opens the case (requirement I2)."""

from collections.abc import Sequence

from goodstanding.core.assurance.letters import compose_reopened
from goodstanding.core.cases.lifecycle import CaseEvent, CaseState
from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import NoticeKind
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case, move
from goodstanding.server.services.notices import issue_notice, letter_for, tell_update
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.settling import unsettle_violations
from goodstanding.server.services.together import save_later, together
from goodstanding.server.store.models import Case


def end_monitoring(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """The time of the conditions of the locked case is over and nothing broke them: it stays lifted for good, and the holder is told."""
    automatic = call.by_automation()
    with together():
        due = case.due_at
        move(call=automatic, case=case, event=CaseEvent.MONITORING_ENDS, pack=pack)
        ledger.append(call=automatic, case_id=case.case_id, kind="MonitoringEnded", body={"action_id": case.action_id})
        tell_update(call=automatic, pack=pack, case=case, kind=NoticeKind.MONITORING_ENDED, due=due)
        queue_event(call=automatic, type="case.monitoring_ended", case=case, body={"action": case.action.kind})


def reopen_case(*, call: Call, pack: PolicyPack, case_id: str, broken: Sequence[tuple[str, str]] = (), again: Sequence[tuple[str, str]] = ()) -> Case:
    """Re-open a case because a condition was not kept: its action is proposed again, for a person to decide, with all appeals open anew.

    `broken`: commitments that were not kept, each with what was counted. `again`: reasons that were violated anew, each with the day in words.
    Nothing is limited by it. Done twice it is done once. Raises IllegalTransition, NotPermitted, UnusableInput.
    """
    if not broken and not again:
        raise UnusableInput("say which condition was not kept; the holder reads it")
    with together():
        case = lock_case(call=call, case_id=case_id)
        if case.state == CaseState.PROPOSED and case.reopened_at is not None:
            return case
        move(call=call, case=case, event=CaseEvent.BREACH, pack=pack)
        action = case.action
        action.decided_at, action.decided_by, action.decided_role, action.lifted_at, action.lifted_by = None, "", "", None, ""
        action.effective_at, action.scheduled_for, action.ends_at, action.ended_at = None, None, None, None
        save_later(
            action, "decided_at", "decided_by", "decided_role", "lifted_at", "lifted_by", "effective_at", "scheduled_for", "ends_at", "ended_at"
        )
        case.reopened_at, case.attempts_before, case.appeal_until, case.outcome = call.now, case.attempts, None, ""
        case.is_escalated = False
        save_later(case, "reopened_at", "attempts_before", "appeal_until", "outcome", "is_escalated")
        count_again = unsettle_violations(call=call, pack=pack, case=case)
        body = {"broken": [*broken], "again": [*again], "count_again": count_again}
        ledger.append(call=call, case_id=case_id, kind="CaseReopened", body=body)
        text = compose_reopened(letter_for(call=call, case=case, pack=pack), broken=broken, again=again)
        issue_notice(call=call, case=case, kind=NoticeKind.REOPENED, text=text)
        queue_event(call=call, type="case.reopened", case=case, body={"action": action.kind})
    return case
