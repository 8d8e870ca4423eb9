"""Facts made in a test as the tables that engines read: `facts.<kind>` with days and the span on which each version was known."""

from collections.abc import Sequence
from datetime import UTC, date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from goodstanding.core.facts import KINDS, ColumnType, FactKind
from goodstanding.core.health.known import AccountFacts, Days, recorded, versions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

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
        con.register("new_rows", fact_table(kind, rows, zone))
        con.execute(f"CREATE OR REPLACE TABLE facts.{kind.name} AS FROM new_rows")
        con.unregister("new_rows")


def fill_views(session: "SparkSession", facts: AccountFacts, zone: ZoneInfo | None = None) -> None:
    """The same as views of a Spark session."""
    from goodstanding.engines.spark.reading import SPARK_TYPES

    for kind in KINDS.values():
        types = {column.name: SPARK_TYPES[column.type] for column in kind.columns}
        types |= {f"{column.name}_day": "date" for column in kind.columns if column.type == "moment"} | {
            "known_from": "date",
            "known_to": "date",
        }
        table = fact_table(kind, getattr(facts, kind.name, ()), zone).select(list(types))
        rows = [tuple(row.values()) for row in table.to_pylist()]
        session.createDataFrame(rows, ", ".join(f"`{name}` {type}" for name, type in types.items())).createOrReplaceTempView(f"facts_{kind.name}")


def fact_table(kind: FactKind, rows: Sequence[object], zone: ZoneInfo | None = None) -> pa.Table:
    """The rows of one kind with their days and the span on which each version was known."""
    days = Days(zone)
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
