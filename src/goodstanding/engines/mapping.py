"""A marketplace's own tables, turned into facts by one SELECT a kind (`<kind>.sql`).

The statements run in a DuckDB of their own that may read the files of the source's folder and nothing else: no other file, no network, no
setting, no table of ours. Only their rows come over.
"""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import duckdb

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.facts import KINDS, FactKind
from goodstanding.core.terms import FindingSeverity
from goodstanding.engines import quoting
from goodstanding.engines.reading import WORK, RawTable, first_line, parquet_scan
from goodstanding.engines.sources import TableFile, sources_of


@dataclass(frozen=True, slots=True)
class Mapping:
    """A folder of mappings, ready to run: kind -> the one SELECT."""

    folder: Path
    statements: MappingType[str, str]
    findings: tuple[Finding, ...]
    engine: duckdb.DuckDBPyConnection

    def read(self, con: duckdb.DuckDBPyConnection, kind: FactKind) -> RawTable:
        """The raw relation of a kind in `con`; rows are numbered from 1 as the SELECT gives them."""
        name = f"{WORK}.{kind.name}_mapped"
        try:
            rows = self.engine.sql(self.statements[kind.name]).to_arrow_reader()
            con.register("mapped_rows", rows)
            con.execute(
                f"CREATE TABLE {name} AS SELECT row_number() OVER () AS __row, NULL::VARCHAR AS __file, NULL::VARCHAR AS __broken, * FROM mapped_rows"
            )
        except Exception as error:
            if not isinstance(error, duckdb.Error | OSError):
                raise
            raise UnusableInput(f"{self.folder / kind.name}.sql: {first_line(error)}") from error
        finally:
            con.unregister("mapped_rows")
        columns = {row[0]: row[1] for row in con.execute(f"DESCRIBE {name}").fetchall() if not row[0].startswith("__")}
        return RawTable(name, columns, scratch=(name,))


def open_mapping(folder: Path, mapping: Path) -> Mapping:
    """Read a folder of mappings over a folder of files. Raises UnusableInput where one is not a single SELECT."""
    if not mapping.is_dir():
        raise UnusableInput(f"{mapping}: no such folder; give the folder that holds the <kind>.sql files")
    files = sorted(path for path in mapping.glob("*.sql") if not path.name.startswith("."))
    known = [path for path in files if path.stem in KINDS]
    if not known:
        raise UnusableInput(f"{mapping}: holds no mapping; write <kind>.sql for at least one of {', '.join(KINDS)}")
    engine = _locked_engine(folder)
    statements = {path.stem: _single_select(engine, path) for path in known}
    return Mapping(mapping, statements, tuple(_unknown(path) for path in files if path not in known), engine)


def _unknown(path: Path) -> Finding:
    near = get_close_matches(path.stem.lower(), KINDS, 1, 0.6)
    hint = f"did you mean '{near[0]}.sql'?" if near else f"known kinds: {', '.join(KINDS)}"
    return Finding("unknown_file", FindingSeverity.WARNING, "this names no kind of fact and was not run", hint, path.name)


def _single_select(engine: duckdb.DuckDBPyConnection, path: Path) -> str:
    try:
        text = path.read_text("utf-8-sig")
        found = engine.extract_statements(text)
    except (duckdb.Error, OSError, UnicodeDecodeError) as error:
        raise UnusableInput(f"{path}: {first_line(error)}") from error
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
        raise UnusableInput(f"{path}: has to be exactly one SELECT (or WITH ... SELECT), and nothing else")
    if found[0].named_parameters:
        raise UnusableInput(f"{path}: has a parameter ({sorted(found[0].named_parameters)[0]}), but nothing to fill it; write the value")
    return str(found[0].query)


def _locked_engine(folder: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB with a view `source.<file stem>` for every table file of a folder, and no way out of that folder."""
    files = sources_of(folder)
    # One thread: groups and joins then come in one order, and row numbers in findings mean the same row at every run.
    engine = duckdb.connect(config={"python_enable_replacements": False, "threads": 1})
    engine.execute("SET TimeZone = 'UTC'; CREATE SCHEMA source")
    for file in files.values():
        try:
            engine.execute(f"CREATE VIEW source.{quoting.name(file.name)} AS SELECT * FROM {_scan(file)}")
        except (duckdb.Error, OSError) as error:
            raise UnusableInput(f"{file.root}: cannot be read: {first_line(error)}") from error
    engine.execute(f"SET allowed_directories = [{quoting.literal(str(folder))}]; SET enable_external_access = false; SET lock_configuration = true")
    return engine


def _scan(file: TableFile) -> str:
    match file.form:
        case "csv":
            return f"read_csv({quoting.path(file.root)}, sample_size = -1)"
        case "jsonl":
            return f"read_ndjson({quoting.path(file.root)}, sample_size = -1)"
        case _:
            return parquet_scan(file)
