"""Numbers of records in text files, as a person counts them, where the reader passes over some of them."""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

_CHUNK_BYTES = 1 << 24
_QUOTE, _END = ord('"'), ord("\n")


@dataclass(frozen=True, slots=True)
class Records:
    """What a look at the bytes of a text file tells, independent of the reader: how many records there are, and which (from 1) hold nothing at all.

    `is_open`: the file ends inside a quoted field.
    """

    total: int
    blanks: tuple[int, ...]
    is_open: bool


def count_records(path: Path, *, quoted: bool) -> Records:
    """Count the records of a file. `quoted`: line ends between double quotes end no record."""
    blanks: list[int] = []
    ended, parity, at_start, old_mac = 0, 0, True, None
    for chunk in _chunks(path):
        if old_mac is None:
            old_mac = b"\r" in chunk and b"\n" not in chunk
        data = np.frombuffer(chunk.replace(b"\r", b"\n" if old_mac else b""), dtype=np.uint8)
        if not len(data):
            continue
        ends = data == _END
        if quoted and (parity or b'"' in chunk):
            inside = np.bitwise_xor.accumulate((data == _QUOTE).view(np.uint8)) ^ parity
            ends &= inside == 0
            parity = int(inside[-1])
        places = np.flatnonzero(ends)
        before = np.concatenate(([-1 if at_start else -2], places))[:-1]
        blanks += (np.flatnonzero(places == before + 1) + ended + 1).tolist()
        ended += len(places)
        at_start = bool(ends[-1])
    return Records(ended + (not at_start), tuple(blanks), bool(parity))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def number_records(con: duckdb.DuckDBPyConnection, table: str, first: int, blanks: Sequence[int], rejects: str | None) -> tuple[str, str]:
    """SQL for the record number of each row of `table AS t`, whose column `nth` counts the rows that were read: (expression, join).

    `first`: the number of the first record that may be read. `blanks` and the column `row` of table `rejects` are the records not among them.
    """
    others = f" UNION SELECT row FROM {rejects}" if rejects else ""
    shifts = f"{table}_shifts"
    con.execute(
        f"""CREATE TABLE {shifts} AS SELECT row - ? - nth + 1 AS after, max(nth) AS shift
        FROM (SELECT row, row_number() OVER (ORDER BY row) AS nth FROM (SELECT unnest(CAST(? AS BIGINT[])) AS row{others}) WHERE row >= ?)
        GROUP BY ALL""",
        [first, list(blanks), first],
    )
    if con.execute(f"SELECT count(*) FROM {shifts}").fetchall() == [(0,)]:
        return f"nth + {first - 1}", ""
    return f"nth + {first - 1} + coalesce(shift, 0)", f"ASOF LEFT JOIN {shifts} AS s ON t.nth > s.after"
