"""Language as such: which one it is, leftovers of templates, spelling, and signs of the other Chinese script (rules 13 and 14; requirement F2)."""

import re
from collections.abc import Callable, Iterator, Mapping

from goodstanding.core.appeals.checks import phrases
from goodstanding.core.appeals.checks.context import Checked, Hit
from goodstanding.core.appeals.checks.reading import GAP
from goodstanding.core.policy.plan_words import PlanWords

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_BRACKETS = re.compile(
    r"\[[^\]\[\n]{0,200}\](?!\()|【[^】\n]{0,200}】|\{\{?[^}\n]{1,80}\}\}?|＿{2,}|[＊*]{3,}|(?<![A-Za-z])[Xx×]{2,}(?![A-Za-z])|(?<=[某])[某×Xx]"
)
_TICK = re.compile(r"\[[ xX]?\]")
_MOST_WORDS_OF_A_HOLE = 4
"""Longer texts in brackets are remarks more often than holes."""


def language_of(text: str, languages: Mapping[str, PlanWords]) -> str:
    """The language a text is written in, of those there are words for. Chinese scripts are told by the signs that only one of them has."""
    han, latin = len(_HAN.findall(text)), len(_LATIN_WORD.findall(text))
    chinese = [name for name in languages if name.startswith("zh")]
    if chinese and han > latin:
        return max(chinese, key=lambda name: sum(text.count(sign) for sign in languages[name].labels.get("own_signs", "")))
    others = [name for name in languages if name not in chinese]
    return "en" if "en" in others else (others or list(languages))[0]


def find_gaps(checked: Checked) -> Iterator[Hit]:
    """Gaps that a draft left open."""
    for match in GAP.finditer(checked.plan.text):
        yield Hit(match.start(), match.end(), {"text": match.group().strip("[]【】")})


def find_leftovers(checked: Checked) -> Iterator[Hit]:
    """Holes and placeholders of a template; a heading in brackets is none."""
    text = checked.plan.text
    gaps = [match.span() for match in GAP.finditer(text)]
    spans = [match.span() for match in _BRACKETS.finditer(text) if not _TICK.fullmatch(match.group())]
    spans += phrases.found(checked.words.list("leftover"), text)
    last = -1
    for start, end in sorted(spans):
        if start < last or any(a <= start < b for a, b in gaps):
            continue
        last = end
        if _is_hole(text, start, end) and not any(start <= heading.start < end for heading in checked.plan.headings):
            yield Hit(start, end, {"text": text[start:end]})


def _is_hole(text: str, start: int, end: int) -> bool:
    """Whether what stands in brackets is to be filled in, and no remark, no footnote and no completed word ("cus[tomer]")."""
    inner = text[start + 1 : end - 1]
    if text[start] not in "[【":
        return True
    if (text[max(0, start - 1) : start].isascii() and text[max(0, start - 1) : start].isalpha()) or re.fullmatch(r"\s*\d+\s*", inner):
        return False
    words = len(re.findall(r"[\u3400-\u9fff]{2}|[^\W\u3400-\u9fff]+", inner))
    return words <= _MOST_WORDS_OF_A_HOLE or " / " in inner


def slips(kind: str) -> Callable[[Checked], Iterator[Hit]]:
    """What a dictionary found, of one kind; a word that comes again is told once."""

    def find(checked: Checked) -> Iterator[Hit]:
        seen: set[str] = set()
        for slip in checked.slips:
            word = checked.plan.text[slip.start : slip.end].casefold()
            if slip.kind == kind and not (word in seen and kind == "spelling"):
                seen.add(word)
                yield Hit(
                    slip.start,
                    slip.end,
                    {"text": checked.plan.text[slip.start : slip.end], "says": slip.says, "better": " / ".join(slip.better) or "–"},
                )

    return find


def find_mixed_scripts(checked: Checked) -> Iterator[Hit]:
    """Signs that only the other Chinese script has, each run of them once."""
    strange = checked.words.labels.get("strange_signs", "")
    if strange:
        for text, match in {match.group(): match for match in reversed(list(re.finditer(f"[{re.escape(strange)}]+", checked.plan.text)))}.items():
            yield Hit(match.start(), match.end(), {"text": text})


_DOUBLED = re.compile(r"([的了是在和])\1+|[，。；：！？、]{2,}")
_HALF_WIDTH = re.compile(r"(?<=[\u3400-\u9fff])[,;:?!](?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])\.(?=\s|$|[\u3400-\u9fff])")


def find_chinese_slips(checked: Checked) -> Iterator[Hit]:
    """Doubled particles and marks, each; half-width marks once, as they are a habit of the keyboard: what can be told of Chinese without a dictionary."""
    if checked.words.language.startswith("zh"):
        text = checked.plan.text
        half = next(_HALF_WIDTH.finditer(text), None)
        for match in [*_DOUBLED.finditer(text), *([half] if half else [])]:
            yield Hit(match.start(), match.end(), {"text": match.group()})
