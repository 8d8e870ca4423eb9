"""A plan as parts, points and sentences, each with its place in the writer's own text (requirement F1).

A part begins at a heading (`## Root cause`, `Root cause:`, `一、根本原因`). Where a text has no heading that a pack knows, each sentence is
taken for the part that its own words speak of.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

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
_MARKDOWN = re.compile(r"(?:#{1,6}\s+|\*\*(?=.*\*\*\s*[:：]?\s*$)|[【\[〔［](?=[^】\]〕］\n]{1,30}[】\]〕］]\s*[:：]?\s*$))")
_ORDINAL = re.compile(
    r"\s*(?:>\s*)?(?:\(?(?:[IVX]{1,4}|\d{1,2}|[A-Da-d])[.)、:]\s*|[（(]?[一二三四五六七八九十]{1,2}[）)、.．]\s*|(?:step|part)\s+\d\s*[:,.]\s*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^:：\n]{1,70}?(?:[:：]|(?<=\w)\s+[-–—]+\s|$)")
_INNER = re.compile(r"(?:(?<=[.;!?])\s+|(?<=[。；！？;]))(?P<label>(?:\(?\d[.)]\s*)?(?:[A-Z][^.:;!?\n]{2,40}|[\u3400-\u9fff]{2,10}))[:：]")
"""A label with its colon in the middle of a line: short plans are written in one paragraph."""

_SIGNS_AFTER_A_LABEL = (":", "：", "-", "–", "—")
_SIGN_IN_LINE = re.compile(r"^[^:：]{1,40}?(?:[:：]|\w\s+[-–—]+\s)")

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
    return len(re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff_](?:[^\W\u3400-\u9fff]|['’.,-])*", text))


def read_plan(source: Source, words: PlanWords) -> Plan:
    """Take a text apart. Never fails: what is in no part is in OTHER."""
    headings = _headings(source, words)
    sentences: list[Sentence] = []
    named: list[Heading] = []
    part, offset = OTHER, 0
    for number, line in enumerate(source.text.split("\n"), 1):
        heading, rest = headings.get(number, (None, len(line) - len(line.lstrip())))
        if heading:
            part = heading.part
            named.append(heading)
        for inner, stop in (*_inner_headings(line, rest, offset, words), (None, len(line))):
            if rest < stop:
                sentences += _sentences(line[:stop], rest, offset, part, number, number in source.items)
            if inner:
                part, rest = inner.part, inner.end - offset
                named.append(inner)
        offset += len(line) + 1
    if not named:
        sentences = [replace(sentence, part=_told_part(sentence.text, words)) for sentence in sentences]
    return Plan(source, words, tuple(sentences), tuple(named))


_Found = tuple[Heading | None, int]
"""The heading of a line, if it names a part, and where in the line its content begins."""

_Strange = tuple[int, Heading, int]
"""The number of a line whose heading names no part, that heading, and where in the line its content begins."""


def _headings(source: Source, words: PlanWords) -> dict[int, _Found]:
    """What stands at the head of each line, by its number. A heading of a strange name is taken for the one part that is missing at its place."""
    found: dict[int, _Found] = {}
    strange: list[_Strange] = []
    forms: set[str] = set()
    offset, lines = 0, source.text.split("\n")
    for number, line in enumerate(lines, 1):
        is_marked = number in source.headings
        named, _ = found[number] = _heading(line, offset, is_marked, words)
        if named:
            forms.add(_form(line, is_marked))
        elif (bare := _unnamed(line, offset, is_marked)) and any(one.strip() for one in lines[number : number + 2]):
            strange.append((number, *bare))
        offset += len(line) + 1
    alike = [one for one in strange if _form(lines[one[0] - 1], one[0] in source.headings) in forms]
    for number, heading, rest in _missing_at(dict(found), alike):
        found[number] = heading, rest
    return found


def _form(line: str, is_marked: bool) -> str:
    """How a heading is written: headings of one text are written alike."""
    text = line.strip()
    marked = "marked" if is_marked or _MARKDOWN.match(text) else ""
    ordinal = _ORDINAL.match(text)
    sign = re.sub(r"[\dA-Da-dIVX一二三四五六七八九十\s]", "", ordinal.group()) if ordinal else ""
    return f"{marked} {sign} {_SIGN_IN_LINE.search(text) is not None}"


def _unnamed(line: str, offset: int, is_marked: bool) -> tuple[Heading, int] | None:
    """A line, or the label before its colon, that looks like a heading whatever it says; its part is not known."""
    begin = len(line) - len(line.lstrip())
    if match := _MARKDOWN.match(line, begin):
        begin = match.end()
    if match := _ORDINAL.match(line, begin):
        begin = match.end()
    is_point = re.match(r"[-*+•]\s+", line[begin:])
    if is_point:
        begin += is_point.end()
    label = _LABEL.match(line, begin)
    if label is None or (is_point and label.group()[-1:] not in (":", "：")):
        return None
    if not 0 < count_words(label.group()) <= _LONGEST_HEADING:
        return None
    if not (is_marked or label.group().rstrip()[-1:] in _SIGNS_AFTER_A_LABEL or _is_short(line[begin:])):
        return None
    return Heading(OTHER, offset + begin, offset + label.end()), label.end()


def _missing_at(found: Mapping[int, _Found], strange: Sequence[_Strange]) -> Iterator[_Strange]:
    """The strange headings that stand where parts are missing: all of three headings written alike, or the one where a single part has none."""
    firsts = {heading.part: number for number, (heading, _) in reversed(list(found.items())) if heading and heading.part in PLAN_PARTS}
    missing = [part for part in PLAN_PARTS if part not in firsts]
    if not firsts or any(heading and heading.part == GROUNDS for heading, _ in found.values()):
        return
    order = sorted([*firsts.values(), *(number for number, _, _ in strange)])
    if len(order) == len(PLAN_PARTS) and all(order[PLAN_PARTS.index(part)] == number for part, number in firsts.items()):
        for number, heading, rest in strange:
            yield number, replace(heading, part=PLAN_PARTS[order.index(number)]), rest
    elif len(missing) == 1:
        place = PLAN_PARTS.index(missing[0])
        after = firsts[PLAN_PARTS[place - 1]] if place else 0
        before = firsts[PLAN_PARTS[place + 1]] if place + 1 < len(PLAN_PARTS) else inf
        fitting = [one for one in strange if after < one[0] < before]
        for number, heading, rest in fitting[-1:] if place == 0 else fitting[:1]:
            yield number, replace(heading, part=missing[0]), rest


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
    ends_in_colon = label.group().rstrip()[-1:] in _SIGNS_AFTER_A_LABEL
    if not (marked or is_marked or ends_in_colon or _is_short(line[name_at:])):
        return None, lead
    part = _part_of(label.group().strip(" :：*#_【】[]〔〕［］-–—").lower(), words, strict=not (marked or is_marked))
    if part is None:
        return None, len(line) if marked or is_marked else lead
    return Heading(part, offset + name_at, offset + label.end()), label.end()


def _inner_headings(line: str, begin: int, offset: int, words: PlanWords) -> Iterator[tuple[Heading, int]]:
    """Labels of the three parts inside a line, each with the place where what stands before it ends."""
    for match in _INNER.finditer(line, begin):
        part = _part_of(match["label"].lower(), words, strict=True)
        if part in PLAN_PARTS:
            yield Heading(part, offset + match.start("label"), offset + match.end()), match.start("label")


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
