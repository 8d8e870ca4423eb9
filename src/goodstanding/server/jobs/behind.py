"""What lies behind the metrics of accounts that miss a target, down to the order (requirement A5)."""

# ruff: noqa: S608 - names come from our own tables, every value is a parameter

from collections.abc import Mapping
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from goodstanding.core.health.violations import subject_of
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines.edges import SPEAKING, metric_spans
from goodstanding.server.jobs.items import DEFECT_RULES, facts_of
from goodstanding.server.services.metric_items import Behind

MOST_KEPT = 500
"""Items of one metric of one account that are kept with their facts, the newest; of the others the number is told."""


def items_behind(con: duckdb.DuckDBPyConnection, pack: PolicyPack, metrics: pa.Table, as_of: date) -> dict[tuple[str, str], Behind]:
    """(account, metric) -> what speaks against the account in the metric's window as of a day, for every account that misses a target.

    `metrics` are rows of `engines.base`; the tables `sums.*` are those that an assessment of the same facts left.
    """
    missed = pc.unique(metrics.filter(pc.equal(metrics["met"], False))["account_id"])
    found: dict[tuple[str, str], Behind] = {}
    con.register("missing", pa.table({"account_id": missed.cast(pa.string())}))
    try:
        for metric in pack.metrics.values():
            rows = con.execute(
                f"""SELECT account_id, list(subject_id ORDER BY from_day DESC, subject_id) AS ids
                FROM (SELECT account_id, subject_id, max(from_day) AS from_day FROM ({metric_spans(metric, SPEAKING)}) SEMI JOIN missing USING (account_id)
                    WHERE against AND from_day <= $as_of AND to_day > $as_of GROUP BY account_id, subject_id)
                GROUP BY account_id ORDER BY account_id""",
                {"as_of": as_of},
            ).fetchall()
            told = _told(con, {account: ids[:MOST_KEPT] for account, ids in rows}, subject_of(metric), metric.rule in DEFECT_RULES, as_of)
            found |= {(account, metric.name): Behind(len(ids), told[account]) for account, ids in rows}
    finally:
        con.unregister("missing")
    return found


def _told(
    con: duckdb.DuckDBPyConnection, wanted: Mapping[str, list[str]], kind: str, has_defects: bool, as_of: date
) -> dict[str, tuple[Mapping[str, object], ...]]:
    """Account -> its items with their facts."""
    rows = [
        {"violation_id": account, "account_id": account, "item": item, "has_defects": has_defects} for account, ids in wanted.items() for item in ids
    ]
    facts = dict(facts_of(con, kind, rows, as_of))
    return {account: tuple({"id": item, "kind": kind, "facts": facts.get((account, item), {})} for item in ids) for account, ids in wanted.items()}
