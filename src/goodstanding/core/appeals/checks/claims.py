"""Claims of a plan held against the facts: how many, all, what share, when, which orders (requirement F3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from goodstanding.core.appeals.checks import days, phrases
from goodstanding.core.appeals.checks.context import Checked, FactSummary, Hit, Tally
from goodstanding.core.appeals.checks.reading import PREVENTIVE, Sentence

DONE = ("refunded", "shipped", "answered", "resolved", "tracked")
"""What plans say was done to orders, returns, complaints; facts count done of all."""

COUNTED = ("late", "cancelled")
"""What plans say went wrong, and how often."""

_NUMBER = re.compile(r"(?<![\d.,/-])(\d{1,3}(?:,\d{3})+|\d+)(?![\d.,]*\s*[%％])(?![/-]?\d)")
_PERCENT = re.compile(r"(?<!\d)(\d{1,3}(?:[.,]\d{1,4})?)\s*[%％]")
_HAN_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2, "〇": 0}
_HAN_NUMBER = re.compile(r"[零〇一二三四五六七八九十百两兩]+(?=\s*(?:个|個|笔|筆|单|單|件|位|名|次))")
_ORDER = re.compile(r"(?<![A-Za-z0-9-])\d{3}-\d{7}-\d{7}(?![A-Za-z0-9-])")
_SO_MANY_OF = re.compile(r"(\d+)\s+(?:out\s+)?of\s+(?:the\s+|all\s+|these\s+|those\s+)?\d+|\d+[^\d，。；\n]{0,6}中[^\d，。；\n]{0,4}(\d+)")
_WORDS_AFTER = 40
"""Characters after a number in which what is counted is named."""


_WORDS_BEFORE = 25
"""Characters before a day in which it may be said to be a term ("valid until")."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a plan. `amount`, `percent` (hundredths of a percent): what it counts, None where it says none; `every`: it says all."""

    what: str
    start: int
    end: int
    amount: int | None
    percent: int | None
    every: bool


def claims_of(checked: Checked) -> Iterator[Claim]:
    """What the plan claims was done or went wrong. Announcements and denials are no claims."""
    for sentence in checked.plan.sentences:
        if phrases.has(checked.words.list("future"), sentence.text) or phrases.has(checked.words.list("negation"), sentence.text):
            continue
        for what in (*DONE, *COUNTED):
            if phrases.has(checked.words.list(f"claim_{what}"), sentence.text):
                yield Claim(what, sentence.start, sentence.end, _amount(checked, sentence), _percent(sentence.text), _says_all(checked, sentence))


def find_false_counts(checked: Checked) -> Iterator[Hit]:
    """More than the facts show as done, or "all" while some are open."""
    if checked.facts is None:
        return
    for claim in claims_of(checked):
        tally = checked.facts.tallies.get(claim.what)
        if claim.what in DONE and tally is not None and (claimed := _over(claim, tally)) is not None:
            yield Hit(claim.start, claim.end, {"claimed": claimed, "done": tally.done, "of": tally.of, "what": checked.labels[f"claim_{claim.what}"]})


def find_other_counts(checked: Checked) -> Iterator[Hit]:
    """Numbers of what went wrong that are not the facts' own."""
    if checked.facts is None:
        return
    for claim in claims_of(checked):
        tally = checked.facts.tallies.get(claim.what)
        told = checked.plan.text[claim.start : claim.end]
        if claim.what in COUNTED and tally and claim.amount not in (None, tally.done) and not _SO_MANY_OF.search(told):
            yield Hit(claim.start, claim.end, {"claimed": claim.amount, "done": tally.done, "what": checked.labels[f"claim_{claim.what}"]})


def find_false_rates(checked: Checked) -> Iterator[Hit]:
    """A metric's rate that the facts do not show. Targets in the same sentence are no claims; one right rate is enough."""
    facts = checked.facts
    if facts is None:
        return
    for metric, tallies in facts.rates.items():
        for sentence in checked.plan.sentences:
            if tallies and not _is_announced(checked, sentence) and phrases.has(checked.words.list(f"rate_{metric}"), sentence.text):
                yield from _false_rate(checked, sentence, tallies)


def find_false_days(checked: Checked) -> Iterator[Hit]:
    """Days of the past tense that are still to come, and days on which the facts show nothing of what is claimed."""
    facts = checked.facts
    today = facts.as_of if facts else checked.today
    for sentence in checked.plan.sentences:
        if _is_announced(checked, sentence):
            continue
        for start, end, day in days.found(sentence.text, today):
            if (day > today and not phrases.has(checked.words.list("to_come"), sentence.text[:start][-_WORDS_BEFORE:])) or (
                facts and _is_idle(checked, facts, sentence, day)
            ):
                says = {"day": day.isoformat(), "today": today.isoformat()}
                yield Hit(sentence.start + start, sentence.start + end, says)


def find_strange_orders(checked: Checked) -> Iterator[Hit]:
    """Order numbers that are not of this account."""
    known = checked.facts.orders if checked.facts else frozenset()
    for match in _ORDER.finditer(checked.plan.text) if known else ():
        if match.group() not in known:
            yield Hit(match.start(), match.end(), {"order": match.group()})


def _over(claim: Claim, tally: Tally) -> str | None:
    """What a claim says too much, in its own figure; None where the facts bear it."""
    if claim.amount is not None and claim.amount > tally.done:
        return str(claim.amount)
    if claim.percent is not None and claim.percent * tally.of > 10_000 * tally.done:
        return f"{claim.percent / 100:g} %"
    if claim.every and claim.amount is None and tally.done < tally.of:
        return str(tally.of)
    return None


def _false_rate(checked: Checked, sentence: Sentence, tallies: tuple[Tally, ...]) -> Iterator[Hit]:
    rates, tolerance = [10_000 * tally.done / tally.of for tally in tallies], checked.words.bounds["rate_tolerance"]
    own = []
    for match in _PERCENT.finditer(sentence.text):
        before = sentence.text[max(0, match.start() - 25) : match.start()]
        if not phrases.has(checked.words.list("target"), before):
            own.append((match, round(float(match[1].replace(",", ".")) * 100)))
    if own and all(abs(said - rate) > tolerance for _, said in own for rate in rates):
        (match, said), rate, tally = own[0], rates[0], tallies[0]
        says = {"claimed": f"{said / 100:g} %", "rate": f"{rate / 100:.2f} %", "done": tally.done, "of": tally.of}
        yield Hit(sentence.start + match.start(), sentence.start + match.end(), says)


def _is_announced(checked: Checked, sentence: Sentence) -> bool:
    return sentence.part == PREVENTIVE or phrases.has(checked.words.list("future"), sentence.text)


def _is_idle(checked: Checked, facts: FactSummary, sentence: Sentence, day: date) -> bool:
    """Whether the sentence claims something done on that day, the facts cover it, and show nothing of the kind on it."""
    for what, active in facts.days.items():
        if phrases.has(checked.words.list(f"claim_{what}"), sentence.text):
            return bool(active) and facts.first is not None and facts.first <= day <= facts.as_of and day not in active
    return False


def _amount(checked: Checked, sentence: Sentence) -> int | None:
    """The number that counts orders, buyers or the like; of several the largest. Days, versions and rates are not such numbers."""
    if parts := _SO_MANY_OF.findall(sentence.text):  # "9 of 12", "12 笔中已有 9 笔": the part is what is claimed
        return max(int(one or other) for one, other in parts)
    text, dates = sentence.text, [(start, end) for start, end, _ in days.found(sentence.text, checked.today)]
    amounts = []
    for match in _NUMBER.finditer(text):
        if any(start <= match.start() < end for start, end in dates):
            continue
        if phrases.has(checked.words.list("subjects"), text[match.end() : match.end() + _WORDS_AFTER]):
            amounts.append(int(match[1].replace(",", "")))
    amounts += [_han_number(match.group()) for match in _HAN_NUMBER.finditer(text)]
    return max(amounts, default=None)


def _percent(text: str) -> int | None:
    found = [round(float(match[1].replace(",", ".")) * 100) for match in _PERCENT.finditer(text)]
    return found[0] if len(found) == 1 else None


def _says_all(checked: Checked, sentence: Sentence) -> bool:
    return phrases.has(checked.words.list("all"), sentence.text)


def _han_number(text: str) -> int:
    """十二 -> 12, 一百二十 -> 120."""
    total, digit = 0, 0
    for sign in text:
        if sign in ("十", "百"):
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = _HAN_DIGITS[sign]
    return total + digit
