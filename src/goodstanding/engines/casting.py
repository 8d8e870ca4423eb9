"""From a column as a file holds it to a column as `core.facts` wants it, in SQL."""

from dataclasses import dataclass

from goodstanding.core.facts import Column, ColumnType
from goodstanding.engines import quoting

SQL_TYPES: dict[ColumnType, str] = {"text": "VARCHAR", "moment": "TIMESTAMP", "flag": "BOOLEAN", "whole": "BIGINT", "amount": "DOUBLE"}

# Wide enough for every real order, narrow enough that 0001-01-01 and 9999-12-31 (some systems' "never") do not pass as moments.
EARLIEST, LATEST = "1900-01-01", "2200-01-01"

_MOMENT = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?(Z|z|[+-](0\d|1[0-4])(:?[0-5]\d)?)?)?"
_WHOLE = r"[+-]?\d{1,18}([.]0+)?"
_AMOUNT = r"[+-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d{1,3})?"
_YES = "'true', 't', 'yes', 'y', '1'"
_NO = "'false', 'f', 'no', 'n', '0'"

_TEXTS = ("VARCHAR", "ENUM", "UUID", "JSON")
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
_FRACTIONS = ("FLOAT", "DOUBLE", "DECIMAL")
_MOMENTS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "TIMESTAMPTZ_NS", "DATE")

_READABLE: dict[ColumnType, tuple[str, ...]] = {
    "text": (*_TEXTS, *_INTEGERS),
    "moment": (*_MOMENTS, *_TEXTS),
    "flag": ("BOOLEAN", *_TEXTS, *_INTEGERS),
    "whole": (*_INTEGERS, *_FRACTIONS, *_TEXTS),
    "amount": (*_INTEGERS, *_FRACTIONS, *_TEXTS),
}

ALLOWED_WORDS: dict[ColumnType, str] = {
    "text": "any text",
    "moment": f"a moment like 2024-05-01T13:45:00Z, from {EARLIEST} to before {LATEST}",
    "flag": "true or false",
    "whole": "a whole number from 0",
    "amount": "a number from 0, with a point for decimals",
}
"""What is allowed in a column of each type, in words for people."""


@dataclass(frozen=True, slots=True)
class Cast:
    """How one column of a kind is read.

    `raw` is the column of the file; `typed` the value made of it; `problem` tells, of the SQL names of these two, the code of what is
    wrong in a row, or NULL. None: nothing can be wrong.
    """

    column: Column
    raw: str
    typed: str
    base: str = ""
    doubtful: bool = False

    def problem(self, raw: str, typed: str) -> str | None:
        """The expression for the code of what is wrong with a row's value."""
        return _problem(self.column, raw, self.base, typed, self.doubtful) if self.base else None


def is_readable(type: ColumnType, sql_type: str) -> bool:
    """Whether a column of that DuckDB type can be read as that type of fact column."""
    return _base(sql_type) in _READABLE[type]


def cast_of(column: Column, sql_type: str | None, raw: str | None = None) -> Cast:
    """How a column of a file with that DuckDB type is read; `sql_type` None: the file has no such column."""
    source = raw or quoting.name(column.name)
    if sql_type is None:
        return Cast(column, "NULL", f"CAST(NULL AS {SQL_TYPES[column.type]})")
    base = _base(sql_type)
    typed, doubtful = _typed(column, source, base)
    return Cast(column, source, typed, base, doubtful)


def _base(sql_type: str) -> str:
    return "ENUM" if sql_type.startswith("ENUM") else sql_type.split("(")[0].strip()


def _typed(column: Column, raw: str, base: str) -> tuple[str, bool]:
    """The typed expression, and whether it may be NULL for a value that is there."""
    is_text = base in _TEXTS
    if column.type == "text":
        text = raw if base == "VARCHAR" else f"CAST({raw} AS VARCHAR)"
        # A required column is checked to hold no empty text, so it can stay as it is: comparisons with it then reach the file's statistics.
        return (text if column.required or not is_text else f"NULLIF({text}, '')"), False
    if is_text:
        return _from_text(column.type, f"trim(CAST({raw} AS VARCHAR))"), True
    match column.type:
        case "moment" if base == "TIMESTAMPTZ_NS":  # has no cast of its own to TIMESTAMP
            return f"CAST(CAST({raw} AS TIMESTAMPTZ) AS TIMESTAMP)", False
        case "moment":
            return (raw if base == "TIMESTAMP" else f"CAST({raw} AS TIMESTAMP)"), False
        case "flag":
            return (raw, False) if base == "BOOLEAN" else (f"CASE {raw} WHEN 0 THEN false WHEN 1 THEN true END", True)
        case "whole" if base in _INTEGERS:
            return f"TRY_CAST({raw} AS BIGINT)", base in ("HUGEINT", "UBIGINT", "UHUGEINT")
        case "whole":
            return f"CASE WHEN {raw} = round({raw}) THEN TRY_CAST({raw} AS BIGINT) END", True
        case _:
            return (raw if base == "DOUBLE" else f"CAST({raw} AS DOUBLE)"), False


def _from_text(type: ColumnType, text: str) -> str:
    match type:
        case "moment":
            # The cast reads an offset and gives UTC; the pattern keeps out what it would read too freely (zone names, 'infinity', '2024-1-1').
            return f"CASE WHEN regexp_full_match({text}, {quoting.literal(_MOMENT)}) THEN CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP) END"
        case "flag":
            return f"CASE WHEN lower({text}) IN ({_YES}) THEN true WHEN lower({text}) IN ({_NO}) THEN false END"
        case "whole":
            return f"CASE WHEN regexp_full_match({text}, {quoting.literal(_WHOLE)}) THEN TRY_CAST(split_part({text}, '.', 1) AS BIGINT) END"
        case _:
            return f"CASE WHEN regexp_full_match({text}, {quoting.literal(_AMOUNT)}) THEN TRY_CAST({text} AS DOUBLE) END"


def _problem(column: Column, raw: str, base: str, typed: str, doubtful: bool) -> str | None:
    is_text = base in _TEXTS
    missing = f"{raw} IS NULL OR CAST({raw} AS VARCHAR) = ''" if is_text else f"{raw} IS NULL"
    tests = [f"WHEN {missing} THEN {quoting.literal('missing') if column.required else 'NULL'}"]
    if column.type == "text" and is_text:
        if column.allowed:
            tests.append(f"WHEN {typed} NOT IN ({quoting.literals(column.allowed)}) THEN 'not_allowed'")
        return _case(tests) if column.required or column.allowed else None
    if column.type == "text":
        return _case(tests) if column.required else None
    if doubtful:
        tests.append(f"WHEN {typed} IS NULL THEN 'unreadable'")
    if column.type == "moment":
        tests.append(f"WHEN {typed} < TIMESTAMP '{EARLIEST}' OR {typed} >= TIMESTAMP '{LATEST}' THEN 'out_of_range'")
    if column.type in ("whole", "amount"):
        tests.append(f"WHEN {typed} < 0 THEN 'negative'")
    if column.type == "amount":
        tests.append(f"WHEN NOT isfinite({typed}) THEN 'unreadable'")
    return _case(tests)


def _case(tests: list[str]) -> str:
    return f"CASE {' '.join(tests)} END"
