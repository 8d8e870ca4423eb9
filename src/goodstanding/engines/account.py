"""All facts of one account, read into the light values that the pure rules take: for what is asked about one account at a time."""

# ruff: noqa: S608 - names come from `core.facts` or are quoted by `quoting`, values are parameters

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import duckdb

from goodstanding.core.appeals.diagnosis.model import Background, PastAction
from goodstanding.core.errors import NotFound
from goodstanding.core.facts import KINDS, Account, Complaint, Defect, ListingChange, Message, Order, Return, SignIn
from goodstanding.core.health.known import AccountFacts
from goodstanding.engines import quoting

KINDS_READ = frozenset({"accounts", "orders", "defects", "complaints", "returns", "messages", "sign_ins", "listing_changes", "actions"})
"""The kinds of facts that one account's part is read of."""

_LIGHT: Mapping[str, type[Any]] = {
    "accounts": Account,
    "orders": Order,
    "defects": Defect,
    "complaints": Complaint,
    "returns": Return,
    "messages": Message,
    "sign_ins": SignIn,
    "listing_changes": ListingChange,
}
_OF_BUYERS = frozenset({"orders", "returns"})
"""Kinds that name the seller in `account_id` and bear on the buyer too."""


@dataclass(frozen=True, slots=True)
class AccountRecords:
    """The facts of one account and what its tables say beyond the columns that rules know."""

    facts: AccountFacts
    background: Background


def read_account(con: duckdb.DuckDBPyConnection, account_id: str, extra_columns: Collection[str] = ()) -> AccountRecords:
    """Everything in the tables `facts.*` of a connection that bears on one account.

    `extra_columns`: further columns of orders and of sign-ins to keep, where the tables have them. Raises NotFound where the account has no fact.
    """
    rows = {kind: _rows(con, kind, light, account_id) for kind, light in _LIGHT.items()}
    if not any(rows.values()):
        raise NotFound(f"no fact is about the account '{account_id}'; ids are compared letter by letter")
    facts = AccountFacts(account_id, **rows)
    background = Background(
        _extras(con, "orders", "order_id", account_id, extra_columns),
        _extras(con, "sign_ins", "sign_in_id", account_id, extra_columns),
        _actions(con, account_id),
    )
    return AccountRecords(facts, background)


def _rows(con: duckdb.DuckDBPyConnection, kind: str, light: type[Any], account_id: str) -> list[Any]:
    names = [field.name for field in fields(light)]
    columns = ", ".join(f"CAST({name} AS DOUBLE)" if name == "amount" else quoting.name(name) for name in names)
    key = ", ".join(KINDS[kind].key)
    query = f"SELECT {columns} FROM facts.{kind} WHERE {_bears_on(kind)} ORDER BY {key}, known_from"
    return [light(**dict(zip(names, row, strict=True))) for row in con.execute(query, {"account": account_id}).fetchall()]


def _bears_on(kind: str) -> str:
    if kind in _OF_BUYERS:
        return "(account_id = $account OR buyer_id = $account)"
    if kind == "defects":
        return "order_id IN (SELECT order_id FROM facts.orders WHERE account_id = $account OR buyer_id = $account)"
    return "account_id = $account"


def _extras(con: duckdb.DuckDBPyConnection, kind: str, key: str, account_id: str, wanted: Collection[str]) -> dict[str, dict[str, str]]:
    known = {column.name for column in KINDS[kind].columns}
    there = [row[0] for row in con.execute(f"DESCRIBE facts.{kind}").fetchall()]
    columns = [name for name in there if name in wanted and name not in known]
    if not columns:
        return {}
    chosen = ", ".join(f"CAST({quoting.name(name)} AS VARCHAR)" for name in columns)
    query = f"SELECT {key}, {chosen} FROM facts.{kind} WHERE {_bears_on(kind)} ORDER BY known_from"
    return {row[0]: _said(columns, row[1:]) for row in con.execute(query, {"account": account_id}).fetchall()}


def _said(columns: Sequence[str], values: Sequence[str | None]) -> dict[str, str]:
    return {column: value for column, value in zip(columns, values, strict=True) if value not in (None, "")}


def _actions(con: duckdb.DuckDBPyConnection, account_id: str) -> list[PastAction]:
    query = 'SELECT action_id, kind, "at" FROM facts.actions WHERE account_id = $account ORDER BY "at", action_id'
    return [PastAction(*row) for row in con.execute(query, {"account": account_id}).fetchall()]
