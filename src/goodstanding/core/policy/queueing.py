"""How a pack orders the queue of cases, what it asks of their review, and how much is said about them: head starts, skills, samples, limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from goodstanding.core.policy.sources import Citation
from goodstanding.core.terms import Act, Severity


@dataclass(frozen=True, slots=True)
class QueueOrder:
    """What puts a case before others that wait as long: hours of head start, which are added up. All nothing: by date alone.

    `severity`: by the gravest violation. `acts`: by what the action forbids, which is the holder's loss. `money_held`: where an amount is held,
    `money_large` more where it is at least that of `large` in its currency (smallest unit). `overdue`: where the holder has waited as long
    as the pack allows. `skills`: skill -> the reasons it takes; a reason without one takes none.
    """

    severity: Mapping[Severity, int] = field(default_factory=dict)
    acts: Mapping[Act, int] = field(default_factory=dict)
    money_held: int = 0
    money_large: int = 0
    large: Mapping[str, int] = field(default_factory=dict)
    overdue: int = 24 * 365
    skills: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    citation: Citation | None = None

    def skill_for(self, reason: str) -> str:
        """The skill that a reason takes; empty where none is named."""
        return next((skill for skill, reasons in self.skills.items() if reason in reasons), "")


@dataclass(frozen=True, slots=True)
class Reviewing:
    """What a pack asks of the review of appeals.

    `blind_per_1000`: so many of 1,000 decided appeals are drawn to be reviewed again by somebody who does not know the outcome.
    `names_a_fact`: an answer to the holder that names no fact of the case is refused. `precedents`: how many similar appeals of the past the reviewer is shown at most.
    """

    blind_per_1000: int = 0
    names_a_fact: bool = False
    precedents: int = 5
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Talking:
    """What a pack says of the conversation between holder and staff.

    `letter_after`: minutes that a message waits for an absent holder's eyes before it becomes a letter. `most_an_hour`: messages that a
    holder may send about a case within an hour.
    """

    letter_after: int = 5
    most_an_hour: int = 30
    citation: Citation | None = None
