"""The self-audit lists of all accounts, by one query: `core.health.self_audit` for whole tables."""

from datetime import date

import duckdb
import pyarrow as pa

from goodstanding.core.health.metrics import DEFECT_KINDS, HOURS_OF_A_DAY
from goodstanding.core.health.self_audit import MOST_IDS, SEVERAL, metric_of
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import MetricRule, TaskCode
from goodstanding.engines.base import TASKS_SCHEMA
from goodstanding.engines.statements import sql


def audit_still_facts(con: duckdb.DuckDBPyConnection, pack: PolicyPack, as_of: date) -> pa.Table:
    """TASKS_SCHEMA of all accounts, by account and code, while the facts stand still at `as_of` (`engines.still`) and `sums.orders` is made."""
    response, defects = metric_of(pack, MetricRule.LATE_RESPONSE_RATE), metric_of(pack, MetricRule.ORDER_DEFECT_RATE)
    query = sql(
        "self_audit",
        as_of=as_of.isoformat(),
        kinds=DEFECT_KINDS,
        lag=defects.window.lag if defects else 0,
        window=defects.window.days if defects else 0,
        several=SEVERAL,
        whole_days=-(-response.response_hours // HOURS_OF_A_DAY) if response else 0,
        most=MOST_IDS,
    )
    unsaid = {code for code, metric in ((TaskCode.UNANSWERED_MESSAGES, response), (TaskCode.DEFECTIVE_PRODUCTS, defects)) if metric is None}
    found = con.sql(query).filter(f"code NOT IN ({', '.join(repr(str(code)) for code in unsaid)})" if unsaid else "true")
    table: pa.Table = found.to_arrow_table()
    as_ofs = pa.array([as_of] * len(table), pa.date32())
    return table.add_column(1, "as_of", as_ofs).select(TASKS_SCHEMA.names).cast(TASKS_SCHEMA)
