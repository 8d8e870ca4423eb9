"""What a reviewer's decisions, one per violation, come to (requirements H1, H2, H6)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from goodstanding.core.enforcement.evaluation import action_stands
from goodstanding.core.errors import NotPermitted, UnusableInput
from goodstanding.core.policy.pack import Rule
from goodstanding.core.terms import AppealOutcome, Band, DecisionOutcome, Role


@dataclass(frozen=True, slots=True)
class Verdict:
    """One violation's decision, with the reason that the holder will read."""

    violation_id: str
    reason: str
    outcome: DecisionOutcome
    because: str


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the verdicts come to. `stands`: whether the action stays in force; if not, all its limits are lifted."""

    outcome: AppealOutcome
    stands: bool


def conclude(verdicts: Mapping[str, Verdict], contested: Mapping[str, str], rule: Rule, band_if_decided: Band | None) -> Conclusion:
    """Conclude an appeal from one verdict per contested violation (id -> reason code).

    `band_if_decided` is the account's band once overturned violations no longer count. The action stands only where
    its own rule would still call for it on what was upheld. Raises UnusableInput where a verdict is missing, is about
    something else, or names no reason.
    """
    missing, strange = contested.keys() - verdicts.keys(), verdicts.keys() - contested.keys()
    if missing or strange:
        raise UnusableInput(
            f"decide every violation of the case and no other; missing: {sorted(missing) or 'none'}, unknown: {sorted(strange) or 'none'}"
        )
    if silent := [v.violation_id for v in verdicts.values() if not v.because.strip()]:
        raise UnusableInput(f"say why, for each violation: the holder will read it; no reason given for {sorted(silent)}")
    upheld = [v.reason for v in verdicts.values() if v.outcome == DecisionOutcome.UPHELD]
    if not upheld:
        return Conclusion(AppealOutcome.REVERSED, stands=False)
    stands = action_stands(rule, upheld, band_if_decided)
    all_upheld = len(upheld) == len(verdicts)
    # Upholding every violation upholds the action: the rule was met when it was approved, and time alone is no verdict.
    return Conclusion(AppealOutcome.UPHELD if all_upheld else AppealOutcome.PARTIALLY_REVERSED, stands=stands or all_upheld)


def check_reviewer(reviewer: str, decided: Collection[str]) -> None:
    """Nobody reviews an own decision (requirement H1).

    `decided`: who decided what the appeal is against, the action itself and every earlier appeal about it. Raises
    NotPermitted where the reviewer is among them.
    """
    if reviewer in decided:
        raise NotPermitted("reviewing an appeal against your own decision", ["another reviewer"])


def may_hear(
    reviewer: str, role: Role, *, last: Collection[str], past: Collection[str], reviewers: Mapping[str, Role], is_last_instance: bool = False
) -> bool:
    """Whether somebody who had a part in the case's past may hear it all the same, because nobody else is left to (requirement H4).

    `last`: who had a part in the latest decision; `past`: in any; `reviewers`: who of the staff reviews, by role. Only a senior may, only where
    every other reviewer who could take the case had a part in it too, and never who took the latest decision: nobody reviews that of his own.
    """
    if role != Role.SENIOR_SPECIALIST or reviewer in last or reviewer not in reviewers:
        return False
    able = {name for name, one in reviewers.items() if one == Role.SENIOR_SPECIALIST or not is_last_instance}
    return able <= set(past)
