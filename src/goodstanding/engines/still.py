"""Facts as they stood at the end of a day, as if nothing happened after it: `core.health.forecast.as_they_stood` for whole tables.

A second catalog shadows the tables `facts.*` with views of themselves, so that every other query runs as it is.
"""

# ruff: noqa: S608 - names and days are our own

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from goodstanding.core.facts import KINDS, FactKind
from goodstanding.core.health.forecast import HAPPENINGS, NEVER
from goodstanding.engines import quoting
from goodstanding.engines.edges import FACTS_READ

STILL = "still"
_FOREVER = "DATE '9999-12-31'"


@contextmanager
def standing_still(con: duckdb.DuckDBPyConnection, as_of: date) -> Iterator[None]:
    """While open, `facts.*` of the connection are the facts as they stood, and what is made in other schemas is dropped at the end."""
    (told,) = con.execute("SELECT current_database()").fetchone() or ("memory",)
    con.execute(f"ATTACH ':memory:' AS {STILL}")
    try:
        con.execute(f"CREATE SCHEMA {STILL}.facts")
        for name in FACTS_READ:
            view = _view(KINDS[name], f"{quoting.name(told)}.facts.{name}", as_of)
            con.execute(f"CREATE VIEW {STILL}.facts.{name} AS {view}")
        con.execute(f"USE {STILL}")
        yield
    finally:
        con.execute(f"USE {quoting.name(told)}")
        con.execute(f"DETACH {STILL}")


def _view(kind: FactKind, table: str, as_of: date) -> str:
    day = f"DATE '{as_of}'"
    replaced = [f"CASE WHEN t.known_to > {day} THEN {_FOREVER} ELSE t.known_to END AS known_to"]
    for column in kind.columns:
        moment, when = f"t.{quoting.name(column.name)}", f"t.{column.name}_day"
        if column.name in HAPPENINGS:
            replaced.append(f"CASE WHEN {when} <= {day} THEN {moment} END AS {quoting.name(column.name)}")
            replaced.append(f"CASE WHEN {when} <= {day} THEN {when} END AS {column.name}_day")
        elif column.name == "at":
            never = f"TIMESTAMP '{NEVER:%Y-%m-%d}'"
            replaced.append(f'CASE WHEN {when} <= {day} THEN {moment} ELSE {never} END AS "at"')
            replaced.append(f"CASE WHEN {when} <= {day} THEN {when} ELSE DATE '{NEVER:%Y-%m-%d}' END AS at_day")
    known = f"t.known_from <= {day}"
    select = f"SELECT t.* REPLACE ({', '.join(replaced)}) FROM {table} t"
    return f"{select} {_known_by_a_sign(table, day)}" if kind.name == "orders" else f"{select} WHERE t.known_from < t.known_to AND {known}"


def _known_by_a_sign(orders: str, day: str) -> str:
    """An order whose first version does not say when it was recorded is known from the first thing that happened to it, as in `orders.sql`."""
    return f"""LEFT JOIN (
        SELECT order_id, account_id, min(known_from) AS first_known FROM {orders}
        WHERE (order_id, account_id) IN (SELECT (order_id, account_id) FROM {orders} WHERE known_to < {_FOREVER})
        GROUP BY order_id, account_id
    ) c ON c.order_id = t.order_id AND c.account_id = t.account_id
    WHERE t.known_from < t.known_to AND (t.known_from <= {day} OR (
        t.recorded_at IS NULL AND (c.first_known IS NULL OR c.first_known = t.known_from)
        AND least(t.shipped_at_day, t.delivered_at_day, t.cancelled_at_day) <= {day}
    ))"""
