"""The place of a case in the queue, written whenever something happens to it, so that no page has to sort (requirement H1)."""

from collections import Counter
from collections.abc import Iterator

from django.db import transaction

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState
from goodstanding.core.cases.queue import Lane, Weighed, lane_of, place_of
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, Approval, Severity
from goodstanding.server.services.call import Call
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Case, Limit, Violation

PLACED = ("lane", "place")
"""The columns that `place_case` sets."""

LETS_GO = frozenset({CaseEvent.RELEASE, CaseEvent.LEASE_LAPSES, CaseEvent.ESCALATE})
"""Events after which nobody holds the case; who held it is cleared only after them, for the ledger names them."""

BATCH = 500
"""Cases placed anew in one transaction."""


def place_case(*, call: Call, pack: PolicyPack, case: Case, event: CaseEvent | None = None) -> None:
    """Set lane and place of a locked case in its present state; the caller saves `PLACED`. `event`: what has just happened to it."""
    is_held = event == CaseEvent.CLAIM or (bool(case.assignee) and event not in LETS_GO)
    lane = lane_of(CaseState(case.state), Approval(case.action.approval), is_held=is_held)
    case.lane = lane or ""
    if lane is not None:
        case.place = place_of(pack.queue, _weighed(call, pack, case))


def sort_by_reason(*, pack: PolicyPack, case: Case, violations: list[Violation]) -> None:
    """Set the reason a new case is filed under, the gravest, and the skill that it takes."""
    order = list(Severity)
    gravest = min(violations, key=lambda one: (order.index(Severity(one.severity)), one.opened, one.violation_id))
    case.reason, case.skill = gravest.reason, pack.queue.skill_for(gravest.reason)


def order_queue_anew(*, call: Call, pack: PolicyPack) -> int:
    """Give every waiting case the place that the pack gives it now, after the pack's weights have changed; gives how many there are."""
    return sum(_place_batch(call, pack, ids) for ids in _batches())


def _batches() -> Iterator[list[str]]:
    last = ""
    while ids := list(Case.objects.exclude(lane="").filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]


def _place_batch(call: Call, pack: PolicyPack, ids: list[str]) -> int:
    with transaction.atomic():
        cases = list(Case.objects.select_for_update(of=("self",)).select_related("action").filter(pk__in=ids))
        for case in cases:
            place_case(call=call, pack=pack, case=case)
            case.skill = pack.queue.skill_for(case.reason)
        Case.objects.bulk_update(cases, [*PLACED, "skill"])
    return len(cases)


def _weighed(call: Call, pack: PolicyPack, case: Case) -> Weighed:
    if case.lane in (Lane.PROPOSAL, Lane.SENIOR_PROPOSAL):
        rule = next((rule for rule in pack.rules if rule.id == case.action.rule), None)
        return Weighed(Severity(case.severity), case.reopened_at or case.opened_at, rule.limits if rule else ())
    limits = [limit.as_value() for limit in _limits(action_id=case.action_id)]
    active = [limit for limit in limits if limit.is_active(call.now)]
    held: Counter[str] = Counter()
    for limit in active:
        if limit.held:
            held[limit.held.currency] += limit.held.amount
    due = case.review_due_at or case.opened_at
    return Weighed(Severity(case.severity), due, frozenset(Act(limit.act) for limit in active), held, case.raised_at is not None)


_limits = compiled.Query(lambda action_id: Limit.objects.filter(action=action_id, lifted_at=None), texts=["action_id"])
