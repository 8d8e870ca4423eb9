"""The word lists of a pack as values: what notices say, in every language, and what it means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from goodstanding.core.appeals.reading.patterns import Pattern


@dataclass(frozen=True, slots=True)
class Phrases:
    """The expressions of one meaning. `says`: shows it alone; `hints`: shows it where nothing else does.

    `unless`: an expression in the same sentence that takes the meaning away ("may be", "if you"). `but_not`: a longer
    expression that an expression is only a part of ("another account was closed"). `not_after`: one that takes the meaning
    away where it stands shortly before ("may", "if you"). `alone`: of an ask, holds outside
    a passage that asks for things too.
    """

    says: tuple[Pattern, ...] = ()
    hints: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()
    but_not: tuple[Pattern, ...] = ()
    not_after: tuple[Pattern, ...] = ()
    alone: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code of the pack is apart from language.

    `yields_to`: codes (or beginnings of codes, `PERF_*`) beside which this more general one is not told. `rank`: of a stage, the higher
    wins. `is_legal_basis`: the clause relied on, never a reason. `is_document`: a thing to attach. `evidence`: what the pack's
    `evidence` calls it. `max_age_days`: the age window where the notice states none. `with_window`: how the ask is called where the
    notice states one (`{days}` is the number). `is_buyers`: a reason or stage that is told to buyers only. `for_buyers`: what a stage is called
    where the notice speaks to a buyer.
    """

    code: str
    yields_to: tuple[str, ...] = ()
    rank: int = 0
    is_legal_basis: bool = False
    is_document: bool = False
    evidence: str = ""
    with_window: str = ""
    windows: tuple[int, ...] = ()
    is_buyers: bool = False
    for_buyers: str = ""


@dataclass(frozen=True, slots=True)
class Implied:
    """What notices of a kind ask for without saying so: these reasons at these stages, where nothing is asked in words."""

    asks: tuple[str, ...]
    reasons: tuple[str, ...]
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tongue:
    """What is read in one language.

    `asks_for` begins a passage that asks for things. `asides` are sentences that say nothing of this account: rules quoted, conditions,
    links to help. `windows` are ages of documents, `funds` how long money is held, `not_deadlines` periods that bind somebody else;
    `to_sellers` and `to_buyers` show to whom a notice speaks.
    """

    language: str
    reasons: Mapping[str, Phrases]
    stages: Mapping[str, Phrases]
    asks: Mapping[str, Phrases]
    channels: Mapping[str, Phrases]
    deadlines: Mapping[str, Phrases]
    dangers: Mapping[str, Phrases]
    asides: tuple[Pattern, ...]
    asks_for: tuple[Pattern, ...]
    windows: tuple[Pattern, ...]
    funds: tuple[Pattern, ...]
    not_deadlines: tuple[Pattern, ...]
    to_sellers: tuple[Pattern, ...]
    to_buyers: tuple[Pattern, ...]
    units: Mapping[str, int]
    """How a unit of time begins -> hours."""
    numbers: Mapping[str, int]
    months: Mapping[str, int]
    time: re.Pattern[str]
    """A period."""
    day: re.Pattern[str]
    """A calendar day."""


@dataclass(frozen=True, slots=True)
class ReadingWords:
    """Everything a pack says about reading notices of one marketplace."""

    system: str
    names: tuple[str, ...]
    """How the marketplace names itself, in normal form."""
    hosts: tuple[str, ...]
    """Domains that are its own, without a leading dot; `*` stands for one country ending."""
    meanings: Mapping[str, Mapping[str, Meaning]]
    """Of `reasons`, `stages`, `asks`, `channels`: code -> meaning."""
    implied: tuple[Implied, ...]
    identifiers: Mapping[str, tuple[re.Pattern[str], ...]]
    """`products` and `orders`: what their numbers look like, in normal form (so in small letters)."""
    tongues: tuple[Tongue, ...]
    fold: Mapping[str, str] = field(default_factory=dict)
    """Character -> the one that patterns are written with (Traditional -> Simplified)."""
    sure: Mapping[str, float] = field(default_factory=dict)
    """`says`, `hints`, `more`: how sure an expression makes; `more` is added for each further one."""

    def meaning(self, kind: str, code: str) -> Meaning:
        """What a code is; a plain one where the pack says no more than its expressions."""
        return self.meanings.get(kind, {}).get(code, Meaning(code))
