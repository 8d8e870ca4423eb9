"""Where the numbers of a pack come from."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from. `grade`: A published by the marketplace or law, B two third parties, C one, S a guide, - ours."""

    key: str
    title: str
    url: str
    grade: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The source and the date of the numbers of one table of the pack."""

    source: str
    as_of: date
