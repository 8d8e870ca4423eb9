"""How appeals of the past were decided: from a table of outcomes, or from facts about actions that carry their outcome."""

# ruff: noqa: S608 - names of columns are ours, the path is a parameter

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from goodstanding.core.enforcement.trial import PastOutcome
from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.terms import DecisionOutcome, FindingSeverity

COLUMNS = ("account_id", "reason", "outcome", "decided_at")
"""What a table of outcomes has to have."""

_READERS = {".csv": "read_csv(?, all_varchar=true, header=true)", ".parquet": "read_parquet(?)"}
_MOST_TOLD = 100


def read_outcomes(path: Path, reasons: Collection[str]) -> tuple[tuple[PastOutcome, ...], tuple[Finding, ...]]:
    """The decided appeals of a CSV or Parquet file, and a finding for each row that cannot be used. `reasons`: those any pack knows.

    Raises UnusableInput where the file cannot be read or lacks a column.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UnusableInput(f"{path} is neither .csv nor .parquet; give the outcomes as a table with the columns {', '.join(COLUMNS)}")
    if not path.is_file():
        raise UnusableInput(f"there is no file {path}; give the outcomes as .csv or .parquet")
    with duckdb.connect(config={"python_enable_replacements": False}) as con:
        con.execute("SET TimeZone = 'UTC'")
        try:
            con.execute(f"CREATE TABLE raw AS SELECT * FROM {reader}", [str(path)])
        except duckdb.Error as error:
            raise UnusableInput(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
        have = {name for name, *_ in con.execute("DESCRIBE raw").fetchall()}
        if missing := [name for name in COLUMNS if name not in have]:
            raise UnusableInput(f"{path} has no column {' and none '.join(missing)}; it needs {', '.join(COLUMNS)}")
        return _judge(path.name, con.execute(_typed("raw", COLUMNS)).fetchall(), reasons)


def outcomes_of_facts(con: duckdb.DuckDBPyConnection) -> tuple[PastOutcome, ...]:
    """The outcomes that `facts.actions` tells where its rows carry `reason`, `outcome` and `decided_at` (or `lifted_at`); other rows are no appeals."""
    have = {name for name, *_ in con.execute("DESCRIBE facts.actions").fetchall()}
    if not {"reason", "outcome"} <= have:
        return ()
    moment = 'coalesce(decided_at::VARCHAR, lifted_at::VARCHAR, "at"::VARCHAR)' if "decided_at" in have else 'coalesce(lifted_at, "at")'
    told = con.execute(_typed("facts.actions", ("account_id", "reason", "outcome", moment))).fetchall()
    outcomes = set(DecisionOutcome)
    return tuple(_outcome(row) for row in told if row[0] and row[1] and row[2] in outcomes and row[3] is not None)


def _typed(table: str, columns: tuple[str, ...]) -> str:
    account, reason, outcome, moment = columns
    return (
        f"SELECT trim({account}::VARCHAR), trim({reason}::VARCHAR), lower(trim({outcome}::VARCHAR)), "
        f"TRY_CAST(({moment})::VARCHAR AS TIMESTAMPTZ)::TIMESTAMP FROM {table}"
    )


def _outcome(row: tuple[Any, ...]) -> PastOutcome:
    account, reason, outcome, decided_at = row
    return PastOutcome(account, reason, DecisionOutcome(outcome), decided_at)


def _judge(file: str, rows: list[tuple[Any, ...]], reasons: Collection[str]) -> tuple[tuple[PastOutcome, ...], tuple[Finding, ...]]:
    good: list[PastOutcome] = []
    findings: list[Finding] = []
    for number, row in enumerate(rows, 1):
        problem = _problem(row, reasons)
        if problem is None:
            good.append(_outcome(row))
        elif len(findings) < _MOST_TOLD:
            findings.append(Finding(problem[0], FindingSeverity.WARNING, problem[1], problem[2], f"{file}: row {number}"))
    return tuple(good), tuple(findings)


def _problem(row: tuple[str | None, str | None, str | None, datetime | None], reasons: Collection[str]) -> tuple[str, str, str] | None:
    account, reason, outcome, decided_at = row
    if not account:
        return "outcome.no_account", "names no account; not counted", "fill in account_id"
    if reason not in reasons:
        return "outcome.unknown_reason", f"reason '{reason or ''}' is in neither pack; not counted", "write the reason's code as the pack does"
    if outcome not in set(DecisionOutcome):
        return "outcome.unknown", f"outcome '{outcome or ''}' is not known; not counted", f"write {' or '.join(DecisionOutcome)}"
    if decided_at is None:
        return "outcome.no_day", "does not say when it was decided; not counted", "write decided_at like 2026-03-31"
    return None
