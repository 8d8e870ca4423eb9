"""What the policy pack calls for, given an account's violations and rating. Proposes; never acts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from goodstanding.core.linkage.judgements import rests_on_relations_alone
from goodstanding.core.policy.pack import PolicyPack, Rule
from goodstanding.core.terms import ActionKind, Approval, Band, FoundBy

GRAVITY = {kind: rank for rank, kind in enumerate(ActionKind)}
"""How grave an action is, mildest first."""

MAY_BE_AUTOMATIC = frozenset({ActionKind.WARN, ActionKind.HOLD, ActionKind.RESTRICT})
"""What may take effect without a person, where the pack says so. Taking the account itself never may."""


@dataclass(frozen=True, slots=True)
class OpenViolation:
    """A violation that is open on the day of evaluation. `acted_on` holds the kinds of action that already rest on it."""

    id: str
    reason: str
    opened: date
    acted_on: frozenset[ActionKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action the pack calls for, with the rule that calls for it and the violations it rests on."""

    account_id: str
    rule: Rule
    violations: tuple[OpenViolation, ...]


def evaluate(account_id: str, violations: Collection[OpenViolation], band: Band | None, pack: PolicyPack, as_of: date) -> tuple[Proposal, ...]:
    """The actions the pack calls for on a day: for each set of violations the gravest rule that holds.

    A rule counts only violations on which no action of its kind or a graver one rests already, so a run that is
    repeated proposes nothing twice, and a breach that lasts climbs from a warning to a restriction but never back.
    A graver proposal takes in the violations of the milder rules, so an account gets one notice and not three.
    An old complaint that nobody resolved no longer counts in the rating, and no action starts from it either; what
    still goes on (a rate over target, a relation, missing information) is acted on however old it is.
    """
    proposals: list[Proposal] = []
    taken: set[str] = set()
    for rule in sorted(pack.rules, key=lambda rule: -GRAVITY[rule.action]):
        matching = [violation for violation in violations if violation.id not in taken and _counts(rule, violation, pack, as_of)]
        if len(matching) < rule.least_open or (rule.bands and band not in rule.bands):
            continue
        proposals.append(Proposal(account_id, rule, tuple(sorted(matching, key=lambda v: (v.opened, v.id)))))
        taken.update(violation.id for violation in matching)
    return tuple(proposals)


def _counts(rule: Rule, violation: OpenViolation, pack: PolicyPack, as_of: date) -> bool:
    age = (as_of - violation.opened).days
    if age >= pack.rating.window_days and pack.reasons[violation.reason].found_by == FoundBy.COMPLAINT:
        return False
    already = any(GRAVITY[kind] >= GRAVITY[rule.action] for kind in violation.acted_on)
    return violation.reason in rule.reasons and not already and age >= rule.open_days


def approval_of(proposal: Proposal, pack: PolicyPack) -> Approval:
    """Who has to agree: whom the rule names, and a person at least where the account itself is taken or nothing but relations speak.

    A relation is evidence, not guilt: no rule lets one act by itself (requirements B16, I1).
    """
    reasons = [violation.reason for violation in proposal.violations]
    needs_person = proposal.rule.action not in MAY_BE_AUTOMATIC or rests_on_relations_alone(reasons, pack)
    return Approval.PERSON if proposal.rule.approval == Approval.NONE and needs_person else proposal.rule.approval


def action_stands(rule: Rule, upheld_reasons: Iterable[str], band: Band | None) -> bool:
    """Whether an action is still called for by its rule once only these violations are left (requirement H6)."""
    left = sum(reason in rule.reasons for reason in upheld_reasons)
    return left >= max(rule.least_open, 1) and (not rule.bands or band in rule.bands)
