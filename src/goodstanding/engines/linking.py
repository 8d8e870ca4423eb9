"""From uses of identifiers to relations with their evidence, in SQL: the rule of `core.linkage.relations` for millions of accounts.

Identifiers that nobody or too many share are dropped before any pair is formed, and pairs that could not reach the bound before their evidence is
weighed; so the work grows with what is shared by few. Arithmetic is in whole hundredths, by tables the core's own functions fill: equal to the core's.
"""

# ruff: noqa: S608 - names are ours, every value from outside is a parameter or comes from tables

import json
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from goodstanding.core.linkage.company import LEAST
from goodstanding.core.linkage.signals import mask, share_of
from goodstanding.core.policy.pack import Linkage
from goodstanding.core.terms import Doubt, UseOrder

USES = "links.uses"
"""Input: account_id, kind, value, first_seen, last_seen; one row an account and identifier, all users of each identifier that is to be weighed."""
SHARED = "links.shared"
"""Input: kind, value, sharers of the identifiers that at least two and at most the hub share."""
LIVES = "links.lives"
"""Input: account_id, opened (day)."""
STRIKES = "links.strikes"
"""Input: account_id, since, until (days): enforcement that lasts or lasted."""
RELATIONS = "links.relations"
"""Output: a, b, account_a, account_b, score, successor."""
EVIDENCE = "links.evidence"
"""Output: a, b, piece, kind, value, sharers, share, first_a, last_a, first_b, last_b, use_order, doubt, company; of the pairs in `RELATIONS`."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table to make, and the SELECT that fills it."""

    name: str
    select: str


_NUMBERED = (
    _Table("pieces", f"SELECT row_number() OVER (ORDER BY kind, value)::INTEGER AS piece, kind, value, sharers FROM {SHARED}"),
    _Table(
        "people",
        f"SELECT row_number() OVER (ORDER BY account_id)::INTEGER AS n, account_id FROM (SELECT DISTINCT account_id FROM {USES} SEMI JOIN {SHARED} USING (kind, value))",
    ),
    _Table(
        "used",
        f"""SELECT piece, n, s.says, s.household, u.first_seen, u.last_seen
        FROM {USES} AS u JOIN links.pieces USING (kind, value) JOIN links.people USING (account_id) JOIN links.says AS s USING (kind, sharers)""",
    ),
)
# A household's pieces alone never make a relation (unless the pack says so), and they are by far the most.
_CANDIDATES = """
    SELECT x.n AS a, y.n AS b
    FROM links.used AS x JOIN links.used AS y ON x.piece = y.piece AND x.n < y.n {only}
    WHERE NOT x.household OR {household_cap} >= {relate_at}
    GROUP BY ALL HAVING sum(CASE WHEN x.household THEN 0 ELSE x.says END) + {household_cap} >= {relate_at}
"""
_ONLY = "SEMI JOIN links.only AS o ON o.a = x.n AND o.b = y.n"
_PASSED = f"""
    WITH struck AS (SELECT n, since, until FROM {STRIKES} JOIN links.people USING (account_id)),
    lived AS (SELECT n, opened FROM {LIVES} JOIN links.people USING (account_id)),
    ends AS (SELECT a, b FROM links.candidates WHERE a IN (SELECT n FROM struck) OR b IN (SELECT n FROM struck)),
    ordered AS (
        SELECT a, b, CASE WHEN x.opened <= y.opened THEN a ELSE b END AS earlier, CASE WHEN x.opened <= y.opened THEN b ELSE a END AS later,
            greatest(x.opened, y.opened) AS opened
        FROM ends JOIN lived AS x ON x.n = a JOIN lived AS y ON y.n = b)
    SELECT DISTINCT a, b, later AS successor
    FROM ordered JOIN struck ON struck.n = earlier
    WHERE since <= ordered.opened AND (until IS NULL OR ordered.opened < until) AND ordered.opened - since <= {{successor_days}}
"""
_SEEN = """
    WITH seen AS (
        SELECT c.a, c.b, x.piece, x.first_seen AS first_a, x.last_seen AS last_a, y.first_seen AS first_b, y.last_seen AS last_b
        FROM links.candidates AS c JOIN links.used AS x ON x.n = c.a JOIN links.used AS y ON y.n = c.b AND y.piece = x.piece),
    ordered AS (
        SELECT seen.*, sharers, says, household, at_home, lent, handed_on, p.successor,
            CASE WHEN last_a + {together} < first_b THEN 1 WHEN last_b + {together} < first_a THEN 2 ELSE 0 END AS use_order,
            bool_or(household AND sharers <= {home_size}) OVER (PARTITION BY seen.a, seen.b) AS has_home
        FROM seen JOIN links.pieces USING (piece) JOIN links.says USING (kind, sharers) LEFT JOIN links.passed AS p ON p.a = seen.a AND p.b = seen.b),
    timed AS (
        SELECT *, sum((use_order = CASE successor WHEN a THEN 2 WHEN b THEN 1 END)::INTEGER) OVER (PARTITION BY a, b) > 1 AS is_taken_along FROM ordered),
    doubted AS (
        SELECT *, CASE
            WHEN has_home AND (household OR (at_home IS NOT NULL AND sharers <= {family})) THEN {home}
            WHEN lent AND {crew} > 0 AND sharers > {crew} THEN {provider}
            WHEN handed_on AND use_order <> 0 AND (is_taken_along AND use_order = CASE successor WHEN a THEN 2 ELSE 1 END) IS NOT TRUE THEN {handed_over}
            ELSE 0 END AS doubt,
            CASE WHEN has_home AND at_home IS NOT NULL AND sharers <= {family} THEN says * at_home // 100 ELSE says END AS alone
        FROM timed),
    at_homes AS (
        SELECT * REPLACE (CASE WHEN NOT household THEN alone
            WHEN row_number() OVER (PARTITION BY a, b, household ORDER BY alone DESC, piece) = 1 THEN least(alone, {household_cap}) ELSE 0 END AS alone)
        FROM doubted),
    provided AS (
        SELECT * REPLACE (CASE WHEN doubt <> {provider} THEN alone
            WHEN row_number() OVER (PARTITION BY a, b, doubt = {provider} ORDER BY alone DESC, piece) = 1 THEN least(alone, {explained_cap}) ELSE 0 END AS alone)
        FROM at_homes),
    capped AS (
        SELECT *, CASE WHEN doubt = 0 THEN alone ELSE greatest(0, least(alone, {explained_cap} - coalesce(sum(alone) OVER (
            PARTITION BY a, b, doubt = 0 ORDER BY alone DESC, piece ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) END AS share
        FROM provided)
    SELECT a, b, piece, successor, use_order::TINYINT AS use_order, doubt::TINYINT AS doubt, share::INTEGER AS share, first_a, last_a, first_b, last_b,
        (sum(share) OVER (PARTITION BY a, b))::INTEGER AS score, FALSE AS company
    FROM capped QUALIFY score >= {relate_at}
"""
# Whoever shares with a pair what three to `home_size` use is in company with both, where the pair is related by other things (`core.linkage.company`).
_VOUCHED = """
    SELECT DISTINCT least(e, u.n) AS a, greatest(e, u.n) AS b, piece
    FROM (SELECT unnest([a, b]) AS e, a, b, piece FROM links.seen JOIN links.pieces USING (piece)
        WHERE sharers BETWEEN {least} AND {home_size} AND score - share >= {company}) AS s JOIN links.used AS u USING (piece)
    WHERE u.n <> s.a AND u.n <> s.b
"""
_LIFTED = """
    WITH vouched AS (SELECT *, EXISTS (FROM links.vouched AS v WHERE v.a = s.a AND v.b = s.b AND v.piece = s.piece) AND use_order = 0 AS is_vouched FROM {seen} AS s),
    chosen AS (
        SELECT *, is_vouched AND score < {company} AND row_number() OVER (PARTITION BY a, b, is_vouched ORDER BY share DESC, piece) = 1 AS is_chosen FROM vouched),
    lifted AS (
        SELECT * EXCLUDE (is_vouched, is_chosen) REPLACE (
            CASE WHEN is_chosen THEN share + {company} - score ELSE share END AS share,
            CASE WHEN bool_or(is_chosen) OVER (PARTITION BY a, b) THEN {company} ELSE score END AS score, is_chosen AS company)
        FROM chosen)
    SELECT * FROM lifted WHERE score >= {relate_at}
"""
_DOUBTS = {Doubt.HOME: 1, Doubt.PROVIDER: 2, Doubt.HANDED_OVER: 3}
_ORDERS = {UseOrder.TOGETHER: 0, UseOrder.A_FIRST: 1, UseOrder.B_FIRST: 2}


def link(con: duckdb.DuckDBPyConnection, linkage: Linkage, *, only: str | None = None) -> None:
    """Fill `RELATIONS` and `EVIDENCE` from the inputs. `only`: a table of pairs (account_a, account_b), account_a < account_b, to look at; None: all."""
    _say(con, linkage)
    for table in _NUMBERED:
        _make(con, table)
    numbers = _numbers(linkage)
    if only:
        _make(
            con,
            _Table(
                "only",
                f"SELECT x.n AS a, y.n AS b FROM {only} JOIN links.people AS x ON x.account_id = account_a JOIN links.people AS y ON y.account_id = account_b",
            ),
        )
    _weigh(con, _CANDIDATES.format(only=_ONLY if only else "", **numbers), "seen", numbers)
    if linkage.company >= linkage.relate_at:
        _lift(con, numbers)
    _make(
        con,
        _Table(
            "relations",
            """SELECT a, b, x.account_id AS account_a, y.account_id AS account_b, score, z.account_id AS successor
            FROM (SELECT DISTINCT a, b, score, successor FROM links.seen) JOIN links.people AS x ON x.n = a JOIN links.people AS y ON y.n = b
            LEFT JOIN links.people AS z ON z.n = successor""",
        ),
    )
    orders = ", ".join(f"'{name}'" for name in _ORDERS)
    doubts = ", ".join(f"'{name}'" for name in _DOUBTS)
    _make(
        con,
        _Table(
            "evidence",
            f"""SELECT a, b, piece, kind, value, sharers, share, first_a, last_a, first_b, last_b,
                [{orders}][use_order + 1] AS use_order, CASE WHEN doubt > 0 THEN [{doubts}][doubt] END AS doubt, company
            FROM links.seen JOIN links.pieces USING (piece)""",
        ),
    )


def tables(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """The relations by their accounts, with evidence as JSON that shows values masked only: see `relating.RELATIONS_SCHEMA`."""
    _mask(con)
    relations = con.sql(f"SELECT account_a, account_b, score, successor FROM {RELATIONS} ORDER BY a, b").to_arrow_table()
    pieces = con.sql(_PIECES).to_arrow_table()
    return relations.append_column("evidence", pa.chunked_array(_evidence(pieces), pa.string()))


def _evidence(pieces: pa.Table) -> list[pa.Array]:
    """The pieces of each pair, which follow each other, as one JSON list; so many pairs at a time that no array outgrows its offsets."""
    a, b = pieces["a"].to_numpy(), pieces["b"].to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], (a[1:] != a[:-1]) | (b[1:] != b[:-1])])) if len(a) else np.empty(0, np.int64)
    ends = np.append(starts, len(a))
    made = []
    for first in range(0, len(starts), _AT_ONCE):
        bounds = ends[first : first + _AT_ONCE + 1]
        text = pieces["text"].slice(bounds[0], bounds[-1] - bounds[0]).combine_chunks()
        lists = pa.ListArray.from_arrays(pa.array(bounds - bounds[0], pa.int32()), text)
        made.append(pc.binary_join_element_wise("[", pc.binary_join(lists, ","), "]", ""))
    return made


def _weigh(con: duckdb.DuckDBPyConnection, candidates: str, into: str, numbers: dict[str, int | str]) -> None:
    """Weigh what the pairs of a SELECT share."""
    _make(con, _Table("candidates", candidates))
    _make(con, _Table("passed", _PASSED.format(**numbers)))
    _make(con, _Table(into, _SEEN.format(**numbers)))


def _lift(con: duckdb.DuckDBPyConnection, numbers: dict[str, int | str]) -> None:
    """Lift the pairs that are in company. They may have been too weak to be seen, so all that they share is weighed, this time without a bound."""
    _make(con, _Table("vouched", _VOUCHED.format(**numbers)))
    _weigh(con, "SELECT DISTINCT a, b FROM links.vouched", "again", {**numbers, "relate_at": 0})
    alone = "SELECT * FROM links.seen ANTI JOIN links.vouched USING (a, b)"
    _make(con, _Table("seen", f"{alone} UNION ALL ({_LIFTED.format(seen='links.again', **numbers)})"))


def _say(con: duckdb.DuckDBPyConnection, linkage: Linkage) -> None:
    """`links.says`: what an identifier of a kind says by the number of its sharers, and how its kind is treated."""
    rows = [
        {
            "kind": str(kind),
            "sharers": sharers,
            "says": share_of(weight.weight, sharers, weight.pair),
            "household": weight.household,
            "at_home": weight.at_home,
            "lent": weight.lent,
            "handed_on": weight.handed_on,
        }
        for kind, weight in linkage.weights.items()
        for sharers in range(2, linkage.hub + 1)
    ]
    schema = pa.schema(
        [
            ("kind", pa.string()),
            ("sharers", pa.int64()),
            ("says", pa.int32()),
            ("household", pa.bool_()),
            ("at_home", pa.int32()),
            ("lent", pa.bool_()),
            ("handed_on", pa.bool_()),
        ]
    )
    con.register("links_says", pa.Table.from_pylist(rows, schema=schema))
    _make(con, _Table("says", "SELECT * FROM links_says"))
    con.unregister("links_says")


def _numbers(linkage: Linkage) -> dict[str, int | str]:
    return {
        "household_cap": linkage.household_cap,
        "relate_at": linkage.relate_at,
        "explained_cap": linkage.explained_cap,
        "home_size": linkage.home_size,
        "family": linkage.family,
        "crew": linkage.crew,
        "together": f"INTERVAL {linkage.together_days} DAY",
        "successor_days": linkage.successor_days,
        "company": linkage.company,
        "least": LEAST,
        "home": _DOUBTS[Doubt.HOME],
        "provider": _DOUBTS[Doubt.PROVIDER],
        "handed_over": _DOUBTS[Doubt.HANDED_OVER],
    }


def _make(con: duckdb.DuckDBPyConnection, table: _Table) -> None:
    con.execute(f"CREATE OR REPLACE TABLE links.{table.name} AS {table.select}")


def _mask(con: duckdb.DuckDBPyConnection) -> None:
    """`links.masked`: how each value of the evidence is shown, as JSON; the core's own function says it, once a value."""
    columns = con.sql(f"SELECT DISTINCT piece, kind, value FROM {EVIDENCE}").fetchnumpy()
    masked = [json.dumps(mask(kind, value), ensure_ascii=False) for kind, value in zip(columns["kind"], columns["value"], strict=True)]
    con.register("links_masked", pa.table({"piece": pa.array(columns["piece"], pa.int32()), "masked": pa.array(masked, pa.string())}))
    _make(con, _Table("masked", "SELECT * FROM links_masked"))
    con.unregister("links_masked")


_AT_ONCE = 1_000_000


def _moment(name: str) -> str:
    """A moment in quotes as Python's `isoformat` writes it; `strftime`, which is slow, only where there are fractions of a second."""
    whole = f"replace({name}::VARCHAR, ' ', 'T')"
    said = f"CASE WHEN microsecond({name}) % 1000000 = 0 THEN {whole} ELSE strftime({name}, '%Y-%m-%dT%H:%M:%S.%f') END"
    return f"coalesce('\"' || {said} || '\"', 'null')"


_TEXT = " || ".join(
    [
        '\'{"kind":"\' || kind || \'","value":\' || masked || \',"sharers":\' || sharers || \',"share":\' || share',
        *(f"',\"{name}\":' || {_moment(name)}" for name in ("first_a", "last_a", "first_b", "last_b")),
        "',\"used\":\"' || use_order || '\",\"doubt\":' || coalesce('\"' || doubt || '\"', 'null') || ',\"company\":' || company || '}'",
    ]
)
_PIECES = f"SELECT a, b, {_TEXT} AS text FROM {EVIDENCE} JOIN links.masked USING (piece) ORDER BY a, b, share DESC, piece"
