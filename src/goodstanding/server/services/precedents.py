"""Decided appeals like the one at hand, and facts that an accepted appeal has settled (requirement H7)."""

from collections.abc import Mapping, Sequence

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
    found = {}
    for violation in case.action.violations.all():
        past = _decided(violation.reason, case)
        found[violation.violation_id] = nearest_precedents(_likeness(violation, case.action.rule), past, pack.reviewing.precedents)
    return found


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
    rows = ViolationDecision.objects.filter(violation__reason=reason).exclude(appeal__case=but)
    latest = rows.select_related("violation", "appeal__case__action").order_by("-decided_at")[:LOOKED_AT]
    return [
        Precedent(
            row.appeal.case_id,
            _likeness(row.violation, row.appeal.case.action.rule),
            DecisionOutcome(row.outcome),
            row.because,
            row.decided_at.date(),
        )
        for row in latest
    ]


def _likeness(violation: Violation, rule: str) -> Likeness:
    share = 1000 * violation.numerator // violation.denominator if violation.numerator is not None and violation.denominator else None
    values = {f"{column}={item['facts'][column]}" for item in violation.items for column in COMPARED if item.get("facts", {}).get(column)}
    return Likeness(violation.reason, rule, len(violation.items), share, frozenset(values))


def _items(violation: Violation) -> set[str]:
    return {str(item["id"]) for item in violation.items}
