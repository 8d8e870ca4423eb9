"""Names and addresses that are nearly equal: found in records of people and companies, and shared by accounts as a profile."""

import os
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from goodstanding.engines import linking
from goodstanding.engines.alike import find_alike, groups_of
from goodstanding.engines.base import FactSource
from goodstanding.engines.loading import open_facts
from goodstanding.engines.relating import EVERYTHING, FACTS_READ, take_uses
from goodstanding.packs.loader import load_pack

DATA = Path(os.environ.get("GOODSTANDING_DATA", "../shared/data")) / "linkage"
COLUMNS = ("record_id", "name", "address", "phone")
ROWS = (
    ("1", "Anna Winter", "12 Mill Road, Exampleton", "+999 123"),
    ("2", "Ana WINTER", "12 Mill Rd Exampleton", "+999 123"),
    ("3", "Bo Summer", "7 High Street, Exampleton", None),
    ("4", "Harbour Goods Ltd", "12 Mill Road, Exampleton", "+999 555"),
)


def table(rows: tuple[tuple[str | None, ...], ...] = ROWS) -> pa.Table:
    return pa.table({name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(COLUMNS)})


def test_one_owner_written_in_two_ways_is_found_and_a_neighbour_is_not() -> None:
    (pair,) = find_alike(table(), 0.99).to_pylist()
    assert (pair["a"], pair["b"]) == ("1", "2")
    assert pair["probability"] > 0.99


def test_records_that_tell_nothing_are_like_nobody() -> None:
    assert find_alike(table((("1", None, "", None), ("2", " ", None, None))), 0.5).num_rows == 0
    assert groups_of(find_alike(table(()), 0.5)) == {}


def test_those_who_hang_together_are_named_after_the_first() -> None:
    pairs = pa.table({"a": ["B", "A", "X"], "b": ["C", "B", "Y"], "probability": [1.0, 1.0, 1.0]})
    assert groups_of(pairs) == {"A": "A", "B": "A", "C": "A", "X": "X", "Y": "X"}


def test_accounts_with_nearly_equal_names_and_addresses_share_a_profile_which_alone_makes_no_cluster(tmp_path: Path) -> None:
    """B16: near-equal names and addresses are one more piece of evidence."""
    (tmp_path / "accounts.csv").write_text(
        "account_id,holder_kind,marketplace,opened_at,display_name\nA,seller,DE,2025-01-01,Harbour Goods Ltd\nB,seller,DE,2025-02-01,Harbor Goods Limited\nC,seller,DE,2025-02-01,Bo Summer\n"
    )
    (tmp_path / "identifiers.csv").write_text(
        "account_id,kind,value,first_seen\nA,address,12 Mill Road Exampleton,2025-01-01\nB,address,12 Mill Rd. Exampleton,2025-02-01\nC,address,7 High Street,2025-02-01\n"
        "A,phone,+999 123,2025-01-01\nB,phone,+999 124,2025-01-01\nA,email,h@x.invalid,2025-01-01\nB,email,h@x.invalid,2025-01-01\n"
    )
    linkage = load_pack("amazon").linkage
    con, _ = open_facts(FactSource(tmp_path), kinds=FACTS_READ)
    with con:
        take_uses(con, linkage, EVERYTHING, with_profiles=True)
        linking.link(con, linkage)
        rows = con.execute(
            "SELECT account_a, account_b, kind, share, first_b FROM links.relations JOIN links.evidence USING (a, b) ORDER BY kind"
        ).fetchall()
    assert [row[:4] for row in rows] == [("A", "B", "email", 45), ("A", "B", "profile", 45)]
    assert rows[1][4] == datetime(2025, 2, 1)
    assert linkage.cluster_at > 45


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "least"), [("febrl1", 0.95)])
def test_people_of_a_public_set_are_told_apart(name: str, least: float) -> None:
    """All sets: `python -m benchmarks.relations --people`. The column of truth is read here only, to compare."""
    path = DATA / f"{name}.parquet"
    if not path.is_file():
        pytest.skip(f"{path} is not there; set GOODSTANDING_DATA")
    told = (
        "concat_ws(' ', given_name, surname) AS name, concat_ws(' ', street_number, address_1, address_2) AS address, suburb AS town, postcode, "
        "date_of_birth AS born, soc_sec_id AS number"
    )
    found = find_alike(duckdb.sql(f"SELECT rec_id AS record_id, {told} FROM '{path}'").to_arrow_table(), 0.99)
    true = dict(duckdb.sql(f"SELECT rec_id, entity_id FROM '{path}'").fetchall())
    right = sum(true[row["a"]] == true[row["b"]] for row in found.to_pylist())
    assert 2 * right / (found.num_rows + 500) >= least
