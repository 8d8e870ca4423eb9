"""What an account did, day by day, with the unusual marked (requirement D3)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log

from goodstanding.core.appeals.diagnosis.exact import log_tail
from goodstanding.core.appeals.diagnosis.model import Background, Cause, CauseKind, Happening, HappeningKind, Item, TimelineDay
from goodstanding.core.facts import ListingChange
from goodstanding.core.health.known import AccountFacts, Days, known_on
from goodstanding.core.health.watched import alarms_of
from goodstanding.core.policy.pack import Diagnosing, PolicyPack


@dataclass(frozen=True, slots=True)
class Story:
    """The facts of one account that a time line tells of, as known at the end of `as_of`."""

    pack: PolicyPack
    rules: Diagnosing
    facts: AccountFacts
    background: Background
    as_of: date
    days: Days

    def happenings(self, sign_ins: Mapping[str, Mapping[str, set[date]]]) -> list[Happening]:
        """Everything but orders, oldest first. `sign_ins`: column -> value -> days of its sign-ins."""
        told = [*self._changes(), *_first_sign_ins(sign_ins), *self._complaints(), *self._actions(), *self._behaviour()]
        return sorted((one for one in told if one.day <= self.as_of), key=lambda one: (one.day, one.kind, one.what, one.value))

    def changes(self) -> list[ListingChange]:
        """The account's own changes of product pages that our enforcement did not cause."""
        return [row for row in known_on(self.facts.listing_changes, self.as_of, self.days) if row.account_id == self.facts.account_id]

    def _changes(self) -> Iterator[Happening]:
        by_day = Counter((self.days.of(row.at), row.field or "") for row in self.changes() if row.caused_by is None)
        for (day, field), count in by_day.items():
            yield Happening(day, HappeningKind.LISTING_CHANGES, "listing_changes", field, count, False)

    def _complaints(self) -> Iterator[Happening]:
        rows = (row for row in known_on(self.facts.complaints, self.as_of, self.days) if row.account_id == self.facts.account_id)
        by_day = Counter((self.days.of(row.at), row.reason) for row in rows if row.caused_by is None)
        for (day, reason), count in by_day.items():
            yield Happening(day, HappeningKind.COMPLAINTS, "complaints", reason, count, False)

    def _actions(self) -> Iterator[Happening]:
        for action in self.background.actions:
            yield Happening(self.days.of(action.at), HappeningKind.ACTION, "action", action.kind, 1, True)

    def _behaviour(self) -> Iterator[Happening]:
        for watch in self.pack.watches.values():
            if self.pack.reasons[watch.reason].holder_kind != self._holder_kind():
                continue
            for alarm in alarms_of(watch, self.facts, self.as_of, self.days):
                yield Happening(alarm.last, HappeningKind.BEHAVIOUR, str(watch.rule), "", max(len(alarm.ids), 1), True, alarm.explanation)

    def _holder_kind(self) -> str:
        own = [row.holder_kind for row in self.facts.accounts if row.account_id == self.facts.account_id]
        return own[-1] if own else "seller"


def _first_sign_ins(sign_ins: Mapping[str, Mapping[str, set[date]]]) -> Iterator[Happening]:
    """The first sign-in with each value of a column, unless it is as old as the column's first of all: with that the account began."""
    for column, values in sign_ins.items():
        began = min((min(days) for days in values.values()), default=None)
        for value, days in values.items():
            if min(days) != began:
                yield Happening(min(days), HappeningKind.FIRST_SIGN_IN, column, value, 1, True)


def timeline(
    items: Sequence[Item], clock: str, reach: tuple[date, date], happenings: Iterable[Happening], causes: Sequence[Cause], rules: Diagnosing
) -> tuple[TimelineDay, ...]:
    """The days within `reach` on which there was anything. A day is unusual by its defects, by what happened, or as part of a run of days that is a cause."""
    orders, defects = Counter[date](), Counter[date]()
    for item in items:
        if clock in item.days:
            orders[item.days[clock]] += 1
            defects[item.days[clock]] += item.is_bad
    told: dict[date, list[Happening]] = {}
    for one in happenings:
        told.setdefault(one.day, []).append(one)
    total, bad, rare = orders.total(), defects.total(), -log(rules.unusual_one_in)

    def stands_out(day: date) -> bool:
        in_cause = any(cause.kind is CauseKind.SPAN and cause.dimension == clock and cause.first <= day <= cause.last for cause in causes)
        is_rare = 0 < orders[day] < total and log_tail(defects[day], orders[day], bad, total) <= rare
        return (in_cause and defects[day] > 0) or is_rare or any(one.is_unusual for one in told.get(day, ()))

    days = sorted(day for day in {*orders, *told} if reach[0] <= day <= reach[1])
    return tuple(TimelineDay(day, orders[day], defects[day], stands_out(day), tuple(told.get(day, ()))) for day in days)
