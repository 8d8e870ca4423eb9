"""How an action comes into force or is announced: looked at on that day, limits set, the holder told, all in one transaction (requirements A7, C5).

Shared by the services of people (`actions`) and of time (`scheduling`), which lock case and account before.
"""

from collections.abc import Iterable
from datetime import datetime

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState, Given, events_open_to
from goodstanding.core.enforcement import approval as rules
from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.notices import compose_action_notice
from goodstanding.core.policy.pack import PolicyPack, Rule
from goodstanding.core.terms import Act, ActionKind, Approval, Band, NoticeKind, OwnerKind, Role
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import move
from goodstanding.server.services.notices import issue_notice, letter_for, remaining_limits
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.standing import newest_rating, violations_behind
from goodstanding.server.services.statements import state_action
from goodstanding.server.services.together import save_later
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Case, EnforcementAction, Limit, User

STAFF_PREFIX = "user:"

APPROVAL = ("decided_at", "decided_by", "decided_role", "notice_exception", "exception_because")
"""The columns of an action that an approval sets."""


def find_rule(pack: PolicyPack, action: EnforcementAction) -> Rule | None:
    """The rule that called for an action, as the pack has it now; None where it was dropped."""
    return next((rule for rule in pack.rules if rule.id == action.rule), None)


def is_called_for(pack: PolicyPack, case: Case) -> bool:
    """Whether the action still rests on what its rule asks for, on the facts as they are now. What a breach re-opened rests on the breach."""
    if case.reopened_at is not None:
        return True
    reading = newest_rating(case.account_id)
    reasons = [violation.reason for violation in violations_behind(case.action) if violation.is_open]
    return rules.is_still_called_for(find_rule(pack, case.action), reasons, Band(reading.band) if reading else None)


def check_called_for(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """Raise IllegalTransition where what a proposal rests on no longer holds."""
    if not is_called_for(pack, case):
        possible = [event for event in events_open_to(CaseState(case.state), call.actor.role) if event != CaseEvent.APPROVE]
        says = f"what case {case.case_id} rests on no longer holds: put right, overturned, or no longer in the policy; it can be dismissed"
        raise IllegalTransition(case.state, CaseEvent.APPROVE, possible, says)


def check_may_approve(*, call: Call, action: EnforcementAction, rule: Rule | None) -> None:
    """Raise NotPermitted for who may not give the approval an action needs today, and for who proposed it."""
    needed = rules.needed_now(Approval(action.approval), rule)
    if not rules.covers(needed, call.actor.role):
        raise NotPermitted(f"putting '{action.kind}' in force", sorted(rules.COVERS[needed] - {Role.AUTOMATION}))
    if action.proposed_by == call.actor.id and call.actor.role != Role.AUTOMATION:
        raise NotPermitted("approving your own proposal", ["another reviewer"])


def approval_is_valid(pack: PolicyPack, action: EnforcementAction) -> bool:
    """Whether the approval given would still be enough today, by somebody who still works here."""
    if not action.decided_by or not rules.covers(rules.needed_now(Approval(action.approval), find_rule(pack, action)), action.decided_role):
        return False
    key = action.decided_by.removeprefix(STAFF_PREFIX)
    left = key.isdecimal() and User.objects.filter(pk=int(key), is_active=False).exists()
    return not left


def note_approval(*, call: Call, action: EnforcementAction) -> None:
    """Keep who approved, when and in which role; the caller saves."""
    action.decided_at, action.decided_by, action.decided_role = call.now, call.actor.id, call.actor.role


def put_in_force(*, call: Call, pack: PolicyPack, case: Case, rule: Rule, event: CaseEvent, given: Iterable[Given] = ()) -> None:
    """Put an approved action in force: the case moves, limits are set, the holder and the marketplace are told."""
    action = case.action
    action.ends_at = rule.lasts.after(call.now) if rule.lasts else None
    move(call=call, case=case, event=event, pack=pack, given=given)
    action.effective_at = call.now
    save_later(action, "effective_at", "ends_at", *APPROVAL)
    if case.appeal_until is None:
        case.appeal_until = case.due_at
        save_later(case, "appeal_until")
    limits = _set_limits(call, pack, action, rule)
    body = {"action_id": action.action_id, "kind": action.kind, "limits": limits, "ends_at": action.ends_at and action.ends_at.isoformat()}
    kind = "ActionTookEffect" if event in (CaseEvent.TAKES_EFFECT, CaseEvent.WINDOW_ENDS) else "ActionApproved"
    ledger.append(call=call, case_id=case.case_id, kind=kind, body=body | _exception(action))
    _tell(call, pack, case, limits)
    queue_event(call=call, type="action.in_force", case=case, body={"action": action.kind, "limits": limits})


def announce(*, call: Call, pack: PolicyPack, case: Case, rule: Rule, at: datetime) -> None:
    """Announce an approved action for a later moment: reasons and appeal are open from now on, limits are not set before (P2B art. 4(2))."""
    action = case.action
    action.scheduled_for = at
    action.ends_at = rule.lasts.after(at) if rule.lasts else None
    move(call=call, case=case, event=CaseEvent.SCHEDULE, pack=pack)
    save_later(action, "scheduled_for", "ends_at", *APPROVAL)
    case.appeal_until = pack.deadlines["appeal_window"].after(call.now)
    save_later(case, "appeal_until")
    limits = acts_of(rule)
    body = {"action_id": action.action_id, "kind": action.kind, "limits": limits, "takes_effect": at.isoformat()}
    ledger.append(call=call, case_id=case.case_id, kind="ActionScheduled", body=body)
    _tell(call, pack, case, limits)
    queue_event(call=call, type="action.scheduled", case=case, body={"action": action.kind, "limits": limits, "takes_effect": at.isoformat()})


def acts_of(rule: Rule) -> list[Act]:
    """What a rule's action forbids. A warning limits nothing, whatever its rule says."""
    return [act for act in Act if act in rule.limits] if rule.action != ActionKind.WARN else []


def _set_limits(call: Call, pack: PolicyPack, action: EnforcementAction, rule: Rule) -> list[Act]:
    """Set the rule's limits, owned by the person who approved, also where a clock lets them begin, or else by the policy."""
    acts, is_automatic = acts_of(rule), action.decided_role == Role.AUTOMATION
    limits = [
        compiled.new(
            Limit,
            limit_id=call.new_id("L"),
            account_id=action.account_id,
            action_id=action.pk,
            act=act,
            owner_kind=OwnerKind.POLICY if is_automatic else OwnerKind.PERSON,
            owner=pack.name if is_automatic else action.decided_by,
            since=call.now,
            ends_at=action.ends_at,
        )
        for act in acts
    ]
    compiled.insert(limits)
    return acts


def _tell(call: Call, pack: PolicyPack, case: Case, limits: list[Act]) -> None:
    assert case.appeal_until is not None, "the appeal window starts with the notice"
    statement = state_action(case=case, pack=pack, limits=limits)
    text = compose_action_notice(
        statement,
        letter_for(call=call, case=case, pack=pack),
        appeal_until=case.appeal_until,
        in_force=remaining_limits(case=case, now=call.now, but_own=True),
        is_later=case.action.effective_at is None,
    )
    issue_notice(call=call, case=case, kind=NoticeKind.ACTION, text=text, statement=statement)


def _exception(action: EnforcementAction) -> dict[str, object]:
    return {"notice_exception": action.notice_exception, "because": action.exception_because} if action.notice_exception else {}
