"""All facts of single accounts, read into the light values that the pure rules take: for what is asked about one account at a time."""

# ruff: noqa: S608 - names come from `core.facts` or are quoted by `quoting`, values are parameters

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import duckdb
import pyarrow as pa

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

_WANTED = "wanted_accounts"


@dataclass(frozen=True, slots=True)
class AccountRecords:
    """The facts of one account and what its tables say beyond the columns that rules know."""

    facts: AccountFacts
    background: Background


def read_account(con: duckdb.DuckDBPyConnection, account_id: str, extra_columns: Collection[str] = ()) -> AccountRecords:
    """Everything in the tables `facts.*` of a connection that bears on one account.

    `extra_columns`: further columns of orders and of sign-ins to keep, where the tables have them. Raises NotFound where the account has no fact.
    """
    records = read_accounts(con, [account_id], extra_columns)
    if account_id not in records:
        raise NotFound(f"no fact is about the account '{account_id}'; ids are compared letter by letter")
    return records[account_id]


def read_accounts(con: duckdb.DuckDBPyConnection, account_ids: Iterable[str], extra_columns: Collection[str] = ()) -> dict[str, AccountRecords]:
    """The same for several accounts in one pass over each table; accounts without facts are left out."""
    ids = sorted(set(account_ids))
    con.register(_WANTED, pa.table({"owner": pa.array(ids, pa.string())}))
    try:
        rows = {kind: _rows(con, kind, light) for kind, light in _LIGHT.items()}
        orders = _extras(con, "orders", "order_id", extra_columns)
        sign_ins = _extras(con, "sign_ins", "sign_in_id", extra_columns)
        actions = _actions(con)
    finally:
        con.unregister(_WANTED)
    return {
        owner: AccountRecords(
            AccountFacts(owner, **{kind: of.get(owner, []) for kind, of in rows.items()}),
            Background(orders.get(owner, {}), sign_ins.get(owner, {}), actions.get(owner, [])),
        )
        for owner in ids
        if any(owner in of for of in rows.values())
    }


def _rows(con: duckdb.DuckDBPyConnection, kind: str, light: type[Any]) -> dict[str, list[Any]]:
    names = [field.name for field in fields(light)]
    columns = ", ".join(f"CAST(f.{name} AS DOUBLE)" if name == "amount" else f"f.{quoting.name(name)}" for name in names)
    key = ", ".join(f"f.{name}" for name in KINDS[kind].key)
    found: dict[str, list[Any]] = {}
    for owner, *values in con.execute(f"SELECT owner, {columns} FROM {_bearing_on(kind)} ORDER BY owner, {key}, f.known_from").fetchall():
        found.setdefault(owner, []).append(light(**dict(zip(names, values, strict=True))))
    return found


def _bearing_on(kind: str) -> str:
    """The relation of a table's rows `f`, each with the wanted account `owner` that it bears on."""
    own = f"SELECT owner, t AS f FROM facts.{kind} AS t JOIN {_WANTED} ON t.account_id = owner"
    if kind in _OF_BUYERS:
        own += f" UNION ALL SELECT owner, t AS f FROM facts.{kind} AS t JOIN {_WANTED} ON t.buyer_id = owner WHERE t.account_id <> owner"
    if kind == "defects":
        bought = f"SELECT DISTINCT owner, order_id, account_id FROM facts.orders JOIN {_WANTED} ON buyer_id = owner WHERE account_id <> owner"
        own += f" UNION ALL SELECT b.owner, t AS f FROM facts.defects AS t JOIN ({bought}) AS b USING (order_id, account_id)"
    return f"({own})"


def _extras(con: duckdb.DuckDBPyConnection, kind: str, key: str, wanted: Collection[str]) -> dict[str, dict[str, dict[str, str]]]:
    """Owner -> id -> extra column -> what the last version says."""
    known = {column.name for column in KINDS[kind].columns}
    there = [row[0] for row in con.execute(f"DESCRIBE facts.{kind}").fetchall()]
    columns = [name for name in there if name in wanted and name not in known]
    found: dict[str, dict[str, dict[str, str]]] = {}
    if columns:
        chosen = ", ".join(f"CAST(f.{quoting.name(name)} AS VARCHAR)" for name in columns)
        query = f"SELECT owner, f.{key}, {chosen} FROM {_bearing_on(kind)} ORDER BY f.known_from"
        for owner, row_id, *values in con.execute(query).fetchall():
            found.setdefault(owner, {})[row_id] = dict(_said(columns, values))
    return found


def _said(columns: Sequence[str], values: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    for column, value in zip(columns, values, strict=True):
        if value:
            yield column, value


def _actions(con: duckdb.DuckDBPyConnection) -> dict[str, list[PastAction]]:
    query = f'SELECT owner, action_id, kind, "at" FROM facts.actions JOIN {_WANTED} ON account_id = owner ORDER BY owner, "at", action_id'
    found: dict[str, list[PastAction]] = {}
    for owner, *action in con.execute(query).fetchall():
        found.setdefault(owner, []).append(PastAction(*action))
    return found
