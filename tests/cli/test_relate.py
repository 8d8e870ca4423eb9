"""`goodstanding relate`: what a user types, sees, and finds in the folder."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from goodstanding.cli.main import main
from goodstanding.engines.relating import CLUSTERS_SCHEMA, RELATIONS_SCHEMA

IDENTIFIERS = """account_id,kind,value,first_seen,last_seen
ann,bank_account,XX00 TEST 000000001234,2026-01-01,2026-06-01
bob,bank_account,XX00 TEST 000000001234,2026-02-01,
bob,device,laptop-7,2026-01-05,2026-06-01
cyd,device,laptop-7,2026-03-05,2026-06-01
dan,wifi,LOFT,2026-01-01,2026-06-01
eve,wifi,LOFT,2026-01-01,2026-06-01
"""


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    folder = tmp_path / "facts"
    folder.mkdir()
    (folder / "identifiers.csv").write_text(IDENTIFIERS, encoding="utf-8")
    return folder


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in ("relate", *arguments)])
    return int(left.value.code or 0)


def rows(folder: Path, name: str = "relations") -> list[dict[str, Any]]:
    return pq.read_table(folder / f"{name}.parquet").to_pylist()


def test_a_folder_of_facts_gives_relations_and_clusters(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """B16: who shares what with whom, since when and how strong, with values masked (K5). A Wi-Fi of two is no relation."""
    assert run("--facts", facts, "--out", tmp_path / "out") == 0
    assert pq.read_schema(tmp_path / "out" / "relations.parquet").equals(RELATIONS_SCHEMA)
    assert pq.read_schema(tmp_path / "out" / "clusters.parquet").equals(CLUSTERS_SCHEMA)
    assert [(row["account_a"], row["account_b"], row["score"]) for row in rows(tmp_path / "out")] == [("ann", "bob", 120), ("bob", "cyd", 65)]
    assert json.loads(rows(tmp_path / "out")[0]["evidence"]) == [
        {
            "kind": "bank_account",
            "value": "…1234",
            "sharers": 2,
            "share": 120,
            "first_a": "2026-01-01T00:00:00",
            "last_a": "2026-06-01T00:00:00",
            "first_b": "2026-02-01T00:00:00",
            "last_b": None,
            "used": "together",
            "doubt": None,
            "company": False,
        }
    ]
    assert [(row["account_id"], row["cluster_id"]) for row in rows(tmp_path / "out", "clusters")] == [
        (name, "K-ann") for name in ("ann", "bob", "cyd")
    ]
    assert "2 relations of at least 40 between 3 accounts" in capsys.readouterr().out


def test_json_is_one_document(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--facts", facts, "--out", tmp_path / "out", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert {key: said[key] for key in ("relations", "related_accounts", "clusters", "clustered_accounts", "largest_cluster", "findings")} == {
        "relations": 2,
        "related_accounts": 3,
        "clusters": 1,
        "clustered_accounts": 3,
        "largest_cluster": 3,
        "findings": 0,
    }


def test_as_of_a_day_only_what_was_known_then_counts(facts: Path, tmp_path: Path) -> None:
    """A6."""
    assert run("--facts", facts, "--out", tmp_path / "out", "--as-of", "2026-02-15") == 0
    assert [(row["account_a"], row["account_b"]) for row in rows(tmp_path / "out")] == [("ann", "bob")]


def test_with_a_state_the_second_run_is_given_the_new_facts_only(facts: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    (more / "sign_ins.csv").write_text("sign_in_id,account_id,at,device_id\ni1,dan,2026-04-01,laptop-7\n", encoding="utf-8")
    assert run("--facts", facts, "--out", tmp_path / "out", "--state", tmp_path / "state") == 0
    assert run("--facts", more, "--out", tmp_path / "out", "--state", tmp_path / "state") == 0
    assert {(row["account_a"], row["account_b"]): row["score"] for row in rows(tmp_path / "out")} == {
        ("ann", "bob"): 120,
        ("bob", "cyd"): 90,
        ("bob", "dan"): 90,
        ("cyd", "dan"): 90,
    }


def test_bad_rows_are_told_with_their_place_and_the_rest_goes_on(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """K1: exit 0, the finding on stderr and in a file."""
    with (facts / "identifiers.csv").open("a", encoding="utf-8") as table:
        table.write("fay,shoe_size,44,2026-01-01,\n")
    assert run("--facts", facts, "--out", tmp_path / "out") == 0
    said = capsys.readouterr()
    assert "identifiers.csv" in said.err
    assert "shoe_size" in said.err
    assert "1 findings" in said.out or "1 finding" in said.out
    assert (tmp_path / "out" / "findings.jsonl").is_file()
    assert len(rows(tmp_path / "out")) == 2


def test_a_mapping_makes_facts_of_a_marketplaces_own_tables(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "bank.csv").write_text("shop,iban,since\nann,X1,2026-01-01\nbob,X1,2026-01-02\n", encoding="utf-8")
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "identifiers.sql").write_text(
        "SELECT shop AS account_id, 'bank_account' AS kind, iban AS value, since AS first_seen FROM source.bank", encoding="utf-8"
    )
    assert run("--facts", tmp_path / "own", "--mapping", tmp_path / "map", "--out", tmp_path / "out") == 0
    assert len(rows(tmp_path / "out")) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--facts", "nowhere"), "nowhere"),
        (("--pack", "minimal"), "has no [linkage]"),
        (("--state", "kept", "--as-of", "2026-01-01"), "give one of the two"),
        (("--state", "kept", "--alike"), "run it apart, without --state"),
        (("--memory", "much"), "is no amount of memory"),
        (("--pack", "unheard-of"), "unheard-of"),
        (("--as-of", "yesterday"), "yesterday"),
    ],
)
def test_unusable_input_is_one_line_and_exit_2(
    arguments: tuple[str, ...], said: str, facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--facts", facts, "--out", tmp_path / "out", *arguments) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown


def test_an_output_folder_that_cannot_be_written_is_one_line_and_exit_2(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").write_text("a file")
    assert run("--facts", facts, "--out", tmp_path / "out") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    said = capsys.readouterr().out
    assert "goodstanding relate --facts facts --out related" in said
    assert "Exit codes" in said
