"""What was announced takes effect, or does not: looked at again on the day it would (requirements A7, C6, J3)."""

from goodstanding.core.cases.lifecycle import CaseEvent, Given
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import NoticeKind
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.cures import settle
from goodstanding.server.services.endings import keep_open
from goodstanding.server.services.force import approval_is_valid, find_rule, is_called_for, put_in_force
from goodstanding.server.services.moves import move
from goodstanding.server.services.notices import tell_update
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.together import save_later, together
from goodstanding.server.store.models import Case


def take_effect(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """The moment an action was announced for has come: the locked case comes into force, is settled, or goes back to be looked at.

    Settled where the facts no longer call for it; back where the approval would not be enough today. The holder is told in each case.
    """
    automatic = call.by_automation()
    with together():
        lock_account(account_id=case.account_id)
        rule = find_rule(pack, case.action)
        if rule is None or not is_called_for(pack, case):
            settle(call=automatic, pack=pack, case=case)
        elif not approval_is_valid(pack, case.action):
            _postpone(automatic, pack, case)
        else:
            put_in_force(call=automatic, pack=pack, case=case, rule=rule, event=CaseEvent.TAKES_EFFECT)


def end_window(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """The time to solve an issue is over: the locked case is settled where the facts show it, in force where somebody approved that, else proposed."""
    automatic = call.by_automation()
    with together():
        lock_account(account_id=case.account_id)
        rule = find_rule(pack, case.action)
        if rule is None or not is_called_for(pack, case):
            settle(call=automatic, pack=pack, case=case)
        elif keep_open(call=automatic, pack=pack, case=case):
            return
        elif approval_is_valid(pack, case.action):
            put_in_force(call=automatic, pack=pack, case=case, rule=rule, event=CaseEvent.WINDOW_ENDS, given=[Given.APPROVED])
        else:
            move(call=automatic, case=case, event=CaseEvent.WINDOW_ENDS, pack=pack)
            _forget_approval(case)
            ledger.append(call=automatic, case_id=case.case_id, kind="SolveWindowEnded", body={"action_id": case.action.action_id})
            queue_event(call=automatic, type="case.window_ended", case=case, body={"action": case.action.kind})


def _postpone(call: Call, pack: PolicyPack, case: Case) -> None:
    action = case.action
    due, approved_by = action.scheduled_for, action.decided_by
    move(call=call, case=case, event=CaseEvent.APPROVAL_LAPSES, pack=pack)
    _forget_approval(case)
    ledger.append(call=call, case_id=case.case_id, kind="ApprovalLapsed", body={"action_id": action.action_id, "approved_by": approved_by})
    tell_update(call=call, pack=pack, case=case, kind=NoticeKind.POSTPONED, due=due)
    queue_event(call=call, type="action.postponed", case=case, body={"action": action.kind})


def _forget_approval(case: Case) -> None:
    """The action waits for an approval as if none had been given; who gave it stays in the ledger."""
    action = case.action
    action.scheduled_for, action.decided_at, action.decided_by, action.decided_role = None, None, "", ""
    save_later(action, "scheduled_for", "decided_at", "decided_by", "decided_role")
    case.appeal_until = None
    save_later(case, "appeal_until")
