"""SQL that turns facts into spans of days, and spans into edges, account by account.

Every file in `sql/` named by a metric rule gives spans: account_id, subject_id, numerator, denominator, against, from_day, to_day.
`$name` in a file is filled with a number or a quoted word of the pack. All tables made here live in the schema `sums`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from goodstanding.core.health.metrics import DEFECT_KINDS, HOURS_OF_A_DAY
from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import FoundBy, MetricRule
from goodstanding.core.values import Window
from goodstanding.engines.statements import Raw, sql

FULFILLED = "fulfilled_orders"
FACTS_READ = ("accounts", "orders", "defects", "complaints", "returns", "messages", "sign_ins", "listing_changes")
"""The kinds of facts that metrics, rating and violations rest on."""

SQL_FILES: Mapping[MetricRule, str] = {rule: str(rule) for rule in MetricRule} | {
    MetricRule.NEGATIVE_FEEDBACK_RATE: str(MetricRule.ORDER_DEFECT_RATE)  # the same counting over fewer kinds of defect
}


_NAMED_BY: Mapping[str, set[MetricRule]] = {
    "defects": {MetricRule.ORDER_DEFECT_RATE, MetricRule.NEGATIVE_FEEDBACK_RATE},
    "returns": {MetricRule.RETURN_RATE},
    "complaints": {MetricRule.COMPLAINED_OF_RATE},
}
"""Which facts name orders, for which rules."""


@dataclass(frozen=True, slots=True)
class Relations:
    """The tables that spans are made of, by what of an order is read.

    `base`: whatever its own days tell; `due`: the same for deliveries due, which a cancellation ends; `told`: what was told against somebody.
    """

    base: Raw
    due: Raw
    told: Raw


ALL_ORDERS = Relations(*(Raw("sums.orders"),) * 3)
BESIDE_DAILY = Relations(Raw("sums.odd_orders"), Raw("sums.due_orders"), Raw("sums.special_orders"))
"""What is left where `daily` has counted the rest."""
SPEAKING = Relations(*(Raw("sums.special_orders"),) * 3)
"""Every order that speaks against somebody is among these; of the others not all are."""


def metric_spans(metric: Metric, orders: Relations = ALL_ORDERS) -> str:
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
        base=orders.base,
        due=orders.due,
        told=orders.told,
    )


def fulfilled_spans(window: Window, orders: Relations = ALL_ORDERS) -> str:
    """The SQL of the spans on which orders earn rating points."""
    return sql(FULFILLED, window=window.days, lag=window.lag, base=orders.base)


def prepare(con: duckdb.DuckDBPyConnection, pack: PolicyPack, *, listed_only: bool = False) -> int:
    """Make `sums.orders`, `sums.holders`, `sums.spells` and `sums.accounts` (each account with a number, in order); returns the number of accounts.

    `listed_only`: do not look through all orders for sellers that the account table does not know, or not yet.
    """
    prepare_orders(con)
    con.execute(f"CREATE TABLE sums.holders AS {sql('holders', orders=Raw('(FROM sums.orders LIMIT 0)' if listed_only else 'sums.orders'))}")
    prepare_spells(con, pack)
    con.execute(
        """CREATE TABLE sums.accounts AS SELECT account_id, (row_number() OVER (ORDER BY account_id) - 1)::INTEGER AS idx,
            CASE WHEN sells THEN row_number() OVER (PARTITION BY sells ORDER BY account_id) - 1 END::INTEGER AS seller_row,
            CASE WHEN buys THEN row_number() OVER (PARTITION BY buys ORDER BY account_id) - 1 END::INTEGER AS buyer_row,
            listed_from
        FROM (SELECT account_id, coalesce(bool_or(holder_kind = 'seller'), FALSE) AS sells, coalesce(bool_or(holder_kind = 'buyer'), FALSE) AS buys,
                coalesce(min(from_day), DATE '9999-12-31') AS listed_from
            FROM (SELECT account_id, holder_kind, from_day FROM sums.holders UNION ALL SELECT account_id, NULL, NULL FROM sums.spells) GROUP BY account_id)
        ORDER BY account_id"""
    )
    row = con.execute("SELECT count(*) FROM sums.accounts").fetchone()
    return int(row[0]) if row else 0


def prepare_orders(con: duckdb.DuckDBPyConnection) -> None:
    """Make the schema `sums` anew, with `sums.orders`."""
    con.execute("DROP SCHEMA IF EXISTS sums CASCADE")
    con.execute("CREATE SCHEMA sums")
    renew_orders(con)


def renew_orders(con: duckdb.DuckDBPyConnection) -> None:
    """Make `sums.orders` of what `facts.orders` is now."""
    has_versions = con.execute("SELECT 1 FROM facts.orders WHERE known_to < DATE '9999-12-31' LIMIT 1").fetchone()
    con.execute(f"CREATE OR REPLACE TABLE sums.corrected AS {sql('corrected_orders')} {'' if has_versions else 'LIMIT 0'}")
    # Without corrections a file needs no join, which costs a third of a pass.
    con.execute(f"CREATE OR REPLACE VIEW sums.orders AS {sql('orders' if has_versions else 'uncorrected_orders')}")


def prepare_spells(con: duckdb.DuckDBPyConnection, pack: PolicyPack) -> None:
    """`sums.spells`: the days on which violations count that no metric and no watch tells, before they grow too old to count."""
    con.execute("CREATE TABLE sums.reasons (code VARCHAR, found_by VARCHAR, holder_kind VARCHAR, points INTEGER, critical BOOLEAN)")
    if rows := reason_rows(pack):
        con.executemany("INSERT INTO sums.reasons VALUES (?, ?, ?, ?, ?)", rows)
    con.execute(f"CREATE TABLE sums.spells AS {' UNION ALL '.join(spell_selects(pack))}")
    con.execute("ALTER TABLE sums.spells ADD COLUMN explanation VARCHAR")


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


def prepare_special(con: duckdb.DuckDBPyConnection, pack: PolicyPack, odd: Raw, tomorrow: Raw) -> None:
    """Make `sums.special_orders`: what `BESIDE_DAILY` and `SPEAKING` name."""
    rules = {metric.rule for metric in pack.metrics.values()}
    named = [kind for kind, by in _NAMED_BY.items() if rules & by]
    parts = " UNION ALL ".join(f"SELECT order_id FROM facts.{kind} WHERE order_id IS NOT NULL" for kind in named)  # noqa: S608 - our own names
    con.execute(f"CREATE VIEW sums.named_orders AS {parts or 'SELECT NULL::VARCHAR AS order_id LIMIT 0'}")
    asked = {
        "late": MetricRule.LATE_SHIPMENT_RATE,
        "overdue": MetricRule.OVERDUE_UNSHIPPED,
        "tracking": MetricRule.VALID_TRACKING_RATE,
        "due": MetricRule.ON_TIME_DELIVERY_RATE,
    }
    flags = {name: Raw(str(rule in rules).upper()) for name, rule in asked.items()}
    con.execute(f"CREATE TABLE sums.special_orders AS {sql('special_orders', odd=odd, tomorrow=tomorrow, **flags)}")


def view_special(con: duckdb.DuckDBPyConnection) -> None:
    """Make the views `sums.odd_orders` and `sums.due_orders` of `sums.special_orders`."""
    con.execute("CREATE VIEW sums.odd_orders AS SELECT * FROM sums.special_orders WHERE is_odd")
    con.execute("CREATE VIEW sums.due_orders AS SELECT * FROM sums.special_orders WHERE is_odd OR cancelled_at IS NOT NULL")


def has_early(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a special order was known before its seller was listed; of the others `daily` tells."""
    query = (
        "SELECT 1 FROM sums.special_orders o LEFT JOIN sums.accounts a USING (account_id) WHERE coalesce(o.known_from < a.listed_from, TRUE) LIMIT 1"
    )
    return con.execute(query).fetchone() is not None


def make_edges(con: duckdb.DuckDBPyConnection, table: str, spans: str, last: date) -> None:
    """Make `sums.<table>` (idx, day, numerator, denominator; in no order): what is added to an account's running sums on a day, up to `last`."""
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
        SELECT idx::BIGINT AS idx, (day - DATE '1970-01-01')::BIGINT AS day, numerator, denominator
        FROM grouped JOIN sums.accounts USING (account_id)
        WHERE numerator <> 0 OR denominator <> 0
        """  # noqa: S608 - table and day are ours, spans come from our files
    )
