"""From a file to a relation of raw columns: one row a record, with its number, before any value is looked at.

Every reader gives a `RawTable`: a DuckDB relation with the columns of the file, and beside them `__row` (the number a person would see), `__file`
(the part's name in a folder of parts, else NULL) and `__broken` (why the row as a whole cannot be read, else NULL).
"""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

from dataclasses import dataclass
from pathlib import Path

import duckdb

from goodstanding.core.errors import Finding
from goodstanding.engines import quoting
from goodstanding.engines.sources import TableFile

WORK = "facts_raw"
"""The schema for everything on the way to the tables of schema `facts`."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """A relation to read from. `columns` maps the file's column names to DuckDB types.

    `is_view`: reading it again costs little, so nothing is copied. `scratch`: tables it rests on, to be dropped once it was read.
    `findings`: what is wrong with the file as a whole. `paths`: the Parquet files that the rows are in, if they are.
    """

    relation: str
    columns: dict[str, str]
    is_view: bool = False
    scratch: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    paths: tuple[Path, ...] = ()


def first_line(error: Exception) -> str:
    """The first line of an error's text, shortened, without the kind of error before it."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = lines[0].split(" Error: ", 1)[-1]
    if text.startswith("CSV Error on Line"):  # says why only two lines below
        text = "; ".join([text, *lines[2:3]])
    return text if len(text) <= 300 else text[:299] + "…"


def known_name(label: str, known: set[str]) -> str:
    """The name of a fact column as the schema writes it, whatever the case in the file."""
    return label.lower() if label.lower() in known else label


def parquet_scan(file: TableFile, options: str = "") -> str:
    """The table function that reads a Parquet file, or all parts of a folder with the columns that the folders' names give."""
    if file.form == "parts":
        # Types of folder names are not guessed: an account '007' must not become 7.
        options += ", union_by_name = true, hive_partitioning = true, hive_types_autocast = false"
    return f"read_parquet({quoting.paths(file.paths)}{options})"


def read_parquet(con: duckdb.DuckDBPyConnection, file: TableFile) -> RawTable:
    """The raw relation of a Parquet file or of a folder of parts; rows are numbered from 1 in each."""
    scan = parquet_scan(file, ", filename = '__path'")
    described = con.execute(f"DESCRIBE SELECT * EXCLUDE (__path) FROM {scan}").fetchall()
    columns = {row[0]: row[1] for row in described}
    number, dropped = "file_row_number + 1", "file_row_number, __path"
    if "file_row_number" in {name.lower() for name in columns}:  # DuckDB's own counter would clash with the file's column
        number, dropped = "row_number() OVER (PARTITION BY __path)", "__path"
    else:
        scan = parquet_scan(file, ", filename = '__path', file_row_number = true")
    part = f"substr(__path, {len(str(file.root.parent)) + 2})" if file.form == "parts" else "CAST(NULL AS VARCHAR)"
    relation = f"""(SELECT {number} AS __row, {part} AS __file, CAST(NULL AS VARCHAR) AS __broken,
        * EXCLUDE ({dropped}) FROM {scan})"""
    return RawTable(relation, columns, is_view=True, paths=file.paths)
