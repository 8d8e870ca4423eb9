"""Violations as rows: those the matrices found, with the orders behind them, and those that facts tell directly.

Ids, lists of subjects and the order of rows are made in SQL, for there may be many; they are those of `core.health.violations`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from goodstanding.core.health.violations import subject_of
from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.values import Rate
from goodstanding.engines.base import VIOLATIONS_SCHEMA
from goodstanding.engines.edges import SPEAKING, metric_spans
from goodstanding.engines.sums import Whole

OPEN = (date(9999, 12, 31) - date(1970, 1, 1)).days
"""The day of closing of what is still open."""
Strikes = tuple[Whole, ...]
"""Account row, day opened, [from, to) on which it counts before it grows too old, points, 1 if critical."""


@dataclass(frozen=True, slots=True)
class Breaches:
    """Spans of breach [opened, closed) of one metric (its place in the pack), by account number, with the counts of the opening day.

    `latest`: the last day of breach so far.
    """

    metric: int
    idx: Whole
    opened: Whole
    closed: Whole
    numerator: Whole
    denominator: Whole | None
    latest: Whole


def strikes_of(pack: PolicyPack, metric: Metric, breaches: Breaches, start: int) -> Strikes:
    """What breaches cost, for a block that begins with account `start`."""
    assert metric.reason is not None, "only metrics with a reason are looked at for breaches"
    severity = pack.reasons[metric.reason].severity
    points, critical = (np.full(len(breaches.idx), n, dtype=np.int64) for n in (pack.rating.points[severity], severity == "critical"))
    return breaches.idx - start, breaches.opened, breaches.opened, breaches.closed, points, critical


@dataclass(frozen=True, slots=True)
class Spells:
    """`sums.spells` by account number, in memory."""

    columns: Strikes

    def block(self, start: int, stop: int) -> Strikes:
        """Those of some accounts; rows count from the first of them."""
        cut = slice(*np.searchsorted(self.columns[0], [start, stop]))
        idx, *others = (column[cut] for column in self.columns)
        return idx - start, *others


def read_spells(con: duckdb.DuckDBPyConnection) -> Spells:
    """All spells."""
    found = con.sql(
        "SELECT idx, opened - DATE '1970-01-01', from_day - DATE '1970-01-01', coalesce(to_day, DATE '9999-12-31') - DATE '1970-01-01', "
        "points, critical::INTEGER FROM sums.spells JOIN sums.accounts USING (account_id) ORDER BY idx"
    ).to_arrow_table()
    return Spells(tuple(column.to_numpy().astype(np.int64) for column in found.columns))


def violations(con: duckdb.DuckDBPyConnection, pack: PolicyPack, metrics: Sequence[Metric], found: Sequence[Breaches], last: date) -> pa.Table:
    """All violations that were open on some day up to `last`, by account, day of opening, reason and id."""
    strike_spells(con, pack, last)
    for number, metric in enumerate(metrics):
        own = [breaches for breaches in found if breaches.metric == number]
        if own:
            _strike(con, metric, own, last)
    return struck_rows(con)


def strike_spells(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date) -> None:
    """Make `sums.struck` with the violations that `sums.spells` tells."""
    con.execute("CREATE TABLE sums.severities (reason VARCHAR, severity VARCHAR, points INTEGER)")
    rows = [(reason.code, str(reason.severity), pack.rating.points[reason.severity]) for reason in pack.reasons.values()]
    if rows:
        con.executemany("INSERT INTO sums.severities VALUES (?, ?, ?)", rows)
    con.execute(f"CREATE TABLE sums.struck AS {_SPELLS}", {"last": last})


def struck_rows(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """The rows of `sums.struck` as VIOLATIONS_SCHEMA wants them."""
    # The separator is that of core.health.violations.violation_id, so that an id is the same wherever it is made.
    table = con.sql(
        """
        SELECT 'V-' || left(sha256(concat_ws(chr(31), s.account_id, s.reason, s.origin, s.opened::VARCHAR)), 16) AS violation_id,
            s.account_id, s.reason, s.opened, s.closed, r.severity, r.points, s.numerator, s.denominator, s.metric, s.subject_kind, s.subject_ids,
            s.explanation
        FROM sums.struck s JOIN sums.severities r USING (reason)
        ORDER BY s.account_id, s.opened, s.reason, violation_id
        """
    ).to_arrow_table()
    return table.cast(VIOLATIONS_SCHEMA)


_SPELLS = """
    SELECT account_id, reason, origin, opened,
        CASE WHEN arg_max(coalesce(to_day, DATE '9999-12-31'), known_from) <= $last
            THEN greatest(opened, arg_max(coalesce(to_day, DATE '9999-12-31'), known_from)) END AS closed,
        NULL::BIGINT AS numerator, NULL::BIGINT AS denominator, NULL::VARCHAR AS metric,
        any_value(subject_kind) AS subject_kind, list_sort(list_distinct(any_value(subject_ids))) AS subject_ids,
        any_value(explanation) AS explanation
    FROM sums.spells
    WHERE known_from <= $last
    GROUP BY account_id, reason, origin, opened
    HAVING bool_or(from_day < coalesce(to_day, DATE '9999-12-31') AND from_day <= $last)
"""


def _strike(con: duckdb.DuckDBPyConnection, metric: Metric, found: Sequence[Breaches], last: date) -> None:
    """Add a metric's violations with what they point to: all items that spoke against the account while the violation was open."""
    closed = np.concatenate([breaches.closed for breaches in found])
    counted = {name: np.concatenate([getattr(breaches, name) for breaches in found]) for name in ("idx", "opened", "numerator")}
    counts = [breaches.denominator for breaches in found if breaches.denominator is not None]
    until = (last + timedelta(days=1) - date(1970, 1, 1)).days
    table = pa.table(
        {
            "number": np.arange(len(closed)),
            "idx": counted["idx"],
            "opened": pa.array(counted["opened"].astype(np.int32)).cast(pa.date32()),
            "closed": pa.array(closed.astype(np.int32), mask=closed == OPEN).cast(pa.date32()),
            "until": pa.array(np.minimum(closed, until).astype(np.int32)).cast(pa.date32()),
            "numerator": counted["numerator"],
            "denominator": np.concatenate(counts) if counts else pa.nulls(len(closed), pa.int64()),
        }
    )
    con.register("found_breaches", table)
    con.execute("CREATE OR REPLACE TEMP TABLE breaches AS SELECT * FROM found_breaches JOIN sums.accounts USING (idx)")
    con.unregister("found_breaches")
    con.execute(
        f"""
        INSERT INTO sums.struck
        WITH spans AS ({metric_spans(metric, SPEAKING)}),
        subjects AS (
            SELECT b.number, list_sort(list(DISTINCT s.subject_id)) AS ids
            FROM spans s JOIN breaches b ON b.account_id = s.account_id AND s.from_day < b.until AND s.to_day > b.opened
            WHERE s.against AND s.from_day < s.to_day
            GROUP BY b.number
        )
        SELECT b.account_id, $reason, $metric, b.opened, b.closed, b.numerator, b.denominator, $metric, $kind, coalesce(s.ids, []), NULL
        FROM breaches b LEFT JOIN subjects s USING (number)
        """,  # noqa: S608 - spans come from our own files
        {"reason": metric.reason, "metric": metric.name, "kind": subject_of(metric)},
    )


def one_by_one(found: Sequence[Breaches], names: pa.Array) -> Iterator[tuple[int, str, date, date | None, Rate]]:
    """Each span by itself: metric, account, day opened, day closed (None: open) and the rate of the opening day."""
    for breaches in found:
        lists = [breaches.idx, breaches.opened, breaches.closed, breaches.numerator]
        below = [None] * len(breaches.idx) if breaches.denominator is None else breaches.denominator.tolist()
        for idx, opened, closed, above, under in zip(*(column.tolist() for column in lists), below, strict=True):
            yield breaches.metric, names[idx].as_py(), _day(opened), None if closed == OPEN else _day(closed), Rate(above, under)


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)
