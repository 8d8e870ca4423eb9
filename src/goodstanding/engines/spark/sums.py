"""From the views of facts to rows in a sink: edges by Spark's SQL, sums by the kernel, block of accounts by block of accounts."""

# ruff: noqa: S608 - spans come from our own files, everything else is a number or a day

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.functions import lit

from goodstanding.core.health.violations import Violation
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.values import Rate, Window
from goodstanding.engines import edges, rows, struck
from goodstanding.engines.base import Progress
from goodstanding.engines.spark.behaviour import behaviour_spells
from goodstanding.engines.spark.block import Block, Question, columns_of, nested, number_of
from goodstanding.engines.spark.dialect import fetch_of, spark_sql
from goodstanding.engines.spark.facts import Kept
from goodstanding.engines.statements import Raw, sql

ROOM = 64 * 1024 * 1024
"""Bytes that the matrices of a block may take on a worker, about."""
MOST_ROWS = 1_000_000
"""Rows of one block at most, about."""

_BLOCK_SCHEMA = "block bigint, metrics binary, ratings binary, breaches binary"
_BREACH_SCHEMA = pa.schema(
    [
        pa.field("metric", pa.int32()),
        pa.field("account_id", pa.string()),
        pa.field("opened", pa.date32()),
        pa.field("closed", pa.date32()),
        pa.field("numerator", pa.int64()),
        pa.field("denominator", pa.int64()),
    ]
)
_REASON_SCHEMA = "code string, found_by string, holder_kind string, points int, critical boolean"


def prepare(kept: Kept, pack: PolicyPack, last: date) -> int:
    """Make the views `sums_orders`, `sums_holders`, `sums_reasons`, `sums_spells` and `sums_accounts` (`engines.edges.prepare`); the number of accounts."""

    def select(text: str) -> DataFrame:
        return kept.session.sql(spark_sql(text))

    kept.view("sums_corrected", select(sql("corrected_orders")))
    kept.view("sums_orders", select(sql("orders")))
    kept.view("sums_holders", select(sql("holders", orders=Raw("sums.orders"))))
    kept.view("sums_reasons", kept.session.createDataFrame(edges.reason_rows(pack), _REASON_SCHEMA), held=False)
    spells = select(" UNION ALL ".join(edges.spell_selects(pack))).withColumn("explanation", lit(None).cast("string"))
    kept.view("sums_spells", spells.unionByName(behaviour_spells(kept, pack, last)) if pack.watches else spells)
    accounts = kept.session.sql(
        "SELECT account_id, CAST(row_number() OVER (ORDER BY account_id) - 1 AS BIGINT) AS idx "
        "FROM (SELECT account_id FROM sums_holders UNION SELECT account_id FROM sums_spells)"
    )
    return int(kept.view("sums_accounts", accounts).count())


class Sums:
    """One assessment over the views: rows to the sink, then the violations. `room`: bytes of a block's matrices."""

    def __init__(self, kept: Kept, pack: PolicyPack, first: date, last: date, *, changes_only: bool, room: int = ROOM) -> None:
        self.kept, self.pack, self.first, self.last, self.changes_only, self.room = kept, pack, first, last, changes_only, room
        self.metrics = list(pack.metrics.values())
        spans = [edges.metric_spans(metric) for metric in self.metrics] + [edges.fulfilled_spans(Window(pack.rating.window_days))]
        self.spans = [spark_sql(text) for text in spans]

    def run(self, accounts: int, sink: rows.Sink, tell: Progress) -> None:
        """All blocks in the order of their accounts, then the violations."""
        tell("edges", 0, 1)
        question = Question(self.pack, self.first, self.last, self.changes_only, self._make_edges())
        tell("edges", 1, 1)
        found: dict[int, list[struck.Breach]] = {}
        size = self._block_size(question, accounts)
        for block in self._blocks(question, size).toLocalIterator():
            tell("accounts", min(block["block"] * size, accounts), accounts)
            sink.metrics(_unpacked(block["metrics"]))
            sink.ratings(_unpacked(block["ratings"]))
            for number, breach in _breaches(_unpacked(block["breaches"])):
                found.setdefault(number, []).append(breach)
        tell("accounts", accounts, accounts)
        tell("violations", 0, 1)
        sink.violations(struck.violation_rows([*self._violations_of_spells(), *self._violations_of_metrics(found)]))
        tell("violations", 1, 1)

    def _make_edges(self) -> int:
        """View `sums_edges` (idx, part, day, numerator, denominator); returns the day from which sums have to run."""
        real = f"from_day < to_day AND from_day <= DATE '{self.last}'"
        parts = " UNION ALL ".join(
            f"SELECT {part} AS part, account_id, from_day, to_day, numerator, denominator FROM ({spans}) WHERE {real}"
            for part, spans in enumerate(self.spans)
        )
        both_ends = (
            "array(named_struct('day', from_day, 'numerator', numerator, 'denominator', denominator), "
            "named_struct('day', to_day, 'numerator', -numerator, 'denominator', -denominator))"
        )
        self.kept.view(
            "sums_edges",
            self.kept.session.sql(
                f"""
                WITH ends AS (SELECT part, account_id, inline({both_ends}) FROM ({parts})),
                grouped AS (
                    SELECT account_id, part, day, sum(numerator) AS numerator, sum(denominator) AS denominator
                    FROM ends WHERE day <= DATE '{self.last}' GROUP BY account_id, part, day
                )
                SELECT idx, part, unix_date(day) AS day, numerator, denominator FROM grouped JOIN sums_accounts USING (account_id)
                WHERE numerator <> 0 OR denominator <> 0
                """
            ),
        )
        earliest = self.kept.session.sql("SELECT min(day) FROM sums_edges").collect()[0][0]
        asked = number_of(self.first)
        return asked if earliest is None else min(asked, int(earliest))

    def _block_size(self, question: Question, accounts: int) -> int:
        """As many accounts as a worker has room for, but no fewer blocks than there are workers."""
        asked = (self.last - self.first).days + 1
        cells_of_account = 4 * question.days + 2 * asked * (len(self.metrics) + 2)
        fitting = min(self.room // (8 * cells_of_account), MOST_ROWS // (asked * max(1, len(self.metrics))))
        workers = self.kept.session.sparkContext.defaultParallelism
        return max(1, min(fitting, -(-accounts // int(workers))))

    def _blocks(self, question: Question, size: int) -> DataFrame:
        """One row a block, in order: its rows of metrics and ratings and its breaches as Arrow's own bytes."""
        place = f"CAST(idx % {size} AS BIGINT) AS row, idx DIV {size} AS block"  # new names: Spark refuses to group both sides by what is one column
        own_edges = self.kept.session.sql(f"SELECT {place}, part, day, numerator, denominator FROM sums_edges")
        accounts = self.kept.session.sql(
            f"""
            WITH holders AS (
                SELECT account_id, collect_list(named_struct('kind', holder_kind, 'marketplace', marketplace, 'from_day', unix_date(from_day),
                    'to_day', unix_date(to_day), 'opened', unix_date(opened_day))) AS holders
                FROM sums_holders GROUP BY account_id
            ),
            spells AS (
                SELECT account_id, collect_list(named_struct('opened', unix_date(opened), 'from_day', unix_date(from_day),
                    'to_day', unix_date(to_day), 'points', points, 'critical', CAST(critical AS INT))) AS spells
                FROM sums_spells GROUP BY account_id
            )
            SELECT {place}, account_id, coalesce(holders, array()) AS holders, coalesce(spells, array()) AS spells
            FROM sums_accounts LEFT JOIN holders USING (account_id) LEFT JOIN spells USING (account_id)
            """
        )
        summed = own_edges.groupBy("block").cogroup(accounts.groupBy("block")).applyInArrow(_work(question), _BLOCK_SCHEMA)
        # Held, because sorting looks at the rows twice.
        return self.kept.view("sums_blocks", summed).orderBy("block")

    def _violations_of_spells(self) -> list[Violation]:
        return struck.of_spells(self.pack, fetch_of(self.kept.session)(struck.spells_open(self.last)), self.last)

    def _violations_of_metrics(self, found: Mapping[int, Sequence[struck.Breach]]) -> Iterator[Violation]:
        subjects = self._subjects(found) if any(found.values()) else {}
        for number, breaches in found.items():
            yield from struck.of_metric(self.pack, self.metrics[number], breaches, {n: subjects.get((number, n), []) for n in range(len(breaches))})

    def _subjects(self, found: Mapping[int, Sequence[struck.Breach]]) -> dict[tuple[int, int], list[str]]:
        """The ids of what spoke against the account while it was in breach, by metric and number of the breach."""
        entries = [
            (metric, n, breach.account_id, breach.opened, breach.closed or self.last + struck.ONE_DAY)
            for metric, breaches in found.items()
            for n, breach in enumerate(breaches)
        ]
        table = self.kept.session.createDataFrame(entries, "part int, number int, account_id string, opened date, until date")
        self.kept.view("sums_breaches", table, held=False)
        against = " UNION ALL ".join(
            f"SELECT {part} AS part, account_id, subject_id, from_day, to_day FROM ({self.spans[part]}) WHERE against AND from_day < to_day"
            for part in sorted(found)
        )
        told = self.kept.session.sql(
            f"""
            SELECT b.part, b.number, collect_set(s.subject_id)
            FROM ({against}) s JOIN sums_breaches b
                ON b.part = s.part AND b.account_id = s.account_id AND s.from_day < b.until AND s.to_day > b.opened
            GROUP BY b.part, b.number
            """
        )
        return {(part, number): ids for part, number, ids in told.toLocalIterator()}


def _work(question: Question) -> Callable[[tuple[pa.Scalar, ...], pa.Table, pa.Table], pa.Table]:
    """What a worker does with a block: its edges and its accounts in, one row of `_BLOCK_SCHEMA` out."""

    def work(key: tuple[pa.Scalar, ...], own_edges: pa.Table, accounts: pa.Table) -> pa.Table:
        number = int(key[0].as_py())
        accounts = accounts.sort_by("row")
        block = Block(question, accounts["account_id"].to_pylist(), columns_of(own_edges), nested(accounts["holders"]), nested(accounts["spells"]))
        packed = [_packed(block.metrics()), _packed(block.ratings()), _packed(_breach_rows(block.breaches))]
        return pa.table(
            [pa.array([number], pa.int64()), *(pa.array([bytes], pa.binary()) for bytes in packed)], ["block", "metrics", "ratings", "breaches"]
        )

    return work


def _packed(table: pa.Table) -> bytes:
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return bytes(out.getvalue())


def _unpacked(data: bytes) -> pa.Table:
    return pa.ipc.open_stream(data).read_all()


def _breach_rows(found: Mapping[int, Sequence[struck.Breach]]) -> pa.Table:
    entries = [(n, b.account_id, b.opened, b.closed, b.rate.numerator, b.rate.denominator) for n, breaches in found.items() for b in breaches]
    columns = zip(*entries, strict=True) if entries else ([] for _ in _BREACH_SCHEMA)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, _BREACH_SCHEMA, strict=True)], schema=_BREACH_SCHEMA)


def _breaches(table: pa.Table) -> Iterator[tuple[int, struck.Breach]]:
    for row in table.to_pylist():
        yield row["metric"], struck.Breach(row["account_id"], row["opened"], row["closed"], Rate(row["numerator"], row["denominator"]))
