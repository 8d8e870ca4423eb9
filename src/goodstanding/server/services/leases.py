"""Who holds a case for how long, and who gets it next: extend, hand over, pass to a senior; and what happens when the time is over (requirement H1)."""

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState, follow
from goodstanding.core.errors import NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case, move
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.separation import check_may_review
from goodstanding.server.services.together import save_later, together
from goodstanding.server.store.models import Case


def extend_lease(*, call: Call, pack: PolicyPack, case_id: str) -> Case:
    """Hold an own case for another lease from now; its place and the holder's dates stay. Raises IllegalTransition, NotPermitted."""
    with together():
        case = lock_case(call=call, case_id=case_id)
        follow(CaseState(case.state), CaseEvent.EXTEND_LEASE, call.actor.role)
        if case.assignee != call.actor.id:
            raise NotPermitted(f"holding case {case_id} longer", [case.assignee or "nobody; claim it first"])
        move(call=call, case=case, event=CaseEvent.EXTEND_LEASE, pack=pack)
        body = {"until": case.lease_until.isoformat() if case.lease_until else None}
        ledger.append(call=call, case_id=case_id, kind="LeaseExtended", body=body)
    return case


def hand_over(*, call: Call, pack: PolicyPack, case_id: str, to: Actor) -> Case:
    """Give a held case to another reviewer who may decide it. May be done by who holds it, or by a senior. To who holds it: nothing changes.

    Raises NotPermitted where the other one decided what is contested, or may not hold a case in this state.
    """
    with together():
        case = lock_case(call=call, case_id=case_id)
        state = CaseState(case.state)
        follow(state, CaseEvent.HAND_OVER, call.actor.role)
        if case.assignee != call.actor.id and call.actor.role != Role.SENIOR_SPECIALIST:
            raise NotPermitted(f"handing case {case_id} over", [case.assignee, Role.SENIOR_SPECIALIST])
        follow(state, CaseEvent.EXTEND_LEASE, to.role)
        check_may_review(actor=to, case=case)
        if case.assignee == to.id:
            return case
        held_by = case.assignee
        move(call=call, case=case, event=CaseEvent.HAND_OVER, pack=pack)
        case.assignee = to.id
        save_later(case, "assignee")
        ledger.append(call=call, case_id=case_id, kind="CaseHandedOver", body={"held_by": held_by, "assignee": to.id})
    return case


def escalate_case(*, call: Call, pack: PolicyPack, case_id: str, because: str) -> Case:
    """Pass a held appeal to the seniors, with the reason. Its place and dates stay. Raises IllegalTransition, NotPermitted, UnusableInput."""
    if not because.strip():
        raise UnusableInput("say why a senior should decide it")
    with together():
        case = lock_case(call=call, case_id=case_id)
        if case.state == CaseState.ESCALATED:
            return case
        follow(CaseState(case.state), CaseEvent.ESCALATE, call.actor.role)
        if case.assignee != call.actor.id:
            raise NotPermitted(f"passing case {case_id} on", [case.assignee])
        move(call=call, case=case, event=CaseEvent.ESCALATE, pack=pack)
        case.assignee, case.is_escalated = "", True
        save_later(case, "assignee", "is_escalated")
        ledger.append(call=call, case_id=case_id, kind="CaseEscalated", body={"because": because.strip()})
        queue_event(call=call, type="appeal.escalated", case=case, body={"attempt": case.attempts})
    return case


def lapse_lease(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """The time for which a reviewer held the locked case is over: it waits for anybody again, at its old place."""
    automatic = call.by_automation()
    with together():
        held_by = case.assignee
        move(call=automatic, case=case, event=CaseEvent.LEASE_LAPSES, pack=pack)
        case.assignee = ""
        save_later(case, "assignee")
        ledger.append(call=automatic, case_id=case.case_id, kind="LeaseLapsed", body={"held_by": held_by})
