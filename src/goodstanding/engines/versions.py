"""One key, several rows: the same fact told twice, a correction that came later, or a contradiction (`facts.md` section 1).

Only rows whose key occurs more than once are looked at closely; they are found by the hash of the key, so that a file without any costs one
grouping of 8-byte numbers, which DuckDB spills to disk where memory is short.
"""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`, every value is a parameter

from collections.abc import Callable, Sequence
from typing import Any

import duckdb

from goodstanding.core.errors import Finding
from goodstanding.core.facts import FactKind
from goodstanding.core.terms import FindingSeverity
from goodstanding.engines import quoting
from goodstanding.engines.checking import MOST_FINDINGS, Label, more_findings, shorten
from goodstanding.engines.reading import WORK

FOREVER = "DATE '9999-12-31'"
Fetch = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a query written for DuckDB and gives its rows; another engine may say it in its own words first."""
CORRECTION = "correction"
"""The code of a finding that is no fault of the facts: what was told before is told otherwise, from a day on."""


def with_versions(
    con: duckdb.DuckDBPyConnection, kind: FactKind, dated: str, columns: list[str], label: Label, is_unique: bool = False
) -> tuple[str, list[Finding]]:
    """The SELECT of all versions of all facts, from relation `dated` (which has `known_from`), with `known_to` added.

    `columns`: what to keep, without `known_to`. `is_unique`: no key is there twice, as is known already. The versions of a key follow one another by the moment they were recorded (absent: the row's own time).
    """
    kept = ", ".join(quoting.name(column) for column in columns)
    single = f"SELECT {kept}, {FOREVER} AS known_to FROM {dated}"
    if is_unique:
        return single, []
    hashed = f"hash({_list(kind.key)})"
    repeated = f"{WORK}.{kind.name}_repeated"
    con.execute(f"CREATE TABLE {repeated} AS SELECT {hashed} AS h FROM {dated} GROUP BY ALL HAVING count(*) > 1")
    if con.execute(f"SELECT count(*) FROM {repeated}").fetchall() == [(0,)]:
        return single, []
    told, versions = f"{WORK}.{kind.name}_told", f"{WORK}.{kind.name}_versions"
    con.execute(
        f"CREATE TABLE {told} AS {told_apart(kind, f'(SELECT * FROM {dated} WHERE {hashed} IN (SELECT h FROM {repeated}))', _content(kind, columns))}"
    )
    findings = told_otherwise(lambda sql: con.execute(sql).fetchall(), kind, told, label)
    con.execute(f"CREATE TABLE {versions} AS {kept_versions(kind, told, kept)} ORDER BY __file, __row")
    return f"{single} WHERE {hashed} NOT IN (SELECT h FROM {repeated}) UNION ALL SELECT {kept}, known_to FROM {versions}", findings


def _list(names: Sequence[str]) -> str:
    return ", ".join(quoting.name(name) for name in names)


def _content(kind: FactKind, columns: list[str]) -> str:
    """All that a row says but when it was recorded, as one value to compare."""
    return f"row({', '.join(f'CAST({quoting.name(c)} AS VARCHAR)' for c in compared(kind, columns))})"


def compared(kind: FactKind, columns: Sequence[str]) -> list[str]:
    """The columns in which two rows of one key may differ: those of the kind, then the extra ones among `columns`."""
    own = [c.name for c in kind.columns if c.name != "recorded_at"]
    return own + [c for c in columns if not kind.column(c) and not _is_derived(kind, c)]


def told_apart(kind: FactKind, repeated: str, content: str) -> str:
    """The SELECT of all rows of repeated keys with what each is: 'kept', the 'same' as row `rival`, or in 'conflict' with it.

    Rows contest the moment they were recorded: one keeps it, the first read. Rows without `recorded_at` say nothing of when they were
    learned, so all of a key contest one moment: the own time of the first of them.
    """
    key = _list(kind.key)
    return f"""
        WITH placed AS (SELECT *, {content} AS __content, coalesce(recorded_at, first_value({quoting.name(kind.own_time)}) OVER (
                PARTITION BY {key} ORDER BY recorded_at IS NOT NULL, __file, __row)) AS __told_at
            FROM {repeated})
        SELECT *, CASE WHEN row_number() OVER w = 1 THEN 'kept' WHEN __content = first_value(__content) OVER w THEN 'same' ELSE 'conflict' END AS __verdict,
            first_value(__row) OVER w AS __rival, first_value(__file) OVER w AS __rival_file
        FROM placed WINDOW w AS (PARTITION BY {key}, __told_at ORDER BY __file, __row)"""


def _is_derived(kind: FactKind, name: str) -> bool:
    return name == "known_from" or (name.endswith("_day") and kind.column(name[:-4]) is not None)


def told_otherwise(fetch: Fetch, kind: FactKind, told: str, label: Label) -> list[Finding]:
    """What relation `told` (rows of `told_apart`) says of one fact in two ways: contradictions first, then corrections."""
    return conflicts(fetch, kind, told, label) + corrections(fetch, kind, told, label)


def conflicts(fetch: Fetch, kind: FactKind, told: str, label: Label) -> list[Finding]:
    """A finding for each row that contradicts another, from relation `told` (rows of `told_apart`)."""
    total = fetch(f"SELECT count(*) FROM {told} WHERE __verdict = 'conflict'")[0][0]
    keys = ", ".join(f"left({quoting.name(name)}, 61)" for name in kind.key)
    rows = fetch(
        f"SELECT __row, __file, __rival, __rival_file, {keys} FROM {told} WHERE __verdict = 'conflict' ORDER BY __file, __row LIMIT {MOST_FINDINGS}"
    )
    return [_conflict(kind, label, *row) for row in rows] + more_findings(total - len(rows), label)


def _conflict(kind: FactKind, label: Label, row: int, part: str | None, rival: int, rival_part: str | None, *key: str) -> Finding:
    named = ", ".join(f"{column} {shorten(value)}" for column, value in zip(kind.key, key, strict=True))
    message = f"{named} is already given in {label.where(rival_part, rival)} with other content; the row was left out"
    hint = "keep one of the two, or give the correction a later recorded_at"
    return Finding("conflict", FindingSeverity.ERROR, message, hint, label.where(part, row))


def corrections(fetch: Fetch, kind: FactKind, told: str, label: Label) -> list[Finding]:
    """A finding for each row that takes back what an earlier row of its key had said (requirement A6).

    What was empty and is given later is no correction but how facts grow: an order is placed, then shipped.
    """
    if kind.is_standing_data:
        return []
    key = _list(kind.key)
    flags = [c.name for c in kind.columns if c.name != "recorded_at" and c.name not in kind.key]
    before = "".join(f", lag({quoting.name(name)}) OVER w AS __before{i}" for i, name in enumerate(flags))
    changed = [f"(__before{i} IS NOT NULL AND {quoting.name(name)} IS DISTINCT FROM __before{i})" for i, name in enumerate(flags)]
    corrected = f"""FROM (SELECT *{before}, lag(__row) OVER w AS __before_row, lag(__file) OVER w AS __before_file FROM {told} WHERE __verdict = 'kept'
        WINDOW w AS (PARTITION BY {key} ORDER BY __told_at)) WHERE {" OR ".join(changed)}"""
    total = fetch(f"SELECT count(*) {corrected}")[0][0]
    keys = ", ".join(f"left({quoting.name(name)}, 61)" for name in kind.key)
    rows = fetch(
        f"SELECT __row, __file, __before_row, __before_file, known_from, {', '.join(changed)}, {keys} {corrected} ORDER BY __file, __row LIMIT {MOST_FINDINGS}"
    )
    found = [_correction(kind, label, [n for n, flag in zip(flags, row[5:], strict=False) if flag], row[:5], row[5 + len(flags) :]) for row in rows]
    return found + _more_corrections(total - len(rows), label)


def _correction(kind: FactKind, label: Label, columns: list[str], row: Sequence[Any], key: Sequence[str]) -> Finding:
    at, part, before, before_part, known_from = row
    named = ", ".join(f"{column} {shorten(value)}" for column, value in zip(kind.key, key, strict=True))
    message = (
        f"{named} is corrected: {', '.join(columns)} {'was' if len(columns) == 1 else 'were'} told otherwise in {label.where(before_part, before)}"
    )
    hint = f"counts from {known_from} on; days before keep what was known then"
    return Finding(CORRECTION, FindingSeverity.INFO, message, hint, label.where(part, at))


def _more_corrections(others: int, label: Label) -> list[Finding]:
    if others <= 0:
        return []
    return [Finding(CORRECTION, FindingSeverity.INFO, f"{others:,} more corrections are not listed", "", label.file)]


def kept_versions(kind: FactKind, told: str, kept: str) -> str:
    """The SELECT of versions with the days on which each was what the platform knew; of several on one day the last."""
    key = _list(kind.key)
    return f"""
        WITH changed AS (SELECT * FROM (SELECT *, lag(__content) OVER (PARTITION BY {key} ORDER BY __told_at) AS __before_it FROM {told} WHERE __verdict = 'kept')
            WHERE __before_it IS NULL OR __before_it <> __content),
        following AS (SELECT *, coalesce(lead(known_from) OVER (PARTITION BY {key} ORDER BY __told_at), {FOREVER}) AS known_to FROM changed)
        SELECT {kept}, known_to FROM following WHERE known_from < known_to"""
