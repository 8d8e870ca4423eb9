"""Spelling and grammar of English, by Harper: a checker that brings its dictionary along and needs no network.

Chinese has no spelling to check; what is checked of it (marks, doubled signs, mixed scripts) is told by the core's own rules.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from threading import Lock

from harper import Language, Lint, Linter

from goodstanding.core.appeals.checks.context import Slip

GRAMMAR_KINDS = frozenset({"Agreement", "BoundaryError", "Eggcorn", "Grammar", "Malapropism", "Nonstandard", "Repetition", "Typo", "Usage"})
"""Kinds of remarks that are mistakes; those of taste (style, length, dashes) are left out."""

_VARIANTS = (
    ("our", "or"),
    ("ise", "ize"),
    ("isa", "iza"),
    ("isi", "izi"),
    ("yse", "yze"),
    ("ysi", "yzi"),
    ("tre", "ter"),
    ("ence", "ense"),
    ("ogue", "og"),
    ("ll", "l"),
    ("lfil", "lfill"),
    ("ae", "e"),
)
"""British spellings and American ones: both are right."""

_MOST_SUGGESTIONS = 3
_ONE_AT_A_TIME = Lock()
"""A linter that two threads ask at once raises `RuntimeError: Already borrowed`, and one for each thread would hold the dictionary as often."""


def slips_of(text: str, language: str, words: Sequence[str]) -> tuple[Slip, ...]:
    """The mistakes in a text, in their order; none for other languages than English. `words` are right here, whatever a dictionary says."""
    if language.split("-")[0] != "en":
        return ()
    with _ONE_AT_A_TIME:
        lints = _linter(tuple(words)).lint(text, language=Language.PLAINTEXT)
    return tuple(slip for lint in lints if (slip := _slip(text, lint, words)) is not None)


@lru_cache(maxsize=4)
def _linter(words: tuple[str, ...]) -> Linter:
    """Built once a process: loading the dictionary takes half a second."""
    linter = Linter()
    linter.import_words([form for word in words for form in (word, word.capitalize())])
    return linter


def _slip(text: str, lint: Lint, words: Sequence[str]) -> Slip | None:
    start, end = lint.span.start, lint.span.end
    if text[start:end].lower() in words:
        return None
    better = tuple(suggestion.replacement_text for suggestion in lint.suggestions)[:_MOST_SUGGESTIONS]
    if lint.lint_kind == "Spelling":
        if _is_name(text, start, end) or any(variant in {one.lower() for one in better} for variant in _variants(text[start:end].lower())):
            return None
        return Slip(start, end, "spelling", lint.message, better)
    if lint.lint_kind in GRAMMAR_KINDS and "mass noun" not in lint.message and "..." not in text[start:end]:
        return Slip(start, end, "grammar", lint.message, better)
    return None


def _is_name(text: str, start: int, end: int) -> bool:
    """Names, codes and abbreviations are in no dictionary: what has capitals inside a sentence, digits, or stands in brackets or a word cut short."""
    word = text[start:end]
    if word.istitle() and (len(word.strip(".")) == 1 or _is_in_a_name(text, word, end)):
        return True
    if (not word.islower() and not word.istitle()) or "-" in text[max(0, start - 1) : end + 1]:
        return True
    if re.search(r"[\d_@/#.]", text[max(0, start - 1) : end + 1].strip(" .,;:!?")) or re.search(r"[\[\]]", text[max(0, start - 1) : end + 1]):
        return True
    return word.istitle() and not re.search(r"(?:^|[.!?:\n]\s*|[-*•]\s+|\d[.)]\s+)$", text[:start])


def _is_in_a_name(text: str, word: str, end: int) -> bool:
    """Whether a capital word that may begin a sentence is a name all the same: another capital follows, or it stands inside a sentence elsewhere."""
    return re.match(r"\s+[A-Z]\w", text[end:]) is not None or re.search(rf"[a-z,“\"] [“\"]?{re.escape(word)}\b", text) is not None


def _variants(word: str) -> Iterator[str]:
    for british, american in _VARIANTS:
        if british in word:
            yield word.replace(british, american)
        if american in word:
            yield word.replace(american, british)
