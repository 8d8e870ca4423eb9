"""Rows for `benchmarks.queue`, made by the database itself: accounts, actions, violations and cases in every lane."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, models

from goodstanding.server.store.models import Account, Case, EnforcementAction, Violation

BLOCK = 100_000
"""Rows of one statement."""

CHOOSE = "CASE i % {count} {whens} END"


def fill(size: int, start: int) -> None:
    """Make `size` cases: seven of ten wait as appeals, one as a proposal, two are over. One in ten waits too long."""
    for first in range(0, size, BLOCK):
        last = min(first + BLOCK, size) - 1
        for model, columns in ((Account, _account()), (EnforcementAction, _action()), (Violation, _violation()), (Case, _case(start))):
            _insert(model, columns, first, last)
        _link(first, last)
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def _one_of(values: list[str]) -> str:
    return CHOOSE.format(count=len(values), whens=" ".join(f"WHEN {at} THEN '{value}'" for at, value in enumerate(values)))


def _account() -> dict[str, str]:
    return {
        "account_id": "'S' || i",
        "holder_kind": "'seller'",
        "marketplace": "'US'",
        "language": "'en'",
        "display_name": "'Seller ' || i",
        "opened_at": _moment("0"),
    }


def _action() -> dict[str, str]:
    return {
        "action_id": "'A' || i",
        "account_id": "'S' || i",
        "kind": "'restrict'",
        "rule": "'defects-restriction'",
        "approval": "'person'",
        "pack_name": "'amazon'",
        "as_of": "'2026-11-01'",
        "proposed_at": _moment("i"),
        "decided_by": "'user:900'",
        "effective_at": _moment("i"),
    }


def _violation() -> dict[str, str]:
    return {
        "violation_id": "'V' || i",
        "account_id": "'S' || i",
        "reason": "'PERF_ODR'",
        "found_by": "'metric'",
        "opened": "'2026-11-01'",
        "severity": "'high'",
        "points": "40",
        "subject_kind": "'orders'",
        "items": "'[]'",
        "recorded_at": _moment("i"),
    }


def _case(start: int) -> dict[str, str]:
    state = _one_of(["submitted"] * 7 + ["proposed", "upheld", "reinstated"])
    lane = _one_of(["appeal"] * 7 + ["proposal", "", ""])
    spread = "((i * 7919) % 1000003)"  # places in another order than that of the keys
    return {
        "case_id": "'C' || i",
        "account_id": "'S' || i",
        "action_id": "'A' || i",
        "state": state,
        "lane": lane,
        "severity": _one_of(["critical", "high", "medium"]),
        "language": _one_of(["en", "en", "en", "zh-Hans", "en", "en", "en", "en", "en", "en", "zh-Hant"]),
        "skill": _one_of(["performance", "identity", "identity", "authenticity", "relations"]),
        "reason": "'PERF_ODR'",
        "opened_at": _moment("i"),
        "changed_at": _moment(spread),
        "due_at": _moment(spread),
        "review_due_at": _moment(spread),
        "told_at": _moment("i"),
        "attempts": "1",
        "raised_at": f"CASE WHEN i % 10 = 3 THEN {_moment('i')} END",
        "place": f"{start} + {spread}",
    }


def _moment(seconds: str) -> str:
    if connection.vendor == "postgresql":
        return f"timestamptz '2026-01-01 00:00:00+00' + make_interval(secs => {seconds})"
    return f"datetime('2026-01-01', '+' || ({seconds}) || ' seconds')"


def _insert(model: type[models.Model], columns: Mapping[str, str], first: int, last: int) -> None:
    """Insert a block; whatever a model wants beside the given columns is empty."""
    values = {field.column: columns.get(field.column) or _empty(field) for field in model._meta.concrete_fields}
    names = ", ".join(f'"{name}"' for name in values)
    _run(f"insert into {model._meta.db_table} ({names}) {_series(first, last)} select {', '.join(values.values())} from s")


def _link(first: int, last: int) -> None:
    table = EnforcementAction.violations.through._meta.db_table
    _run(f"insert into {table} (enforcementaction_id, violation_id) {_series(first, last)} select 'A' || i, 'V' || i from s")


def _series(first: int, last: int) -> str:
    return f"with recursive s(i) as (select cast({first} as bigint) union all select i + 1 from s where i < {last})"


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _empty(field: "models.Field[Any, Any]") -> str:
    if field.null:
        return "null"
    if isinstance(field, models.BooleanField):
        return "false"
    if isinstance(field, models.IntegerField):
        return "0"
    return "''"
