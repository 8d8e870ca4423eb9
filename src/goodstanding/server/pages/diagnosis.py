"""What explains a violation, for a reader: causes with bars, the time line as a plot and as a table, and ticked corrective tasks (D2, D3, E1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from goodstanding.core.appeals.diagnosis.model import Cause, Diagnosis, TimelineDay
from goodstanding.core.appeals.diagnosis.sentences import say_cause, say_causes_in_short, say_facts, say_happening
from goodstanding.core.appeals.tasks import Tick
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.server.pages.plots import Mark
from goodstanding.server.services.diagnoses import diagnosed
from goodstanding.server.store.models import Violation

BAR = 100
"""Width of a bar for everything, in the units of its drawing."""

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 120, 28, 4, 10, 20
IDS_SHOWN = 5
LONGEST_TABLE = 31
"""Unusual days that the table lists."""


@dataclass(frozen=True, slots=True)
class CauseShown:
    """A cause in words; shares as whole percents, which are the lengths of its bars too."""

    name: str
    facts: tuple[str, ...]
    confidence: str
    share_of_defects: int
    share_of_orders: int


@dataclass(frozen=True, slots=True)
class Column:
    """The orders of one day in the plot: all of them, the bad ones at its foot, and whether the day is unusual."""

    x: float
    width: float
    y: float
    height: float
    bad_y: float
    bad_height: float
    is_unusual: bool


@dataclass(frozen=True, slots=True)
class TimelinePlot:
    """The days as columns, with the scale of orders."""

    columns: tuple[Column, ...]
    levels: tuple[Mark, ...]
    first: date
    last: date
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right_edge: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class DayShown:
    """One unusual day: its orders, the bad ones, and what else happened."""

    day: date
    orders: int
    defects: int
    happened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiagnosisShown:
    """What explains a violation as of a day. `short` is one line: the first cause, or that none stands out."""

    as_of: date
    short: str
    causes: tuple[CauseShown, ...]
    plot: TimelinePlot | None
    days: tuple[DayShown, ...]
    subject: str


@dataclass(frozen=True, slots=True)
class TaskShown:
    """A corrective task with what facts say of it, and the first items that are still open."""

    name: str
    state: str
    done: int
    of: int
    open_ids: tuple[str, ...]
    more: int


def show_diagnosis(violation: Violation, pack: PolicyPack, words: Words) -> DiagnosisShown | None:
    """The diagnosis of a violation; None where there is none, or where the pack of today no longer has its metric or reason."""
    found = diagnosed(violation)
    if found is None or found.diagnosis is None or found.diagnosis.metric not in {*pack.metrics, *pack.reasons}:
        return None
    why = found.diagnosis
    unusual = [day for day in why.timeline if day.is_unusual]
    return DiagnosisShown(
        why.as_of,
        say_causes_in_short(words, why),
        tuple(_cause(pack, words, why, cause) for cause in why.causes),
        plot_timeline(why.timeline),
        tuple(_day(pack, words, day) for day in unusual[-LONGEST_TABLE:]),
        words.term(why.subject),
    )


def show_tasks(violation: Violation, pack: PolicyPack, words: Words) -> tuple[TaskShown, ...]:
    """The corrective tasks of a violation as last ticked; those of its reason, unticked, where no night has looked."""
    found, reason = diagnosed(violation), pack.reasons.get(violation.reason)
    ticks: Sequence[Tick] = found.ticks if found else ()
    if not ticks and reason is not None:
        return tuple(TaskShown(_named(words, task), "unknown", 0, 0, (), 0) for task in reason.tasks)
    return tuple(_task(words, tick) for tick in ticks)


def plot_timeline(timeline: Sequence[TimelineDay]) -> TimelinePlot | None:
    """The days of a time line as columns; None where there is no order on any."""
    top = max((day.orders for day in timeline), default=0)
    if not top:
        return None
    first, last = timeline[0].day, timeline[-1].day
    width = (WIDTH - LEFT - RIGHT) / ((last - first).days + 1)
    room, base = HEIGHT - TOP - BOTTOM, HEIGHT - BOTTOM

    def column(day: TimelineDay) -> Column:
        height, bad = room * day.orders / top, room * day.defects / top
        x = LEFT + width * (day.day - first).days
        return Column(
            round(x, 1), round(width * 0.8, 1), round(base - height, 1), round(height, 1), round(base - bad, 1), round(bad, 1), day.is_unusual
        )

    levels = (Mark(TOP, str(top), "end"), Mark(base, "0", "end"))
    return TimelinePlot(tuple(column(day) for day in timeline), levels, first, last)


def _cause(pack: PolicyPack, words: Words, why: Diagnosis, cause: Cause) -> CauseShown:
    facts, name = tuple(say_facts(pack, words, why, cause)), say_cause(words, why, cause)
    return CauseShown(name, facts, str(cause.confidence), round(BAR * cause.share_of_defects), round(BAR * cause.share_of_orders))


def _day(pack: PolicyPack, words: Words, day: TimelineDay) -> DayShown:
    return DayShown(day.day, day.orders, day.defects, tuple(say_happening(pack, words, one) for one in day.happenings))


def _task(words: Words, tick: Tick) -> TaskShown:
    return TaskShown(_named(words, tick.task), str(tick.state), tick.done, tick.of, tick.open_ids[:IDS_SHOWN], max(len(tick.open_ids) - IDS_SHOWN, 0))


def _named(words: Words, task: str) -> str:
    return words.tasks.get(task) or task.replace("_", " ")
