"""Rings and those who only look like them: made, found and left alone, in facts of a few thousand accounts."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from goodstanding.engines import linking
from goodstanding.engines.base import FactSource
from goodstanding.engines.loading import open_facts
from goodstanding.engines.relating import EVERYTHING, FACTS_READ, take_uses
from goodstanding.engines.relating_files import clusters_table
from goodstanding.packs.loader import load_pack
from goodstanding.synthetic.linked import EVADER, LOOK_ALIKES, RING, STRONG, make_linked

ACCOUNTS = 20_000
Truth = dict[str, tuple[str, int]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[duckdb.DuckDBPyConnection, Truth]]:
    folder = tmp_path_factory.mktemp("linked")
    make_linked(5, folder / "facts", folder / "truth.parquet", ACCOUNTS)
    con, findings = open_facts(FactSource(folder / "facts"), kinds=FACTS_READ)
    assert findings == ()
    with con:
        rows = con.execute("SELECT account_id, story, group_id FROM read_parquet(?)", [str(folder / "truth.parquet")]).fetchall()
        yield con, {account: (story, group) for account, story, group in rows}


@pytest.fixture(scope="module")
def clusters(made: tuple[duckdb.DuckDBPyConnection, Truth]) -> list[set[str]]:
    linkage = load_pack("amazon").linkage
    take_uses(made[0], linkage, EVERYTHING)
    linking.link(made[0], linkage)
    found: dict[str, set[str]] = defaultdict(set)
    for row in clusters_table(made[0], linkage).to_pylist():
        found[row["cluster_id"]].add(row["account_id"])
    return list(found.values())


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    digests = []
    for name in "ab":
        make_linked(9, tmp_path / name, tmp_path / f"{name}.parquet", 3_000)
        con = duckdb.connect()
        rows = con.execute(f"SELECT * FROM '{tmp_path / name}/identifiers/*.parquet' ORDER BY ALL").fetchall()
        digests.append((hashlib.sha256(repr(rows).encode()).hexdigest(), (tmp_path / f"{name}.parquet").read_bytes()))
    assert digests[0] == digests[1]


def test_every_member_of_a_ring_shares_something_strong_with_another_member(made: tuple[duckdb.DuckDBPyConnection, Truth]) -> None:
    con, truth = made
    rings = {account: group for account, (story, group) in truth.items() if story in (RING, EVADER)}
    con.execute("CREATE OR REPLACE TEMP TABLE rings (account_id VARCHAR, ring BIGINT)")
    con.executemany("INSERT INTO rings VALUES (?, ?)", list(rings.items()))
    shared = con.execute(
        """WITH own AS (SELECT account_id, ring, kind, value FROM facts.identifiers JOIN rings USING (account_id) WHERE kind IN (SELECT unnest($kinds)))
        SELECT DISTINCT x.account_id FROM own AS x JOIN own AS y USING (ring, kind, value) WHERE x.account_id <> y.account_id""",
        {"kinds": list(STRONG)},
    ).fetchall()
    assert {account for (account,) in shared} == set(rings)


def test_nothing_in_the_facts_tells_the_truth(made: tuple[duckdb.DuckDBPyConnection, Truth]) -> None:
    con, truth = made
    assert {name for name, *_ in con.execute("DESCRIBE facts.accounts").fetchall()}.isdisjoint({"story", "group_id"})
    half = sum(account < f"A{ACCOUNTS // 2:08}" for account, (story, _) in truth.items() if story == RING)
    assert 0.4 < half / sum(story == RING for story, _ in truth.values()) < 0.6, "ids say nothing of who is in a ring"


def test_rings_and_evaders_are_found_and_no_honest_look_alike_is_among_them(
    made: tuple[duckdb.DuckDBPyConnection, Truth], clusters: list[set[str]]
) -> None:
    """B16, B17; the figures at full size stand in benchmarks/RESULTS.md."""
    truth = made[1]
    whole: dict[int, set[str]] = defaultdict(set)
    for account, (story, group) in truth.items():
        if story in (RING, EVADER):
            whole[group].add(account)
    assert sum(ring in clusters for ring in whole.values()) / len(whole) >= 0.9
    clustered = set().union(*clusters)
    assert not [account for account in clustered if truth.get(account, ("", 0))[0] in LOOK_ALIKES]
    assert all(len({truth.get(account, ("", account)) for account in cluster}) == 1 for cluster in clusters)
