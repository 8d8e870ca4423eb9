"""What the nightly run keeps of relations: pairs, who was under enforcement, and violations as people's judgements leave them."""

# ruff: noqa: S608 - names are ours, every value is a parameter

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa

from goodstanding.core.facts import Identifier
from goodstanding.core.health.violations import violation_id
from goodstanding.core.linkage import judgements as rules
from goodstanding.core.linkage.relations import Relation, find_relations
from goodstanding.core.policy.pack import Linkage, PolicyPack
from goodstanding.core.terms import ActionKind
from goodstanding.engines.linking import SHARED, USES
from goodstanding.engines.relating import Relations, evidence_of
from goodstanding.server.services.relations import Pair, Struck

MOST_STRUCK = 2000
"""Accounts under enforcement, the latest first, beside which also weak evidence is looked for: a reviewer asks about these."""

# What another action caused spreads no further, as in `engines.relating`.
_STRUCK = """
SELECT account_id, action_id, at_day
FROM facts.actions
WHERE known_from <= $as_of AND known_to > $as_of AND at_day <= $as_of AND kind IN ($deactivate, $close) AND caused_by IS NULL
  AND (lifted_at_day IS NULL OR lifted_at_day > $as_of)
QUALIFY row_number() OVER (PARTITION BY action_id ORDER BY known_from DESC) = 1
ORDER BY at_day DESC, account_id, action_id
"""
# The uses that the run has counted for all pairs, sign-ins among them: `links.uses` is what `engines.relating.relate` leaves.
_BESIDE = f"""
WITH theirs AS (SELECT DISTINCT kind, value FROM {USES} SEMI JOIN {SHARED} USING (kind, value) WHERE account_id IN (SELECT unnest($struck)))
SELECT account_id, kind, value, first_seen, last_seen FROM {USES} SEMI JOIN theirs USING (kind, value)
"""


def judged_violations(table: pa.Table, judgements: Iterable[rules.Judgement]) -> pa.Table:
    """The violations of relations that people have not denied; one denied and confirmed again counts from the day of that confirmation.

    `table` has the columns of `engines.base.VIOLATIONS_SCHEMA`, each row one account and the one that it is related to.
    """
    histories: dict[rules.Pair, list[rules.Judgement]] = {}
    for judgement in judgements:
        histories.setdefault(judgement.pair, []).append(judgement)
    kept = []
    for row in table.to_pylist():
        (other,) = row["subject_ids"]
        opened = rules.counts_from(row["opened"], histories.get(rules.pair_of(row["account_id"], other), ()))
        if opened is None or (row["closed"] is not None and row["closed"] <= opened != row["opened"]):
            continue
        key = row["violation_id"] if opened == row["opened"] else violation_id(row["account_id"], row["reason"], other, opened)
        kept.append(row | {"opened": opened, "violation_id": key})
    return pa.Table.from_pylist(kept, schema=table.schema)


def struck_accounts(con: duckdb.DuckDBPyConnection, as_of: date) -> tuple[Struck, ...]:
    """The deactivations and closures in force at the end of a day, the latest first, but those that relations caused."""
    parameters = {"as_of": as_of, "deactivate": str(ActionKind.DEACTIVATE), "close": str(ActionKind.CLOSE)}
    return tuple(Struck(*row) for row in con.execute(_STRUCK, parameters).fetchall())


def pairs_to_keep(con: duckdb.DuckDBPyConnection, pack: PolicyPack, related: Relations, struck: Sequence[Struck]) -> Iterator[Pair]:
    """Every relation with its cluster, and beside accounts under enforcement also what is too weak to be one."""
    if pack.linkage is None:
        return
    clusters = {account: cluster.cluster_id for cluster in related.clusters for account in cluster.accounts}
    seen = set()
    for relation in related.relations:
        seen.add((relation.account_a, relation.account_b))
        yield _pair(relation, clusters, pack.linkage)
    for relation in _weak(con, pack.linkage, struck):
        if (relation.account_a, relation.account_b) not in seen:
            yield _pair(relation, {}, pack.linkage)


def _weak(con: duckdb.DuckDBPyConnection, linkage: Linkage, struck: Sequence[Struck]) -> list[Relation]:
    accounts = {one.account_id for one in struck[:MOST_STRUCK]}
    uses = [Identifier(*row) for row in con.execute(_BESIDE, {"struck": sorted(accounts)}).fetchall()]
    # Whoever is in company is no weak pair, and found with everybody else.
    every_pair = find_relations(uses, replace(linkage, relate_at=1, company=0))
    return [one for one in every_pair if {one.account_a, one.account_b} & accounts]


def _pair(relation: Relation, clusters: dict[str, str], linkage: Linkage) -> Pair:
    a, b = relation.account_a, relation.account_b
    together = clusters.get(a, "") if clusters.get(a) == clusters.get(b) else ""
    evidence = tuple(evidence_of(shared) for shared in relation.evidence)
    return Pair(a, b, relation.score, together, evidence, rules.speaks_against(relation.score, relation.evidence, linkage))
