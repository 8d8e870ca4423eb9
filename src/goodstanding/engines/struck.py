"""Violations as rows: those the matrices found, with the orders behind them, and those that facts tell directly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from goodstanding.core.health.violations import Violation, found, subject_of
from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.values import Rate
from goodstanding.engines.base import VIOLATIONS_SCHEMA

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Breach:
    """A span of breach [opened, closed) of one metric, with its rate on the opening day. `closed` None: still open."""

    account_id: str
    opened: date
    closed: date | None
    rate: Rate


def of_metric(pack: PolicyPack, metric: Metric, breaches: Sequence[Breach], subjects: Mapping[int, Iterable[str]]) -> list[Violation]:
    """The violations of a metric; `subjects` holds the ids of what spoke against the account, by number of the breach."""
    if metric.reason is None:
        return []
    reason, kind = pack.reasons[metric.reason], subject_of(metric)
    return [
        found(pack, reason, b.account_id, metric.name, b.opened, b.closed, (kind, subjects.get(n, ())), (metric.name, b.rate))
        for n, b in enumerate(breaches)
    ]


def from_spells(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date) -> list[Violation]:
    """Violations from complaints, account information and sign-ins that were open on some day up to `last`."""
    return of_spells(pack, con.execute(spells_open(last)).fetchall(), last)


def spells_open(last: date) -> str:
    """The query of the spells of `sums.spells` that were open on some day up to `last`, as `of_spells` reads them."""
    return f"""
        SELECT account_id, reason, origin, opened, arg_max(to_day, known_from), any_value(subject_kind), any_value(subject_ids), any_value(explanation)
        FROM sums.spells
        WHERE known_from <= DATE '{last}'
        GROUP BY account_id, reason, origin, opened
        HAVING bool_or(from_day < to_day AND from_day <= DATE '{last}')
        """  # noqa: S608 - the day is ours


def of_spells(pack: PolicyPack, rows: Iterable[Sequence[Any]], last: date) -> list[Violation]:
    """The violations that the rows of `spells_open` tell."""
    return [
        found(pack, pack.reasons[reason], account, origin, opened, max(opened, end) if end <= last else None, (kind, ids), explanation=told)
        for account, reason, origin, opened, end, kind, ids, told in rows
    ]


def violation_rows(violations: Sequence[Violation]) -> pa.Table:
    """All violations as one table, by account, day of opening, reason and id."""
    ordered = sorted(violations, key=lambda v: (v.account_id, v.opened, v.reason, v.violation_id))
    columns = [
        pa.array([list(v.subject_ids) if field.name == "subject_ids" else getattr(v, field.name) for v in ordered], field.type)
        for field in VIOLATIONS_SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=VIOLATIONS_SCHEMA)
