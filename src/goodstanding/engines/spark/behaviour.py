"""Behaviour out of line: `engines.behaving` itself, in tasks that each hold all that some of the accounts did.

A row goes where its account is looked at: an order goes to its seller and to its buyer. Which version of a fact came first is settled before
rows part, because a correction may name another account.
"""

# ruff: noqa: S608 - all names are our own

from collections.abc import Callable
from datetime import date
from functools import reduce

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame

from goodstanding.core.facts import KINDS
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines.behaving import add_behaviour
from goodstanding.engines.spark.facts import Kept
from goodstanding.engines.versions import FOREVER

ROWS_OF_TASK = 1_000_000
"""Rows that one task holds, about."""

_HOLDERS = "sums.holders"
_DONE = {"orders": "sums.orders", **{name: f"facts.{name}" for name in ("messages", "listing_changes", "complaints", "sign_ins")}}
_SPELLS = pa.schema(
    [
        pa.field("account_id", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("origin", pa.string()),
        *(pa.field(day, pa.date32()) for day in ("opened", "from_day", "to_day", "known_from")),
        pa.field("subject_kind", pa.string()),
        pa.field("subject_ids", pa.list_(pa.string())),
        pa.field("points", pa.int32()),
        pa.field("critical", pa.bool_()),
        pa.field("explanation", pa.string()),
        pa.field("task", pa.int64()),
    ]
)
_SPARK_SPELLS = (
    "account_id string, reason string, origin string, opened date, from_day date, to_day date, known_from date, subject_kind string, "
    "subject_ids array<string>, points int, critical boolean, explanation string, task bigint"
)
_DUCKDB_SPELLS = _SPARK_SPELLS.removesuffix(", task bigint").replace("array<string>", "string[]")


def behaviour_spells(kept: Kept, pack: PolicyPack, last: date) -> DataFrame:
    """The rows that `add_behaviour` adds to `sums.spells`, from the views `facts_*`, `sums_orders` and `sums_holders`."""
    session = kept.session
    firsts = {name: _first_versions(name, table.replace(".", "_")) for name, table in _DONE.items()}
    rows = sum(session.table(table.replace(".", "_")).count() for table in _DONE.values())
    tasks = max(int(session.sparkContext.defaultParallelism), rows // ROWS_OF_TASK)
    parted = [session.sql(f"SELECT '{_HOLDERS}' AS __table, {_task('account_id', tasks)} AS task, * FROM sums_holders")]
    for name, select in firsts.items():
        whose = (
            f"array_distinct(array({', '.join(_task(who, tasks) for who in (('account_id', 'buyer_id') if name == 'orders' else ('account_id',)))}))"
        )
        parted.append(session.sql(f"SELECT '{_DONE[name]}' AS __table, explode({whose}) AS task, * FROM ({select})"))
    together = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), parted)
    columns = {table: frame.columns[2:] for table, frame in zip((_HOLDERS, *_DONE.values()), parted, strict=True)}
    found = together.groupBy("task").applyInArrow(_looking(pack, last, columns), _SPARK_SPELLS)
    # A task saw some deeds of accounts that are looked at elsewhere: of their buyers, or of their sellers.
    return found.where(f"task = {_task('account_id', tasks)}").drop("task")


def _task(who: str, tasks: int) -> str:
    return f"pmod(xxhash64({who}), {tasks})"


def _first_versions(name: str, view: str) -> str:
    key = ", ".join(f"`{column}`" for column in KINDS[name].key)
    return f"""SELECT * EXCEPT (__first, known_to), {FOREVER} AS known_to
        FROM (SELECT *, min(known_from) OVER (PARTITION BY {key}) AS __first FROM {view} WHERE known_from < known_to)
        WHERE known_from = __first"""


def _looking(pack: PolicyPack, last: date, columns: dict[str, list[str]]) -> Callable[[tuple[pa.Scalar, ...], pa.Table], pa.Table]:
    """The work of a task: rows of all tables in, spells out."""

    def look(key: tuple[pa.Scalar, ...], rows: pa.Table) -> pa.Table:
        with duckdb.connect(config={"python_enable_replacements": False, "threads": 1}) as con:
            con.execute("SET TimeZone = 'UTC'; CREATE SCHEMA facts; CREATE SCHEMA sums")
            con.register("parted", rows)
            for table, names in columns.items():
                quoted = ", ".join(f'"{name}"' for name in names)
                con.execute(f"CREATE TABLE {table} AS SELECT {quoted} FROM parted WHERE __table = '{table}'")
            con.unregister("parted")
            # The sieve looks at orders as they were told; here only the first version of each came along, which is what is judged.
            con.execute("CREATE VIEW facts.orders AS SELECT * FROM sums.orders")
            con.execute(f"CREATE TABLE sums.spells ({_DUCKDB_SPELLS})")
            add_behaviour(con, pack, last)
            spells = con.sql("SELECT * FROM sums.spells").to_arrow_table()
        task = pa.array([key[0].as_py()] * spells.num_rows, pa.int64())
        return spells.append_column("task", task).cast(_SPELLS)

    return look
