"""What a notice asks for: documents with their age windows, parts of a plan, things to do."""

from collections.abc import Mapping

from goodstanding.core.appeals.reading.matching import Span, is_part, is_within, sentences, spans, without_general
from goodstanding.core.appeals.reading.normal import Normal
from goodstanding.core.appeals.reading.notice_read import Ask, Found
from goodstanding.core.appeals.reading.times import days_of
from goodstanding.core.appeals.reading.words import ReadingWords, Tongue

_ITEM_STARTS = "-*•·●▪"
MOST_LIST_LINES = 40
"""Lines of a list that belong to the sentence before it."""


def asks_in(text: Normal, tongue: Tongue, words: ReadingWords, skipped: list[Span]) -> tuple[Ask, ...]:
    """Every ask of the text, in the order in which it asks; the general left out beside the particular."""
    zones = asking_zones(text, tongue, skipped)
    found: dict[str, tuple[int, int]] = {}
    for code, phrases in tongue.asks.items():
        taken_away = sentences(text, phrases.unless)
        wider = spans(text, phrases.but_not)
        places = [span for span in spans(text, phrases.says) if is_within(span[0], zones)]
        places += [span for span in spans(text, phrases.alone) if not is_within(span[0], skipped)]
        places = [span for span in places if not is_within(span[0], taken_away) and not is_part(span, wider)]
        if places:
            found[code] = min(places)
    kept = without_general(found, {code: words.meaning("asks", code).yields_to for code in found})
    ordered = sorted(kept, key=lambda code: found[code])
    return tuple(_ask(code, found[code], text, tongue, words) for code in ordered)


def asking_zones(text: Normal, tongue: Tongue, skipped: list[Span]) -> list[Span]:
    """The passages that ask for things: from the asking words to the end of their paragraph and of the list under it."""
    return [(start, _end_of_list(text, start)) for start, _ in spans(text, tongue.asks_for) if not is_within(start, skipped)]


def _end_of_list(text: Normal, start: int) -> int:
    end = text.line(start)[1]
    announces = text.text[:end].rstrip()[-1:] in (":", "?")
    for _ in range(MOST_LIST_LINES):
        if end >= len(text.text):
            break
        first, last = text.line(end + 1)
        line = text.text[first:last].strip()
        is_item = line[:1] in _ITEM_STARTS or line[:1].isdigit() or line[:1] == "("
        if line and not is_item and not announces:
            break
        announces = announces and not line
        end = last
    return end


def _ask(code: str, place: Span, text: Normal, tongue: Tongue, words: ReadingWords) -> Ask:
    meaning = words.meaning("asks", code)
    days = _window(text, place, tongue) if meaning.with_window or meaning.is_document else None
    name = meaning.with_window.format(days=days) if meaning.with_window and days else code
    return Ask(name, text.passage(*place), meaning.is_document, days, meaning.evidence)


def _window(text: Normal, place: Span, tongue: Tongue) -> int | None:
    """The age window of a document: in its own sentence the first behind it, else the last before it; else the first later in its paragraph."""
    start, end = text.sentence(place[0])
    known = days_of(text, tongue.windows, tongue)
    behind = [days for at, days in known if place[0] <= at < end]
    before = [days for at, days in known if start <= at < place[0]]
    later = [days for at, days in known if end <= at < text.line(place[0])[1]]
    return next(iter([*behind, *before[::-1], *later]), None)


def implied_asks(reasons: Mapping[str, Found], stage: str | None, words: ReadingWords) -> tuple[Ask, ...]:
    """What notices of this kind ask for without saying so; marked as such."""
    for rule in words.implied:
        if stage in rule.stages and any(_matches(reason, rule.reasons) for reason in reasons):
            meanings = [words.meaning("asks", ask) for ask in rule.asks]
            return tuple(Ask(one.code, "", one.is_document, None, one.evidence, is_implied=True) for one in meanings)
    return ()


def _matches(reason: str, names: tuple[str, ...]) -> bool:
    return any(reason.startswith(name[:-1]) if name.endswith("*") else reason == name for name in names)
