"""The blind sample: which decided appeals a second person decides again, and what the answers come to (requirements H8, K4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from goodstanding.core.terms import Automation, DecisionOutcome, FoundBy


def is_drawn(appeal_id: str, per_1000: int) -> bool:
    """Whether a decided appeal belongs to the sample.

    The digest of its id decides, so nobody can foresee a draw from the case, draw again until it suits, or leave one out, and everybody can
    check it.
    """
    return int.from_bytes(sha256(f"blind:{appeal_id}".encode()).digest()[:8], "big") % 1000 < per_1000


def degree_of(*, approved_by_machine: bool, found_by: Iterable[FoundBy]) -> Automation:
    """How much of an action a machine has decided: all of it, finding only, or nothing."""
    if approved_by_machine:
        return Automation.FULLY
    return Automation.NOT if set(found_by) <= {FoundBy.PERSON} else Automation.PARTIALLY


def agrees(first: Mapping[str, DecisionOutcome], second: Mapping[str, DecisionOutcome]) -> bool:
    """Whether both decided every violation alike."""
    return dict(first) == dict(second)


@dataclass(frozen=True, slots=True)
class Tally:
    """So many of so many."""

    part: int = 0
    whole: int = 0

    @property
    def percent(self) -> str:
        """`66.7 %`; a dash where there is nothing to divide by."""
        return f"{100 * self.part / self.whole:.1f} %" if self.whole else "–"
