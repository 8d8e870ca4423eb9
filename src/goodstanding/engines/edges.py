"""SQL that turns facts into spans of days, and spans into edges, account by account.

Every file in `sql/` named by a metric rule gives spans: account_id, subject_id, numerator, denominator, against, from_day, to_day.
`$name` in a file is filled with a number or a quoted word of the pack. All tables made here live in the schema `sums`.
"""

from collections.abc import Mapping
from datetime import date

import duckdb

from goodstanding.core.health.metrics import DEFECT_KINDS, HOURS_OF_A_DAY
from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import FoundBy, MetricRule
from goodstanding.core.values import Window
from goodstanding.engines.behaving import add_behaviour
from goodstanding.engines.statements import sql

FULFILLED = "fulfilled_orders"
FACTS_READ = ("accounts", "orders", "defects", "complaints", "returns", "messages", "sign_ins", "listing_changes")
"""The kinds of facts that metrics, rating and violations rest on."""

SQL_FILES: Mapping[MetricRule, str] = {rule: str(rule) for rule in MetricRule} | {
    MetricRule.NEGATIVE_FEEDBACK_RATE: str(MetricRule.ORDER_DEFECT_RATE)  # the same counting over fewer kinds of defect
}


def metric_spans(metric: Metric) -> str:
    """The SQL of a metric's spans."""
    kinds = DEFECT_KINDS[:1] if metric.rule == MetricRule.NEGATIVE_FEEDBACK_RATE else DEFECT_KINDS
    whole_days = -(-metric.response_hours // HOURS_OF_A_DAY)
    window = metric.window
    return sql(
        SQL_FILES[metric.rule],
        window=window.days,
        lag=window.lag,
        kinds=kinds,
        late_by=str(metric.late_by),
        hours=metric.response_hours,
        whole_days=whole_days,
    )


def fulfilled_spans(window: Window) -> str:
    """The SQL of the spans on which orders earn rating points."""
    return sql(FULFILLED, window=window.days, lag=window.lag)


def prepare(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date) -> int:
    """Make `sums.orders`, `sums.holders`, `sums.spells` and `sums.accounts` (each account with a number, in order); returns the number of accounts."""
    con.execute("DROP SCHEMA IF EXISTS sums CASCADE")
    con.execute("CREATE SCHEMA sums")
    con.execute(f"CREATE VIEW sums.orders AS {sql('orders')}")
    con.execute(f"CREATE TABLE sums.holders AS {sql('holders')}")
    _prepare_spells(con, pack, last)
    con.execute(
        "CREATE TABLE sums.accounts AS SELECT account_id, (row_number() OVER (ORDER BY account_id) - 1)::INTEGER AS idx "
        "FROM (SELECT account_id FROM sums.holders UNION SELECT account_id FROM sums.spells) ORDER BY account_id"
    )
    row = con.execute("SELECT count(*) FROM sums.accounts").fetchone()
    return int(row[0]) if row else 0


def _prepare_spells(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date) -> None:
    """`sums.spells`: the days on which violations count that no metric tells, before they grow too old to count."""
    con.execute("CREATE TABLE sums.reasons (code VARCHAR, found_by VARCHAR, holder_kind VARCHAR, points INTEGER, critical BOOLEAN)")
    if rows := reason_rows(pack):
        con.executemany("INSERT INTO sums.reasons VALUES (?, ?, ?, ?, ?)", rows)
    con.execute(f"CREATE TABLE sums.spells AS {' UNION ALL '.join(spell_selects(pack))}")
    con.execute("ALTER TABLE sums.spells ADD COLUMN explanation VARCHAR")
    add_behaviour(con, pack, last)


def reason_rows(pack: PolicyPack) -> list[tuple[str, str, str, int, bool]]:
    """The rows of `sums.reasons`: code, found_by, holder_kind, points, critical."""
    return [
        (r.code, str(way), str(r.holder_kind), pack.rating.points[r.severity], r.severity == "critical")
        for r in pack.reasons.values()
        for way in FoundBy
        if r.is_found_by(way)
    ]


def spell_selects(pack: PolicyPack) -> list[str]:
    """The SELECTs that make up `sums.spells`, but for behaviour out of line (`behaving`) and the column `explanation`."""
    selects = [sql("complaint_violations"), sql("information_violations")]
    if pack.sign_in_watch:
        watch = pack.sign_in_watch
        selects.append(f"({sql('sign_in_violations', history_days=watch.history_days, least_history=watch.least_history)})")
    return selects


def make_edges(con: duckdb.DuckDBPyConnection, table: str, spans: str, last: date) -> None:
    """Make `sums.<table>` (idx, day, numerator, denominator): what is added to an account's running sums on a day, up to `last`."""
    con.execute(
        f"""
        CREATE TABLE sums.{table} AS
        WITH spans AS ({spans}),
        real AS (
            SELECT account_id, from_day, to_day, numerator, denominator FROM spans
            WHERE from_day < to_day AND from_day <= DATE '{last}'
        ),
        edges AS (
            SELECT account_id, from_day AS day, numerator, denominator FROM real
            UNION ALL
            SELECT account_id, to_day, -numerator, -denominator FROM real WHERE to_day <= DATE '{last}'
        ),
        grouped AS (
            SELECT account_id, day, sum(numerator)::BIGINT AS numerator, sum(denominator)::BIGINT AS denominator
            FROM edges GROUP BY account_id, day
        )
        SELECT idx, day - DATE '1970-01-01' AS day, numerator, denominator
        FROM grouped JOIN sums.accounts USING (account_id)
        WHERE numerator <> 0 OR denominator <> 0
        ORDER BY idx, day
        """  # noqa: S608 - table and day are ours, spans come from our files
    )
