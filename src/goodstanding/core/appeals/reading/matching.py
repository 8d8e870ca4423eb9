"""Where expressions stand in a text: not in asides, not beside what takes their meaning away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from goodstanding.core.appeals.reading.normal import Normal
from goodstanding.core.appeals.reading.patterns import Pattern
from goodstanding.core.appeals.reading.words import Phrases

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """One expression found. `is_hint`: it only hints."""

    start: int
    end: int
    is_hint: bool = False


def spans(text: Normal, patterns: Iterable[Pattern]) -> list[Span]:
    """Every place of any of these expressions. Looking for plain words is much quicker than for expressions, so those come first."""
    return [
        match.span()
        for pattern in patterns
        for start, end in text.sentences_with(pattern.needs)
        for match in pattern.regex.finditer(text.text, start, end)
    ]


def sentences(text: Normal, patterns: Iterable[Pattern]) -> list[Span]:
    """The sentences that hold any of these expressions."""
    return sorted({text.sentence(start) for start, _ in spans(text, patterns)})


def is_within(place: int, ranges: Sequence[Span]) -> bool:
    """Whether a place lies in any of the ranges."""
    return any(start <= place < end for start, end in ranges)


def is_part(span: Span, wider: Sequence[Span]) -> bool:
    """Whether a range lies within a longer expression."""
    return any(first <= span[0] and span[1] <= last for first, last in wider)


GOVERNS = 45
"""Characters behind the end of a `not_after` expression within which it governs what follows: about a clause."""


def is_governed(text: Normal, span: Span, governing: Sequence[Span]) -> bool:
    """Whether one of the governing expressions stands within a range or shortly before it, in the same sentence."""
    first = max(text.sentence(span[0])[0], span[0] - GOVERNS)
    return any(first <= end and start < span[1] and start >= text.sentence(span[0])[0] for start, end in governing)


def hits(text: Normal, phrases: Phrases, skipped: Sequence[Span]) -> list[Hit]:
    """The expressions of one meaning that count, the sure ones first."""
    taken_away = sentences(text, phrases.unless)
    wider = spans(text, phrases.but_not)
    governing = spans(text, phrases.not_after)
    found: list[Hit] = []
    for patterns, is_hint in ((phrases.says, False), (phrases.hints, True)):
        for start, end in spans(text, patterns):
            if is_part((start, end), wider) or is_governed(text, (start, end), governing):
                continue
            if not is_within(start, skipped) and not is_within(start, taken_away):
                found.append(Hit(start, end, is_hint))
    return sorted(found, key=lambda hit: (hit.is_hint, hit.start))


def without_general(found: Mapping[str, object], yields_to: Mapping[str, Sequence[str]]) -> set[str]:
    """The codes that stay once every general one beside a more particular one is left out."""
    return {code for code in found if not any(_names(name, other) for name in yields_to.get(code, ()) for other in found if other != code)}


def _names(name: str, code: str) -> bool:
    return code.startswith(name[:-1]) if name.endswith("*") else code == name
