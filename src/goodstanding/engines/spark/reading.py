"""Reading fact files inside Spark's tasks: DuckDB reads and checks one piece a task, so findings are those of the DuckDB engine.

A piece is a part of a folder of Parquet, or a whole file of another form, or one mapping. Everything here runs on the workers; they have to see
the files under the same path as the driver does.
"""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import duckdb
import pyarrow as pa

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.facts import KINDS, Column, ColumnType, FactKind
from goodstanding.core.terms import FindingSeverity
from goodstanding.engines import quoting
from goodstanding.engines.base import FactSource
from goodstanding.engines.checking import MORE, MOST_FINDINGS, Checked, Label, check, is_of_row, more_findings
from goodstanding.engines.loading import Reader, located, readers_of
from goodstanding.engines.reading import WORK, RawTable, read_parquet
from goodstanding.engines.sources import TableFile
from goodstanding.engines.versions import compared

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "moment": pa.timestamp("us"),
    "flag": pa.bool_(),
    "whole": pa.int64(),
    "amount": pa.float64(),
}
SPARK_TYPES: dict[ColumnType, str] = {"text": "string", "moment": "timestamp_ntz", "flag": "boolean", "whole": "bigint", "amount": "double"}
_ROWS_OF_BATCH = 50_000
_OWN_FIELDS = [
    pa.field("__row", pa.int64()),
    pa.field("__file", pa.string()),
    pa.field("__said", pa.string()),
    pa.field("__findings", pa.string()),
    pa.field("__unusable", pa.string()),
]
OWN_COLUMNS = "__row bigint, __file string, __said string, __findings string, __unusable string"
"""Beside a fact's columns: its number and part, a digest of all it says, and, on rows that hold no fact, what could not be used."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one task reads. `file` with `columns`: a part of a folder whose parts together have these columns (name -> DuckDB type)."""

    source: FactSource
    kind: str
    label: Label
    file: TableFile | None = None
    columns: tuple[tuple[str, str], ...] = ()


def pieces_of(con: duckdb.DuckDBPyConnection, source: FactSource, kind: FactKind, reader: Reader) -> list[Piece]:
    """How the reading of a kind is spread over tasks. The footers of all parts are read here, to learn the columns they have together."""
    file = reader.file
    if file is None or file.form != "parts" or len(file.paths) == 1:
        return [Piece(source, kind.name, reader.label)]
    with located(reader.label):
        columns = tuple(read_parquet(con, file).columns.items())
    return [Piece(source, kind.name, reader.label, replace(file, paths=(part,)), columns) for part in file.paths]


def reading_of(pieces: Sequence[Piece], columns: Sequence[Column]) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The work of a task: numbers of pieces in, rows of these columns and of `OWN_COLUMNS` out."""
    schema = pa.schema([*(pa.field(column.name, ARROW_TYPES[column.type]) for column in columns), *_OWN_FIELDS])

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from _read(pieces[number], schema)

    return read


def _read(piece: Piece, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    # One thread: Spark runs as many tasks as there are cores.
    config: dict[str, str | bool | int | float | list[str]] = {"python_enable_replacements": False, "threads": 1}
    with tempfile.TemporaryDirectory(prefix="goodstanding-") as spill, duckdb.connect(config={**config, "temp_directory": spill}) as con:
        con.execute(f"SET TimeZone = 'UTC'; CREATE SCHEMA {WORK}")
        try:
            kind = KINDS[piece.kind]
            with located(piece.label):
                checked, findings = check(con, kind, _raw(con, piece, kind), piece.label)
                for batch in con.sql(_rows_sql(kind, checked, schema)).to_arrow_reader(_ROWS_OF_BATCH):
                    yield from pa.Table.from_batches([batch]).cast(schema).to_batches()
            said = {"unlisted": checked.unlisted, "findings": [asdict(finding) for finding in findings if finding.code != MORE]}
            told = {"__findings": json.dumps(said)} if findings else None
        except UnusableInput as error:
            told = {"__unusable": str(error)}
    if told:
        yield from pa.Table.from_pylist([told], schema=schema).to_batches()


def _raw(con: duckdb.DuckDBPyConnection, piece: Piece, kind: FactKind) -> RawTable:
    if piece.file is None:
        return readers_of(con, piece.source)[0][piece.kind].read(kind)
    return _aligned(read_parquet(con, piece.file), piece.columns)


def _aligned(raw: RawTable, columns: Sequence[tuple[str, str]]) -> RawTable:
    """A part as if it had the columns that all parts have together."""
    own = {name.lower(): name for name in raw.columns}
    cells = "".join(
        f", CAST({quoting.name(own[name.lower()]) if name.lower() in own else 'NULL'} AS {sql_type}) AS {quoting.name(name)}"
        for name, sql_type in columns
    )
    return replace(raw, relation=f"(SELECT __row, __file, __broken{cells} FROM {raw.relation})", columns=dict(columns))


def _rows_sql(kind: FactKind, checked: Checked, schema: pa.Schema) -> str:
    said = ", ".join(f"CAST({quoting.name(c)} AS VARCHAR)" for c in compared(kind, checked.extras))
    kept = ", ".join(quoting.name(name) for name in schema.names if not name.startswith("__"))
    empty = "CAST(NULL AS VARCHAR)"
    return f"""SELECT {kept}, __row, __file, md5(CAST(to_json([{said}]) AS VARCHAR)) AS __said, {empty} AS __findings, {empty} AS __unusable
        FROM {checked.relation}"""


def findings_of(told: Iterable[str], label: Label) -> list[Finding]:
    """The findings of all pieces of a kind as if they were one file: those about the whole first and once, then the first of those about rows."""
    said = [json.loads(text) for text in told]
    found = [Finding(**{**entry, "severity": FindingSeverity(entry["severity"])}) for piece in said for entry in piece["findings"]]
    whole = list(dict.fromkeys(finding for finding in found if not is_of_row(finding)))
    of_rows = [finding for finding in found if is_of_row(finding)]
    unlisted = sum(piece["unlisted"] for piece in said) + max(0, len(of_rows) - MOST_FINDINGS)
    return [*whole, *of_rows[:MOST_FINDINGS], *more_findings(unlisted, label)]
