"""Actions that end because the facts show what they asked for (requirements A4, H3): no verdict, nothing overturned, limits lifted."""

from django.db.models import Exists, OuterRef

from goodstanding.core.cases.lifecycle import TABLE, CaseEvent, CaseState
from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, AppealOutcome, NoticeKind, OwnerKind, Role
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.actions import lift_action
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case, move
from goodstanding.server.services.notices import tell_update
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.standing import open_violations
from goodstanding.server.services.together import save_later, together
from goodstanding.server.store.models import Case

CURABLE = tuple(state for state, event in TABLE if event == CaseEvent.CURE and state != CaseState.SOLVING)
"""States in which the facts alone may end a case. In the time to solve an issue its own service does, which may ask for a call first."""

NO_LONGER_HOLDS = "what it rested on no longer holds"


def cure_action(*, call: Call, pack: PolicyPack, case_id: str, because: str = "") -> Case:
    """End an action whose violations the facts no longer show: its limits are lifted, the holder is told, nothing is overturned.

    The system itself may do so only where the pack says for every reason that no person need look, and never lifts what a person set (A7).
    Raises IllegalTransition where a violation is still open, NotPermitted.
    """
    with together():
        case = lock_case(call=call, case_id=case_id)
        if case.state in (CaseState.SETTLED, CaseState.DISMISSED):
            return case
        lock_account(account_id=case.account_id)
        if open_violations().filter(actions=case.action_id).exists():
            raise IllegalTransition(case.state, CaseEvent.CURE, [], f"not everything case {case_id} rests on is put right yet")
        if call.actor.role == Role.AUTOMATION and not _needs_nobody(pack, case):
            raise NotPermitted("lifting an action that the policy wants a person to look at", [Role.SPECIALIST, Role.SENIOR_SPECIALIST])
        settle(call=call, pack=pack, case=case, because=because)
    return case


def cure_cases(*, call: Call, pack: PolicyPack) -> list[Case]:
    """Cure every case that the facts show to be cured and that needs nobody; what a person set stays, for a person to lift."""
    call = call.by_automation()
    still_open = open_violations().filter(actions=OuterRef("action_id"))
    waiting = Case.objects.filter(state__in=CURABLE).exclude(Exists(still_open)).order_by("case_id").values_list("case_id", flat=True)
    cured = []
    for case_id in list(waiting):
        try:
            cured.append(cure_action(call=call, pack=pack, case_id=case_id))
        # A person has to look at it, or somebody was quicker.
        except (NotPermitted, IllegalTransition):
            continue
    return cured


def settle(*, call: Call, pack: PolicyPack, case: Case, because: str = "", event: CaseEvent = CaseEvent.CURE) -> None:
    """End a locked case without its action: limits lifted, a waiting appeal answered by that, the holder told where he knew of it."""
    action, was_told = case.action, case.told_at is not None
    was_in_force = action.effective_at is not None and action.lifted_at is None
    move(call=call, case=case, event=event, pack=pack)
    # The system cures on the policy's word, and so lifts what the policy set, but nothing that a person did.
    lifter = OwnerKind.POLICY if call.actor.role == Role.AUTOMATION else OwnerKind.PERSON
    lifted = [Act(limit.act) for limit in lift_action(call=call, pack=pack, case=case, lifter=lifter)] if was_in_force else []
    if case.state == CaseState.DISMISSED:
        action.decided_at, action.decided_by, action.dismissed_because = call.now, call.actor.id, because or NO_LONGER_HOLDS
        save_later(action, "decided_at", "decided_by", "dismissed_because")
    for appeal in case.appeals.filter(outcome=""):
        appeal.outcome, appeal.decided_at, appeal.decided_by = AppealOutcome.OMITTED, call.now, call.actor.id
        appeal.save(update_fields=["outcome", "decided_at", "decided_by"])
    body = {"action_id": action.action_id, "because": because or NO_LONGER_HOLDS, "was_in_force": was_in_force}
    ledger.append(call=call, case_id=case.case_id, kind="CaseSettled", body=body)
    if was_told:
        tell_update(call=call, pack=pack, case=case, kind=NoticeKind.CURED, because=because, lifted=lifted)
        queue_event(call=call, type="case.settled", case=case, body={"action": action.kind})
    if was_in_force:
        queue_event(call=call, type="action.lifted", case=case, body={"action": action.kind})


def _needs_nobody(pack: PolicyPack, case: Case) -> bool:
    """Nobody need look at a proposal that never was; of all else the reasons say it."""
    if case.state == CaseState.PROPOSED and case.told_at is None:
        return True
    reasons = [pack.reasons.get(code) for code in set(case.action.violations.values_list("reason", flat=True))]
    return all(reason is not None and reason.settled_by_machine for reason in reasons)
