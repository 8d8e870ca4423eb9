"""Keeping what lies ahead: the forecasts, expected violations, early warnings and tasks of the last nightly run, and reading them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
from django.db import transaction

from goodstanding.core.health.rating import Rated, counts_until, rate_on
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import DecisionOutcome, Severity
from goodstanding.server.services.assessments import BLOCK
from goodstanding.server.services.call import Call
from goodstanding.server.services.standing import open_violations
from goodstanding.server.store.models import Account, Outlook, RatingReading, Violation

LISTS = ("steps", "expected", "warnings", "tasks")
"""The lists of an outlook; each holds rows of the engine's table of that name."""

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Foretold:
    """What an engine foretold of all accounts from the end of `as_of` to `until`, in the tables of `engines.base`.

    `steps` are the rows of ratings among the forecasts.
    """

    as_of: date
    until: date
    steps: pa.Table
    expected: pa.Table
    warnings: pa.Table
    tasks: pa.Table


@dataclass(frozen=True, slots=True)
class ExpectedStrike:
    """A violation with the day it will have closed by itself (None: only by its age), as rating and wins read it."""

    violation_id: str
    reason: str
    opened: date
    closed: date | None
    severity: Severity
    points: int


def record_outlooks(*, call: Call, foretold: Foretold) -> int:
    """Replace the outlooks of all accounts by what was foretold, block by block; gives how many there are. Doing it again changes nothing."""
    lists = _by_account(foretold)
    ids, many = list(Account.objects.order_by("pk").values_list("pk", flat=True)), 0
    for start in range(0, len(ids), BLOCK):
        block = ids[start : start + BLOCK]
        told = lists.keys() | set(open_violations().filter(account__in=block).values_list("account", flat=True))
        values = {"as_of": foretold.as_of, "until": foretold.until, "recorded_at": call.now}
        made = [Outlook(account_id=one, **values, **lists.get(one, {})) for one in block if one in told]
        with transaction.atomic():
            Outlook.objects.filter(account__in=block).exclude(account__in=[outlook.account_id for outlook in made]).delete()
            Outlook.objects.bulk_create(made, update_conflicts=True, unique_fields=["account"], update_fields=[*values, *LISTS])
        many += len(made)
    return many


def _by_account(foretold: Foretold) -> dict[str, dict[str, list[Row]]]:
    """Of each account of which there is anything to tell, the rows of each list."""
    lists: dict[str, dict[str, list[Row]]] = {}
    tables = {"steps": foretold.steps, "expected": foretold.expected, "warnings": foretold.warnings, "tasks": foretold.tasks}
    for name, table in tables.items():
        for row in table.to_pylist():
            lists.setdefault(row["account_id"], {}).setdefault(name, []).append(_plain(row))
    return lists


def _plain(row: Row) -> Row:
    """A row as JSON keeps it: days as ISO text, and without what all rows of an outlook share or what is not said."""
    texts = {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
    return {name: value for name, value in texts.items() if name not in ("account_id", "as_of") and value is not None}


def expected_strikes(*, outlook: Outlook) -> list[ExpectedStrike]:
    """The violations of an account that may count from the outlook's day on.

    Those stored, without the overturned ones and with the day each will have closed, and those that open by themselves.
    """
    rows = {str(row["violation_id"]): row for row in outlook.expected}
    stored = list(Violation.objects.filter(account=outlook.account_id))
    kept = [violation for violation in stored if violation.decided != DecisionOutcome.OVERTURNED]
    strikes = [
        ExpectedStrike(
            one.violation_id,
            one.reason,
            one.opened,
            one.closed or _day(rows.get(one.violation_id, {}).get("closed")),
            Severity(one.severity),
            one.points,
        )
        for one in kept
    ]
    told = {violation.violation_id for violation in stored}
    return [*strikes, *(_strike(row) for key, row in rows.items() if key not in told)]


def _strike(row: Row) -> ExpectedStrike:
    opened = date.fromisoformat(str(row["opened"]))
    return ExpectedStrike(
        str(row["violation_id"]), str(row["reason"]), opened, _day(row.get("closed")), Severity(str(row["severity"])), int(str(row["points"]))
    )


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None


def rating_ahead(*, pack: PolicyPack, outlook: Outlook, strikes: Sequence[ExpectedStrike], latest: RatingReading) -> list[tuple[date, Rated]]:
    """The rating from the outlook's day on, wherever it changes; `latest` is the reading of that day. Overturned violations never come back."""
    fulfilled = {outlook.as_of: latest.fulfilled_orders}
    fulfilled |= {date.fromisoformat(str(row["on"])): int(str(row["fulfilled_orders"])) for row in outlook.steps}
    window = pack.rating.window_days
    days = {*fulfilled, *(day for strike in strikes for day in (strike.opened, counts_until(strike, window)))}
    ahead: list[tuple[date, Rated]] = []
    orders = latest.fulfilled_orders
    for day in sorted(day for day in days if outlook.as_of <= day <= outlook.until):
        orders = fulfilled.get(day, orders)
        rated = rate_on(pack.rating, orders, strikes, day)
        if not ahead or ahead[-1][1].rating != rated.rating:
            ahead.append((day, rated))
    return ahead
