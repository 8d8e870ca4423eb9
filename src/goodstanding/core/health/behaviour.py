"""Behaviour out of line (requirements B13-B15): with the account's own past, with its orders, or with the size of the earth.

What was done on a day is judged whenever more of it becomes known, on what was known by then; a first version alone counts, so later
corrections change no judgement. Every alarm carries the numbers a person needs to check it. All thresholds are the pack's.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import floor, inf, isfinite, log
from statistics import median, variance

from goodstanding.core.health.countries import kilometres_between
from goodstanding.core.policy.pack import Share, Surge, Travel

MOST_POWER = 300
"""Odds are told up to one in 10^300; a float holds no smaller chance."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of something an account did on `day`, first known on `known` (never before that day). `group`: a currency, where it matters."""

    day: date
    known: date
    value: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A succeeded sign-in from a known country, first known on `known`."""

    id: str
    at: datetime
    known: date
    country: str
    device: str | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something out of line, seen on `known`. It is about what was done from `first` to `last` and known by then, or about `ids` where given."""

    known: date
    first: date
    last: date
    group: str
    explanation: str
    ids: tuple[str, ...] = ()

    def holds(self, tally: Tally) -> bool:
        """Whether what is tallied is part of what the alarm is about."""
        return self.first <= tally.day <= self.last and tally.known <= self.known and tally.group == self.group


def surge_alarms(watch: Surge, tallies: Iterable[Tally]) -> list[Alarm]:
    """The days of one account on which there was more than its own past makes believable, each told once."""
    groups: dict[str, dict[date, list[Tally]]] = {}
    for tally in tallies:
        groups.setdefault(tally.group, {}).setdefault(tally.day, []).append(tally)
    alarms = (_first_alarm(watch, by_day, day, group) for group, by_day in groups.items() for day in by_day)
    return sorted((alarm for alarm in alarms if alarm), key=_in_order)


def share_alarms(watch: Share, part: Sequence[Tally], whole: Sequence[Tally]) -> list[Alarm]:
    """The days on which, with something new known, a part of the window was more of the whole than the watch allows."""
    alarms = []
    for known in sorted({tally.known for tally in part}):
        first = known - timedelta(days=watch.window_days - 1)
        seen, of = _within(part, first, known), _within(whole, first, known)
        if seen >= watch.minimum and 100 * seen > watch.most_percent * of:
            told = _explain(watch.rule, seen=seen, whole=of, days=watch.window_days, day=known.isoformat(), limit=watch.most_percent)
            alarms.append(Alarm(known, first, known, "", told))
    return alarms


def travel_alarms(watch: Travel, visits: Iterable[Visit]) -> list[Alarm]:
    """Sign-ins of one account that follow each other faster than anybody travels, on different devices: one device is one place and a tunnel."""
    ordered = sorted(visits, key=lambda visit: (visit.at, visit.id))
    alarms = []
    for known in sorted({visit.known for visit in ordered}):
        by_then = [visit for visit in ordered if visit.known <= known]
        for earlier, later in pairwise(by_then):
            if max(earlier.known, later.known) == known and (alarm := _leg(watch, earlier, later, known)):
                alarms.append(alarm)
    return sorted(alarms, key=_in_order)


def chance_of(watch: Surge, past: Sequence[int], seen: int) -> float:
    """The natural logarithm of the chance of at least `seen` on one day, for an account with that past (one number a day).

    A negative binomial with the mean and variance of the past days: counts of real accounts vary more than a Poisson count would. A single day has no
    variance; then `dispersion_percent` alone says how much days vary.
    """
    from scipy.special import betainc  # needed by few runs; scipy.stats gives the same and takes seconds to import

    mean = max(sum(past) / len(past), watch.floor_per_100_days / 100)
    spread = max(float(variance(past)) if len(past) > 1 else 0.0, mean * watch.dispersion_percent / 100)
    chance = float(betainc(seen, mean**2 / (spread - mean), 1 - mean / spread))
    return log(chance) if chance > 0 else -inf


def _first_alarm(watch: Surge, by_day: Mapping[date, Sequence[Tally]], day: date, group: str) -> Alarm | None:
    here = by_day[day]
    if sum(tally.value for tally in here) < watch.minimums.get(group, watch.minimum):
        return None
    judged = (_surge_on(watch, by_day, day, known, group) for known in sorted({tally.known for tally in here}))
    return next((alarm for alarm in judged if alarm), None)


def _surge_on(watch: Surge, by_day: Mapping[date, Sequence[Tally]], day: date, known: date, group: str) -> Alarm | None:
    seen = _within(by_day[day], day, known)
    if seen < watch.minimums.get(group, watch.minimum):
        return None
    started = min(other for other, tallies in by_day.items() if any(tally.known <= known for tally in tallies))
    days = min(watch.history_days, (day - started).days)
    if days < watch.least_history_days:
        return None
    past = [_within(by_day.get(day - timedelta(days=n), ()), date.min, known) for n in range(1, days + 1)]
    if seen * days < watch.times * sum(past):
        return None
    chance = chance_of(watch, past, seen)
    if chance >= -log(watch.one_in):
        return None
    power = min(floor(-chance / log(10)), MOST_POWER) if isfinite(chance) else MOST_POWER
    told = _explain(watch.rule, seen=seen, day=day.isoformat(), history=days, most=max(past), median=f"{median(past):g}", power=power, group=group)
    return Alarm(known, day, day, group, told)


def _leg(watch: Travel, earlier: Visit, later: Visit, known: date) -> Alarm | None:
    if earlier.country == later.country or (earlier.device is not None and earlier.device == later.device):
        return None
    distance = kilometres_between(earlier.country, later.country)
    seconds = (later.at - earlier.at).total_seconds()
    if distance is None or distance < watch.least_km or distance * 3600 <= watch.fastest_kmh * seconds:
        return None
    places = {"from": earlier.country, "to": later.country, "left": _moment(earlier.at), "arrived": _moment(later.at)}
    told = _explain(watch.rule, **places, km=distance, minutes=int(seconds // 60), fastest=watch.fastest_kmh)
    return Alarm(known, known, known, "", told, (earlier.id, later.id))


def _within(tallies: Iterable[Tally], first: date, known: date) -> int:
    """What was done from `first` to `known` and known by then."""
    return sum(tally.value for tally in tallies if first <= tally.day <= known and tally.known <= known)


def _moment(moment: datetime) -> str:
    return (moment.astimezone(UTC) if moment.tzinfo else moment).strftime("%Y-%m-%d %H:%M:%S")


def _explain(rule: str, **values: str | int) -> str:
    return json.dumps({"rule": str(rule), **values}, ensure_ascii=False, sort_keys=True)


def _in_order(alarm: Alarm) -> tuple[date, date, str, tuple[str, ...]]:
    return alarm.known, alarm.first, alarm.group, alarm.ids
