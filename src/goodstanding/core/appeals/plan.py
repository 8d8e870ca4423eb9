"""The holder's answer: a plan of action or a dispute. Two routes, chosen first and never mixed (requirements F0, F1)."""

import re
from dataclasses import dataclass

from goodstanding.core.errors import Finding
from goodstanding.core.terms import FindingSeverity, Route


@dataclass(frozen=True, slots=True)
class Answer:
    """What the holder writes. The plan route fills the first three parts, the dispute route the last one."""

    route: Route
    root_cause: str = ""
    corrective: str = ""
    preventive: str = ""
    grounds: str = ""

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The parts of the chosen route, in the order a reviewer reads them."""
        if self.route == Route.DISPUTE:
            return (("grounds", self.grounds),)
        return (("root_cause", self.root_cause), ("corrective", self.corrective), ("preventive", self.preventive))

    @property
    def is_empty(self) -> bool:
        """True where no part of the chosen route says anything."""
        return not any(text.strip() for _, text in self.parts)


def missing_parts(answer: Answer) -> tuple[Finding, ...]:
    """Parts of the route that are empty, as advice: checks score and advise, they never block sending (requirement F2)."""
    return tuple(
        Finding("part-missing", FindingSeverity.WARNING, f"the part '{name}' is empty", "a reviewer looks for it first", name)
        for name, text in answer.parts
        if not text.strip()
    )


_ITEM = re.compile(r"\s*(?:[-*+•●▪–—]\s+|\(?\d{1,2}[.)、]\s*(?=\D)|（\d{1,2}）|[①-⑳]|[一二三四五六七八九十]{1,2}[、.．])")
"""What a point of a list begins with, in the languages of the packs."""


def points_of(text: str) -> tuple[str, ...]:
    """The points of one part, each whole as it was written: the items of its list, or its paragraphs where it has none.

    What stands before the first item is a point of its own. Evidence is attached to points by their number, from 1 (requirement F5).
    """
    lines = text.replace("\r\n", "\n").split("\n")
    has_list = sum(bool(_ITEM.match(line)) for line in lines) > 1
    points, begins = list[list[str]](), True
    for line in lines:
        if begins or (has_list and _ITEM.match(line)):
            points.append([])
        points[-1].append(line)
        begins = not has_list and not line.strip()
    return tuple(point for lines in points if (point := "\n".join(lines).strip()))


def place_of(part: str, point: int = 0) -> str:
    """How a file names what it proves: a part, or one point of it (`corrective:2`)."""
    return f"{part}:{point}" if point else part


def places_of(answer: Answer) -> frozenset[str]:
    """Every place that a file can name: the parts of the answer's route, and the points of each part that has several."""
    points = {part: points_of(text) for part, text in answer.parts}
    return frozenset(points) | {place_of(part, number) for part, found in points.items() for number in range(1, len(found) + 1) if len(found) > 1}


def part_and_point(place: str) -> tuple[str, int]:
    """A place as the part and the number of the point; 0 is the part as a whole."""
    part, _, point = place.partition(":")
    return part, int(point) if point.isdecimal() else 0
