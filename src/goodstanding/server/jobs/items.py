"""What is known of the items that violations rest on: the rows a notice shows (requirement C1)."""

# ruff: noqa: S608 - names come from the tables below, every value is a parameter

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from goodstanding.core.facts import KINDS
from goodstanding.core.linkage.relations import Relation
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import FoundBy, MetricRule
from goodstanding.engines.relating import evidence_of
from goodstanding.server.services.statements import FOR_STAFF, unnamed

MOST_DETAILED = 200
"""Items of one violation that are shown with their facts; the others are named by id, so that the count stays exact."""

SHOWN: Mapping[str, tuple[str, ...]] = {
    "orders": (
        "placed_at",
        "ship_by",
        "shipped_at",
        "deliver_by",
        "delivered_at",
        "cancelled_at",
        "cancelled_by",
        "carrier",
        "tracking_valid",
        "product_id",
    ),
    "complaints": ("at", "source", "order_id", "product_id", "text"),
    "sign_ins": ("at", "country", "device_id", "ip", "succeeded"),
    "messages": ("at", "answered_at", "topic", "order_id"),
    "listing_changes": ("at", "product_id", "field", "note"),
    "accounts": ("opened_at", "country", "information_complete", "identity_verified_at"),
}
"""Columns of each kind that a holder is shown, where the facts have them."""

DEFECT_RULES = frozenset({MetricRule.ORDER_DEFECT_RATE, MetricRule.NEGATIVE_FEEDBACK_RATE})
_KNOWN = "{table}.known_from <= $as_of AND {table}.known_to > $as_of"
DEFECT_KINDS = ("negative_feedback", "claim", "chargeback")


def snapshots(
    con: duckdb.DuckDBPyConnection, pack: PolicyPack, violations: pa.Table, relations: Iterable[Relation], as_of: date
) -> dict[str, list[dict[str, object]]]:
    """Violation id -> its items with id, kind and facts as text, as they were known at the end of a day, for the open violations of a table.

    The item of a relation is a mere number and says by what kinds of identifier the other account is related. What only staff may see
    stands under `for_staff` (the account's id, the evidence with masked values), which no page and no letter of a holder reads.
    """
    rows = violations.filter(pc.is_null(violations["closed"])).to_pylist()
    found: dict[tuple[str, str], dict[str, str]] = {}
    for kind in sorted({row["subject_kind"] for row in rows} & SHOWN.keys()):
        found.update(facts_of(con, kind, [wanted for row in rows if row["subject_kind"] == kind for wanted in _wanted(row, pack)], as_of))
    by_pair = {frozenset((relation.account_a, relation.account_b)): relation for relation in relations}
    related = {
        row["violation_id"]: [
            _related_item(number, other, by_pair.get(frozenset((row["account_id"], other)))) for number, other in enumerate(row["subject_ids"], 1)
        ]
        for row in rows
        if _is_relation(row, pack)
    }
    return related | {
        row["violation_id"]: [
            {"id": item, "kind": row["subject_kind"], "facts": found.get((row["violation_id"], item), {})} for item in row["subject_ids"]
        ]
        for row in rows
        if row["violation_id"] not in related
    }


def _related_item(number: int, other: str, relation: Relation | None) -> dict[str, object]:
    evidence = relation.evidence if relation else ()
    counted = [shared for shared in evidence if shared.share]
    facts = {"shares": ", ".join(dict.fromkeys(shared.kind for shared in counted))}
    if counted:
        facts["shared_since"] = min(shared.shared_since for shared in counted).date().isoformat()
    for_staff = {"account_id": other, "score": relation.score if relation else None, "evidence": [evidence_of(shared) for shared in evidence]}
    return {"id": unnamed(number), "kind": "accounts", "facts": facts, FOR_STAFF: for_staff}


def _is_relation(row: Mapping[str, Any], pack: PolicyPack) -> bool:
    return pack.reasons[row["reason"]].found_by == FoundBy.RELATION


def _wanted(row: Mapping[str, Any], pack: PolicyPack) -> Iterator[dict[str, object]]:
    """The items to look up. Of a related account nothing is: a holder never learns another account's data (requirement K5)."""
    if _is_relation(row, pack):
        return
    has_defects = row["metric"] is not None and pack.metrics[row["metric"]].rule in DEFECT_RULES
    for item in row["subject_ids"][:MOST_DETAILED]:
        yield {"violation_id": row["violation_id"], "account_id": row["account_id"], "item": item, "has_defects": has_defects}


def facts_of(
    con: duckdb.DuckDBPyConnection, kind: str, wanted: Sequence[Mapping[str, object]], as_of: date
) -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    """(owner, item) -> the facts of an item as text. Each of `wanted` has violation_id (whom the item is for), account_id, item, has_defects."""
    if not wanted:
        return
    types = {name: str(type) for name, type, *_ in con.execute(f"DESCRIBE facts.{kind}").fetchall()}
    columns = [column for column in SHOWN[kind] if column in types]
    texts = [_as_text(column, types[column]) for column in columns]
    if kind == "orders":
        columns, texts = [*columns, *DEFECT_KINDS], [*texts, *(_defect(defect) for defect in DEFECT_KINDS)]
    con.register("wanted", pa.Table.from_pylist([dict(one) for one in wanted]))
    try:
        rows = con.execute(_select(kind, texts), {"as_of": as_of}).fetchall()
    finally:
        con.unregister("wanted")
    for violation_id, item, *values in rows:
        yield (violation_id, item), {column: value for column, value in zip(columns, values, strict=True) if value}


def _select(kind: str, texts: Sequence[str]) -> str:
    # An order may have parts of several sellers; the account's own part comes first.
    return f"""
SELECT wanted.violation_id, wanted.item, {", ".join(texts)}
FROM wanted JOIN facts.{kind} AS fact ON fact.{KINDS[kind].key[0]} = wanted.item
WHERE {_KNOWN.format(table="fact")}
QUALIFY row_number() OVER (
    PARTITION BY wanted.violation_id, wanted.item ORDER BY fact.account_id <> wanted.account_id, fact.account_id) = 1
"""


def _defect(kind: str) -> str:
    """When an order got its first defect of a kind that counts."""
    return f"""
(SELECT strftime(min(defects.at), '%Y-%m-%d %H:%M UTC') FROM facts.defects
 WHERE wanted.has_defects AND defects.kind = '{kind}' AND defects.order_id = fact.order_id AND defects.account_id = fact.account_id
   AND defects.caused_by IS NULL AND {_KNOWN.format(table="defects")} AND defects.at_day <= $as_of
   AND (defects.withdrawn_at_day IS NULL OR defects.withdrawn_at_day > $as_of))
"""


def _as_text(column: str, type: str) -> str:
    if type.startswith("TIMESTAMP"):
        return (
            f"strftime(fact.{column} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M UTC')"
            if "TIME ZONE" in type
            else f"strftime(fact.{column}, '%Y-%m-%d %H:%M UTC')"
        )
    return f"CAST(fact.{column} AS VARCHAR)"
