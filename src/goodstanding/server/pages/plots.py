"""The history of a rating as an inline SVG: plain geometry, drawn by a template with attributes only (the pages allow no inline style)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from goodstanding.core.policy.pack import Rating
from goodstanding.server.store.models import RatingReading

WIDTH, HEIGHT = 480, 200
LEFT, RIGHT, TOP, BOTTOM = 36, 12, 12, 26
LEAST_TOP = 300
"""The scale never zooms in below this, so that a rating of 204 and one of 210 look as alike as they are."""


@dataclass(frozen=True, slots=True)
class Stripe:
    """One band of the rating as a horizontal stripe."""

    band: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A number on an axis. `anchor` is SVG's text-anchor."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything the template draws. `ahead`: the line after `today`, empty where nothing is foretold."""

    path: str
    ahead: str
    today: date
    stripes: tuple[Stripe, ...]
    levels: tuple[Mark, ...]
    first: date
    last: date
    end_x: float
    end_y: float
    band: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right_edge: int = WIDTH - RIGHT
    plot_width: int = WIDTH - RIGHT - LEFT


def plot_rating(readings: Sequence[RatingReading], rules: Rating, until: date, ahead: Sequence[tuple[date, int]] = ()) -> Plot | None:
    """The plot of readings in order of days, each valid until the next and the last until `until`; None without readings.

    `ahead`: ratings foretold after `until`, by day; the last day of it is where the plot ends.
    """
    if not readings:
        return None
    first, today = readings[0].as_of, max(until, readings[-1].as_of)
    ahead = [(day, rating) for day, rating in ahead if day > today]
    last = max([today, *(day for day, _ in ahead)])
    top = _round_up(max([LEAST_TOP, *(reading.rating for reading in readings), *(rating for _, rating in ahead)]))
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / days, 1)

    def y(rating: int) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(rating, top) / top), 1)

    path = f"M{x(first)} {y(readings[0].rating)}"
    path += "".join(f"H{x(reading.as_of)}V{y(reading.rating)}" for reading in readings[1:]) + f"H{x(today)}"
    dashed = f"M{x(today)} {y(readings[-1].rating)}" + "".join(f"H{x(day)}V{y(rating)}" for day, rating in ahead) if ahead else ""
    stripes, ceiling = [], top
    for band, at_least in rules.bands:
        if at_least < ceiling:
            stripes.append(Stripe(band, y(ceiling), round(y(at_least) - y(ceiling), 1)))
            ceiling = at_least
    levels = tuple(Mark(y(level), str(level), "end") for level in sorted({top, *(bound for _, bound in rules.bands)}) if level <= top)
    return Plot(path, dashed, today, tuple(stripes), levels, first, last, x(today), y(readings[-1].rating), readings[-1].band)


def _round_up(rating: int) -> int:
    return -(-rating // 100) * 100
