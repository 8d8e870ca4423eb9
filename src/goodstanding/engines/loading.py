"""Loading facts: from a folder of files to typed DuckDB tables, with every row that cannot be used reported.

`load_facts` makes a table or view `facts.<kind>` for every kind of `core.facts.KINDS`, with the kind's columns, the file's extra columns,
`<moment>_day` for every moment, and `known_from`/`known_to`: the days [from, to) on which this version of the fact was what the platform knew.
"""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

import atexit
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import duckdb

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.facts import KINDS, FactKind
from goodstanding.engines import quoting
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.casting import SQL_TYPES
from goodstanding.engines.checking import Checked, Label, check
from goodstanding.engines.mapping import open_mapping
from goodstanding.engines.proofs import is_ascending
from goodstanding.engines.reading import WORK, RawTable, first_line, read_parquet
from goodstanding.engines.reading_text import read_csv, read_jsonl
from goodstanding.engines.sources import TableFile, sources_of, stray_files
from goodstanding.engines.versions import FOREVER, with_versions

UTC = "UTC"
MANY = 100_000
"""From so many rows on it is worth a look whether keys ascend; fewer are grouped as soon."""


def open_facts(
    source: FactSource,
    *,
    zones: Mapping[str, str] | None = None,
    kinds: Collection[str] | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[duckdb.DuckDBPyConnection, tuple[Finding, ...]]:
    """A new DuckDB in memory with the facts loaded. `memory_limit` like '4GB'; what does not fit goes to a temporary folder."""
    config: dict[str, str | bool | int | float | list[str]] = {"python_enable_replacements": False, "temp_directory": _spill_folder()}
    if memory_limit:
        config["memory_limit"] = memory_limit
    if threads:
        config["threads"] = threads
    con = duckdb.connect(config=config)
    return con, load_facts(con, source, zones=zones, kinds=kinds, progress=progress)


def _spill_folder() -> str:
    folder = tempfile.mkdtemp(prefix="goodstanding-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def load_facts(
    con: duckdb.DuckDBPyConnection,
    source: FactSource,
    *,
    zones: Mapping[str, str] | None = None,
    kinds: Collection[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Finding, ...]:
    """Make `facts.<kind>` for every kind from the files of a source; kinds not in `kinds` (None: all) stay empty.

    `zones`: marketplace code -> IANA name of the zone whose days count for its accounts; others count in UTC.
    Returns what could not be used, in a fixed order. Raises UnusableInput where a folder, a file or a mapping cannot be used at all.
    """
    con.execute(f"SET TimeZone = 'UTC'; DROP SCHEMA IF EXISTS facts CASCADE; DROP SCHEMA IF EXISTS {WORK} CASCADE")
    con.execute(f"CREATE SCHEMA facts; CREATE SCHEMA {WORK}")
    readers, findings = readers_of(con, source)
    local = {code: zone for code, zone in (zones or {}).items() if ZoneInfo(zone).key != UTC}
    # Accounts come first: the days of all other kinds may need the marketplace of the account.
    for step, kind in enumerate(KINDS.values()):
        if progress:
            progress(f"loading {kind.name}", step, len(KINDS))
        reader = readers.get(kind.name) if kinds is None or kind.name in kinds or (local and kind.name == "accounts") else None
        findings += _load(con, kind, reader, local)
    if progress:
        progress("loading facts", len(KINDS), len(KINDS))
    return tuple(findings)


@dataclass(frozen=True, slots=True)
class Reader:
    """One way to the raw rows of a kind. `file`: where they lie, None behind a mapping."""

    label: Label
    read: Callable[[FactKind], RawTable]
    file: TableFile | None = None


def readers_of(con: duckdb.DuckDBPyConnection, source: FactSource) -> tuple[dict[str, Reader], list[Finding]]:
    """How each kind that a source holds is read, and the files that nobody reads. Raises UnusableInput where the source cannot be used at all."""
    if source.mapping is None:
        files = sources_of(source.folder)
        readers = {name: Reader(Label(file.label, file.unit), _file_reader(con, file), file) for name, file in files.items() if name in KINDS}
        return readers, stray_files(source.folder, KINDS)
    mapping = open_mapping(source.folder, source.mapping)
    readers = {name: Reader(Label(f"{name}.sql"), lambda kind: mapping.read(con, kind)) for name in mapping.statements}
    return readers, list(mapping.findings)


def _file_reader(con: duckdb.DuckDBPyConnection, file: TableFile) -> Callable[[FactKind], RawTable]:
    def read(kind: FactKind) -> RawTable:
        match file.form:
            case "csv":
                return read_csv(con, kind, file)
            case "jsonl":
                return read_jsonl(con, kind, file)
            case _:
                return read_parquet(con, file)

    return read


def _load(con: duckdb.DuckDBPyConnection, kind: FactKind, reader: Reader | None, local: Mapping[str, str]) -> list[Finding]:
    if reader is None:
        con.execute(f"CREATE TABLE facts.{kind.name} ({_empty_columns(kind)})")
        return []
    with located(reader.label):
        raw = reader.read(kind)
        checked, findings = check(con, kind, raw, reader.label)
        for table in raw.scratch:
            con.execute(f"DROP TABLE {table}")
        columns = [*(column.name for column in kind.columns), *checked.extras, *_day_names(kind), "known_from"]
        is_unique = bool(raw.paths) and checked.rows >= MANY and is_ascending(raw.paths, kind.key[0])
        select, conflicts = with_versions(con, kind, _dated(con, kind, checked, local), columns, reader.label, is_unique)
        con.execute(f"CREATE VIEW facts.{kind.name} AS {select}")
    return findings + conflicts


@contextmanager
def located(label: Label) -> Iterator[None]:
    """Turns errors of DuckDB and of the disk into UnusableInput that names the file."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise UnusableInput(f"{label.file}: needs more memory than allowed; raise the memory limit ({first_line(error)})") from error
    except (duckdb.Error, OSError) as error:
        raise UnusableInput(f"{label.file}: cannot be read: {first_line(error)}") from error


def _day_names(kind: FactKind) -> list[str]:
    return [f"{column.name}_day" for column in kind.columns if column.type == "moment"]


def _empty_columns(kind: FactKind) -> str:
    columns = [f"{quoting.name(column.name)} {SQL_TYPES[column.type]}" for column in kind.columns]
    return ", ".join([*columns, *(f"{day} DATE" for day in _day_names(kind)), "known_from DATE", "known_to DATE"])


def _dated(con: duckdb.DuckDBPyConnection, kind: FactKind, checked: Checked, local: Mapping[str, str]) -> str:
    """The good rows with the day of every moment, in the zone of the account's marketplace, and the day the row was known from."""
    day = _day_sql(local)
    days = "".join(f", {day(quoting.name(column.name))} AS {column.name}_day" for column in kind.columns if column.type == "moment")
    known_from = day(f"coalesce(recorded_at, {quoting.name(kind.own_time)})")
    relation, dropped = checked.relation, ""
    if local:
        store = "marketplace AS __store" if kind.name == "accounts" else "s.marketplace AS __store"
        join = "" if kind.name == "accounts" else f"LEFT JOIN {_stores(con)} AS s USING (account_id)"
        relation, dropped = f"(SELECT c.*, {store} FROM {checked.relation} AS c {join})", " EXCLUDE (__store)"
    return f"(SELECT *{dropped}{days}, {known_from} AS known_from FROM {relation})"


def _day_sql(local: Mapping[str, str]) -> Callable[[str], str]:
    """How the day of a moment is told. Zones are constants in the SQL: looked up a row they would cost several times as much."""

    def day(moment: str) -> str:
        if not local:
            return f"CAST({moment} AS DATE)"
        cases = " ".join(
            f"WHEN {quoting.literal(code)} THEN CAST(timezone({quoting.literal(zone)}, timezone('UTC', {moment})) AS DATE)"
            for code, zone in sorted(local.items())
        )
        return f"CASE __store {cases} ELSE CAST({moment} AS DATE) END"

    return day


def _stores(con: duckdb.DuckDBPyConnection) -> str:
    """The marketplace of each account, as last known."""
    name = f"{WORK}.account_stores"
    con.execute(
        f"CREATE TABLE IF NOT EXISTS {name} AS SELECT account_id, any_value(marketplace) AS marketplace FROM facts.accounts "
        f"WHERE known_to = {FOREVER} GROUP BY account_id"
    )
    return name
