"""Taking facts in by the batch: lines of JSON in, the rows that can be used as one Parquet file out, by the same checks as any folder of facts.

A folder of such files per kind is a fact folder (`assess --facts`), in which the same fact told twice counts once.
"""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from goodstanding.core.errors import Finding
from goodstanding.core.facts import FactKind
from goodstanding.engines import quoting
from goodstanding.engines.base import FactSource
from goodstanding.engines.checking import MORE, check
from goodstanding.engines.loading import located, readers_of
from goodstanding.engines.reading import WORK


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: rows kept, and every row and column that could not be used, placed as `line 3 column placed_at`."""

    rows: int
    findings: tuple[Finding, ...]


def take_lines(kind: FactKind, lines: bytes, path: Path) -> Taken:
    """Check lines of JSON as facts of a kind and write the good rows to `path`, whole or not at all; no file where no row is good.

    Raises UnusableInput where no line can be read or a column that every row needs is missing from all.
    """
    with tempfile.TemporaryDirectory(prefix="goodstanding-") as folder:
        name = f"{kind.name}.jsonl"
        (Path(folder) / name).write_bytes(lines)
        with _database() as con:
            reader = readers_of(con, FactSource(Path(folder)))[0][kind.name]
            with located(reader.label):
                checked, findings = check(con, kind, reader.read(kind), reader.label)
                columns = ", ".join(quoting.name(c) for c in (*(c.name for c in kind.columns), *checked.extras))
                if checked.rows:
                    _write(con, f"SELECT {columns} FROM {checked.relation} ORDER BY __file, __row", path)
    place = f"{name} "
    said = (Finding(f.code, f.severity, f.message, f.hint, f.where.removeprefix(place)) for f in findings if f.code != MORE)
    return Taken(checked.rows, (*said, *(f for f in findings if f.code == MORE)))


_IDLE: dict[int, list[duckdb.DuckDBPyConnection]] = {}
"""Process -> databases in memory that nobody uses now: to make one costs a quarter of what a batch of a thousand rows does, and a fork must not share any."""


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database of one's own; it goes on to the next batch unless something went wrong in it."""
    idle = _IDLE.setdefault(os.getpid(), [])
    try:
        con = idle.pop()
    except IndexError:
        con = duckdb.connect(config={"python_enable_replacements": False, "threads": 1})
        con.execute("SET TimeZone = 'UTC'")
    try:
        con.execute(f"CREATE SCHEMA {WORK}")
        yield con
        con.execute(f"DROP SCHEMA {WORK} CASCADE")
    except BaseException:
        con.close()
        raise
    idle.append(con)


def _write(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Written beside, forced to the disk, then named: a crash leaves nothing that a reader takes for facts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Named for the thread as well: a program that sends again while its first request still runs must not write into the same file.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    con.execute(f"COPY ({query}) TO {quoting.path(unfinished)} (FORMAT parquet, COMPRESSION zstd)")
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
