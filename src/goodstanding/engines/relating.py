"""Related accounts at scale: uses of identifiers are taken from the facts, `linking` weighs them, `core.linkage` says what follows."""

# ruff: noqa: S608 - names are ours, every value is a parameter

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from goodstanding.core.health.violations import found
from goodstanding.core.linkage.clusters import Cluster, find_clusters, strong_enough
from goodstanding.core.linkage.relations import Enforced, Holder, Relation, find_relation_violations
from goodstanding.core.linkage.signals import SharedIdentifier
from goodstanding.core.policy.pack import Linkage, PolicyPack
from goodstanding.core.terms import ActionKind, Doubt, UseOrder
from goodstanding.engines import linking, profiles
from goodstanding.engines.struck import violation_rows

FACTS_READ = ("accounts", "identifiers", "sign_ins", "actions")
"""The kinds of facts that relations rest on."""
RELATIONS_SCHEMA = pa.schema(
    [
        pa.field("account_a", pa.string(), nullable=False),
        pa.field("account_b", pa.string(), nullable=False),
        pa.field("score", pa.int32(), nullable=False),
        pa.field("successor", pa.string()),  # the one that was opened under enforcement of the other
        pa.field("evidence", pa.string(), nullable=False),  # JSON, values masked
    ]
)
CLUSTERS_SCHEMA = pa.schema([pa.field("account_id", pa.string(), nullable=False), pa.field("cluster_id", pa.string(), nullable=False)])

# A sign-in that failed may have been anybody's. What only one account uses is dropped by the hash of the identifier first: most are.
TOLD = """
    SELECT NULL::VARCHAR AS told_by, account_id, kind, value, first_seen, last_seen FROM facts.identifiers
    WHERE known_from <= $as_of AND known_to > $as_of AND kind IN (SELECT unnest($kinds)) AND caused_by IS NULL
    UNION ALL
    SELECT sign_in_id, account_id, unnest($signed) AS kind, unnest([ip, mac, device_id, wifi]) AS value, "at" AS first_seen, "at" AS last_seen
    FROM facts.sign_ins WHERE known_from <= $as_of AND known_to > $as_of AND succeeded IS NOT FALSE AND caused_by IS NULL
"""
"""Every use that is known at the end of a day; `told_by`: the sign-in that tells it."""
_SIGNED = ("ip", "mac", "device", "wifi")
_USES = """
    WITH told AS NOT MATERIALIZED (SELECT * FROM {told} WHERE value IS NOT NULL),
    several AS (SELECT hash(kind, value) AS h FROM told GROUP BY h HAVING min(hash(account_id)) <> max(hash(account_id)))
    SELECT account_id, kind, value, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM told WHERE hash(kind, value) IN (SELECT h FROM several) GROUP BY ALL
"""
_SHARED = "SELECT kind, value, count(*) AS sharers FROM links.uses GROUP BY ALL HAVING count(*) BETWEEN 2 AND {hub}"
EVERYTHING = date(9999, 12, 30)
"""The day to ask for where everything told counts."""
# What another action caused (an account deactivated for its relation) spreads no further by itself.
ENFORCED = """
SELECT account_id, action_id, at_day AS since, CASE WHEN lifted_at_day <= $as_of THEN lifted_at_day END AS until
FROM facts.actions
WHERE known_from <= $as_of AND known_to > $as_of AND at_day <= $as_of AND kind IN ($deactivate, $close) AND caused_by IS NULL
"""
LIVES = "SELECT account_id, opened_at_day AS opened FROM facts.accounts WHERE known_from <= $as_of AND known_to > $as_of"
_HOLDERS = """
SELECT account_id, holder_kind, opened_at_day
FROM facts.accounts
WHERE known_from <= $as_of AND known_to > $as_of AND account_id IN (SELECT unnest($accounts))
"""


@dataclass(frozen=True, slots=True)
class Relations:
    """Related accounts as of a day. `violations` has the columns of `engines.base.VIOLATIONS_SCHEMA`."""

    as_of: date
    relations: tuple[Relation, ...]
    clusters: tuple[Cluster, ...]
    violations: pa.Table


def relate(con: duckdb.DuckDBPyConnection, pack: PolicyPack, as_of: date) -> Relations:
    """The relations that are known at the end of a day, from the tables `facts.*` that `load_facts` makes.

    A pack without `linkage` relates nobody.
    """
    if pack.linkage is None:
        return Relations(as_of, (), (), violation_rows([]))
    take_uses(con, pack.linkage, as_of)
    linking.link(con, pack.linkage)
    relations = _relations(con)
    clusters = find_clusters(strong_enough(relations, pack.linkage))
    return Relations(as_of, relations, clusters, _violations(con, pack, relations, as_of))


def take_uses(con: duckdb.DuckDBPyConnection, linkage: Linkage, as_of: date, *, with_profiles: bool = False) -> None:
    """Make the inputs of `linking.link` from facts known at the end of a day. `with_profiles`: names and addresses that are nearly equal count as shared too."""
    con.execute("CREATE SCHEMA IF NOT EXISTS links")
    told = TOLD
    if with_profiles:
        profiles.find_profiles(con, linkage, as_of)
        told += f" UNION ALL SELECT NULL, * FROM {profiles.PROFILES}"
    prepare(con, linkage, f"({told})", told_parameters(linkage, as_of))
    con.execute(f"CREATE OR REPLACE TABLE {linking.LIVES} AS {LIVES}", {"as_of": as_of})
    con.execute(f"CREATE OR REPLACE TABLE {linking.STRIKES} AS SELECT account_id, since, until FROM ({ENFORCED})", enforcing(as_of))


def prepare(con: duckdb.DuckDBPyConnection, linkage: Linkage, told: str, parameters: Mapping[str, object] | None = None) -> None:
    """Make `linking.USES` and `linking.SHARED` from a relation with the columns of `TOLD`."""
    con.execute(f"CREATE OR REPLACE TABLE {linking.USES} AS {_USES.format(told=told)}", parameters)
    con.execute(f"CREATE OR REPLACE TABLE {linking.SHARED} AS {_SHARED.format(hub=linkage.hub)}")


def told_parameters(linkage: Linkage, as_of: date) -> dict[str, object]:
    """What `TOLD` asks for."""
    return {"as_of": as_of, "kinds": [str(kind) for kind in linkage.weights], "signed": list(_SIGNED)}


def _relations(con: duckdb.DuckDBPyConnection) -> tuple[Relation, ...]:
    rows = con.execute(
        f"""SELECT account_a, account_b, score, successor, kind, value, sharers, share, first_a, last_a, first_b, last_b, use_order, doubt, company
        FROM {linking.RELATIONS} JOIN {linking.EVIDENCE} USING (a, b) ORDER BY a, b, share DESC, piece"""
    ).fetchall()
    return tuple(
        Relation(a, b, score, tuple(_piece(row[4:]) for row in group), successor)
        for (a, b, score, successor), group in groupby(rows, key=lambda row: row[:4])
    )


def _piece(row: Sequence[Any]) -> SharedIdentifier:
    kind, value, sharers, share, first_a, last_a, first_b, last_b, order, doubt, company = row
    innocent = Doubt(doubt) if doubt else None
    return SharedIdentifier(kind, value, sharers, share, first_a, last_a, first_b, last_b, UseOrder(order), innocent, company)


def evidence_of(shared: SharedIdentifier) -> dict[str, str | int | bool | None]:
    """One piece of evidence as a reviewer may see it."""
    return {
        "kind": shared.kind,
        "value": shared.masked,
        "sharers": shared.sharers,
        "share": shared.share,
        "first_a": shared.first_a.isoformat(),
        "last_a": shared.last_a.isoformat() if shared.last_a else None,
        "first_b": shared.first_b.isoformat(),
        "last_b": shared.last_b.isoformat() if shared.last_b else None,
        "used": str(shared.order),
        "doubt": str(shared.doubt) if shared.doubt else None,
        "company": shared.company,
    }


def enforcing(as_of: date) -> dict[str, object]:
    """What `ENFORCED` asks for."""
    return {"as_of": as_of, "deactivate": str(ActionKind.DEACTIVATE), "close": str(ActionKind.CLOSE)}


def _violations(con: duckdb.DuckDBPyConnection, pack: PolicyPack, relations: Sequence[Relation], as_of: date) -> pa.Table:
    enforced = [Enforced(*row) for row in con.execute(ENFORCED, enforcing(as_of)).fetchall()]
    accounts = sorted({account for relation in relations for account in (relation.account_a, relation.account_b)})
    holders = {account: Holder(kind, opened) for account, kind, opened in con.execute(_HOLDERS, {"as_of": as_of, "accounts": accounts}).fetchall()}
    related = find_relation_violations(relations, enforced, holders, pack)
    return violation_rows([found(pack, v.reason, v.account_id, v.other_id, v.opened, v.closed, ("accounts", [v.other_id])) for v in related])
