"""A policy pack as people read it: part by part, each number with its source and date, reasons by their names in every language (requirement K2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from goodstanding.core.policy.diff import WORDS, Change, compare
from goodstanding.core.policy.facets import Facets, Part, Value, facets_of, named
from goodstanding.core.policy.pack import OURS, PolicyPack, Words
from goodstanding.telling.try_page import SHORT
from goodstanding.telling.wording import Wording, wording

QUIET: Mapping[str, frozenset[Value]] = {
    "lag_days": frozenset({("0",)}),
    "late_by": frozenset({("day",)}),
    "response_hours": frozenset({("24",)}),
    "least_open": frozenset({("1",)}),
    "open_days": frozenset({("0",)}),
    "marketplaces": frozenset({("all",)}),
}
"""Values that go without saying, so that what is special about a metric or a rule is seen."""

FORMAL = frozenset({"requirement", "category", "keyword", "content_type", "rule"})
"""Codes for other systems; told apart from what a reader of the policy looks for."""

IN_TERMS = frozenset({"basis", "subject", "dimensions", "sign_in_dimensions", "removal_fields", "stock_fields", "handling_fields", "price_fields"})
"""Fields whose codes the pack has small words for."""


@dataclass(frozen=True, slots=True)
class Cited:
    """Where numbers come from. `what`: of which of them it is told, empty for the thing as a whole."""

    what: str
    title: str
    url: str
    as_of: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that a pack says. `also`: (language, name) in the other languages; `rows` and `formal`: (field, value) in words."""

    code: str
    called: str
    also: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str], ...]
    formal: tuple[tuple[str, str], ...]
    cited: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class PartShown:
    """One part of a pack; `has_sources`: whether anything in it is cited."""

    key: str
    name: str
    things: tuple[Thing, ...]
    has_sources: bool


@dataclass(frozen=True, slots=True)
class ChangesShown:
    """What changes from one pack to another: lines by part, and apart those where only a source or a date changed.

    `short`: up to how many lines all are laid open; more are folded by part, so that a page of two very different packs can be read.
    """

    parts: tuple[tuple[str, tuple[str, ...]], ...]
    citations: tuple[str, ...]
    short: int = SHORT

    @property
    def count(self) -> int:
        """How many lines there are, without those of sources and dates."""
        return sum(len(lines) for _, lines in self.parts)


def show_pack(pack: PolicyPack, language: str) -> list[PartShown]:
    """Everything a pack says but the texts of letters and lists, in the reader's language."""
    said, words = wording(language), pack.words_for(language)
    by_part: dict[Part, list[Thing]] = {}
    for (part, name), facets in facets_of(pack).items():
        if part is not Part.SOURCES:
            by_part.setdefault(part, []).append(_thing(pack, part, name, facets, words, said))
    return [PartShown(part, said("parts", part), tuple(things), any(one.cited for one in things)) for part, things in by_part.items()]


def show_changes(old: PolicyPack, new: PolicyPack, language: str) -> ChangesShown:
    """What `policy diff` says, for a page."""
    said = wording(language)
    changes = compare(old, new, said.language)
    parts = tuple(
        (said("parts", part), tuple(said.change(change) for change in own))
        for part in dict.fromkeys(c.part for c in changes)
        if (own := _of(changes, part))
    )
    return ChangesShown(parts, tuple(said.change(change) for change in changes if change.is_citation))


def _of(changes: Sequence[Change], part: str) -> list[Change]:
    return [change for change in changes if change.part == part and (part == WORDS or not change.is_citation)]


def _thing(pack: PolicyPack, part: Part, name: str, facets: Facets, words: Words, said: Wording) -> Thing:
    plain = {field: value for field, value in facets.items() if value and not _is_citation(field) and value not in QUIET.get(field, ())}
    told = [(field in FORMAL, _field(field, words, said), _value(field, value, words, said)) for field, value in plain.items()]
    return Thing(
        code=name,
        called=_called(part, name, words, said),
        also=_also(pack, part, name, words),
        rows=tuple((field, value) for formal, field, value in told if not formal),
        formal=tuple((field, value) for formal, field, value in told if formal),
        cited=tuple(_cited(pack, facets, said)),
    )


def _called(part: Part, name: str, words: Words, said: Wording) -> str:
    match part:
        case Part.METRICS:
            return words.metrics.get(name, name)
        case Part.REASONS:
            return words.reasons.get(name, name)
        case Part.DEADLINES | Part.RETENTION:
            return said.tables["values"].get(name) or words.term(name)
    return name if part in (Part.RULES, Part.MARKETPLACES) else name.replace("_", " ") or said("parts", part)


def _also(pack: PolicyPack, part: Part, name: str, words: Words) -> tuple[tuple[str, str], ...]:
    if part not in (Part.METRICS, Part.REASONS):
        return ()
    table = "metrics" if part is Part.METRICS else "reasons"
    others = (other for other in pack.languages if other != words.language)
    return tuple((other, getattr(pack.words[other], table).get(name, name)) for other in others)


def _field(field: str, words: Words, said: Wording) -> str:
    """What a field is called; what it is about in the pack's own words where it has some."""
    table, _, code = field.partition(".")
    name = words.acts.get(code) if table == "acts" else words.terms.get(code)
    if table in said.tables["prefixes"] and name:
        return said.tables["prefixes"][table].format(rest=name)
    return said.field(field)


def _value(field: str, value: Value, words: Words, said: Wording) -> str:
    known = named("reasons" if field.startswith("skills.") else "action" if field == "second_person" else field, value, words)
    if field in IN_TERMS:
        known = tuple(words.term(code) for code in value)
    return said.value(field, known)


def _is_citation(field: str) -> bool:
    return field.rpartition(".")[2] in ("source", "as_of")


def _cited(pack: PolicyPack, facets: Facets, said: Wording) -> Iterator[Cited]:
    for field, value in facets.items():
        if field.rpartition(".")[2] != "source" or not value:
            continue
        source, day = pack.sources.get(value[0]), facets.get(field.removesuffix("source") + "as_of", ("",))[0]
        what = said.field(field) if "." in field else ""
        title = source.title if source else value[0]
        yield Cited(what, title, source.url if source else "", date.fromisoformat(day).isoformat() if day else "", value[0] == OURS)
