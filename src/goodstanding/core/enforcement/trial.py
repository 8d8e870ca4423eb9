"""Two policies over one past, side by side: who would be newly limited, newly free, or limited by both, and how their appeals went."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from goodstanding.core.enforcement.replay import PastAction, limited_spans
from goodstanding.core.terms import DecisionOutcome

Spans = tuple[tuple[date, date], ...]


class Verdict(StrEnum):
    """What a change of policy means to an account in the period that is looked at."""

    NEWLY_LIMITED = "newly_limited"
    NEWLY_FREE = "newly_free"
    KEPT = "kept"
    UNLIMITED = "unlimited"


class AppealRecord(StrEnum):
    """How the appeals of an account went against the reasons that limited it; the latest decision per reason counts."""

    WON = "won"
    PARTLY = "partly"
    LOST = "lost"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PastOutcome:
    """How one appeal of the past was decided."""

    account_id: str
    reason: str
    outcome: DecisionOutcome
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Side:
    """What one policy would have done to an account in a period: its actions that held or were taken then, and the spans [from, to) of limits."""

    actions: tuple[PastAction, ...]
    limited: Spans
    days: int

    @property
    def since(self) -> date | None:
        """The first day of the period on which the account was limited."""
        return self.limited[0][0] if self.limited else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons that limited it."""
        return tuple(dict.fromkeys(reason for action in self.actions if action.is_limiting for reason in action.reasons))

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that limited it."""
        return tuple(dict.fromkeys(action.rule.id for action in self.actions if action.is_limiting))


@dataclass(frozen=True, slots=True)
class AccountTrial:
    """One account under both policies."""

    account_id: str
    old: Side
    new: Side

    @property
    def verdict(self) -> Verdict:
        """What the change means to the account."""
        match bool(self.old.limited), bool(self.new.limited):
            case False, True:
                return Verdict.NEWLY_LIMITED
            case True, False:
                return Verdict.NEWLY_FREE
            case True, True:
                return Verdict.KEPT
            case _:
                return Verdict.UNLIMITED

    @property
    def judged_by(self) -> tuple[str, ...]:
        """The reasons whose appeals bear on the verdict: those of the old limits, or of the new ones where there were none."""
        return self.old.reasons or self.new.reasons


@dataclass(frozen=True, slots=True)
class Tally:
    """How many accounts one rule or one reason touches under each policy, who comes and who goes, and for how many days."""

    name: str
    old: int
    new: int
    gained: int
    lost: int
    old_days: int
    new_days: int


@dataclass(frozen=True, slots=True)
class Trial:
    """Both policies over the days from `first` to `last`. `trials` holds the accounts on which either would have acted, by account id."""

    first: date
    last: date
    accounts: int
    trials: tuple[AccountTrial, ...]

    def of(self, verdict: Verdict) -> tuple[AccountTrial, ...]:
        """The accounts of one verdict."""
        return tuple(trial for trial in self.trials if trial.verdict is verdict)


def side(actions: Iterable[PastAction], first: date, last: date) -> Side:
    """What of these actions falls into a period."""
    within = tuple(action for action in actions if action.days_within(first, last) or first <= action.day <= last)
    spans = limited_spans(within, first, last)
    return Side(within, spans, _length(spans))


def try_on(old: Mapping[str, Sequence[PastAction]], new: Mapping[str, Sequence[PastAction]], first: date, last: date, accounts: int) -> Trial:
    """Both policies' actions by account, as one trial of a period. `accounts`: how many there are in all."""
    both = (AccountTrial(name, side(old.get(name, ()), first, last), side(new.get(name, ()), first, last)) for name in sorted({*old, *new}))
    return Trial(first, last, accounts, tuple(trial for trial in both if trial.old.actions or trial.new.actions))


def by_reason(trial: Trial) -> tuple[Tally, ...]:
    """For each reason the accounts it limited."""
    return _tallies(trial, lambda part: _limited_by(part, trial, lambda action: action.reasons))


def by_rule(trial: Trial) -> tuple[Tally, ...]:
    """For each rule the accounts it acted on; days are those of its limits, none for a warning."""

    def acted_on(part: Side) -> dict[str, int]:
        found = {action.rule.id: 0 for action in part.actions}
        return found | _limited_by(part, trial, lambda action: (action.rule.id,))

    return _tallies(trial, acted_on)


def limited_by_day(trial: Trial) -> tuple[tuple[date, int, int], ...]:
    """For each day of the period how many accounts are limited under the old and under the new policy."""
    edges: list[Counter[date]] = [Counter(), Counter()]
    for account in trial.trials:
        for counter, part in zip(edges, (account.old, account.new), strict=True):
            for start, end in part.limited:
                counter[start] += 1
                counter[end] -= 1
    days, old, new = [], 0, 0
    for n in range((trial.last - trial.first).days + 1):
        day = trial.first + timedelta(days=n)
        old, new = old + edges[0][day], new + edges[1][day]
        days.append((day, old, new))
    return tuple(days)


def appeals_of(trial: Trial, outcomes: Iterable[PastOutcome]) -> dict[Verdict, Counter[AppealRecord]]:
    """For each verdict how many accounts had won, partly won, lost, or never brought an appeal against the reasons of their limits."""
    latest: dict[tuple[str, str], set[DecisionOutcome]] = {}
    moments: dict[tuple[str, str], datetime] = {}
    for outcome in outcomes:
        key = outcome.account_id, outcome.reason
        before = moments.get(key)
        if before is None or outcome.decided_at > before:
            moments[key], latest[key] = outcome.decided_at, {outcome.outcome}
        elif outcome.decided_at == before:
            latest[key].add(outcome.outcome)
    counts: dict[Verdict, Counter[AppealRecord]] = {verdict: Counter() for verdict in Verdict if verdict is not Verdict.UNLIMITED}
    for account in trial.trials:
        if account.verdict in counts:
            decided = set[DecisionOutcome]().union(*(latest.get((account.account_id, reason), set()) for reason in account.judged_by))
            counts[account.verdict][_record(decided)] += 1
    return counts


def _record(decided: set[DecisionOutcome]) -> AppealRecord:
    if len(decided) > 1:
        return AppealRecord.PARTLY
    if not decided:
        return AppealRecord.NONE
    return AppealRecord.WON if DecisionOutcome.OVERTURNED in decided else AppealRecord.LOST


def _limited_by(part: Side, trial: Trial, names: Callable[[PastAction], Iterable[str]]) -> dict[str, int]:
    """Name -> days on which actions of that name limited the account; each day once, however many did."""
    groups: dict[str, list[PastAction]] = {}
    for action in part.actions:
        if action.is_limiting:
            for name in names(action):
                groups.setdefault(name, []).append(action)
    return {name: _length(limited_spans(actions, trial.first, trial.last)) for name, actions in groups.items()}


def _tallies(trial: Trial, touched: Callable[[Side], Mapping[str, int]]) -> tuple[Tally, ...]:
    counts: dict[str, list[int]] = {}
    for account in trial.trials:
        old, new = touched(account.old), touched(account.new)
        for name in {*old, *new}:
            line = counts.setdefault(name, [0] * 6)
            was, now = name in old, name in new
            for n, more in enumerate((was, now, now and not was, was and not now, old.get(name, 0), new.get(name, 0))):
                line[n] += more
    return tuple(Tally(name, *line) for name, line in sorted(counts.items()))


def _length(spans: Spans) -> int:
    return sum((end - start).days for start, end in spans)
