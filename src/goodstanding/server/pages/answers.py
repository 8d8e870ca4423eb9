"""What a holder wrote, part by part and point by point, with the files that prove each beside it (requirements F5, H5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from goodstanding.core.appeals.plan import part_and_point, points_of
from goodstanding.core.terms import Route
from goodstanding.server.store.models import Appeal, Evidence, SolveWindow

PARTS = {Route.PLAN: ("root_cause", "corrective", "preventive"), Route.DISPUTE: ("grounds",)}
"""The parts of each route, in the order a reviewer reads them."""


@dataclass(frozen=True, slots=True)
class PointShown:
    """One point and the files that prove it."""

    number: int
    text: str
    files: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class PartShown:
    """One part: its points where a file is attached to one of them, else its text as a whole; `files` prove the part."""

    part: str
    text: str
    points: tuple[PointShown, ...]
    files: tuple[Evidence, ...]


def lay_out(row: Appeal | SolveWindow) -> list[PartShown]:
    """The answer of an appeal, or the plan of a solve window. Files that came with an answer to a question are not among these."""
    route = Route(row.route) if isinstance(row, Appeal) else Route.PLAN
    placed: dict[str, dict[int, list[Evidence]]] = {}
    for file in row.evidence.all():
        part, point = part_and_point(file.part)
        placed.setdefault(part, {}).setdefault(point, []).append(file)
    return [_part(part, getattr(row, part), placed.get(part, {})) for part in PARTS[route]]


def _part(part: str, text: str, files: Mapping[int, Sequence[Evidence]]) -> PartShown:
    points = points_of(text)
    loose = [file for point, found in sorted(files.items()) if not 0 < point <= len(points) for file in found]
    shown = tuple(PointShown(number, point, tuple(files.get(number, ()))) for number, point in enumerate(points, 1))
    return PartShown(part, text, shown if any(one.files for one in shown) else (), tuple(loose))
