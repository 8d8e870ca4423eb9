"""Related accounts at scale: DuckDB finds the identifiers that a few accounts share, `core.linkage` says what they mean."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from goodstanding.core.facts import Identifier
from goodstanding.core.health.violations import found
from goodstanding.core.linkage.clusters import Cluster, find_clusters
from goodstanding.core.linkage.relations import Enforced, Holder, Relation, find_relation_violations, find_relations
from goodstanding.core.linkage.signals import SharedIdentifier
from goodstanding.core.policy.pack import Linkage, PolicyPack
from goodstanding.core.terms import ActionKind
from goodstanding.engines.struck import violation_rows

FACTS_READ = ("accounts", "identifiers", "actions")
"""The kinds of facts that relations rest on."""
RELATIONS_SCHEMA = pa.schema(
    [
        pa.field("account_a", pa.string(), nullable=False),
        pa.field("account_b", pa.string(), nullable=False),
        pa.field("score", pa.int32(), nullable=False),
        pa.field("evidence", pa.string(), nullable=False),  # JSON, values masked
    ]
)
CLUSTERS_SCHEMA = pa.schema([pa.field("account_id", pa.string(), nullable=False), pa.field("cluster_id", pa.string(), nullable=False)])

# Hubs are cut before any pair is formed: an address shared by thousands would make millions of pairs that say nothing.
_SHARED = """
WITH known AS (
    SELECT account_id, kind, value, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM facts.identifiers
    WHERE known_from <= $as_of AND known_to > $as_of AND kind IN (SELECT unnest($kinds)) AND caused_by IS NULL
    GROUP BY ALL
),
shared AS (SELECT kind, value FROM known GROUP BY ALL HAVING count(*) BETWEEN 2 AND $hub)
SELECT account_id, kind, value, first_seen, last_seen FROM known SEMI JOIN shared USING (kind, value)
"""
# What another action caused (an account deactivated for its relation) spreads no further by itself.
_ENFORCED = """
SELECT account_id, action_id, at_day, CASE WHEN lifted_at_day <= $as_of THEN lifted_at_day END
FROM facts.actions
WHERE known_from <= $as_of AND known_to > $as_of AND at_day <= $as_of AND kind IN ($deactivate, $close) AND caused_by IS NULL
"""
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
    relations = find_relations(_shared(con, pack.linkage, as_of), pack.linkage)
    return Relations(as_of, relations, find_clusters(relations), _violations(con, pack, relations, as_of))


def relation_rows(relations: Sequence[Relation]) -> pa.Table:
    """Relations as a table; the evidence is JSON that shows values masked only."""
    columns: list[list[Any]] = [
        [relation.account_a for relation in relations],
        [relation.account_b for relation in relations],
        [relation.score for relation in relations],
        [json.dumps([evidence_of(shared) for shared in relation.evidence], ensure_ascii=False) for relation in relations],
    ]
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, RELATIONS_SCHEMA, strict=True)], schema=RELATIONS_SCHEMA
    )


def cluster_rows(clusters: Sequence[Cluster]) -> pa.Table:
    """Clusters as a table, one row per account."""
    pairs = [(account, cluster.cluster_id) for cluster in clusters for account in cluster.accounts]
    columns = [pa.array([pair[n] for pair in pairs], pa.string()) for n in range(2)]
    return pa.Table.from_arrays(columns, schema=CLUSTERS_SCHEMA)


def evidence_of(shared: SharedIdentifier) -> dict[str, str | int | None]:
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
    }


def _shared(con: duckdb.DuckDBPyConnection, linkage: Linkage, as_of: date) -> list[Identifier]:
    kinds = [str(kind) for kind in linkage.weights]
    return [Identifier(*row) for row in con.execute(_SHARED, {"as_of": as_of, "kinds": kinds, "hub": linkage.hub}).fetchall()]


def _violations(con: duckdb.DuckDBPyConnection, pack: PolicyPack, relations: Sequence[Relation], as_of: date) -> pa.Table:
    parameters = {"as_of": as_of, "deactivate": str(ActionKind.DEACTIVATE), "close": str(ActionKind.CLOSE)}
    enforced = [Enforced(*row) for row in con.execute(_ENFORCED, parameters).fetchall()]
    accounts = sorted({account for relation in relations for account in (relation.account_a, relation.account_b)})
    holders = {account: Holder(kind, opened) for account, kind, opened in con.execute(_HOLDERS, {"as_of": as_of, "accounts": accounts}).fetchall()}
    related = find_relation_violations(relations, enforced, holders, pack)
    return violation_rows([found(pack, v.reason, v.account_id, v.other_id, v.opened, v.closed, ("accounts", [v.other_id])) for v in related])
