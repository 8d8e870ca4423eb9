"""`read_notice`: from a message and a pack's word lists to what the notice says. Pure, and bounded in time by the length of the text."""

import re
from collections.abc import Iterable, Sequence

from goodstanding.core.appeals.reading.asking import asks_in, implied_asks
from goodstanding.core.appeals.reading.dangers import dangers_in, is_own
from goodstanding.core.appeals.reading.languages import language_of, tongue_for
from goodstanding.core.appeals.reading.matching import Hit, Span, hits, sentences, spans, without_general
from goodstanding.core.appeals.reading.message import Message
from goodstanding.core.appeals.reading.normal import Normal, normalise
from goodstanding.core.appeals.reading.notice_read import Caution, Found, NoticeRead
from goodstanding.core.appeals.reading.times import days_of, deadlines_in
from goodstanding.core.appeals.reading.words import ReadingWords, Tongue

MOST_IDENTIFIERS = 2_000
"""Products or orders that are taken from one notice."""


def read_notice(message: Message, words: ReadingWords) -> NoticeRead:
    """What a notice says: stage, reasons, clauses, asks, deadlines, and what could not be told. Never raises on any text.

    What the message quotes or forwards is read where its own text names neither stage nor reason (a forwarded notice, mostly).
    """
    own = _read(message, f"{message.subject}\n{message.text}", words)
    if message.quoted.strip() and not own.reasons and own.stage is None:
        whole = _read(message, f"{message.subject}\n{message.text}\n{message.quoted}", words)
        if whole.reasons or whole.stage:
            return whole
    return own


def _read(message: Message, original: str, words: ReadingWords) -> NoticeRead:
    text = normalise(original, words.fold)
    language = language_of(original, text, words)
    tongue = tongue_for(language, words)
    cautions = dangers_in(message, text, tongue, words)
    products, orders = (_identifiers(text, words.identifiers.get(kind, ())) for kind in ("products", "orders"))
    if tongue is None:
        return NoticeRead(
            language, _system(message, text, words), None, products=products, orders=orders, warnings=(*cautions, *_unread(message, language))
        )
    asides = sentences(text, tongue.asides)
    reasons, legal = _reasons(text, tongue, words, asides)
    stage = _stage(text, tongue, words, asides, is_to_buyer=any(words.meaning("reasons", found.code).is_buyers for found in reasons))
    asks = asks_in(text, tongue, words, asides) or implied_asks({found.code: found for found in reasons}, stage.code if stage else None, words)
    deadlines, unclear = deadlines_in(text, tongue)
    held = days_of(text, tongue.funds, tongue)
    read = NoticeRead(
        language=language,
        system=_system(message, text, words),
        stage=stage,
        reasons=reasons,
        legal_basis=legal,
        products=products,
        orders=orders,
        asks=asks,
        deadlines=tuple(deadlines),
        channel=_channel(text, tongue, words),
        funds_hold_days=held[0][1] if held else None,
    )
    return _with_warnings(read, message, (*cautions, *(Caution("unclear_date", where) for where in unclear)))


def _reasons(text: Normal, tongue: Tongue, words: ReadingWords, asides: Sequence[Span]) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    found = {code: places for code, phrases in tongue.reasons.items() if (places := hits(text, phrases, asides))}
    sure = {code for code, places in found.items() if not places[0].is_hint or words.meaning("reasons", code).is_legal_basis}
    if any(not words.meaning("reasons", code).is_legal_basis for code in sure):
        found = {code: places for code, places in found.items() if code in sure}
    found = _of_one_side(found, text, tongue, words)
    kept = without_general(found, {code: words.meaning("reasons", code).yields_to for code in found})
    told = [(found[code][0].start, _found(code, found[code], text, words)) for code in kept]
    told.sort(key=lambda item: (-item[1].confidence, item[0]))
    legal = tuple(one for _, one in told if words.meaning("reasons", one.code).is_legal_basis)
    return tuple(one for _, one in told if one not in legal), legal


def _of_one_side(found: dict[str, list[Hit]], text: Normal, tongue: Tongue, words: ReadingWords) -> dict[str, list[Hit]]:
    """A notice speaks to a buyer or to a seller: where it shows reasons of both, those of one side are left out (a seller's count where it tells neither)."""
    buyers = {code for code in found if words.meaning("reasons", code).is_buyers}
    if not buyers or len(buyers) == len(found):
        return found
    is_to_seller = bool(spans(text, tongue.to_sellers)) or not spans(text, tongue.to_buyers)
    return {code: places for code, places in found.items() if (code in buyers) != is_to_seller or words.meaning("reasons", code).is_legal_basis}


def _found(code: str, places: Sequence[Hit], text: Normal, words: ReadingWords) -> Found:
    first = places[0]
    more = min(2, len({text.text[hit.start : hit.end] for hit in places}) - 1)
    base = words.sure.get("hints" if first.is_hint else "says", 0.5)
    confidence = min(1.0, base + (0 if first.is_hint else more * words.sure.get("more", 0.0)))
    return Found(code, round(confidence, 2), text.passage(first.start, first.end))


def _stage(text: Normal, tongue: Tongue, words: ReadingWords, asides: Sequence[Span], *, is_to_buyer: bool) -> Found | None:
    """The gravest stage that is said: a refusal outranks the documents that it goes on to ask for."""
    found = {code: places for code, phrases in tongue.stages.items() if (places := hits(text, phrases, asides))}
    if not is_to_buyer and spans(text, tongue.to_sellers):
        found = {code: places for code, places in found.items() if not words.meaning("stages", code).is_buyers}
    sure = {code: places for code, places in found.items() if not places[0].is_hint} or found
    if not sure:
        return None
    code = max(sure, key=lambda code: (words.meaning("stages", code).rank, -sure[code][0].start))
    return _found((is_to_buyer and words.meaning("stages", code).for_buyers) or code, sure[code], text, words)


def _channel(text: Normal, tongue: Tongue, words: ReadingWords) -> str | None:
    found = [code for code, phrases in tongue.channels.items() if hits(text, phrases, ())]
    return max(found, key=lambda code: words.meaning("channels", code).rank) if found else None


def _identifiers(text: Normal, shapes: Iterable[re.Pattern[str]]) -> tuple[str, ...]:
    places = sorted((match.start(), match[match.lastindex or 0].upper()) for shape in shapes for match in shape.finditer(text.text))
    return tuple(dict.fromkeys(number for _, number in places))[:MOST_IDENTIFIERS]


def _system(message: Message, text: Normal, words: ReadingWords) -> str | None:
    names_itself = any(name in text.text for name in words.names)
    return words.system if names_itself or is_own(message.sender.rpartition("@")[2], words) else None


def _unread(message: Message, language: str | None) -> list[Caution]:
    if not f"{message.text}{message.quoted}{message.subject}".strip():
        return [Caution("no_text")]
    return [Caution("unknown_language", values={"language": language or ""})]


def _with_warnings(read: NoticeRead, message: Message, cautions: Sequence[Caution]) -> NoticeRead:
    """Add what could not be told, so that nobody takes silence for an all-clear."""
    untold = [
        (message.is_automatic, "automatic_reply"),
        (message.is_bounce, "bounce"),
        (read.stage is None, "no_stage"),
        (not read.reasons, "only_legal_basis" if read.legal_basis else "no_reason"),
        (not read.asks, "no_asks"),
        (any(ask.is_implied for ask in read.asks), "implied_asks"),
        (not read.deadlines, "no_deadline"),
        (read.channel is None, "no_channel"),
        (read.system is None, "no_system"),
    ]
    told = (*cautions, *(Caution("mail_trouble", trouble) for trouble in message.troubles), *(Caution(code) for is_so, code in untold if is_so))
    return NoticeRead(**{**{name: getattr(read, name) for name in read.__slots__}, "warnings": told})
