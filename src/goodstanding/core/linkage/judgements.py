"""What people hold of relations: which judgement counts, what speaks against a relation, and that no relation acts by itself.

A judgement is about a pair and stays until a later one supersedes it, whatever the next run finds (`facts.md` section 5). It knows
nothing of scores: how strong the evidence is and what a person makes of it are two questions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from goodstanding.core.errors import UnusableInput
from goodstanding.core.linkage.signals import SharedIdentifier
from goodstanding.core.policy.pack import Linkage, PolicyPack
from goodstanding.core.terms import FoundBy, RelationGround, RelationVerdict

Pair = tuple[str, str]
"""Two accounts, the one whose id sorts first before the other."""

GROUNDS: Mapping[RelationVerdict, tuple[RelationGround, ...]] = {
    RelationVerdict.CONFIRMED: (
        RelationGround.SAME_OWNER,
        RelationGround.FAMILY,
        RelationGround.FORMER_EMPLOYEE,
        RelationGround.SERVICE_PROVIDER,
    ),
    RelationVerdict.DENIED: (
        RelationGround.SOLD_BUSINESS,
        RelationGround.FAMILY,
        RelationGround.FORMER_EMPLOYEE,
        RelationGround.SERVICE_PROVIDER,
        RelationGround.MISTAKEN_IDENTITY,
    ),
}
"""Which ground goes with which verdict: relatives or a provider may lend their hand to somebody, or only happen to share a thing."""


class Against(StrEnum):
    """What speaks against a relation, so that whoever judges it reads both sides."""

    BELOW_THRESHOLD = "below_threshold"
    ONE_PIECE = "one_piece"
    SHARED_BY_MANY = "shared_by_many"
    HOUSEHOLD_ONLY = "household_only"
    NEVER_AT_ONCE = "never_at_once"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement on a pair, made on a day. Where several stand, the last one counts."""

    pair: Pair
    verdict: RelationVerdict
    on: date


def pair_of(one: str, other: str) -> Pair:
    """Two accounts in their order. Raises UnusableInput for an account and itself."""
    if one == other:
        raise UnusableInput(f"a relation needs two accounts; {one} is only one")
    return (one, other) if one < other else (other, one)


def check_ground(verdict: RelationVerdict, ground: RelationGround) -> None:
    """Raise UnusableInput where a ground says the opposite of its verdict."""
    if ground not in GROUNDS[verdict]:
        raise UnusableInput(f"'{ground}' is no ground for '{verdict}'; choose one of: {', '.join(GROUNDS[verdict])}")


def latest(history: Iterable[Judgement]) -> Mapping[Pair, Judgement]:
    """The judgement that counts for each pair. `history` is in the order in which the judgements were made."""
    return {judgement.pair: judgement for judgement in history}


def counts_from(opened: date, history: Sequence[Judgement]) -> date | None:
    """From which day a violation that rests on one pair counts, given the pair's judgements in their order; None: not at all.

    A denied relation gives no violation. One that was denied and later confirmed after all counts from the day of that confirmation:
    what was taken back stays taken back (requirement H7).
    """
    if not history:
        return opened
    if history[-1].verdict == RelationVerdict.DENIED:
        return None
    denied = [place for place, judgement in enumerate(history) if judgement.verdict == RelationVerdict.DENIED]
    return max(opened, history[denied[-1] + 1].on) if denied else opened


def speaks_against(score: int, evidence: Sequence[SharedIdentifier], linkage: Linkage) -> tuple[Against, ...]:
    """What speaks against a relation, in the order of `Against`.

    An identifier is shared by many where the sharing takes at least half of its kind's weight away.
    """
    counted = [shared for shared in evidence if shared.share]
    weights = {str(kind): weight for kind, weight in linkage.weights.items()}
    known = [(shared, weights[shared.kind]) for shared in counted if shared.kind in weights]
    found = {
        Against.BELOW_THRESHOLD: score < linkage.relate_at,
        Against.ONE_PIECE: len(counted) == 1,
        Against.SHARED_BY_MANY: bool(known) and all(2 * shared.share <= weight.weight for shared, weight in known),
        Against.HOUSEHOLD_ONLY: bool(known) and all(weight.household for _, weight in known),
        Against.NEVER_AT_ONCE: bool(counted) and not any(_at_once(shared) for shared in counted),
    }
    return tuple(one for one in Against if found[one])


def rests_on_relations_alone(reasons: Iterable[str], pack: PolicyPack) -> bool:
    """Whether every one of these reasons is found by relations: then nothing follows without a person, whatever a rule says."""
    known = [pack.reasons[code] for code in reasons if code in pack.reasons]
    return bool(known) and all(reason.found_by == FoundBy.RELATION and not reason.also_found_by for reason in known)


def _at_once(shared: SharedIdentifier) -> bool:
    """Whether one had not stopped using it before the other began; where no last use is known, it is taken to go on."""
    a_ended = shared.last_a is not None and shared.last_a < shared.first_b
    b_ended = shared.last_b is not None and shared.last_b < shared.first_a
    return not a_ended and not b_ended
