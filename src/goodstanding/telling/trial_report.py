"""A trial of two packs as one JSON document; the terminal's tables and the page are made from the same numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from goodstanding.core.enforcement.trial import (
    AccountTrial,
    AppealRecord,
    PastOutcome,
    Side,
    Tally,
    Trial,
    Verdict,
    appeals_of,
    by_reason,
    by_rule,
    limited_by_day,
)
from goodstanding.core.policy.diff import Change, compare
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import FoundBy
from goodstanding.telling.wording import Wording

LIMITED = (Verdict.NEWLY_LIMITED, Verdict.NEWLY_FREE, Verdict.KEPT)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told of a trial. `appeals` None: no outcomes were given."""

    old: PolicyPack
    new: PolicyPack
    trial: Trial
    changes: tuple[Change, ...]
    reasons: tuple[Tally, ...]
    rules: tuple[Tally, ...]
    days: tuple[tuple[Any, int, int], ...]
    appeals: Mapping[Verdict, Counter[AppealRecord]] | None
    not_tried: tuple[str, ...]

    def count(self, verdict: Verdict) -> int:
        """How many accounts have a verdict."""
        if verdict is Verdict.UNLIMITED:
            return self.trial.accounts - sum(self.count(other) for other in LIMITED)
        return len(self.trial.of(verdict))

    @property
    def account_days(self) -> tuple[int, int]:
        """Days of limits, over all accounts, under each pack."""
        return sum(account.old.days for account in self.trial.trials), sum(account.new.days for account in self.trial.trials)


def report_on(old: PolicyPack, new: PolicyPack, trial: Trial, outcomes: Iterable[PastOutcome] | None, language: str) -> Report:
    """Count everything. `outcomes` None: there are none to join."""
    appeals = None if outcomes is None else appeals_of(trial, outcomes)
    by_person = [code for pack in (old, new) for code, reason in pack.reasons.items() if reason.found_by == FoundBy.PERSON]
    return Report(
        old,
        new,
        trial,
        compare(old, new, language),
        by_reason(trial),
        by_rule(trial),
        limited_by_day(trial),
        appeals,
        tuple(dict.fromkeys(by_person)),
    )


def reason_name(report: Report, code: str, language: str) -> str:
    """A reason in the words of the newer pack that has it."""
    pack = report.new if code in report.new.reasons else report.old
    return pack.words_for(language).reasons[code]


def as_document(report: Report, words: Wording) -> dict[str, Any]:
    """The whole report as plain values; account ids in full."""
    trial = report.trial
    return {
        "old": {"pack": report.old.name, "digest": report.old.digest},
        "new": {"pack": report.new.name, "digest": report.new.digest},
        "first": trial.first.isoformat(),
        "last": trial.last.isoformat(),
        "accounts": trial.accounts,
        "counts": {verdict: report.count(verdict) for verdict in Verdict},
        "account_days": dict(zip(("old", "new"), report.account_days, strict=True)),
        "reasons": [{"reason": tally.name} | _numbers(tally) for tally in report.reasons],
        "rules": [{"rule": tally.name} | _numbers(tally) for tally in report.rules],
        "appeals": None
        if report.appeals is None
        else {verdict: {record: counts[record] for record in AppealRecord} for verdict, counts in report.appeals.items()},
        "days": [{"day": day.isoformat(), "old": old, "new": new} for day, old, new in report.days],
        "not_tried": list(report.not_tried),
        "changes": [change_document(change, words) for change in report.changes],
        **{verdict: [_account(account) for account in trial.of(verdict)] for verdict in LIMITED},
    }


def change_document(change: Change, words: Wording) -> dict[str, Any]:
    """A change as plain values, with its sentence."""
    return asdict(change) | {"details": dict(change.details), "is_citation": change.is_citation, "line": words.change(change)}


def _numbers(tally: Tally) -> dict[str, int]:
    return {name: value for name, value in asdict(tally).items() if name != "name"}


def _account(account: AccountTrial) -> dict[str, Any]:
    return {"account_id": account.account_id, "old": _side(account.old), "new": _side(account.new)}


def _side(part: Side) -> dict[str, Any]:
    return {
        "days": part.days,
        "since": part.since.isoformat() if part.since else None,
        "reasons": list(part.reasons),
        "rules": list(part.rules),
        "actions": [
            {
                "day": action.day.isoformat(),
                "until": action.until.isoformat() if action.until else None,
                "rule": action.rule.id,
                "violations": list(action.violations),
            }
            for action in part.actions
        ],
    }
