"""Parts, points and length of a plan (rules 1, 6 and 12 of the collected advice; requirement F1)."""

from collections.abc import Iterator
from itertools import pairwise

from goodstanding.core.appeals.checks import phrases
from goodstanding.core.appeals.checks.context import Checked, Hit
from goodstanding.core.appeals.checks.reading import GAP, PLAN_PARTS, Heading, Plan, count_words
from goodstanding.core.appeals.checks.routes import ENOUGH_PROOFS
from goodstanding.core.terms import FindingSeverity


def find_missing_parts(checked: Checked) -> Iterator[Hit]:
    """Parts that nobody finds. An error where two headings show how the writer orders things, and nothing under them speaks of the third either."""
    plan = checked.plan
    headed = {heading.part for heading in plan.headings} & set(PLAN_PARTS)
    for part in PLAN_PARTS:
        if part in headed or _speaks_of(plan, part, is_headed=len(headed) > 1):
            continue
        is_told_elsewhere = _speaks_of(plan, part, is_headed=False)
        severity = FindingSeverity.ERROR if len(headed) == len(PLAN_PARTS) - 1 and not is_told_elsewhere else None
        yield Hit(0, _first_line_end(plan), {"part": checked.labels[part]}, severity)


def find_missing_grounds(checked: Checked) -> Iterator[Hit]:
    """A dispute without a single statement of what is wrong and what shows it."""
    says_so = (*checked.words.list("denial"), *checked.words.list("dispute"), *checked.words.list("refutation"))
    shown = sum(phrases.has(checked.words.list("evidence"), sentence.text) for sentence in checked.plan.sentences)
    if shown < ENOUGH_PROOFS and not phrases.has(says_so, checked.plan.text) and not GAP.search(checked.plan.text):
        yield Hit(0, _first_line_end(checked.plan), {"part": checked.labels["grounds"]})


def find_empty_parts(checked: Checked) -> Iterator[Hit]:
    """Headings under which nothing stands."""
    for heading in _own_headings(checked.plan):
        if not checked.plan.part(heading.part):
            yield Hit(heading.start, heading.end, {"part": checked.labels[heading.part]})


def find_thin_parts(checked: Checked) -> Iterator[Hit]:
    """Parts with less than the sentences that say anything."""
    least = checked.words.bounds["least_sentences_a_part"]
    for heading in _own_headings(checked.plan):
        told = checked.plan.part(heading.part)
        have = len(told)
        if (
            0 < have < least
            and count_words(told[0].text) < checked.words.bounds["enough_words_a_part"]
            and not any(GAP.search(sentence.text) for sentence in told)
        ):
            yield Hit(heading.start, heading.end, {"part": checked.labels[heading.part], "count": have, "least": least})


def find_disorder(checked: Checked) -> Iterator[Hit]:
    """Parts in another order than reviewers read them."""
    firsts = {heading.part: heading for heading in reversed(checked.plan.headings) if heading.part in PLAN_PARTS}
    order = [firsts[part] for part in PLAN_PARTS if part in firsts]
    for before, after in pairwise(order):
        if after.start < before.start:
            yield Hit(after.start, after.end, {"part": checked.labels[after.part], "before": checked.labels[before.part]})


def find_no_points(checked: Checked) -> Iterator[Hit]:
    """A text of some length in one block, neither list nor paragraphs."""
    plan, bounds = checked.plan, checked.words.bounds
    points, paragraphs = sum(sentence.point for sentence in plan.sentences), len({sentence.paragraph for sentence in plan.sentences})
    if plan.length >= bounds["points_from_words"] and max(points, paragraphs) < bounds["least_points"]:
        yield Hit(0, _first_line_end(plan), {"count": points, "least": bounds["least_points"]})


def find_long_paragraphs(checked: Checked) -> Iterator[Hit]:
    """Paragraphs nobody reads as points: lines that are no list."""
    plan, most = checked.plan, checked.words.bounds["most_paragraph_words"]
    paragraphs: dict[int, list[tuple[int, int]]] = {}
    for sentence in plan.sentences:
        if not sentence.point:
            paragraphs.setdefault(sentence.paragraph, []).append((sentence.start, sentence.end))
    for spans in paragraphs.values():
        start, end = spans[0][0], spans[-1][1]
        if (length := count_words(plan.text[start:end])) > most:
            yield Hit(start, end, {"count": length, "most": most})


def find_too_long(checked: Checked) -> Iterator[Hit]:
    """More words than a reviewer reads."""
    most = checked.words.bounds["most_words"]
    if checked.plan.length > most:
        yield Hit(0, _first_line_end(checked.plan), {"count": checked.plan.length, "most": most})


def find_too_short(checked: Checked) -> Iterator[Hit]:
    """Fewer words than three parts need."""
    least = checked.words.bounds["least_words"]
    if checked.plan.length < least and not GAP.search(checked.plan.text):
        yield Hit(0, _first_line_end(checked.plan), {"count": checked.plan.length, "least": least})


def _own_headings(plan: Plan) -> list[Heading]:
    """The first heading of each part of the three."""
    return list({heading.part: heading for heading in reversed(plan.headings) if heading.part in PLAN_PARTS}.values())


def _speaks_of(plan: Plan, part: str, *, is_headed: bool) -> bool:
    """Whether a text without that heading still speaks of the part. One whose writer orders it by headings has to do so before them."""
    told = plan.part("other") if is_headed else plan.sentences
    return any(phrases.has((*plan.words.list(f"cue_{part}"), *plan.words.list(f"name_{part}")), sentence.text) for sentence in told)


def _first_line_end(plan: Plan) -> int:
    text = plan.text
    lead = len(text) - len(text.lstrip())
    end = text.find("\n", lead)
    return len(text) if end < 0 else end
