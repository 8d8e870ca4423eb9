"""`goodstanding demo`, whole: on the made-up marketplace and on real data."""

import email
import email.policy
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import environment

ROOT = Path(__file__).resolve().parent.parent.parent


def demonstrate(folder: Path, migrated: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Run the command in a folder of its own; gives its exit code and its summary. The tutorial's test lets it make the tables too."""
    shutil.copy(migrated, folder)
    command = [sys.executable, "-m", "goodstanding", "demo", "--json", *options]
    done = subprocess.run(command, cwd=ROOT, env=environment.plain({"GOODSTANDING_VAR": str(folder)}), capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def manage(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "goodstanding", "manage", *words]
    return subprocess.run(command, cwd=ROOT, env=environment.plain({"GOODSTANDING_VAR": str(folder)}), capture_output=True, text=True, check=False)


def test_every_planted_story_comes_out_as_it_should(tmp_path: Path, migrated: Path) -> None:
    """B3, B6, B8, B10, B15, B16, B18, B19, A7: found where something is wrong, left alone where nothing is."""
    code, summary = demonstrate(tmp_path, migrated)
    assert {story["key"]: story["what_was_found"] for story in summary["stories"] if not story["came_out"]} == {}
    assert len(summary["stories"]) == 11
    assert code == 0
    assert summary["reinstated"][0]["may_sell"] is True
    assert summary["ledger_breaks"] == 0

    # A row of the ledger that is changed by hand is found, also where the trigger was taken away first.
    with sqlite3.connect(tmp_path / "goodstanding.sqlite3") as database:
        hired = database.execute("select count(accepted_at), count(*) from store_delegation where ended_at is null").fetchone()
        assert hired == (1, 2), "an agency acts for one holder, and another one's invitation waits"
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("update store_ledgerentry set actor = 'somebody else' where id = 5")
        database.execute("drop trigger ledger_no_update")
        database.execute("update store_ledgerentry set actor = 'somebody else' where id = 5")
    verified = manage(tmp_path, "verify_ledger")
    assert verified.returncode == 1
    assert "was changed" in verified.stdout + verified.stderr


@pytest.mark.real_data
def test_the_loop_runs_over_real_sellers(tmp_path: Path, real_data: Path, migrated: Path) -> None:
    """The Olist demonstration: proposals, notices that name their orders, an appeal, a decision, a reinstatement."""
    options = ("--facts", str(real_data / "olist"), "--mapping", "examples/olist", "--pack", "examples/olist/pack.toml")
    code, summary = demonstrate(tmp_path, migrated, *options)
    assert code == 0
    assert summary["accounts"] == 3095
    assert summary["proposals_waiting"] > 0
    assert summary["appeals"] >= 4
    assert [one["may_sell"] for one in summary["reinstated"]] == [True]
    assert summary["ledger_breaks"] == 0
    letters = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in (tmp_path / "mail").glob("*.eml")]
    assert len(letters) == summary["mails_written"] > 0
    with sqlite3.connect(tmp_path / "goodstanding.sqlite3") as database:
        kept = {bytes(message) for (message,) in database.execute("select message from store_notice")}
        rows = database.execute(
            "select v.items, n.body from store_notice n join store_case c using (case_id) join store_enforcementaction_violations x on x.enforcementaction_id = c.action_id join store_violation v using (violation_id) where n.kind = 'action'"
        ).fetchall()
    assert {path.read_bytes() for path in (tmp_path / "mail").glob("*.eml")} == kept, "a notice is kept byte for byte as it was sent"
    assert rows
    assert all(item["id"] in body for items, body in rows for item in json.loads(items)[:5]), "a notice names the orders it rests on"
