"""Words that weaken a plan: vague, blaming, defensive, pleading, off the point (rules 3, 7, 8, 9, 10, 19 of the collected advice)."""

import re
from collections.abc import Callable, Iterator

from goodstanding.core.appeals.checks import phrases
from goodstanding.core.appeals.checks.context import Checked, Hit, at
from goodstanding.core.appeals.checks.reading import CORRECTIVE, PREVENTIVE, Sentence

Finder = Callable[[Checked], Iterator[Hit]]


def said(name: str, *, but_not_in: tuple[str, ...] = (), excused: str = "") -> Finder:
    """A check for the phrases of a list, outside some parts, and not where the same sentence holds one of the `excused` list before it."""

    def find(checked: Checked) -> Iterator[Hit]:
        words, plan = checked.words, checked.plan
        for sentence in plan.sentences:
            if sentence.part in but_not_in:
                continue
            for start, end in phrases.found(words.list(name), plan.text, sentence.start, sentence.end):
                if not (excused and phrases.has(words.list(excused), sentence.text)) and checked.is_said_by_writer(start, end):
                    yield Hit(start, end, {"text": plan.text[start:end]})

    return find


def said_once_a_sentence(name: str, *, but_not_in: tuple[str, ...] = (), excused: str = "") -> Finder:
    """The same, at most once in a sentence: for phrases that often come together."""
    find_all = said(name, but_not_in=but_not_in, excused=excused)

    def find(checked: Checked) -> Iterator[Hit]:
        seen: set[int] = set()
        for hit in find_all(checked):
            index = _sentence_at(checked, hit.start)
            if index not in seen:
                seen.add(index)
                yield hit

    return find


def blame(name: str) -> Finder:
    """Others made responsible, in what went wrong (in measures they may be named), unless the sentence takes the fault itself."""
    return said_once_a_sentence(name, but_not_in=(CORRECTIVE, PREVENTIVE), excused="blame_verbs_excused")


def find_questions(checked: Checked) -> Iterator[Hit]:
    """Questions to the reader."""
    for sentence in checked.plan.sentences:
        if re.search(r"[?？]\s*$", sentence.text):
            yield at(sentence)


def find_many_apologies(checked: Checked) -> Iterator[Hit]:
    """Every sentence of apology after those that are allowed."""
    sorry = [sentence for sentence in checked.plan.sentences if phrases.has(checked.words.list("apology"), sentence.text)]
    for sentence in sorry[checked.words.bounds["most_apologies"] :]:
        yield at(sentence, count=len(sorry))


def _sentence_at(checked: Checked, offset: int) -> int:
    spans: tuple[Sentence, ...] = checked.plan.sentences
    return next(number for number, sentence in enumerate(spans) if sentence.start <= offset < sentence.end)
