"""The SQL that relates millions of accounts says what the pure rule says, piece by piece."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from goodstanding.core.facts import Identifier
from goodstanding.core.linkage.relations import Enforced, Holder, Relation, find_relations
from goodstanding.core.policy.pack import Linkage
from goodstanding.engines import linking
from goodstanding.engines.relating import RELATIONS_SCHEMA, evidence_of, relate, take_uses
from goodstanding.packs.loader import load_pack
from tests.factories import make_pack

PACK = load_pack("amazon")
LAST = date(2026, 6, 30)
NOON = datetime(2026, 1, 1, 12)
FACTS = """
CREATE SCHEMA facts;
CREATE TABLE facts.identifiers (account_id VARCHAR, kind VARCHAR, value VARCHAR, first_seen TIMESTAMP, last_seen TIMESTAMP, caused_by VARCHAR);
CREATE TABLE facts.sign_ins (sign_in_id VARCHAR, account_id VARCHAR, "at" TIMESTAMP, ip VARCHAR, mac VARCHAR, device_id VARCHAR, wifi VARCHAR, succeeded BOOLEAN, caused_by VARCHAR);
CREATE TABLE facts.accounts (account_id VARCHAR, holder_kind VARCHAR, opened_at_day DATE);
CREATE TABLE facts.actions (account_id VARCHAR, action_id VARCHAR, kind VARCHAR, at_day DATE, lifted_at_day DATE, caused_by VARCHAR);
"""
ACCOUNTS = "ABCDEFGH"

days = st.integers(0, 60)
uses = st.lists(
    st.builds(
        lambda account, kind, value, first, length: Identifier(
            account, kind, value, NOON + timedelta(days=first), None if length is None else NOON + timedelta(days=first + length)
        ),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(["bank_account", "device", "phone", "email", "wifi", "address", "ip", "mac"]),
        st.sampled_from("xy"),
        days,
        st.none() | st.integers(0, 30),
    ),
    max_size=60,
)
sign_ins = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), days, st.none() | st.sampled_from("xy"), st.none() | st.sampled_from("xy"), st.none() | st.booleans()),
    max_size=15,
)
opened = st.fixed_dictionaries(dict.fromkeys(ACCOUNTS, days))
strikes = st.lists(st.tuples(st.sampled_from(ACCOUNTS), days, st.none() | st.integers(0, 40)), max_size=4)
linkages = st.builds(
    lambda relate_at, home_size, family, crew, hub, together, cap, company: replace(
        PACK.linkage,
        relate_at=relate_at,
        home_size=home_size,
        family=family,
        crew=crew,
        hub=hub,
        together_days=together,
        explained_cap=cap,
        company=company,
        successor_days=20,
    ),
    st.sampled_from([1, 20, 50]),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(2, 7),
    st.sampled_from([0, 7, 1_000_000]),
    st.sampled_from([0, 40, 50, 500]),
    st.sampled_from([0, 20, 45, 60]),
)


def day(number: int) -> date:
    return NOON.date() + timedelta(days=number)


def engine(told: Sequence[Identifier], seen: Sequence[Any], lives: dict[str, int], struck: Sequence[Any]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(FACTS)
    if told:
        con.executemany(
            "INSERT INTO facts.identifiers VALUES (?, ?, ?, ?, ?, NULL)", [[u.account_id, u.kind, u.value, u.first_seen, u.last_seen] for u in told]
        )
    if seen:
        con.executemany(
            "INSERT INTO facts.sign_ins VALUES (NULL, ?, ?, ?, NULL, ?, NULL, ?, NULL)",
            [[a, NOON + timedelta(days=n), ip, dev, ok] for a, n, ip, dev, ok in seen],
        )
    con.executemany("INSERT INTO facts.accounts VALUES (?, 'seller', ?)", [[a, day(n)] for a, n in lives.items()])
    if struck:
        rows = [[a, f"X{n}", day(since), None if length is None else day(since + length)] for n, (a, since, length) in enumerate(struck)]
        con.executemany("INSERT INTO facts.actions VALUES (?, ?, 'deactivate', ?, ?, NULL)", rows)
    for table in ("identifiers", "sign_ins", "accounts", "actions"):
        con.execute(f"ALTER TABLE facts.{table} ADD COLUMN known_from DATE DEFAULT DATE '2020-01-01'")
        con.execute(f"ALTER TABLE facts.{table} ADD COLUMN known_to DATE DEFAULT DATE '9999-12-31'")
    return con


def oracle(told: Sequence[Identifier], seen: Sequence[Any], lives: dict[str, int], struck: Sequence[Any], linkage: Linkage) -> tuple[Relation, ...]:
    signed = [
        Identifier(account, kind, value, at, at)
        for account, number, ip, device, succeeded in seen
        for at in [NOON + timedelta(days=number)]
        for kind, value in (("ip", ip), ("device", device))
        if value and succeeded is not False
    ]
    enforced = [Enforced(a, f"X{n}", day(since), None if length is None else day(since + length)) for n, (a, since, length) in enumerate(struck)]
    return find_relations([*told, *signed], linkage, {a: Holder("seller", day(n)) for a, n in lives.items()}, enforced)


@settings(max_examples=40, deadline=None)
@given(uses, sign_ins, opened, strikes, linkages)
def test_the_engine_relates_as_the_rule_does(
    told: list[Identifier], seen: list[Any], lives: dict[str, int], struck: list[Any], linkage: Linkage
) -> None:
    """B16, B17: scores, shares, doubts, times and successors are equal to the integer."""
    with engine(told, seen, lives, struck) as con:
        assert relate(con, make_pack(linkage=linkage), LAST).relations == oracle(told, seen, lives, struck, linkage)


def relation_rows(relations: Sequence[Relation]) -> pa.Table:
    """Relations as the table that SQL has to make of them."""
    rows = [
        (one.account_a, one.account_b, one.score, one.successor, json.dumps([evidence_of(shared) for shared in one.evidence], ensure_ascii=False))
        for one in relations
    ]
    columns = zip(*rows, strict=True) if rows else ([] for _ in RELATIONS_SCHEMA)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, RELATIONS_SCHEMA, strict=True)], schema=RELATIONS_SCHEMA
    )


@settings(max_examples=10, deadline=None)
@given(uses, sign_ins, opened, strikes)
def test_the_table_made_in_sql_is_the_table_made_of_relations(
    told: list[Identifier], seen: list[Any], lives: dict[str, int], struck: list[Any]
) -> None:
    linkage = replace(PACK.linkage, relate_at=1)
    with engine(told, seen, lives, struck) as con:
        wanted = relation_rows(relate(con, make_pack(linkage=linkage), LAST).relations)
        take_uses(con, linkage, LAST)
        linking.link(con, linkage)
        made = linking.tables(con).cast(wanted.schema)
    assert made.drop_columns("evidence").equals(wanted.drop_columns("evidence"))
    assert [text.replace(" ", "") for text in wanted["evidence"].to_pylist()] == made["evidence"].to_pylist()
