"""Reading CSV and JSON lines: every value as text, every record numbered, broken records kept apart instead of stopping the rest."""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

import csv
import io
from pathlib import Path

import duckdb

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.facts import FactKind
from goodstanding.core.terms import FindingSeverity
from goodstanding.engines import quoting
from goodstanding.engines.reading import WORK, RawTable, known_name
from goodstanding.engines.records import count_records, number_records
from goodstanding.engines.sources import TableFile

_HEADER_BYTES = 1 << 20
_NEVER = "\x01\x02"  # stands for NULL in CSV, where only a field that is not there may be NULL: so short rows are told from empty fields
_DELIMITERS = ",;\t|"


def read_csv(con: duckdb.DuckDBPyConnection, kind: FactKind, file: TableFile) -> RawTable:
    """The raw relation of a CSV file: a header, then records; the header is row 1. Commas, semicolons, tabs or bars separate."""
    header, delimiter = _header(file.root, kind)
    fields = [f"f{i}" for i in range(len(header))]
    text, rejects = f"{WORK}.{kind.name}_text", f"{WORK}.{kind.name}_rejects"
    # One column more than the header has catches a field too many; what has two or more too many is rejected by the reader itself.
    columns = ", ".join(f"'{field}': 'VARCHAR'" for field in [*fields, "too_many"])
    con.execute(
        f"""CREATE TABLE {text} AS SELECT row_number() OVER () AS nth, *
        FROM read_csv({quoting.path(file.root)}, columns = {{{columns}}}, delim = {quoting.literal(delimiter)}, quote = '"', escape = '"',
            header = true, auto_detect = false, null_padding = true, nullstr = {quoting.literal(_NEVER)}, parallel = false,
            store_rejects = true, rejects_table = '{kind.name}_rejects', rejects_scan = '{kind.name}_rejects_scan')"""
    )
    con.execute(f"CREATE TABLE {rejects} AS SELECT line AS row, lower(min(error_type)) AS broken FROM temp.{kind.name}_rejects GROUP BY line")
    con.execute(f"DROP TABLE temp.{kind.name}_rejects; DROP TABLE temp.{kind.name}_rejects_scan")
    records = count_records(file.root, quoted=True)
    number, join = number_records(con, text, 2, records.blanks, rejects)
    read = con.execute(f"SELECT (SELECT count(*) FROM {text}) + (SELECT count(*) FROM {rejects})").fetchall()[0][0]
    lost = records.total - 1 - len(records.blanks) - read
    named = {label: field for label, field in zip(header, fields, strict=True) if label}
    picked = "".join(f", NULLIF({field}, '') AS {quoting.name(label)}" for label, field in named.items())
    nulls = ", NULL" * len(named)
    nul = " OR ".join(f"contains({field}, chr(0))" for field in fields)
    relation = f"""(SELECT {number} AS __row, CAST(NULL AS VARCHAR) AS __file,
        CASE WHEN {fields[-1]} IS NULL THEN 'too few fields' WHEN too_many <> '' THEN 'too many fields' WHEN {nul} THEN 'nul' END AS __broken{picked}
        FROM {text} AS t {join}
        UNION ALL SELECT row, NULL, broken{nulls} FROM {rejects})"""
    findings = (_quote_finding(file.label),) if lost or records.is_open else ()
    return RawTable(relation, dict.fromkeys(named, "VARCHAR"), scratch=(text, rejects), findings=findings)


def _quote_finding(label: str) -> Finding:
    """The finding for a file whose records cannot be told apart with certainty: the reader drops what follows such a quote without a word."""
    message = "a double quote is opened and never closed, or stands alone inside a field; rows after it may have been left out"
    return Finding("open_quote", FindingSeverity.ERROR, message, 'write a quote inside a quoted field twice: ""', label)


def _header(path: Path, kind: FactKind) -> tuple[list[str], str]:
    """The names of the columns as the first row gives them (fact columns in the schema's case), and what separates them."""
    with path.open("rb") as stream:
        start = stream.read(_HEADER_BYTES)
    if not start.strip():
        raise UnusableInput(f"{path}: is empty; the first row has to name the columns of '{kind.name}'")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnusableInput(f"{path}: is UTF-16; save it as UTF-8")
    known = {column.name for column in kind.columns}
    text = start.decode("utf-8-sig", errors="replace")
    readings = [(_split(path, text, delimiter, known), delimiter) for delimiter in _DELIMITERS]
    names, delimiter = max(readings, key=lambda reading: len(known & set(reading[0])))
    lower = [label.lower() for label in names if label]
    if twice := sorted({label for label in lower if lower.count(label) > 1}):
        raise UnusableInput(f"{path}: the first row names the column '{twice[0]}' twice; keep one of them")
    if not lower:
        raise UnusableInput(f"{path}: the first row is blank; it has to name the columns of '{kind.name}'")
    return names, delimiter


def _split(path: Path, text: str, delimiter: str, known: set[str]) -> list[str]:
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except (csv.Error, StopIteration) as error:
        raise UnusableInput(f"{path}: the first row cannot be read as names of columns: {error}") from error
    return [known_name(label.strip(), known) for label in names]


def read_jsonl(con: duckdb.DuckDBPyConnection, kind: FactKind, file: TableFile) -> RawTable:
    """The raw relation of a file with one JSON object a line, in UTF-8; lines are numbered from 1."""
    text = f"{WORK}.{kind.name}_text"
    con.execute(
        f"""CREATE TABLE {text} AS SELECT row_number() OVER () AS nth, json, json IS NOT NULL AND json_type(json) = 'OBJECT' AS is_object
        FROM read_ndjson_objects({quoting.path(file.root)}, ignore_errors = true)"""
    )
    number, join = number_records(con, text, 1, count_records(file.root, quoted=False).blanks, None)
    columns = _keys(con, kind, text)
    picked = "".join(f", NULLIF(v[{i}], '') AS {quoting.name(label)}" for i, label in enumerate(columns, 1))
    pointers = quoting.literals("/" + key.replace("~", "~0").replace("/", "~1") for key in columns.values())
    relation = f"""(SELECT {number} AS __row, CAST(NULL AS VARCHAR) AS __file,
        CASE WHEN NOT is_object THEN 'no object' WHEN contains(json, '\\u0000') THEN 'nul' END AS __broken{picked}
        FROM (SELECT *, CASE WHEN is_object THEN json_extract_string(json, [{pointers}]) END AS v FROM {text}) AS t {join})"""
    return RawTable(relation, dict.fromkeys(columns, "VARCHAR"), scratch=(text,))


def _keys(con: duckdb.DuckDBPyConnection, kind: FactKind, text: str) -> dict[str, str]:
    """Column name -> key in the objects, for the kind's columns and all other keys of the file; of keys that differ in case only, one is taken."""
    found = con.execute(f"SELECT DISTINCT unnest(json_keys(json)) AS key FROM {text} WHERE is_object ORDER BY key LIMIT 10000").fetchall()
    columns = {column.name: column.name for column in kind.columns}
    exact = {key for (key,) in found}
    for (key,) in found:
        lower = key.lower()
        if lower in columns and lower not in exact:
            columns[lower] = key
        elif key and lower not in {label.lower() for label in columns}:
            columns[key] = key
    return columns
