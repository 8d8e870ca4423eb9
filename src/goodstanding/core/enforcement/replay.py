"""What a pack would have done over a past: its evaluation of every day, as if each proposal had been agreed to on its day.

The past stays as it was: a limit of the replay changes no fact. An action with limits holds while any violation it rests on is
open, and no longer than its rule says.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from goodstanding.core.enforcement.evaluation import OpenViolation, Proposal, evaluate
from goodstanding.core.policy.pack import PolicyPack, Rule
from goodstanding.core.terms import ActionKind, Band

Bands = Sequence[tuple[date, Band]]
"""The days on which an account's band changed, in order, each with the band from that day on."""


@dataclass(frozen=True, slots=True)
class PastViolation:
    """A violation as the past knows it: open on the days [known, closed). `known` is later than `opened` where word of it came late."""

    id: str
    reason: str
    opened: date
    closed: date | None = None
    known: date | None = None

    @property
    def first_open(self) -> date:
        """The first day on which an evaluation could have seen it."""
        return max(self.opened, self.known or self.opened)

    def is_open(self, day: date) -> bool:
        """Whether an evaluation of that day sees it."""
        return self.first_open <= day and (self.closed is None or day < self.closed)


@dataclass(frozen=True, slots=True)
class PastAction:
    """An action the pack would have called for on a day. It holds on [day, until); `until` None: to the last day and beyond."""

    day: date
    until: date | None
    rule: Rule
    violations: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def is_limiting(self) -> bool:
        """Whether it forbids the account anything."""
        return bool(self.rule.limits)

    def days_within(self, first: date, last: date) -> int:
        """On how many days from `first` to `last` (both in) it holds."""
        end = min(self.until or date.max, last + timedelta(days=1))
        return max(0, (end - max(self.day, first)).days)


def replay(account_id: str, violations: Collection[PastViolation], bands: Bands, pack: PolicyPack, last: date) -> tuple[PastAction, ...]:
    """The actions an account would have met up to a day, oldest first.

    Only days on which the answer can change are evaluated: a violation opens, closes or reaches an age that the pack names, or the band changes.
    """
    acted: dict[str, frozenset[ActionKind]] = {}
    actions: list[PastAction] = []
    known = {violation.id: violation for violation in violations}
    band_on = _band_on(bands)
    for day in _days_of_change(known.values(), bands, pack, last):
        seen = [OpenViolation(v.id, v.reason, v.opened, acted.get(v.id, frozenset())) for v in known.values() if v.is_open(day)]
        for proposal in evaluate(account_id, seen, band_on(day), pack, day):
            actions.append(_action(proposal, day, known))
            acted |= {violation.id: violation.acted_on | {proposal.rule.action} for violation in proposal.violations}
    return tuple(actions)


def limited_spans(actions: Iterable[PastAction], first: date, last: date) -> tuple[tuple[date, date], ...]:
    """The spans [from, to) between `first` and the day after `last` on which any of the limiting actions held, joined where they meet."""
    end = last + timedelta(days=1)
    cut = ((max(action.day, first), min(action.until or end, end)) for action in actions if action.is_limiting)
    spans: list[tuple[date, date]] = []
    for start, stop in sorted(span for span in cut if span[0] < span[1]):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
        else:
            spans.append((start, stop))
    return tuple(spans)


def _action(proposal: Proposal, day: date, known: dict[str, PastViolation]) -> PastAction:
    closings = [known[violation.id].closed for violation in proposal.violations]
    ended = [closed for closed in closings if closed is not None]
    ends = [max(ended)] if len(ended) == len(closings) else []
    if proposal.rule.lasts:
        ends.append(proposal.rule.lasts.after(datetime.combine(day, time(), UTC)).date())
    reasons = tuple(dict.fromkeys(violation.reason for violation in proposal.violations))
    return PastAction(day, min(ends, default=None), proposal.rule, tuple(violation.id for violation in proposal.violations), reasons)


def _days_of_change(violations: Collection[PastViolation], bands: Bands, pack: PolicyPack, last: date) -> list[date]:
    ages = {rule.open_days for rule in pack.rules} | {pack.rating.window_days}
    days = {violation.first_open for violation in violations}
    for violation in violations:
        days |= {violation.opened + timedelta(days=age) for age in ages}
        days |= {violation.closed} if violation.closed else set()
    days |= {day for day, _ in bands}
    earliest = min((violation.first_open for violation in violations), default=date.max)
    return sorted(day for day in days if earliest <= day <= last)


def _band_on(bands: Bands) -> Callable[[date], Band | None]:
    starts = [day for day, _ in bands]

    def band(day: date) -> Band | None:
        at = bisect_right(starts, day)
        return bands[at - 1][1] if at else None

    return band
