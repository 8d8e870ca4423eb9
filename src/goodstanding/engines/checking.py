"""Raw columns to typed ones, row by row judged in SQL: what cannot be used is left out and reported, the rest goes on."""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

from dataclasses import dataclass, replace

import duckdb

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.facts import Column, FactKind
from goodstanding.core.terms import FindingSeverity
from goodstanding.engines import quoting
from goodstanding.engines.casting import ALLOWED_WORDS, Cast, cast_of, is_readable
from goodstanding.engines.proofs import sound_columns
from goodstanding.engines.reading import WORK, RawTable

MOST_FINDINGS = 1_000
"""So many findings of one kind are listed; one more says how many others there are."""

MORE = "more_findings"
MOST_EXTRA_COLUMNS = 200
_SHOWN = 60
_RESERVED = {"known_from", "known_to"}

_BROKEN = {
    "too few fields": (
        "the row has fewer fields than the header",
        "give every row as many fields as the header; quote fields that hold the separator",
    ),
    "too many fields": (
        "the row has more fields than the header",
        "give every row as many fields as the header; quote fields that hold the separator",
    ),
    "too many columns": (
        "the row has more fields than the header",
        "give every row as many fields as the header; quote fields that hold the separator",
    ),
    "unquoted value": (
        "a quote inside a quoted field is not written twice, or a quote before it was never closed",
        'write a quote inside a quoted field twice: ""',
    ),
    "invalid encoding": ("the row is not UTF-8", "save the file as UTF-8"),
    "line size over maximum": ("the row is longer than 2 MB", "shorten the field; check for a quote that is opened and never closed"),
    "nul": ("the row holds a NUL character", "remove it"),
    "no object": ("the line is no JSON object in UTF-8", 'write one object a line, like {"account_id": "A1"}'),
}
_OTHER_BREAK = ("the row cannot be read", "check its quotes and separators")


@dataclass(frozen=True, slots=True)
class Label:
    """How rows of one source are named to people: `orders.csv row 17`."""

    file: str
    unit: str = "row"

    def where(self, part: str | None, row: int, column: str | None = None) -> str:
        """The place of a row, and of a column in it."""
        place = f"{part or self.file} {self.unit} {row}"
        return f"{place} column {column}" if column else place


@dataclass(frozen=True, slots=True)
class Checked:
    """A relation of good rows: `__row`, `__file`, the kind's columns with their types, then `extras` as they came.

    `unlisted`: how many problems of rows have no finding of their own.
    """

    relation: str
    extras: tuple[str, ...]
    rows: int
    unlisted: int = 0


def shorten(value: str | None) -> str:
    """A value quoted for a finding: one line, no control characters, not long."""
    text = value or ""
    shown = "".join(c if c.isprintable() else " " for c in text[:_SHOWN])
    return f"'{shown}…'" if len(text) > _SHOWN else f"'{shown}'"


def check(con: duckdb.DuckDBPyConnection, kind: FactKind, raw: RawTable, label: Label) -> tuple[Checked, list[Finding]]:
    """Type a raw relation and report every row that cannot be used. Raises UnusableInput where a required column cannot be used at all."""
    casts, findings = _casts(con, kind, raw, label)
    extras, more = _extras(kind, raw, label)
    findings = [*raw.findings, *findings, *more]
    name = f"{WORK}.{kind.name}_checked"
    con.execute(f"CREATE {'VIEW' if raw.is_view else 'TABLE'} {name} AS {_checked_sql(casts, extras, raw)}")
    rows, bad = con.execute(f"SELECT count(*), count(*) FILTER (__bad) FROM {name}").fetchall()[0]
    total, listed = _row_findings(con, kind, name, label) if bad else (0, [])
    unlisted = total - len(listed)
    findings += [*listed, *more_findings(unlisted, label)]
    columns = ", ".join(quoting.name(c) for c in ("__row", "__file", *(c.name for c in kind.columns), *extras))
    relation = f"(SELECT {columns} FROM {name}{' WHERE NOT __bad' if bad else ''})"
    return Checked(relation, extras, rows - bad, unlisted), findings


def _casts(con: duckdb.DuckDBPyConnection, kind: FactKind, raw: RawTable, label: Label) -> tuple[list[Cast], list[Finding]]:
    names = {name.lower(): name for name in raw.columns}
    casts, findings = [], []
    sound = sound_columns(raw.paths, kind, raw.columns) if raw.paths else frozenset()
    for column in kind.columns:
        name = names.get(column.name)
        sql_type = raw.columns[name] if name else None
        if name is None and column.required:
            raise UnusableInput(f"{label.file}: lacks the column '{column.name}', which every row of '{kind.name}' needs; add it")
        if sql_type is not None and not is_readable(column.type, sql_type):
            if _has_values(con, raw, str(name)):
                findings.append(_wrong_type(column, sql_type, label))
            sql_type = None
        cast = cast_of(column, sql_type, quoting.name(name) if name else None)
        casts.append(replace(cast, base="") if column.name in sound else cast)
    return casts, findings


def _has_values(con: duckdb.DuckDBPyConnection, raw: RawTable, name: str) -> bool:
    """Whether anything is in a column; one without values has no type to speak of."""
    return bool(con.execute(f"SELECT 1 FROM {raw.relation} WHERE {quoting.name(name)} IS NOT NULL LIMIT 1").fetchall())


def _wrong_type(column: Column, sql_type: str, label: Label) -> Finding:
    if column.required:
        raise UnusableInput(f"{label.file} column {column.name}: holds {sql_type}, which cannot be read; give {ALLOWED_WORDS[column.type]}")
    message = f"holds {sql_type}, which cannot be read; the column was taken as empty"
    return Finding("wrong_type", FindingSeverity.ERROR, message, f"give {ALLOWED_WORDS[column.type]}", f"{label.file} column {column.name}")


def _extras(kind: FactKind, raw: RawTable, label: Label) -> tuple[tuple[str, ...], list[Finding]]:
    known = {column.name for column in kind.columns}
    own = _RESERVED | {f"{column.name}_day" for column in kind.columns if column.type == "moment"}
    kept: list[str] = []
    findings: list[Finding] = []
    for name in raw.columns:
        if name.lower() in known:
            continue
        if name.lower() in own or name.startswith("__"):
            message = "the name of this extra column is used by goodstanding itself; the column was left out"
            findings.append(Finding("reserved_column", FindingSeverity.WARNING, message, "rename it", f"{label.file} column {shorten(name)[1:-1]}"))
        elif len(kept) < MOST_EXTRA_COLUMNS:
            kept.append(name)
    if len(raw.columns) - len(known & {n.lower() for n in raw.columns}) - len(findings) > MOST_EXTRA_COLUMNS:
        message = f"has more than {MOST_EXTRA_COLUMNS} columns that '{kind.name}' does not know; the others were left out"
        findings.append(Finding("too_many_columns", FindingSeverity.WARNING, message, "keep the columns that explain something", label.file))
    return tuple(kept), findings


def _checked_sql(casts: list[Cast], extras: tuple[str, ...], raw: RawTable) -> str:
    """Three layers: raw and typed side by side, the code of each problem, then the typed columns and a list of problems.

    Names of our own begin with two underscores, so that no extra column of a file can have one of them.
    """
    sides = "".join(f", {cast.raw} AS __raw{i}, {cast.typed} AS __typed{i}" for i, cast in enumerate(casts))
    problems = {i: sql for i, cast in enumerate(casts) if (sql := cast.problem(f"__raw{i}", f"__typed{i}"))}
    kept = "".join(f", {quoting.name(extra)}" for extra in extras)
    codes = "".join(f", CASE WHEN __broken IS NULL THEN {sql} END AS __code{i}" for i, sql in problems.items())
    typed = "".join(f", __typed{i} AS {quoting.name(cast.column.name)}" for i, cast in enumerate(casts))
    bad = " OR ".join(["__broken IS NOT NULL", *(f"__code{i} IS NOT NULL" for i in problems)])
    listed = ", ".join(
        ["{'i': -1, 'code': __broken, 'value': ''}"]
        + [f"{{'i': {i}, 'code': __code{i}, 'value': left(CAST(__raw{i} AS VARCHAR), {_SHOWN + 1})}}" for i in problems]
    )
    return f"""SELECT __row, __file{typed}{kept}, ({bad}) AS __bad, CASE WHEN {bad} THEN [{listed}] END AS __problems
        FROM (SELECT *{codes} FROM (SELECT __row, __file, __broken{sides}{kept} FROM {raw.relation}))"""


def _row_findings(con: duckdb.DuckDBPyConnection, kind: FactKind, name: str, label: Label) -> tuple[int, list[Finding]]:
    """How many problems the rows have, and the findings of the first of them."""
    problems = f"FROM (SELECT __row, __file, unnest(__problems) AS p FROM {name} WHERE __bad) WHERE p.code IS NOT NULL"
    total = con.execute(f"SELECT count(*) {problems}").fetchall()[0][0]
    rows = con.execute(f"SELECT __row, __file, p.i, p.code, p.value {problems} ORDER BY __file, __row, p.i LIMIT {MOST_FINDINGS}").fetchall()
    return total, [_row_finding(kind, label, *row) for row in rows]


def is_of_row(finding: Finding) -> bool:
    """Whether a finding of `check` is about one row; the others are about a file or a column as a whole."""
    return finding.code == "broken_row" or finding.code.endswith("_value")


def more_findings(others: int, label: Label) -> list[Finding]:
    """The finding that stands for those that are not listed."""
    if others <= 0:
        return []
    message = f"{others:,} more problems like these are not listed"
    return [Finding(MORE, FindingSeverity.ERROR, message, "mend those listed first", label.file)]


def _row_finding(kind: FactKind, label: Label, row: int, part: str | None, index: int, code: str, value: str | None) -> Finding:
    if index < 0:
        message, hint = _BROKEN.get(code, _OTHER_BREAK)
        return Finding("broken_row", FindingSeverity.ERROR, f"{message}; the row was left out", hint, label.where(part, row))
    column = kind.columns[index]
    message, hint = _value_words(column, code, value)
    return Finding(f"{code}_value", FindingSeverity.ERROR, f"{message}; the row was left out", hint, label.where(part, row, column.name))


def _value_words(column: Column, code: str, value: str | None) -> tuple[str, str]:
    allowed = f"allowed: {ALLOWED_WORDS[column.type]}"
    match code:
        case "missing":
            return (
                "nothing is given, but every row needs it",
                f"one of: {', '.join(column.allowed)}" if column.allowed else f"give {ALLOWED_WORDS[column.type]}",
            )
        case "not_allowed":
            return f"{shorten(value)} is not one of the values that are allowed", f"allowed: {', '.join(column.allowed)}"
        case "out_of_range":
            return f"{shorten(value)} is too far from our time", f"{allowed}; leave it empty where there is no moment"
        case "negative":
            return f"{shorten(value)} is negative", allowed
        case _:
            return f"{shorten(value)} cannot be read", allowed
