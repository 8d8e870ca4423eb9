"""What the facts of a connection add to running sums and point to, of all metrics at once: what a state keeps beside daily counts.

`edges` are what `edges.make_edges` makes, of all days and all metrics; they may be added up and taken away. `items` are the spans of days on which
an order or a message speaks against an account. Accounts have the number of `sums.accounts.number`, which they keep for good.
"""

# ruff: noqa: S608 - every relation and number is our own

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa

from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.values import Window
from goodstanding.engines.edges import BESIDE_DAILY, SPEAKING, Relations, fulfilled_spans, metric_spans
from goodstanding.engines.statements import Raw

PAST = Relations(*(Raw("sums.past_orders"),) * 3)
_NUMBERED = "(from_day - DATE '1970-01-01')::INTEGER AS from_day, (least(to_day, DATE '9999-12-31') - DATE '1970-01-01')::INTEGER AS to_day"


def edges(pack: PolicyPack) -> str:
    """The SELECT of the edges of all metrics, and last of the orders that earn rating points, in no order; a last sum is left to do (`summed`)."""
    spans = [metric_spans(metric, BESIDE_DAILY) for metric in pack.metrics.values()]
    spans.append(fulfilled_spans(Window(pack.rating.window_days), BESIDE_DAILY))
    real = f"SELECT metric, account_id, {_NUMBERED}, numerator, denominator FROM ({_all(spans)}) WHERE from_day < to_day"
    counted = "numerator <> 0 OR denominator <> 0"
    return f"""
        SELECT metric, number, day, numerator, denominator FROM (
            SELECT metric, account_id, from_day AS day, numerator, denominator FROM ({real}) WHERE {counted}
            UNION ALL SELECT metric, account_id, to_day, -numerator, -denominator FROM ({real}) WHERE {counted}
        ) JOIN sums.accounts USING (account_id)"""


def summed(edges: str) -> str:
    """The SELECT of edges with one row a metric, account and day, in this order."""
    return f"""
        SELECT metric::SMALLINT AS metric, number::INTEGER AS number, day::INTEGER AS day,
            sum(numerator)::INTEGER AS numerator, sum(denominator)::INTEGER AS denominator
        FROM ({edges}) GROUP BY ALL HAVING sum(numerator) <> 0 OR sum(denominator) <> 0 ORDER BY metric, number, day"""


def items(pack: PolicyPack) -> str:
    """The SELECT of all items that speak against somebody, of the metrics that find violations."""
    spans = [metric_spans(metric, SPEAKING) if metric.reason else "" for metric in pack.metrics.values()]
    return f"""
        SELECT metric::SMALLINT AS metric, number::INTEGER AS number, subject_id, {_NUMBERED}
        FROM ({_all(spans)}) JOIN sums.accounts USING (account_id) WHERE against AND from_day < to_day"""


def past(con: duckdb.DuckDBPyConnection, pack: PolicyPack, last: date) -> pa.Table:
    """What metrics that find violations rested on up to the end of `last`: one row an item, cut off after that day. Needs `sums.orders`."""
    con.execute(f"CREATE OR REPLACE TABLE sums.past_orders AS SELECT * FROM sums.orders WHERE known_from <= DATE '{last}'")
    spans = [metric_spans(metric, PAST) if metric.reason else "" for metric in pack.metrics.values()]
    found = con.sql(f"""
        SELECT metric, number, subject_id, numerator, denominator, against, from_day, least(to_day, DATE '{last}' + 1) AS to_day
        FROM ({_all(spans)}) JOIN sums.accounts USING (account_id) WHERE from_day < to_day AND from_day <= DATE '{last}'""")
    return found.to_arrow_table()


def _all(spans: Sequence[str]) -> str:
    """Spans of several metrics, with their places; an empty text is no metric."""
    said = [
        f"SELECT {n} AS metric, account_id, subject_id, numerator, denominator, against, from_day::DATE AS from_day, to_day::DATE AS to_day FROM ({query})"
        for n, query in enumerate(spans)
        if query
    ]
    nothing = "0 AS metric, '' AS account_id, '' AS subject_id, 0 AS numerator, 0 AS denominator, FALSE AS against"
    return " UNION ALL ".join(said) or f"SELECT {nothing}, DATE '1970-01-01' AS from_day, DATE '1970-01-01' AS to_day LIMIT 0"
