"""The small notation in which packs write phrases, and finding them in a text.

Words stand for themselves, whatever their case. `(a/b)` is one of several, `(a/b)?` may be missing, `~` stands for a few words in between (never
across the end of a sentence), `word*` for a word with any ending, `#` for a number; character classes, counts and looks around are those
of regular expressions. A phrase is held to whole words, except between Chinese signs, where none are marked.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

FEW_WORDS = 4
"""Words that `~` stands for at most; twice as many Chinese signs."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_AROUND_GAP = re.compile(r"\s*~\s*")
_GAP = rf"(?:[^\w.!?;:。！？；\n]+[\w'’-]+){{0,{FEW_WORDS}}}?[^\w.!?;:。！？；\n]+"
_HAN_GAP = rf"[^.!?;。！？；\n]{{0,{2 * FEW_WORDS}}}?"
_WORD_ENDS = r"(?![\w-])"
_NUMBER = r"\d[\d,.]*"
_SIGN = re.compile(r"\(\?<?[!=][^()]*\)|\\.|\[[^\]]*\]|\)\?|\s+|.")


def found(phrases: tuple[str, ...], text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """The places of all phrases in text[start:end], as (start, end), from left to right and without overlap."""
    if not phrases:
        return
    for match in _compiled(phrases).finditer(text, start, len(text) if end is None else end):
        yield match.span()


def has(phrases: tuple[str, ...], text: str) -> bool:
    """Whether any of the phrases stands in the text."""
    return bool(phrases) and _compiled(phrases).search(text) is not None


def pattern(phrase: str) -> str:
    """A phrase as a regular expression."""
    is_han = _HAN.search(phrase) is not None
    signs = [match.group() for match in _SIGN.finditer(_AROUND_GAP.sub("~", phrase.strip()))]
    parts, depth = [], 0
    for number, sign in enumerate(signs):
        depth += (sign == "(") - (sign in (")", ")?"))
        may_miss = is_han or (sign.isspace() and _is_before_last_optional(signs, number))
        parts.append(_space(signs[number - 1], may_miss) if sign.isspace() else _sign(sign, depth, is_han))
    body = "".join(parts)
    if is_han:
        return f"(?:{body})"
    end = "" if phrase.rstrip().endswith(("*", "#", "+")) else _WORD_ENDS
    return rf"(?<![\w-])(?:{body}){end}"


@lru_cache(maxsize=1024)
def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(pattern(phrase) for phrase in sorted(phrases, key=len, reverse=True)), re.IGNORECASE)


def _is_before_last_optional(signs: list[str], number: int) -> bool:
    """Whether a space stands before a group that may be missing and ends the phrase."""
    rest = signs[number + 1 :]
    return rest[:1] == ["("] and rest[-1] == ")?" and rest.count("(") == 1


def _space(before: str, may_miss: bool) -> str:
    return r"\s*" if may_miss or before == ")?" else r"\s+"


def _sign(sign: str, depth: int, is_han: bool) -> str:
    match sign:
        case "(":
            return "(?:"
        case "/" | "|":
            return "|" if depth else re.escape(sign)
        case "~":
            return _HAN_GAP if is_han else _GAP
        case "*":
            return r"[\w'’-]*"
        case "#":
            return _NUMBER
        case "'":
            return "['’]"
        case "." | "^" | "$":
            return re.escape(sign)
    return sign
