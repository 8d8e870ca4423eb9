"""What a Parquet file's own statistics prove, so that values need not be looked at one by one.

Every part of a file says of each column the least and the greatest value and how many are empty. Where these lie within what is allowed, so does
all between them. A file whose statistics are wrong is broken, as one is whose values are. What they cannot prove is left to `checking`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from goodstanding.core.facts import Column, FactKind
from goodstanding.engines.casting import EARLIEST, LATEST

_A_SECOND = {"milliseconds": 1_000, "microseconds": 1_000_000, "nanoseconds": 1_000_000_000}
_BOUNDS = tuple((date.fromisoformat(day) - date(1970, 1, 1)).days * 86_400 for day in (EARLIEST, LATEST))


def sound_columns(paths: Sequence[Path], kind: FactKind, types: Mapping[str, str]) -> frozenset[str]:
    """The columns of a kind in which no value can be wrong. `types`: the DuckDB type of each of the files' columns."""
    wanted = [(column, name) for column in kind.columns for name in types if name.lower() == column.name and _may_be_proven(column, types[name])]
    sound = {column.name for column, _ in wanted}
    for group in _row_groups(paths):
        for column, name in wanted:
            if column.name in sound and not _is_sound(column, group.get(name)):
                sound.discard(column.name)
    return frozenset(sound)


def _may_be_proven(column: Column, sql_type: str) -> bool:
    match column.type:
        case "text":
            return sql_type == "VARCHAR" and column.required and not column.allowed
        case "moment":
            return sql_type.startswith("TIMESTAMP")
        case "flag":
            return sql_type == "BOOLEAN"
        case "whole":
            return sql_type in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
        case _:  # what is no number is left out of a column's least and greatest value
            return False


def _row_groups(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Of each part of each file: column name -> what is said of it."""
    for path in paths:
        said = pq.read_metadata(path)
        for n in range(said.num_row_groups):
            group = said.row_group(n)
            yield {column.path_in_schema: column for column in (group.column(i) for i in range(group.num_columns))}


def _is_sound(column: Column, said: Any) -> bool:
    """Whether a part's column (None: it is not there) holds nothing that is not allowed."""
    if said is None:
        return not column.required
    known = said.statistics
    if known is None or not known.has_null_count or (column.required and known.null_count):
        return False
    if column.type == "flag" or known.null_count == said.num_values:
        return True
    if not known.has_min_max:
        return False
    match column.type:
        case "text":
            return bool(known.min_raw)
        case "whole":
            return bool(known.min_raw >= 0)
        case _:
            return _is_in_time(known)


def _is_in_time(known: Any) -> bool:
    logical = json.loads(known.logical_type.to_json())
    second = _A_SECOND.get(logical.get("timeUnit", ""))
    return known.physical_type == "INT64" and second is not None and _BOUNDS[0] * second <= known.min_raw and known.max_raw < _BOUNDS[1] * second


def is_ascending(paths: Sequence[Path], name: str) -> bool:
    """Whether each value of a column is greater than the one before, from file to file, so that none is there twice."""
    known = [group[name].statistics if name in group else None for group in _row_groups(paths)]
    if not known or not all(_is_whole(one) for one in known):
        return False
    if any(one.max_raw >= other.min_raw for one, other in pairwise(known)):  # type: ignore[union-attr]
        return False
    with ThreadPoolExecutor() as pool:
        return all(pool.map(lambda path: _ascends(path, name), paths))


def _is_whole(known: Any) -> bool:
    return known is not None and known.has_min_max and known.has_null_count and known.null_count == 0


def _ascends(path: Path, name: str) -> bool:
    """The same within each part of a file; between parts the statistics tell."""
    with pq.ParquetFile(path) as file:
        for n in range(file.num_row_groups):
            for chunk in file.read_row_group(n, columns=[name], use_threads=False)[name].chunks:
                if not _is_sorted(chunk):
                    return False
    return True


def _is_sorted(values: pa.Array) -> bool:
    return bool(pc.all(pc.less(values.slice(0, max(len(values) - 1, 0)), values.slice(1))).as_py() is not False)
