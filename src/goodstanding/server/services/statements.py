"""From stored rows to the statement of reasons: what an action is, and which facts each of its violations rests on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from goodstanding.core.enforcement.reasons import Decision, FactRow, StatementOfReasons, ViolationFacts, state_reasons
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, ActionKind, FoundBy, HolderKind, OwnerKind
from goodstanding.core.values import AUTOMATION, day_of
from goodstanding.server.services.standing import violations_behind
from goodstanding.server.store.models import Case, Violation

FOR_STAFF = "for_staff"
"""Under which key an item keeps what no holder may read."""


def state_action(*, case: Case, pack: PolicyPack, limits: Iterable[Act]) -> StatementOfReasons:
    """The statement of reasons of a case's action, in force or announced. Raises MissingFacts where a violation rests on nothing."""
    applies_from = case.action.effective_at or case.action.scheduled_for
    assert applies_from is not None, "only an action in force or announced is stated"
    return state_ahead(case=case, pack=pack, limits=limits, applies_from=applies_from)


def state_ahead(*, case: Case, pack: PolicyPack, limits: Iterable[Act], applies_from: datetime) -> StatementOfReasons:
    """The statement of reasons of a case's action as it would take effect at a moment. Raises as `state_action`."""
    action, account = case.action, case.account
    decision = Decision(
        action_id=action.action_id,
        kind=ActionKind(action.kind),
        limits=frozenset(limits),
        applies_from=applies_from,
        marketplace=account.marketplace,
        holder_kind=HolderKind(account.holder_kind),
        # The pack's rule called for it; whether a person agreed is told apart.
        decided_by=OwnerKind.POLICY,
        account_since=day_of(account.opened_at, pack.zone(account.marketplace)),
        ends_at=action.ends_at,
        confirmed_by_person=action.decided_by != AUTOMATION.id,
    )
    violations = [violation_facts(violation) for violation in violations_behind(action)]
    return state_reasons(decision, violations, pack, case.language)


def unnamed(number: int) -> str:
    """What stands for another account where a holder reads: no part of its id (requirement K5)."""
    return f"№ {number}"


def told_items(violation: Violation) -> list[dict[str, Any]]:
    """The items of a violation as its holder may know them. Of a relation: that there is another account, and by what kinds of evidence (requirement K5)."""
    if violation.found_by != FoundBy.RELATION and not any(FOR_STAFF in item for item in violation.items):
        return list(violation.items)
    return [{"id": unnamed(number), "kind": item["kind"], "facts": item.get("facts", {})} for number, item in enumerate(violation.items, 1)]


def violation_facts(violation: Violation) -> ViolationFacts:
    """A stored violation as the statement of reasons reads it."""
    items = tuple(FactRow(str(item["id"]), str(item["kind"]), tuple(item.get("facts", {}).items())) for item in told_items(violation))
    return ViolationFacts(
        violation_id=violation.violation_id,
        reason=violation.reason,
        opened=violation.opened,
        items=items,
        metric=violation.metric or None,
        numerator=violation.numerator,
        denominator=violation.denominator,
        as_of=violation.counted_on,
        found_by=FoundBy(violation.found_by),
        explanation=violation.explanation or None,
        complaint_sources=frozenset(value for item in items for column, value in item.facts if column == "source"),
    )
