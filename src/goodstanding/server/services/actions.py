"""Enforcement actions: proposed by the pack, put in force by whom the pack says, lifted whole (requirements A7, C5).

State, limits, ledger entry, notice and outgoing messages of one step are one transaction.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.db.models import OuterRef, Subquery

from goodstanding.core.cases.lifecycle import START, CaseEvent, CaseState, follow
from goodstanding.core.enforcement.approval import needs_time_of_notice
from goodstanding.core.enforcement.evaluation import OpenViolation, Proposal, approval_of, evaluate
from goodstanding.core.enforcement.limits import check_may_lift
from goodstanding.core.errors import MissingFacts, NotFound, UnusableInput
from goodstanding.core.notices import ViolationDecided, compose_reinstated
from goodstanding.core.policy.pack import PolicyPack, Rule, nearest_language
from goodstanding.core.terms import (
    Act,
    ActionKind,
    AppealOutcome,
    Approval,
    Band,
    DecisionOutcome,
    HolderKind,
    NoticeException,
    NoticeKind,
    OwnerKind,
    Role,
    Severity,
)
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account, lock_accounts
from goodstanding.server.services.call import Call
from goodstanding.server.services.endings import bar_for_harm, exclude_windows
from goodstanding.server.services.force import (
    APPROVAL,
    acts_of,
    announce,
    check_called_for,
    check_may_approve,
    find_rule,
    note_approval,
    put_in_force,
)
from goodstanding.server.services.moves import lock_case, move
from goodstanding.server.services.notices import issue_notice, letter_for, remaining_limits, tell_update
from goodstanding.server.services.noting import tell_recorders
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.placing import place_case, sort_by_reason
from goodstanding.server.services.precedents import without_settled
from goodstanding.server.services.ratings import refresh_rating
from goodstanding.server.services.standing import open_violations, violations_behind
from goodstanding.server.services.together import insert_later, save_later, together
from goodstanding.server.services.windows import membership_that_saves, open_window
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Account, Case, EnforcementAction, Limit, RatingReading, Violation

BATCH = 50
"""Accounts that share a transaction when actions are proposed."""


def propose_actions(*, call: Call, pack: PolicyPack, as_of: date, accounts: Collection[str] | None = None) -> list[EnforcementAction]:
    """Propose what the pack calls for on a day's open violations; what needs no approval takes effect with its notice at once.

    `accounts`: only theirs, so that several processes can share a night; None: all. A second run proposes nothing new. Accounts share a
    transaction, `BATCH` at a time; where one's action would rest on no fact, nothing of it is kept, all others of its batch are handled one by
    one, and MissingFacts names it after all others were handled.
    """
    call = call.by_automation()
    found = open_violations().filter(opened__lte=as_of).order_by("account_id").values_list("account_id", flat=True).distinct()
    waiting = list(found if accounts is None else found.filter(account__in=accounts))
    made: list[EnforcementAction] = []
    without_facts: list[str] = []
    for batch in (waiting[first : first + BATCH] for first in range(0, len(waiting), BATCH)):
        try:
            made += _propose_for(call, pack, batch, as_of)
        except MissingFacts:
            for account_id in batch:
                try:
                    made += _propose_for(call, pack, [account_id], as_of)
                except MissingFacts as error:
                    without_facts.append(f"{account_id}: {error}")
    if without_facts:
        raise MissingFacts("; ".join(without_facts))
    return made


def approve_action(
    *,
    call: Call,
    pack: PolicyPack,
    case_id: str,
    at: datetime | None = None,
    exception: NoticeException | None = None,
    because: str = "",
) -> Case:
    """Approve a proposed action. It takes effect now, at `at`, or after the time of notice that the closing of a business account needs.

    `exception` (with `because`) lets a closing take effect at once where the pack allows it; on an action that is announced already it ends the
    wait. In the time to solve an issue an approval counts for its end. Looked at as of today: raises IllegalTransition where what the action
    rests on no longer holds, NotPermitted, MissingFacts, UnusableInput for an exception that does not hold.
    """
    with together():
        case = lock_case(call=call, case_id=case_id, with_account=True)
        follow(CaseState(case.state), CaseEvent.APPROVE, call.actor.role)
        rule = rule_of(case.action, pack)
        check_may_approve(call=call, action=case.action, rule=rule)
        check_called_for(call=call, pack=pack, case=case)
        if exception is not None:
            _note_exception(pack, case, exception, because)
        elif case.state == CaseState.SCHEDULED:
            return case
        note_approval(call=call, action=case.action)
        _carry_out(call, pack, case, rule, at, exception)
        reasons = [violation.reason for violation in violations_behind(case.action)]
        barred = bar_for_harm(call=call, pack=pack, account=case.account, reasons=reasons)
    if barred:
        exclude_windows(call=call, pack=pack)
    return case


def dismiss_action(*, call: Call, pack: PolicyPack, case_id: str, because: str) -> Case:
    """Refuse a proposed action; what it rested on is not proposed again. The holder is told nothing, for nothing happened to him.

    Who had recorded by hand what it rests on gets the reason before their eyes.
    """
    with together():
        case = lock_case(call=call, case_id=case_id)
        move(call=call, case=case, event=CaseEvent.DISMISS, pack=pack)
        because = _said(because)
        action = case.action
        action.decided_at, action.decided_by, action.dismissed_because = call.now, call.actor.id, because
        save_later(action, "decided_at", "decided_by", "dismissed_because")
        ledger.append(call=call, case_id=case_id, kind="ActionDismissed", body={"action_id": action.action_id, "because": because})
        tell_recorders(call=call, case=case, because=because)
    return case


def rescind_action(*, call: Call, pack: PolicyPack, case_id: str, because: str) -> Case:
    """Take an action back as if all its violations had been overturned: limits lifted, points given back, the holder told why."""
    with together():
        case = lock_case(call=call, case_id=case_id)
        move(call=call, case=case, event=CaseEvent.RESCIND, pack=pack)
        because = _said(because)
        lock_account(account_id=case.account_id)
        violations = list(case.action.violations.order_by("opened", "violation_id"))
        case.action.violations.update(decided=DecisionOutcome.OVERTURNED, decided_at=call.now)
        lifted = lift_action(call=call, pack=pack, case=case)
        refresh_rating(call=call, pack=pack, account_id=case.account_id)
        case.outcome = AppealOutcome.REVERSED
        save_later(case, "outcome")
        case.appeals.filter(outcome="").update(outcome=AppealOutcome.REVERSED, decided_at=call.now, decided_by=call.actor.id)
        body = {"because": because, "violations": [violation.violation_id for violation in violations]}
        ledger.append(call=call, case_id=case_id, kind="ActionRescinded", body=body)
        text = compose_reinstated(
            letter_for(call=call, case=case, pack=pack),
            lifted=[Act(limit.act) for limit in lifted],
            in_force=remaining_limits(case=case, now=call.now),
            decided=[ViolationDecided(violation.reason, DecisionOutcome.OVERTURNED, because) for violation in violations],
        )
        issue_notice(call=call, case=case, kind=NoticeKind.REINSTATED, text=text)
        queue_event(call=call, type="action.lifted", case=case, body={"action": case.action.kind})
    return case


def expire_action(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """The action of a locked case has come to its own end: its limits ended with it. An appeal against it is answered all the same."""
    automatic = call.by_automation()
    with together():
        action = case.action
        action.ended_at = call.now
        save_later(action, "ended_at")
        move(call=automatic, case=case, event=CaseEvent.EXPIRES, pack=pack)
        ledger.append(call=automatic, case_id=case.case_id, kind="ActionExpired", body={"action_id": action.action_id})
        freed = [Act(act) for act in action.limits.filter(lifted_at=None, ends_at__lte=call.now).values_list("act", flat=True)]
        tell_update(call=automatic, pack=pack, case=case, kind=NoticeKind.EXPIRED, lifted=freed)
        queue_event(call=automatic, type="action.expired", case=case, body={"action": action.kind})


def lift_action(*, call: Call, pack: PolicyPack, case: Case, lifter: OwnerKind | None = None) -> list[Limit]:
    """Lift exactly the limits that the action of a locked case has set; gives those that were still running. Lifting twice is a no-op.

    `lifter`: by whose authority, where it is not the actor's own. Raises NotPermitted where the limits' owner outranks it. The caller moves the case, tells the holder and queues the event.
    """
    action = case.action
    if action.lifted_at is not None:
        return []
    lifter = lifter or (OwnerKind.AUTOMATION if call.actor.role == Role.AUTOMATION else OwnerKind.PERSON)
    limits = _unlifted(action_id=action.pk)
    for limit in limits:
        check_may_lift(limit.as_value(), lifter)
    running = [limit for limit in limits if limit.as_value().is_active(call.now)]
    _lift(action_id=action.pk, at=call.now, by=call.actor.id)
    action.lifted_at, action.lifted_by = call.now, call.actor.id
    save_later(action, "lifted_at", "lifted_by")
    body = {"action_id": action.action_id, "limits": [{"id": limit.limit_id, "act": limit.act} for limit in limits]}
    ledger.append(call=call, case_id=case.case_id, kind="LimitsLifted", body=body)
    return running


_unlifted = compiled.Query(
    lambda action_id: Limit.objects.select_for_update().filter(action=action_id, lifted_at=None).order_by("limit_id"), texts=["action_id"]
)
_lift = compiled.Change(
    lambda action_id, at, by: (Limit.objects.filter(action=action_id, lifted_at=None), {"lifted_at": at, "lifted_by": by}),
    texts=["action_id", "by"],
    moments=["at"],
)
"""Lifts just those: new limits of an action are set by who holds its case."""


def rule_of(action: EnforcementAction, pack: PolicyPack) -> Rule:
    """The rule that called for an action. Raises NotFound where the pack in force no longer has it."""
    rule = find_rule(pack, action)
    if rule is None:
        raise NotFound(f"pack {pack.name} has no rule '{action.rule}' any more; use {action.pack_name}, by which the action was proposed")
    return rule


def contested_rule(pack: PolicyPack, action: EnforcementAction, reasons: Collection[str]) -> Rule:
    """The rule that called for an action. One that the pack has since dropped is read as: any of its reasons is enough.

    A holder must not wait for an answer because the policy has changed.
    """
    for rule in pack.rules:
        if rule.id == action.rule:
            return rule
    return Rule(action.rule, tuple(sorted(reasons)), ActionKind(action.kind), Approval(action.approval), pack.rating.citation)


def _propose_for(call: Call, pack: PolicyPack, account_ids: Sequence[str], as_of: date) -> list[EnforcementAction]:
    with together():
        # Two runs at once must not both see the violations before either has acted on them.
        accounts = lock_accounts(account_ids=account_ids)
        opened = open_violations().filter(account__in=account_ids, opened__lte=as_of).prefetch_related("actions")
        rows = without_settled({row.violation_id: row for row in opened})
        bands = _bands(account_ids, as_of)
        made = []
        for account in accounts:
            own = [_as_value(row) for row in rows.values() if row.account_id == account.pk]
            proposals = evaluate(account.pk, own, bands.get(account.pk), pack, as_of)
            made += [_propose(call, pack, account, proposal, rows, as_of) for proposal in proposals]
    return made


def _bands(account_ids: Sequence[str], as_of: date) -> dict[str, Band]:
    """The band of each account's newest rating up to a day."""
    newest = RatingReading.objects.filter(account=OuterRef("pk"), as_of__lte=as_of).order_by("-as_of").values("band")[:1]
    rated = Account.objects.filter(pk__in=account_ids).annotate(band=Subquery(newest)).exclude(band=None)
    return {account_id: Band(band) for account_id, band in rated.values_list("pk", "band")}


def _as_value(violation: Violation) -> OpenViolation:
    """Dismissed actions count as acted on too: a person has looked at these facts, and only a graver rule may ask again."""
    kinds = frozenset(ActionKind(action.kind) for action in violation.actions.all())
    return OpenViolation(violation.violation_id, violation.reason, violation.opened, kinds)


def _propose(call: Call, pack: PolicyPack, account: Account, proposal: Proposal, rows: dict[str, Violation], as_of: date) -> EnforcementAction:
    rule, violations = proposal.rule, [rows[violation.id] for violation in proposal.violations]
    approval = approval_of(proposal, pack)
    action = EnforcementAction(
        action_id=call.new_id("A"),
        account=account,
        kind=rule.action,
        rule=rule.id,
        approval=approval,
        pack_name=pack.name,
        pack_digest=pack.digest,
        as_of=as_of,
        proposed_at=call.now,
        proposed_by=call.actor.id,
    )
    action.behind = sorted(violations, key=lambda violation: (violation.opened, violation.violation_id))
    case = Case(
        case_id=call.new_id("C"),
        account=account,
        action=action,
        state=START,
        severity=_gravest(violations),
        language=nearest_language(account.language, pack.languages),
        opened_at=call.now,
        changed_at=call.now,
    )
    sort_by_reason(pack=pack, case=case, violations=violations)
    place_case(call=call, pack=pack, case=case)
    rests = EnforcementAction.violations.through
    insert_later(action, case, *(rests(enforcementaction=action, violation=violation) for violation in violations))
    ledger.append(call=call, case_id=case.case_id, kind="ActionProposed", body=_proposed(action, rule, violations))
    if approval == Approval.NONE:
        note_approval(call=call, action=action)
        put_in_force(call=call, pack=pack, case=case, rule=rule, event=CaseEvent.APPROVE)
    return action


def _carry_out(call: Call, pack: PolicyPack, case: Case, rule: Rule, at: datetime | None, exception: NoticeException | None) -> None:
    """Put an approved action in force or announce it, or give a member of the assurance programme the time to solve it first (J3).

    In that time the approval waits for its end.
    """
    if case.state == CaseState.SOLVING:
        move(call=call, case=case, event=CaseEvent.APPROVE, pack=pack)
        save_later(case.action, *APPROVAL)
        ledger.append(call=call, case_id=case.case_id, kind="ActionApprovedAhead", body={"action_id": case.action.action_id})
        return
    notice = pack.deadlines.get("closing_notice")
    if notice and case.reopened_at is None and needs_time_of_notice(rule.action, HolderKind(case.account.holder_kind), exception):
        at = max(at or call.now, notice.after(call.now))
    if (enrollment := membership_that_saves(pack=pack, case=case)) is not None:
        open_window(call=call, pack=pack, case=case, enrollment=enrollment, limits=acts_of(rule))
        save_later(case.action, *APPROVAL)
    elif at is not None and at > call.now:
        announce(call=call, pack=pack, case=case, rule=rule, at=at)
    else:
        put_in_force(call=call, pack=pack, case=case, rule=rule, event=CaseEvent.APPROVE)


def _note_exception(pack: PolicyPack, case: Case, exception: NoticeException, because: str) -> None:
    """Keep why no time of notice is given. Raises UnusableInput where the pack does not know the exception or the account has no such past."""
    allowed = pack.closing.exceptions if pack.closing else frozenset()
    if exception not in allowed:
        raise UnusableInput(f"pack {pack.name} does not know the exception '{exception}'; it allows: {', '.join(sorted(allowed)) or 'none'}")
    earlier = Violation.objects.filter(account=case.account_id, decided=DecisionOutcome.UPHELD).exclude(actions=case.action_id).count()
    if pack.closing and exception is NoticeException.REPEATED_INFRINGEMENT and earlier < pack.closing.least_repeats:
        raise UnusableInput(f"a repeated infringement needs {pack.closing.least_repeats} earlier violations that were upheld; there are {earlier}")
    case.action.notice_exception, case.action.exception_because = exception, _said(because)


def _proposed(action: EnforcementAction, rule: Rule, violations: Iterable[Violation]) -> dict[str, object]:
    """What the ledger keeps of a proposal: enough to recompute it (requirement K3)."""
    return {
        "action_id": action.action_id,
        "kind": action.kind,
        "rule": rule.id,
        "approval": action.approval,
        "pack": action.pack_name,
        "pack_digest": action.pack_digest,
        "as_of": action.as_of.isoformat(),
        "violations": [{"id": row.violation_id, "reason": row.reason, "items": [item["id"] for item in row.items]} for row in violations],
    }


def _gravest(violations: Iterable[Violation]) -> Severity:
    return min((Severity(violation.severity) for violation in violations), key=list(Severity).index)


def _said(because: str) -> str:
    if not because.strip():
        raise UnusableInput("say why: the reason is kept with the case")
    return because.strip()
