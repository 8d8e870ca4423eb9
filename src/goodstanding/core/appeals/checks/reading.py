"""A plan as parts, points and sentences, each with its place in the writer's own text (requirement F1).

A part begins at a heading (`## Root cause`, `Root cause:`, `一、根本原因`). Where a text has no heading that a pack knows, each sentence is
taken for the part that its own words speak of.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from goodstanding.core.appeals.checks import phrases
from goodstanding.core.policy.plan_words import PlanWords

ROOT_CAUSE, CORRECTIVE, PREVENTIVE, GROUNDS = "root_cause", "corrective", "preventive", "grounds"
PLAN_PARTS = (ROOT_CAUSE, CORRECTIVE, PREVENTIVE)
"""The three parts of a plan, in the order a reviewer reads them."""

OTHER = "other"
"""What belongs to no part: greeting, subject, close."""

GAP = re.compile(r"\[\[[^\]\n]{0,400}\]\]|【待填[^】\n]{0,400}】")
"""A gap that a draft left for the writer. Nothing in it is the writer's word."""

_MARKER = re.compile(
    r"(?:^|(?<=[\s;；:：。]))(?:[-*+•●▪–—]\s+|\(?\d{1,2}[.)、]\s*(?=\D)|（\d{1,2}）\s*|\(\d{1,2}\)\s*|[①-⑳]\s*|第[一二三四五六七八九十]+[，、,]\s*)"
)
_MARKDOWN = re.compile(r"(?:#{1,6}\s+|\*\*(?=.*\*\*\s*[:：]?\s*$))")
_ORDINAL = re.compile(
    r"\s*(?:>\s*)?(?:\(?(?:[IVX]{1,4}|\d{1,2}|[A-Da-d])[.)、:]\s*|[（(]?[一二三四五六七八九十]{1,2}[）)、.．]\s*|(?:step|part)\s+\d\s*[:,.]\s*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^:：\n]{1,70}?(?:[:：]|$)")
_END = re.compile(r"(?:[.!?]+[\"”’)]*(?=\s|$)|[。！？；;]+[”’」）]*)\s*")
_LONGEST_HEADING = 9
"""Words of a line without a colon that can still be a heading; twice as many Chinese signs."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: lines and columns count from 1, the end is the first column after it."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Source:
    """A text as it was written. `headings`, `items`: numbers of lines (from 1) that the file itself marks as such, as .docx does."""

    text: str
    name: str = "plan"
    headings: frozenset[int] = frozenset()
    items: frozenset[int] = frozenset()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def place(self, start: int, end: int) -> Place:
        """The lines and columns of text[start:end]."""
        line, column = self._at(start)
        return Place(line, column, *self._at(max(start, end)))

    def offset(self, line: int, column: int) -> int:
        """Where a place stands in the text."""
        return self._starts[line - 1] + column - 1

    def _at(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. `point`: it stands in a list; `paragraph`: the number of its line."""

    start: int
    end: int
    text: str
    part: str
    point: bool
    paragraph: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that names a part."""

    part: str
    start: int
    end: int


@dataclass(frozen=True)
class Plan:
    """A plan that has been read. `headings` are those that name a part; none where parts were told by their words alone."""

    source: Source
    words: PlanWords
    sentences: tuple[Sentence, ...]
    headings: tuple[Heading, ...]

    def part(self, *names: str) -> tuple[Sentence, ...]:
        """The sentences of some parts."""
        return tuple(sentence for sentence in self.sentences if sentence.part in names)

    @property
    def text(self) -> str:
        """The text as it was written."""
        return self.source.text

    @cached_property
    def length(self) -> int:
        """Words, where each Chinese sign counts as one."""
        return count_words(self.text)

    def is_in_gap(self, offset: int) -> bool:
        """Whether a place lies in a gap that a draft left."""
        return any(start <= offset < end for start, end in self._gaps)

    @cached_property
    def _gaps(self) -> list[tuple[int, int]]:
        return [match.span() for match in GAP.finditer(self.text)]

    @property
    def is_dispute(self) -> bool:
        """Whether a heading says that this is a dispute."""
        return any(heading.part == GROUNDS for heading in self.headings)


def count_words(text: str) -> int:
    """Words of a text; a Chinese sign is a word."""
    return len(re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff_][\w'’.,-]*", text))


def read_plan(source: Source, words: PlanWords) -> Plan:
    """Take a text apart. Never fails: what is in no part is in OTHER."""
    headings: list[Heading] = []
    sentences: list[Sentence] = []
    part, offset = OTHER, 0
    for number, line in enumerate(source.text.split("\n"), 1):
        heading, rest = _heading(line, offset, number in source.headings, words)
        if heading:
            headings.append(heading)
            part = heading.part
        if rest < len(line):
            sentences += _sentences(line, rest, offset, part, number, number in source.items)
        offset += len(line) + 1
    if not headings:
        sentences = [replace(sentence, part=_told_part(sentence.text, words)) for sentence in sentences]
    return Plan(source, words, tuple(sentences), tuple(headings))


def _heading(line: str, offset: int, is_marked: bool, words: PlanWords) -> tuple[Heading | None, int]:
    """The heading at the start of a line, if it names a part, and where in the line its content begins."""
    lead = len(line) - len(line.lstrip())
    marked = _MARKDOWN.match(line, lead)
    begin = marked.end() if marked else lead
    ordinal = _ORDINAL.match(line, begin)
    name_at = ordinal.end() if ordinal else begin
    label = _LABEL.match(line, name_at)
    if label is None:
        return None, begin
    ends_in_colon = label.group()[-1:] in (":", "：")
    if not (marked or is_marked or ends_in_colon or _is_short(line[name_at:])):
        return None, lead
    part = _part_of(label.group().strip(" :：*#_").lower(), words, strict=not (marked or is_marked))
    if part is None:
        return None, len(line) if marked or is_marked else lead
    return Heading(part, offset + name_at, offset + label.end()), label.end()


def _is_short(line: str) -> bool:
    text = line.strip()
    return 0 < count_words(text) <= _LONGEST_HEADING and not re.search(r"[.!?。！？；;，,]\s*$", text)


def _part_of(label: str, words: PlanWords, *, strict: bool) -> str | None:
    """The part a label names. `strict`: little else may stand in the label, so that a sentence with a colon is no heading."""
    for part, names in words.parts.items():
        for start, end in phrases.found(names, label):
            around = count_words(label[:start]) + count_words(label[end:])
            if not strict or around <= words.bounds["words_around_heading"]:
                return part
    return None


def _sentences(line: str, begin: int, offset: int, part: str, number: int, is_item: bool) -> Iterator[Sentence]:
    """The sentences of one line from `begin` on; list signs begin new ones and belong to none."""
    marks = [match.span() for match in _MARKER.finditer(line, begin)]
    starts = [(begin, is_item), *((end, True) for _, end in marks)]
    stops = [*(start for start, _ in marks), len(line)]
    for (start, point), stop in zip(starts, stops, strict=True):
        for a, b in _split(line, start, stop):
            yield Sentence(offset + a, offset + b, line[a:b], part, point, number)


def _split(line: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    at = start
    gaps = [match.span() for match in GAP.finditer(line, start, stop)]
    for match in _END.finditer(line, start, stop):
        if any(a <= match.start() < b for a, b in gaps):
            continue
        following = line[match.end() : match.end() + 1]
        if following.islower() and match.group()[0] == ".":  # "incl. shipping", "No. of orders": no end of a sentence
            continue
        yield from _trimmed(line, at, match.end())
        at = match.end()
    yield from _trimmed(line, at, stop)


def _trimmed(line: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    text = line[start:stop]
    left, right = len(text) - len(text.lstrip(" \t>*_")), len(text.rstrip(" \t*_;；"))
    if re.search(r"\w", text):
        yield start + left, start + right


def _told_part(text: str, words: PlanWords) -> str:
    """The part a sentence speaks of, by its words alone. What is to come is told before what was done, and that before why."""
    for part in (PREVENTIVE, CORRECTIVE, ROOT_CAUSE):
        if phrases.has(words.list(f"cue_{part}"), text):
            return part
    return OTHER
