"""What a plan is checked against, and what a check gives back."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from goodstanding.core.appeals.checks.reading import Place, Plan, Sentence
from goodstanding.core.errors import Finding
from goodstanding.core.policy.pack import EvidenceAsked
from goodstanding.core.policy.plan_words import PlanWords
from goodstanding.core.terms import FindingSeverity, Route


@dataclass(frozen=True, slots=True)
class PlacedFinding(Finding):
    """A finding about a plan: `where` says it for people (`plan.md:3:5`), `place` for programs."""

    place: Place


@dataclass(frozen=True, slots=True)
class ReasonAsked:
    """A reason of the notice: its code, its name for people, and the group whose words a plan answers it with."""

    code: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class DocumentAsked:
    """A document that the notice asks for; `words` are what its name in a file or a text may hold."""

    name: str
    words: tuple[str, ...]
    asked: EvidenceAsked


@dataclass(frozen=True, slots=True)
class Asked:
    """What a notice asks: reasons, products and documents to answer, and the language it wants (None: its own does not matter)."""

    reasons: tuple[ReasonAsked, ...] = ()
    products: tuple[str, ...] = ()
    documents: tuple[DocumentAsked, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with the plan. `kind`: the usual ending of its real kind ('' where it is none that is taken); `dated`: the day it bears, if known."""

    name: str
    kind: str
    size: int
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a number of things were done."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class FactSummary:
    """What the facts say of the account, as far as plans make claims about it (requirement F3).

    `tallies`: refunded, shipped, answered, resolved, tracked -> done of all; late, cancelled -> how many of the orders. `rates`: metric rule -> the same on
    `as_of`, one a window. `first`, `last`: the days the facts cover. `days`: what -> the days on which it was done. `orders`: order ids of the account.
    """

    as_of: date
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    rates: Mapping[str, tuple[Tally, ...]] = field(default_factory=dict)
    first: date | None = None
    days: Mapping[str, frozenset[date]] = field(default_factory=dict)
    orders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake of spelling or grammar that a dictionary found in the text: `kind` is spelling or grammar."""

    start: int
    end: int
    kind: str
    says: str
    better: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """All that the checks look at. Without `asked`, `facts`, `previous` or `attached` (None: nobody said) the checks on them say nothing.

    `told`: the words in which findings are told, None: those of the plan's own language. `quoted`: names that the marketplace itself gives to reasons, documents and measures.
    """

    plan: Plan
    route: Route
    today: date
    asked: Asked = field(default_factory=Asked)
    facts: FactSummary | None = None
    previous: tuple[str, ...] = ()
    attached: tuple[Attached, ...] | None = None
    most_bytes: int | None = None
    slips: tuple[Slip, ...] = ()
    quoted: tuple[str, ...] = ()
    told: PlanWords | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        """The names of parts and counts, in the language in which findings are told."""
        return (self.told or self.words).labels

    def is_said_by_writer(self, start: int, end: int) -> bool:
        """Whether text[start:end] is the writer's own word: not in a gap, and no part of a name that the marketplace gave (`quoted`)."""
        return not self.plan.is_in_gap(start) and not any(a <= start and end <= b for a, b in self._quotes)

    @cached_property
    def _quotes(self) -> list[tuple[int, int]]:
        names = sorted({name for name in self.quoted if name}, key=len, reverse=True)
        if not names:
            return []
        return [match.span() for match in re.finditer("|".join(re.escape(name) for name in names), self.plan.text, re.IGNORECASE)]

    @property
    def words(self) -> PlanWords:
        """The words of the plan's language."""
        return self.plan.words


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing a check found, at text[start:end]; `says` fills the holes of what is said. `severity` None: the check's own."""

    start: int
    end: int
    says: Mapping[str, object] = field(default_factory=dict)
    severity: FindingSeverity | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: its code, how grave it is, on which routes it speaks, where the rule comes from, and what finds it."""

    code: str
    severity: FindingSeverity
    source: str
    find: Callable[[Checked], Iterator[Hit]]
    routes: frozenset[Route] = frozenset(Route)


def at(sentence: Sentence, **says: object) -> Hit:
    """A hit on a whole sentence."""
    return Hit(sentence.start, sentence.end, says)
