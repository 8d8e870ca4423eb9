"""One key, several rows: the same fact told twice, a correction that came later, or a contradiction (`facts.md` section 1).

Only rows whose key occurs more than once are looked at closely; they are found by the hash of the key, so that a file without any costs one
grouping of 8-byte numbers, which DuckDB spills to disk where memory is short.
"""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

import duckdb

from goodstanding.core.errors import Finding
from goodstanding.core.facts import FactKind
from goodstanding.core.terms import FindingSeverity
from goodstanding.engines import quoting
from goodstanding.engines.checking import MOST_FINDINGS, Label, more_findings, shorten
from goodstanding.engines.reading import WORK

FOREVER = "DATE '9999-12-31'"


def with_versions(con: duckdb.DuckDBPyConnection, kind: FactKind, dated: str, columns: list[str], label: Label) -> tuple[str, list[Finding]]:
    """The SELECT of all versions of all facts, from relation `dated` (which has `known_from`), with `known_to` added.

    `columns`: what to keep, without `known_to`. The versions of a key follow one another by the moment they were recorded (absent: the row's own time).
    """
    kept = ", ".join(quoting.name(column) for column in columns)
    single = f"SELECT {kept}, {FOREVER} AS known_to FROM {dated}"
    hashed = f"hash({_list(kind.key)})"
    repeated = f"{WORK}.{kind.name}_repeated"
    con.execute(f"CREATE TABLE {repeated} AS SELECT {hashed} AS h FROM {dated} GROUP BY ALL HAVING count(*) > 1")
    if con.execute(f"SELECT count(*) FROM {repeated}").fetchall() == [(0,)]:
        return single, []
    told = _tell_apart(con, kind, dated, repeated, columns)
    findings = _conflicts(con, kind, told, label)
    versions = _keep_versions(con, kind, told, kept)
    return f"{single} WHERE {hashed} NOT IN (SELECT h FROM {repeated}) UNION ALL SELECT {kept}, known_to FROM {versions}", findings


def _list(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(quoting.name(name) for name in names)


def _tell_apart(con: duckdb.DuckDBPyConnection, kind: FactKind, dated: str, repeated: str, columns: list[str]) -> str:
    """All rows of repeated keys with what each is: 'kept', the 'same' as row `rival`, or in 'conflict' with it.

    Rows contest the moment they were recorded: one keeps it, the first read. Rows without `recorded_at` say nothing of when they were
    learned, so all of a key contest one moment: the own time of the first of them.
    """
    compared = [c.name for c in kind.columns if c.name != "recorded_at"] + [c for c in columns if not kind.column(c) and not _is_derived(kind, c)]
    content = f"row({', '.join(f'CAST({quoting.name(c)} AS VARCHAR)' for c in compared)})"
    name, key = f"{WORK}.{kind.name}_told", _list(kind.key)
    con.execute(
        f"""CREATE TABLE {name} AS
        WITH placed AS (SELECT *, {content} AS __content, coalesce(recorded_at, first_value({quoting.name(kind.own_time)}) OVER (
                PARTITION BY {key} ORDER BY recorded_at IS NOT NULL, __file, __row)) AS __told_at
            FROM {dated} WHERE hash({key}) IN (SELECT h FROM {repeated}))
        SELECT *, CASE WHEN row_number() OVER w = 1 THEN 'kept' WHEN __content = first_value(__content) OVER w THEN 'same' ELSE 'conflict' END AS __verdict,
            first_value(__row) OVER w AS __rival, first_value(__file) OVER w AS __rival_file
        FROM placed WINDOW w AS (PARTITION BY {key}, __told_at ORDER BY __file, __row)"""
    )
    return name


def _is_derived(kind: FactKind, name: str) -> bool:
    return name == "known_from" or (name.endswith("_day") and kind.column(name[:-4]) is not None)


def _conflicts(con: duckdb.DuckDBPyConnection, kind: FactKind, told: str, label: Label) -> list[Finding]:
    total = con.execute(f"SELECT count(*) FROM {told} WHERE __verdict = 'conflict'").fetchall()[0][0]
    keys = ", ".join(f"left({quoting.name(name)}, 61)" for name in kind.key)
    rows = con.execute(
        f"SELECT __row, __file, __rival, __rival_file, {keys} FROM {told} WHERE __verdict = 'conflict' ORDER BY __file, __row LIMIT {MOST_FINDINGS}"
    ).fetchall()
    return [_conflict(kind, label, *row) for row in rows] + more_findings(total - len(rows), label)


def _conflict(kind: FactKind, label: Label, row: int, part: str | None, rival: int, rival_part: str | None, *key: str) -> Finding:
    named = ", ".join(f"{column} {shorten(value)}" for column, value in zip(kind.key, key, strict=True))
    message = f"{named} is already given in {label.where(rival_part, rival)} with other content; the row was left out"
    hint = "keep one of the two, or give the correction a later recorded_at"
    return Finding("conflict", FindingSeverity.ERROR, message, hint, label.where(part, row))


def _keep_versions(con: duckdb.DuckDBPyConnection, kind: FactKind, told: str, kept: str) -> str:
    """The versions with the days on which each was what the platform knew; of several on one day the last."""
    name, key = f"{WORK}.{kind.name}_versions", _list(kind.key)
    con.execute(
        f"""CREATE TABLE {name} AS
        WITH changed AS (SELECT * FROM (SELECT *, lag(__content) OVER (PARTITION BY {key} ORDER BY __told_at) AS __before_it FROM {told} WHERE __verdict = 'kept')
            WHERE __before_it IS NULL OR __before_it <> __content),
        following AS (SELECT *, coalesce(lead(known_from) OVER (PARTITION BY {key} ORDER BY __told_at), {FOREVER}) AS known_to FROM changed)
        SELECT {kept}, known_to FROM following WHERE known_from < known_to ORDER BY __file, __row"""
    )
    return name
