"""The how-to page on related accounts is true: its facts give what it shows, and its commands run."""

from pathlib import Path

import pyarrow.parquet as pq

from tests.house.test_how_to import ROOT, blocks, run

PAGE = "find-related-accounts.md"


def test_every_command_of_the_page_runs_and_says_what_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "FACTS").mkdir()
    (tmp_path / "FACTS" / "identifiers.csv").write_text(blocks(PAGE, "csv")[0])
    (tmp_path / "TODAY").mkdir()
    (tmp_path / "TODAY" / "sign_ins.csv").write_text("sign_in_id,account_id,at,device_id\nI-1,S-4,2026-05-01,laptop-7\n")
    first, alike, daily = blocks(PAGE, "sh")
    done = run(first, tmp_path)
    assert (done.returncode, done.stdout) == (0, blocks(PAGE, "text")[0])
    assert run(alike, tmp_path).returncode == 0
    assert run(daily, tmp_path).returncode == 0
    pairs = {(row["account_a"], row["account_b"]) for row in pq.read_table(tmp_path / "related" / "relations.parquet").to_pylist()}
    assert pairs == {("S-1", "S-2"), ("S-2", "S-3"), ("S-2", "S-4"), ("S-3", "S-4")}
