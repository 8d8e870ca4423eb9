"""The reviewer's answer on one violation: a first draft from the facts of the case, and the refusal of one that names none (requirement H2).

An answer that could be sent to anybody tells its reader nothing. So each must name a fact of the case: an item, a count, a day, a file.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from goodstanding.core.errors import Finding
from goodstanding.core.policy.pack import Words
from goodstanding.core.policy.templates import fill, say_date, say_list
from goodstanding.core.terms import FindingSeverity

DRAFTS = ("answer_upheld", "answer_overturned", "answer_cured")
"""The templates of the pack that an answer can begin with."""

MOST_NAMED = 3
"""How many items a draft names."""

MOST_HINTED = 4
"""How many facts the remedy names."""

LEAST_DIGITS = 2
"""A number of one digit is a fact only beside the word it counts, which no rule can tell apart from a chance one."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of one violation and its appeal. `items`: ids; `counts`: as the notice writes them, empty where none; `files`: names."""

    name: str
    items: tuple[str, ...]
    counts: str
    numbers: tuple[int, ...]
    days: tuple[date, ...]
    files: tuple[str, ...]


def draft_answer(template: str, facts: CaseFacts, words: Words) -> str:
    """The beginning of an answer in the holder's language, with the facts filled in and one gap for what the reviewer has found."""
    named = say_list(words, facts.items[:MOST_NAMED])
    known = [text for text in (facts.counts, named, say_list(words, facts.files[:MOST_NAMED])) if text]
    opened = say_date(words, min(facts.days)) if facts.days else ""
    return fill(words, template, name=facts.name, facts=say_list(words, known) or facts.name, opened=opened, gap=words.templates["answer_gap"])


def check_answer(text: str, facts: CaseFacts, words: Words) -> Finding | None:
    """Why an answer is refused; None where it names a fact of the case and no gap of a draft is left in it."""
    gap = words.templates["answer_gap"].strip()
    if gap and gap in text:
        return _finding("answer-gap", f"the answer on '{facts.name}' still has the gap {gap}", "write what you found in its place", facts)
    if names_a_fact(text, facts, words):
        return None
    some = [*facts.items[:2], *(str(number) for number in facts.numbers), *(say_date(words, day) for day in facts.days[:1]), *facts.files[:1]]
    hint = (
        f"name what you looked at, for instance: {', '.join(some[:MOST_HINTED])}" if some else "name an item, a number, a day or a file of the case"
    )
    return _finding("answer-without-fact", f"the answer on '{facts.name}' names no fact of the case", hint, facts)


def names_a_fact(text: str, facts: CaseFacts, words: Words) -> bool:
    """Whether a text names an item, a count, a day or a file of the case, however its letters are cased."""
    plain = text.casefold()
    names = [*facts.items, *facts.files, *(form for day in facts.days for form in (day.isoformat(), say_date(words, day)))]
    if any(name.casefold() in plain for name in names if name):
        return True
    return bool(_numbers_in(plain) & {number for number in facts.numbers if number >= 10 ** (LEAST_DIGITS - 1)}) or _counted(plain, facts.numbers)


def _numbers_in(text: str) -> set[int]:
    return {int(digits) for digits in re.findall(r"(?<![\d.,/-])\d{1,9}(?![\d/-]|[.,]\d)", text)}


def _counted(text: str, numbers: Collection[int]) -> bool:
    """A small number counts where it stands before what it is a part of: `9 of 12`, `12 个中的 9 个`, `9/12`."""
    pairs = re.findall(r"(\d{1,9})\D{1,8}(\d{1,9})", text)
    return any({int(one), int(other)} <= set(numbers) and one != other for one, other in pairs)


def _finding(code: str, message: str, hint: str, facts: CaseFacts) -> Finding:
    return Finding(code, FindingSeverity.ERROR, message, hint, facts.name)


def say_refused(findings: Mapping[str, Finding]) -> str:
    """All refusals in one line."""
    return "; ".join(f"{finding.message} ({finding.hint})" for finding in findings.values())
