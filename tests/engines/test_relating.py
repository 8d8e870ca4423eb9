"""Related accounts found in whole fact tables, with the reference pack."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from goodstanding.engines import linking
from goodstanding.engines.base import VIOLATIONS_SCHEMA, FactSource
from goodstanding.engines.loading import open_facts
from goodstanding.engines.relating import FACTS_READ, Relations, relate
from goodstanding.engines.relating_files import clusters_table
from goodstanding.packs.loader import load_pack
from goodstanding.synthetic.marketplace import make_marketplace
from goodstanding.synthetic.truth import Truth
from tests.factories import make_pack

LAST_DAY = date(2026, 6, 30)
STRUCK = date(2026, 4, 22)

Made = tuple[Truth, duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A small marketplace with its facts loaded."""
    folder = tmp_path_factory.mktemp("marketplace")
    truth = make_marketplace(3, folder, sellers=300, buyers=3_000, orders=40_000, last_day=LAST_DAY)
    con, _ = open_facts(FactSource(folder), kinds=FACTS_READ)
    with con:
        yield truth, con


@pytest.fixture(scope="module")
def found(made: Made) -> Relations:
    return relate(made[1], load_pack("amazon"), LAST_DAY)


def test_the_ring_hangs_together_and_everyone_but_the_deactivated_account_violates(made: Made, found: Relations) -> None:
    """B16."""
    story = made[0].story("ring")
    assert tuple(sorted((*story.accounts, *story.bystanders))) in [cluster.accounts for cluster in found.clusters]
    rows = found.violations.to_pylist()
    assert {row["account_id"] for row in rows} == set(story.accounts)
    assert {(row["reason"], row["opened"], row["closed"], tuple(row["subject_ids"])) for row in rows} == {
        ("RELATED_ACCOUNT", STRUCK, None, story.bystanders)
    }
    assert found.violations.schema == VIOLATIONS_SCHEMA


def test_the_coworking_room_is_left_alone(made: Made, found: Relations) -> None:
    guests = set(made[0].story("coworking_lookalike").accounts)
    assert not [relation for relation in found.relations if guests & {relation.account_a, relation.account_b}]


def test_households_are_not_related(made: Made, found: Relations) -> None:
    playing = made[0].accounts
    assert all(relation.account_a in playing and relation.account_b in playing for relation in found.relations)


def test_the_false_complainants_are_shown_together_with_the_rival(made: Made, found: Relations) -> None:
    """H5: the reviewer sees who stands behind the complaints."""
    story = made[0].story("false_complaints")
    assert tuple(sorted(story.bystanders)) in [cluster.accounts for cluster in found.clusters]


def test_as_of_a_day_before_the_deactivation_nobody_violates(made: Made) -> None:
    """A6: any past day is answered with what was known then."""
    before = relate(made[1], load_pack("amazon"), date(2026, 4, 21))
    assert before.violations.num_rows == 0
    assert len(before.clusters) == 1


def test_violations_keep_their_ids_from_day_to_day(made: Made, found: Relations) -> None:
    earlier = relate(made[1], load_pack("amazon"), date(2026, 5, 10))
    assert earlier.violations["violation_id"].to_pylist() == found.violations["violation_id"].to_pylist()


def test_a_pack_without_linkage_relates_nobody(made: Made) -> None:
    nothing = relate(made[1], make_pack(linkage=None), LAST_DAY)
    assert (nothing.relations, nothing.clusters, nothing.violations.num_rows) == ((), (), 0)


def test_the_tables_show_evidence_but_no_whole_value(made: Made) -> None:
    """K5."""
    found = relate(made[1], load_pack("amazon"), LAST_DAY)
    table = linking.tables(made[1])
    assert table.num_rows == len(found.relations)
    values = [value for (value,) in made[1].execute("SELECT DISTINCT value FROM facts.identifiers WHERE kind = 'bank_account'").fetchall()]
    shown = " ".join(table["evidence"].to_pylist())
    assert not [value for value in values if value in shown]
    for row in table.to_pylist():
        assert sum(piece["share"] for piece in json.loads(row["evidence"])) == row["score"]
        assert row["account_a"] < row["account_b"]


def test_every_clustered_account_has_one_row(made: Made) -> None:
    pack = load_pack("amazon")
    found = relate(made[1], pack, LAST_DAY)
    table = clusters_table(made[1], pack.linkage)
    assert len(set(table["account_id"].to_pylist())) == table.num_rows == sum(len(cluster.accounts) for cluster in found.clusters)


def write(folder: Path, **tables: str) -> Relations:
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    con, findings = open_facts(FactSource(folder), kinds=FACTS_READ)
    assert findings == ()
    with con:
        return relate(con, load_pack("amazon"), date(2026, 6, 1))


ACCOUNTS = "account_id,holder_kind,marketplace,opened_at\nA,seller,DE,2025-01-01\nB,seller,DE,2025-01-01\nC,seller,DE,2026-05-01\n"
SHARED = (
    "account_id,kind,value,first_seen\nA,bank_account,X1,2026-01-01\nB,bank_account,X1,2026-01-01\nB,tax_id,T,2026-01-01\nC,tax_id,T,2026-05-01\n"
)


def test_a_lifted_deactivation_closes_what_followed_from_it(tmp_path: Path) -> None:
    """I1."""
    found = write(
        tmp_path, accounts=ACCOUNTS, identifiers=SHARED, actions="action_id,account_id,kind,at,lifted_at\nX,A,close,2026-03-01,2026-04-01\n"
    )
    (row,) = found.violations.to_pylist()
    assert (row["account_id"], row["opened"], row["closed"]) == ("B", date(2026, 3, 1), date(2026, 4, 1))


def test_a_warning_is_no_enforcement_that_spreads(tmp_path: Path) -> None:
    found = write(tmp_path, accounts=ACCOUNTS, identifiers=SHARED, actions="action_id,account_id,kind,at\nX,A,warn,2026-03-01\n")
    assert found.violations.num_rows == 0


def test_a_deactivation_that_followed_from_another_spreads_no_further_and_a_new_account_is_a_successor(tmp_path: Path) -> None:
    """B17, and A7: what an action of ours caused starts no chain of its own."""
    caused = "action_id,account_id,kind,at,caused_by\nX,A,deactivate,2026-03-01,\nY,B,deactivate,2026-03-05,X\n"
    assert write(tmp_path, accounts=ACCOUNTS, identifiers=SHARED, actions=caused).violations["account_id"].to_pylist() == ["B"]
    own = "action_id,account_id,kind,at\nX,A,deactivate,2026-03-01\nY,B,deactivate,2026-03-05\n"
    rows = write(tmp_path, accounts=ACCOUNTS, identifiers=SHARED, actions=own).violations.to_pylist()
    assert [(row["account_id"], row["reason"]) for row in rows] == [("B", "RELATED_ACCOUNT"), ("C", "NEW_ACCOUNT_AFTER_SUSPENSION")]
