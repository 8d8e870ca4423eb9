"""Numbers of records in text files, as a person counts them, where the reader passes over some of them."""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np

_CHUNK_BYTES = 1 << 24


def blank_records(path: Path, *, quoted: bool) -> list[int]:
    """Numbers (from 1) of the records that hold nothing at all. `quoted`: line ends between double quotes end no record."""
    return list(_blanks(path, quoted)) if _has_blank_line(path) else []


def _blanks(path: Path, quoted: bool) -> Iterator[int]:
    record, parity, at_start = 1, 0, True
    for chunk in _chunks(path):
        data = np.frombuffer(chunk.replace(b"\r", b""), dtype=np.uint8)
        if not len(data):
            continue
        ends = data == ord("\n")
        if quoted:
            inside = (np.cumsum(data == ord('"')) + parity) % 2
            ends &= inside == 0
            parity = int(inside[-1])
        places = np.flatnonzero(ends)
        before = np.concatenate(([-1 if at_start else -2], places))[:-1]
        yield from (int(record + i) for i in np.flatnonzero(places == before + 1))
        record += len(places)
        at_start = bool(ends[-1])


def _has_blank_line(path: Path) -> bool:
    tail = b"\n"
    for chunk in _chunks(path):
        data = (tail + chunk).replace(b"\r", b"")
        if b"\n\n" in data:
            return True
        tail = data[-1:]
    return False


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def number_records(con: duckdb.DuckDBPyConnection, table: str, first: int, blanks: list[int], rejects: str | None) -> tuple[str, str]:
    """SQL for the record number of each row of `table AS t`, whose column `nth` counts the rows that were read: (expression, join).

    `first`: the number of the first record that may be read. `blanks` and the column `row` of table `rejects` are the records not among them.
    """
    others = f" UNION SELECT row FROM {rejects}" if rejects else ""
    shifts = f"{table}_shifts"
    con.execute(
        f"""CREATE TABLE {shifts} AS SELECT row - ? - nth + 1 AS after, max(nth) AS shift
        FROM (SELECT row, row_number() OVER (ORDER BY row) AS nth FROM (SELECT unnest(CAST(? AS BIGINT[])) AS row{others}) WHERE row >= ?)
        GROUP BY ALL""",
        [first, blanks, first],
    )
    if con.execute(f"SELECT count(*) FROM {shifts}").fetchall() == [(0,)]:
        return f"nth + {first - 1}", ""
    return f"nth + {first - 1} + coalesce(shift, 0)", f"ASOF LEFT JOIN {shifts} AS s ON t.nth > s.after"
