"""`goodstanding tasks`: what a user types and sees (requirement E1)."""

import json
from pathlib import Path

import pytest

from goodstanding.cli.main import main

HEAD = "order_id,account_id,marketplace,placed_at,ship_by,shipped_at,tracking_valid\n"


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """Forty shipments, five of them late, and one order that nobody shipped."""
    rows = [f"o{n},ann,US,2026-03-01,2026-03-10,2026-03-{12 if n < 5 else '09'},true\n" for n in range(40)]
    (tmp_path / "orders.csv").write_text(HEAD + "".join(rows) + "o40,ann,US,2026-03-01,2026-03-10,,\n", encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in ("tasks", *arguments)])
    return int(left.value.code or 0)


def test_open_tasks_are_listed_with_their_items_and_leave_with_1(facts: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--facts", facts, "--account", "ann", "--as-of", "2026-03-20", "--json") == 1
    (reason,) = json.loads(capsys.readouterr().out)["reasons"]
    assert reason["reason"] == "PERF_LATE_SHIPMENT"
    assert reason["tasks"][0] | {"text": ""} == {
        "task": "ship_overdue_orders", "text": "", "state": "open", "done": 5, "of": 6, "open_ids": ["o40"]
    }  # fmt: skip
    assert reason["tasks"][1]["state"] == "unknown"


def test_the_list_is_in_the_language_asked_for(facts: Path, capsys: pytest.CaptureFixture[str]):
    run("--facts", facts, "--account", "ann", "--as-of", "2026-03-20")
    assert "· Ship or settle every overdue order\n    5 of 6 done; still open: o40\n" in capsys.readouterr().out
    run("--facts", facts, "--account", "ann", "--as-of", "2026-03-20", "--language", "zh-TW")
    assert "已完成 5/6；" not in (text := capsys.readouterr().out)
    assert "已完成 5/6" in text
    assert "尚未完成：o40" in text


def test_nothing_breached_is_said_and_leaves_with_0(facts: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--facts", facts, "--account", "ann", "--as-of", "2026-03-05") == 0
    assert "no breach" in capsys.readouterr().out


def test_a_reason_that_the_pack_does_not_have_is_one_line(facts: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--facts", facts, "--account", "ann", "--reason", "PERF") == 2
    assert capsys.readouterr().err.strip().endswith("has no reason 'PERF'; `goodstanding policy show` lists them")
