"""Giving back accounts that were limited only for a relation, once the relation is denied or the other account is free (requirement I1).

What the policy set is lifted at once; what a person set is proposed to a person, because automation never lifts that (requirement A7).
"""

import logging

from django.db.models import Exists, OuterRef, Q, QuerySet

from goodstanding.core.cases.lifecycle import ENDED, REVIEWERS, CaseEvent, CaseState
from goodstanding.core.enforcement.evaluation import action_stands
from goodstanding.core.enforcement.limits import RANK
from goodstanding.core.errors import IllegalTransition, NotPermitted, UnusableInput
from goodstanding.core.notices import compose_freed
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, ActionKind, AppealOutcome, Band, DecisionOutcome, FoundBy, NoticeKind, OwnerKind, ReleaseCause
from goodstanding.core.values import day_of
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.actions import contested_rule, lift_action
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case, move
from goodstanding.server.services.notices import issue_notice, letter_for, remaining_limits
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.ratings import refresh_rating
from goodstanding.server.services.together import save_later, together
from goodstanding.server.store.models import Case, EnforcementAction, Limit, RatingReading, ReleaseOutcome, ReleaseProposal, StruckAccount, Violation

OVER = frozenset({CaseState.DISMISSED, *ENDED})
"""Cases in which there is nothing left to give back."""

log = logging.getLogger(__name__)


def free_related(*, call: Call, pack: PolicyPack, limit: int = 100) -> int:
    """Free, or propose to free, who was limited only for a relation that has ended, at most `limit` cases; gives how many that were.

    A relation's violation ends when the other account is under enforcement no more. A case that fails is logged, the others go on.
    """
    call = call.by_automation()
    _end_violations(call, pack)
    return sum(_free_one(call, pack, case_id) for case_id in list(_candidates(call).values_list("pk", flat=True)[:limit]))


def free_unfounded(*, call: Call, pack: PolicyPack, case: Case, lifter: OwnerKind) -> bool:
    """Give a locked case back where its rule no longer stands on what is left of its violations; gives whether anything was done.

    `lifter`: by whose authority. Limits whose owner outranks it are proposed to a person instead.
    """
    action = case.action
    violations = list(action.violations.order_by("opened", "violation_id"))
    gone = [violation for violation in violations if _is_gone(violation)]
    if not gone or case.state in OVER or action.lifted_at is not None or _still_stands(pack, case, violations, gone):
        return False
    denied = any(violation.decided == DecisionOutcome.OVERTURNED for violation in gone)
    cause = ReleaseCause.RELATION_DENIED if denied else ReleaseCause.RELATION_ENDED
    if case.state == CaseState.PROPOSED:
        _drop(call, pack, case, cause)
    elif any(RANK[lifter] < RANK[OwnerKind(owner)] for owner in action.limits.filter(lifted_at=None).values_list("owner_kind", flat=True)):
        return _propose_release(call, case, cause)
    else:
        _lift(call, pack, case, cause, lifter)
    return True


def release_account(*, call: Call, pack: PolicyPack, case_id: str) -> Case:
    """Lift the action of a case as was proposed. Doing it again changes nothing. Raises NotPermitted, IllegalTransition."""
    with together():
        case, proposal = _proposed(call, case_id)
        if proposal.outcome == ReleaseOutcome.RELEASED:
            return case
        _settle(call, case, proposal, ReleaseOutcome.RELEASED)
        if case.state not in OVER:
            _lift(call, pack, case, ReleaseCause(proposal.cause), OwnerKind.PERSON)
    return case


def keep_limits(*, call: Call, case_id: str, because: str) -> Case:
    """Leave the action of a case in force against the proposal, and say why; the holder may still appeal. Raises as `release_account`."""
    if not because.strip():
        raise UnusableInput("say why: the reason is kept with the case")
    with together():
        case, proposal = _proposed(call, case_id)
        if not proposal.outcome:
            proposal.because = because.strip()
            _settle(call, case, proposal, ReleaseOutcome.KEPT)
            ledger.append(call=call, case_id=case_id, kind="ReleaseRefused", body={"because": proposal.because})
    return case


def releases_waiting() -> QuerySet[Case]:
    """The cases that a person may set free, oldest proposal first."""
    waiting = Case.objects.filter(release__outcome="", release__isnull=False).exclude(state__in=OVER)
    return waiting.select_related("action", "account", "release").order_by("release__proposed_at", "pk")


def _free_one(call: Call, pack: PolicyPack, case_id: str) -> bool:
    try:
        with together():
            case = lock_case(call=call, case_id=case_id)
            return free_unfounded(call=call, pack=pack, case=case, lifter=OwnerKind.POLICY)
    # One broken case must not keep every other account limited.
    except Exception:
        log.exception("freeing case %s", case_id)
        return False


def _candidates(call: Call) -> QuerySet[Case]:
    gone = Q(action__violations__closed__isnull=False) | Q(action__violations__decided=DecisionOutcome.OVERTURNED)
    related = Q(action__violations__found_by=FoundBy.RELATION) & ~Q(action__violations__other_account="")
    running = Q(action__ends_at=None) | Q(action__ends_at__gt=call.now)
    cases = Case.objects.filter(running, related & gone, action__lifted_at=None, release=None).exclude(state__in=OVER)
    return cases.order_by("opened_at", "pk").distinct()


def _end_violations(call: Call, pack: PolicyPack) -> None:
    """Close the violations whose other account is under enforcement no more, account by account."""
    ended = _ended(call).values_list("account_id", flat=True).distinct()
    for account_id in list(ended):
        with together():
            account = lock_account(account_id=account_id)
            _ended(call).filter(account=account).update(closed=day_of(call.now, pack.zone(account.marketplace)))
            refresh_rating(call=call, pack=pack, account_id=account_id)


def _ended(call: Call) -> QuerySet[Violation]:
    """Open violations of accounts under action, whose other account neither this server nor any system told of last night holds any more."""
    taking = EnforcementAction.objects.filter(kind__in=(ActionKind.DEACTIVATE, ActionKind.CLOSE), effective_at__isnull=False)
    in_force = Q(lifted_at=None) & (Q(ends_at=None) | Q(ends_at__gt=call.now))
    own = taking.filter(in_force, account=OuterRef("other_account"), violations__found_by__in=set(FoundBy) - {FoundBy.RELATION})
    ours_and_over = taking.filter(action_id=OuterRef("action_id")).exclude(in_force)
    told = StruckAccount.objects.filter(account_id=OuterRef("other_account")).exclude(Exists(ours_and_over))
    open_ones = Violation.objects.filter(found_by=FoundBy.RELATION, closed=None, actions__lifted_at=None, actions__isnull=False)
    open_ones = open_ones.exclude(other_account="").exclude(decided=DecisionOutcome.OVERTURNED)
    return open_ones.exclude(Exists(own)).exclude(Exists(told)).distinct()


def _is_gone(violation: Violation) -> bool:
    is_over = violation.closed is not None or violation.decided == DecisionOutcome.OVERTURNED
    return violation.found_by == FoundBy.RELATION and bool(violation.other_account) and is_over


def _still_stands(pack: PolicyPack, case: Case, violations: list[Violation], gone: list[Violation]) -> bool:
    reasons = {violation.reason for violation in violations}
    left = [one.reason for one in violations if one not in gone and one.decided != DecisionOutcome.OVERTURNED]
    reading = RatingReading.objects.filter(account=case.account_id).order_by("-as_of").first()
    return action_stands(contested_rule(pack, case.action, reasons), left, Band(reading.band) if reading else None)


def _drop(call: Call, pack: PolicyPack, case: Case, cause: ReleaseCause) -> None:
    """A proposal that rests on nothing any more. A holder who was told nothing is told nothing."""
    move(call=call.by_automation(), case=case, event=CaseEvent.CAUSE_ENDS, pack=pack)
    action = case.action
    action.decided_at, action.decided_by, action.dismissed_because = call.now, call.actor.id, cause.replace("_", " ")
    save_later(action, "decided_at", "decided_by", "dismissed_because")
    ledger.append(call=call, case_id=case.pk, kind="ActionDismissed", body={"action_id": action.action_id, "because": cause})
    if case.told_at is not None:
        _tell(call, pack, case, cause, [])


def _propose_release(call: Call, case: Case, cause: ReleaseCause) -> bool:
    _, is_new = ReleaseProposal.objects.get_or_create(case=case, defaults={"cause": cause, "proposed_at": call.now})
    if is_new:
        ledger.append(call=call, case_id=case.pk, kind="ReleaseProposed", body={"cause": cause})
    return is_new


def _lift(call: Call, pack: PolicyPack, case: Case, cause: ReleaseCause, lifter: OwnerKind) -> None:
    lock_account(account_id=case.account_id)
    move(call=call.by_automation(), case=case, event=CaseEvent.CAUSE_ENDS, pack=pack)
    lifted = lift_action(call=call, pack=pack, case=case, lifter=lifter)
    refresh_rating(call=call, pack=pack, account_id=case.account_id)
    case.outcome, case.assignee = AppealOutcome.REVERSED, ""
    save_later(case, "outcome", "assignee")
    case.appeals.filter(outcome="").update(outcome=AppealOutcome.REVERSED, decided_at=call.now, decided_by=call.actor.id)
    ledger.append(call=call, case_id=case.pk, kind="AccountFreed", body={"action_id": case.action_id, "cause": cause})
    _tell(call, pack, case, cause, lifted)
    queue_event(call=call, type="action.lifted", case=case, body={"action": case.action.kind, "because": cause})


def _tell(call: Call, pack: PolicyPack, case: Case, cause: ReleaseCause, lifted: list[Limit]) -> None:
    in_force = remaining_limits(case=case, now=call.now)
    letter = letter_for(call=call, case=case, pack=pack)
    text = compose_freed(letter, cause=cause, lifted=[Act(limit.act) for limit in lifted], in_force=in_force)
    issue_notice(call=call, case=case, kind=NoticeKind.REINSTATED, text=text)


def _proposed(call: Call, case_id: str) -> tuple[Case, ReleaseProposal]:
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("deciding on a release", sorted(REVIEWERS))
    case = lock_case(call=call, case_id=case_id)
    proposal = ReleaseProposal.objects.select_for_update(of=("self",)).filter(case=case).first()
    if proposal is None:
        raise IllegalTransition(case.state, CaseEvent.CAUSE_ENDS, [], f"no release is proposed for case {case_id}")
    return case, proposal


def _settle(call: Call, case: Case, proposal: ReleaseProposal, outcome: ReleaseOutcome) -> None:
    if proposal.outcome:
        raise IllegalTransition(case.state, CaseEvent.CAUSE_ENDS, [], f"the release of case {case.pk} is decided already: {proposal.outcome}")
    proposal.outcome, proposal.decided_at, proposal.decided_by = outcome, call.now, call.actor.id
    proposal.save(update_fields=["outcome", "decided_at", "decided_by", "because"])
