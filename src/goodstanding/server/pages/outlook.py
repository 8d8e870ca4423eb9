"""What lies ahead for a reader: the rating if nothing new happens, what wins back most, what is missing to the targets, warnings, things to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from goodstanding.core.health.early_warnings import Forewarning
from goodstanding.core.health.rating import Rated
from goodstanding.core.health.self_audit import Task
from goodstanding.core.health.sentences import GOOD, say_task, say_to_target, say_warning
from goodstanding.core.health.wins import Win, is_breach, to_target, wins
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.core.terms import Band, TaskCode, WarningCode
from goodstanding.core.values import Rate
from goodstanding.server.services.outlooks import expected_strikes, rating_ahead
from goodstanding.server.store.models import Account, MetricReading, Outlook, RatingReading


@dataclass(frozen=True, slots=True)
class WinShown:
    """A violation that counts, by the name of its reason, and what comes back with it."""

    name: str
    win: Win


@dataclass(frozen=True, slots=True)
class TaskShown:
    """An entry of the self-audit list as a sentence, with the first items it is about and how many more there are."""

    sentence: str
    ids: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class OutlookShown:
    """Everything that the pages tell of what lies ahead; `ahead` begins on the day itself."""

    as_of: date
    until: date
    ahead: tuple[tuple[date, Rated], ...]
    wins: tuple[WinShown, ...]
    needs: tuple[str, ...]
    warnings: tuple[str, ...]
    tasks: tuple[TaskShown, ...]


def outlook_of(
    account: Account, pack: PolicyPack, words: Words, ratings: Sequence[RatingReading], metrics: Sequence[MetricReading]
) -> OutlookShown | None:
    """What lies ahead of an account; None where the last run had nothing to tell."""
    outlook = Outlook.objects.filter(account=account).first()
    if outlook is None:
        return None
    strikes = expected_strikes(outlook=outlook)
    latest = ratings[-1] if ratings else None
    ahead = rating_ahead(pack=pack, outlook=outlook, strikes=strikes, latest=latest) if latest else []
    won = wins(pack.rating, latest.fulfilled_orders, strikes, outlook.as_of) if latest else []
    return OutlookShown(
        as_of=outlook.as_of,
        until=outlook.until,
        ahead=tuple(ahead),
        wins=tuple(WinShown(words.reasons.get(win.reason, win.reason), win) for win in won),
        needs=tuple(_needs(pack, words, metrics)),
        warnings=tuple(_warnings(pack, words, outlook)),
        tasks=tuple(_task(words, row) for row in outlook.tasks),
    )


def _needs(pack: PolicyPack, words: Words, readings: Sequence[MetricReading]) -> Iterator[str]:
    """What is missing to each target that is missed on enough volume."""
    for reading in readings:
        metric, rate = pack.metrics.get(reading.metric), Rate(reading.numerator, reading.denominator)
        if metric is None or metric.rule not in GOOD or not is_breach(metric, rate):
            continue
        if many := to_target(metric, rate):
            yield f"{words.metrics[metric.name]}: {say_to_target(words, metric, many)}"


def _warnings(pack: PolicyPack, words: Words, outlook: Outlook) -> Iterator[str]:
    """The early warnings as sentences; one of a metric that the pack no longer has is not told."""
    for row in outlook.warnings:
        if row.get("metric") is None or row["metric"] in pack.metrics:
            yield say_warning(pack, words, _forewarning(row))


def _task(words: Words, row: Mapping[str, Any]) -> TaskShown:
    task = Task(TaskCode(row["code"]), date.fromisoformat(row["on"]), row["count"], tuple(row["ids"]))
    ids = task.ids if task.code != TaskCode.INFORMATION_INCOMPLETE else ()
    return TaskShown(say_task(words, task), ids, task.count - len(task.ids))


def _forewarning(row: Mapping[str, object]) -> Forewarning:
    """A stored row of the engine's warnings as the value it was."""

    def number(name: str) -> int | None:
        return int(str(row[name])) if name in row else None

    def rate(suffix: str) -> Rate | None:
        numerator = number(f"numerator{suffix}")
        return None if numerator is None else Rate(numerator, number(f"denominator{suffix}"))

    def band(name: str) -> Band | None:
        return Band(str(row[name])) if name in row else None

    return Forewarning(
        code=WarningCode(str(row["code"])),
        metric=str(row["metric"]) if "metric" in row else None,
        on=date.fromisoformat(str(row["on"])) if "on" in row else None,
        rate=rate(""),
        rate_then=rate("_then"),
        headroom=number("headroom"),
        rating=number("rating"),
        rating_then=number("rating_then"),
        band=band("band"),
        band_then=band("band_then"),
    )
