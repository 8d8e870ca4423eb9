"""Appeals of the past that are like this one, and what was once found wrong and must not be held against anybody again (requirement H7)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from goodstanding.core.terms import DecisionOutcome


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two violations are compared by. `share`: what went wrong out of 1,000, None where nothing is counted; `values`: carriers, products, sources of its items."""

    reason: str
    rule: str
    items: int
    share: int | None = None
    values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Precedent:
    """A violation that was decided on appeal."""

    case_id: str
    likeness: Likeness
    outcome: DecisionOutcome
    because: str
    decided: date


def nearness(one: Likeness, other: Likeness) -> int:
    """How alike two violations are, 0 to 100; 0 for different reasons. The rule counts 20, the share or size 40, the values they have in common 40."""
    if one.reason != other.reason:
        return 0
    rule = 20 if one.rule == other.rule else 0
    size = _near(one.share, other.share) if one.share is not None and other.share is not None else _near(one.items, other.items)
    both = one.values | other.values
    common = 40 * len(one.values & other.values) // len(both) if both else 0
    return rule + size + common


def nearest_precedents(to: Likeness, past: Iterable[Precedent], most: int) -> list[tuple[int, Precedent]]:
    """The most alike, each with how alike it is; of equals the newest first. Another reason is never alike."""
    ranked = [(nearness(to, one.likeness), one) for one in past]
    ranked = [(near, one) for near, one in ranked if near > 0]
    return sorted(ranked, key=lambda pair: (-pair[0], -pair[1].decided.toordinal(), pair[1].case_id))[:most]


def is_settled_before(items: Collection[str], overturned: Sequence[Collection[str]]) -> bool:
    """Whether every item a violation rests on was already found not to count: the same facts, whatever day they are seen again on.

    `overturned`: the items of each violation of the same account, reason and rule that an accepted appeal overturned. Of a violation without
    items nothing is known to be the same.
    """
    known = {item for one in overturned for item in one}
    return bool(items) and set(items) <= known


def _near(one: int, other: int) -> int:
    """40 for equals, less the further apart, nothing from twice as much on."""
    low, high = sorted((one, other))
    return 40 if high == low else max(0, 40 - 40 * (high - low) // max(low, 1))
