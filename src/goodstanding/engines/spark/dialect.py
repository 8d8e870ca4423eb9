"""The SQL of `engines/sql/` and of its neighbours, written for DuckDB, in the words of Spark.

Tables of a schema become temporary views, which Spark does not let live in one: `facts.orders` is the view `facts_orders`.
"""

from collections.abc import Sequence
from typing import Any

import sqlglot
from pyspark.sql import SparkSession
from sqlglot import ErrorLevel, exp

from goodstanding.engines.reading import WORK
from goodstanding.engines.versions import Fetch

SCHEMAS = ("facts", "sums", WORK)


def spark_sql(text: str) -> str:
    """One statement of DuckDB as Spark says it. Raises sqlglot's UnsupportedError where Spark has no word for something."""
    tree = sqlglot.parse_one(text, read="duckdb").transform(_respell)
    return str(tree.sql(dialect="spark", identify=True, comments=False, unsupported_level=ErrorLevel.RAISE))


def view_name(table: str) -> str:
    """`facts.orders` -> `facts_orders`."""
    return table.replace(".", "_")


def _respell(node: exp.Expr) -> exp.Expr:
    match node:
        case exp.Table() if node.db in SCHEMAS:
            return exp.alias_(exp.to_table(view_name(f"{node.db}.{node.name}")), node.alias or node.name, table=True)
        case exp.ArrayAgg(this=exp.Order() as ordered):
            return exp.ArrayAgg(this=ordered.this)  # Spark keeps no order in a list; ids of subjects are sorted where violations are made
        case exp.In():
            _unpack(node.args.get("query"))
    return node


def _unpack(query: exp.Expr | None) -> None:
    """`IN (SELECT (a, b) ...)`: Spark wants the columns side by side."""
    select = query.this if isinstance(query, exp.Subquery) else query
    if isinstance(select, exp.Select) and len(select.expressions) == 1 and isinstance(select.expressions[0], exp.Tuple):
        select.set("expressions", select.expressions[0].expressions)


def fetch_of(session: SparkSession) -> Fetch:
    """Queries written for DuckDB, answered by Spark."""

    def fetch(text: str) -> Sequence[Sequence[Any]]:
        return [tuple(row) for row in session.sql(spark_sql(text)).collect()]

    return fetch
