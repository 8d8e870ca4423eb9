"""Decided appeals like the one at hand, and facts that an accepted appeal has settled (requirement H7)."""

from collections.abc import Mapping, Sequence
from typing import Any

from goodstanding.core.appeals.precedents import Likeness, Precedent, is_settled_before, nearest_precedents
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import DecisionOutcome
from goodstanding.server.store.models import Case, Violation, ViolationDecision

LOOKED_AT = 200
"""How many of the latest decisions on a reason are compared."""

COMPARED = ("carrier", "warehouse", "product_id", "source", "topic", "country")
"""The columns of items by whose values violations are alike."""


def similar_appeals(*, pack: PolicyPack, case: Case) -> dict[str, list[tuple[int, Precedent]]]:
    """Per violation of a case the most similar ones that were decided on appeal, each with how alike it is (0 to 100)."""
    violations = list(case.action.violations.all())
    past = {reason: _decided(reason, case) for reason in {violation.reason for violation in violations}}
    return {
        violation.violation_id: nearest_precedents(_likeness(violation, case.action.rule), past[violation.reason], pack.reviewing.precedents)
        for violation in violations
    }


def without_settled(rows: Mapping[str, Violation]) -> dict[str, Violation]:
    """Open violations less those whose facts an accepted appeal of their account has found not to count.

    Relations are judged apart: a denial ends them, and a later confirmation is a new fact (`core.linkage.judgements`).
    """
    reasons = {violation.reason for violation in rows.values()}
    accounts = {violation.account_id for violation in rows.values()}
    past: dict[tuple[str, str], list[set[str]]] = {}
    overturned = Violation.objects.filter(account__in=accounts, reason__in=reasons, decided=DecisionOutcome.OVERTURNED)
    for violation in overturned:
        past.setdefault((violation.account_id, violation.reason), []).append(_items(violation))
    settled = {key for key, one in rows.items() if is_settled_before(_items(one), past.get((one.account_id, one.reason), []))}
    return {key: one for key, one in rows.items() if one.other_account or key not in settled}


def _decided(reason: str, but: Case) -> Sequence[Precedent]:
    """The latest decisions on a reason, as few columns of them as are compared: a case page reads two hundred."""
    latest = ViolationDecision.objects.filter(reason=reason).exclude(appeal__case=but).order_by("-decided_at")[:LOOKED_AT]
    compared = [f"violation__{name}" for name in ("numerator", "denominator", "items")]
    rows = latest.values_list("appeal__case_id", "outcome", "because", "decided_at", "appeal__case__action__rule", *compared)
    return [
        Precedent(case_id, _like(reason, rule, items, _share(numerator, denominator)), DecisionOutcome(outcome), because, decided_at.date())
        for case_id, outcome, because, decided_at, rule, numerator, denominator, items in rows
    ]


def _likeness(violation: Violation, rule: str) -> Likeness:
    return _like(violation.reason, rule, violation.items, _share(violation.numerator, violation.denominator))


def _like(reason: str, rule: str, items: Sequence[Mapping[str, Any]], share: int | None) -> Likeness:
    values = {f"{column}={item['facts'][column]}" for item in items for column in COMPARED if item.get("facts", {}).get(column)}
    return Likeness(reason, rule, len(items), share, frozenset(values))


def _share(numerator: int | None, denominator: int | None) -> int | None:
    return 1000 * numerator // denominator if numerator is not None and denominator else None


def _items(violation: Violation) -> set[str]:
    return {str(item["id"]) for item in violation.items}
