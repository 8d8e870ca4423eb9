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
from goodstanding.engines.edges import metric_spans

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Breach:
    """A span of breach [opened, closed) of one metric, with its rate on the opening day. `closed` None: still open."""

    account_id: str
    opened: date
    closed: date | None
    rate: Rate


def from_metric(con: duckdb.DuckDBPyConnection, pack: PolicyPack, metric: Metric, breaches: Sequence[Breach], last: date) -> list[Violation]:
    """The violations of a metric with what they point to: all items that spoke against the account while the violation was open."""
    if metric.reason is None or not breaches:
        return []
    return of_metric(pack, metric, breaches, _subjects(con, metric, breaches, last))


def of_metric(pack: PolicyPack, metric: Metric, breaches: Sequence[Breach], subjects: Mapping[int, Iterable[str]]) -> list[Violation]:
    """The violations of a metric; `subjects` holds the ids of what spoke against the account, by number of the breach."""
    if metric.reason is None:
        return []
    reason, kind = pack.reasons[metric.reason], subject_of(metric)
    return [
        found(pack, reason, b.account_id, metric.name, b.opened, b.closed, (kind, subjects.get(n, ())), (metric.name, b.rate))
        for n, b in enumerate(breaches)
    ]


def _subjects(con: duckdb.DuckDBPyConnection, metric: Metric, breaches: Sequence[Breach], last: date) -> dict[int, list[str]]:
    table = pa.table(
        {
            "number": pa.array(range(len(breaches)), pa.int64()),
            "account_id": [breach.account_id for breach in breaches],
            "opened": pa.array([breach.opened for breach in breaches], pa.date32()),
            "until": pa.array([breach.closed or last + ONE_DAY for breach in breaches], pa.date32()),
        }
    )
    con.register("breaches", table)
    rows = con.execute(
        f"""
        WITH spans AS ({metric_spans(metric)})
        SELECT b.number, list(DISTINCT s.subject_id)
        FROM spans s JOIN breaches b ON b.account_id = s.account_id AND s.from_day < b.until AND s.to_day > b.opened
        WHERE s.against AND s.from_day < s.to_day
        GROUP BY b.number
        """  # noqa: S608 - spans come from our own files
    ).fetchall()
    con.unregister("breaches")
    return dict(rows)


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
