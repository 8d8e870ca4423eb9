"""Facts made in a test as the tables that engines read: `facts.<kind>` with days and the span on which each version was known."""

from collections.abc import Sequence
from datetime import UTC, date
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from goodstanding.core.facts import KINDS, ColumnType, FactKind
from goodstanding.core.health.known import AccountFacts, Days, recorded, versions

TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "moment": pa.timestamp("us"),
    "flag": pa.bool_(),
    "whole": pa.int64(),
    "amount": pa.float64(),
}
FOREVER = date(9999, 12, 31)


def fill(con: duckdb.DuckDBPyConnection, facts: AccountFacts, zone: ZoneInfo | None = None) -> None:
    """Make `facts.*` of a connection hold exactly these rows (of all accounts together)."""
    con.execute("CREATE SCHEMA IF NOT EXISTS facts")
    for kind in KINDS.values():
        rows = getattr(facts, kind.name, ())
        con.register("new_rows", _table(kind, rows, Days(zone)))
        con.execute(f"CREATE OR REPLACE TABLE facts.{kind.name} AS FROM new_rows")
        con.unregister("new_rows")


def _table(kind: FactKind, rows: Sequence[object], days: Days) -> pa.Table:
    known = versions(rows, days)
    columns: dict[str, pa.Array] = {}
    for column in kind.columns:
        values = [getattr(row, column.name, None) for row, _, _ in known]
        if column.type == "moment":
            columns[f"{column.name}_day"] = pa.array([None if value is None else days.of(value) for value in values], pa.date32())
            values = [value if value is None or value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None) for value in values]
        columns[column.name] = pa.array(values, TYPES[column.type])
    columns["known_from"] = pa.array([days.of(recorded(row)) for row, _, _ in known], pa.date32())
    columns["known_to"] = pa.array([end or FOREVER for _, _, end in known], pa.date32())
    return pa.table(columns)
