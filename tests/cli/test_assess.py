"""`goodstanding assess`: what a user types, sees, and finds in the folder."""

import json
from datetime import date
from pathlib import Path

import click
import pyarrow.parquet as pq
import pytest

from goodstanding.cli import assess as command
from goodstanding.cli.main import main
from goodstanding.core.policy.pack import EarlyWarning
from goodstanding.core.terms import MetricRule
from goodstanding.engines.base import (
    EXPECTED_SCHEMA,
    FORECASTS_SCHEMA,
    METRICS_SCHEMA,
    RATINGS_SCHEMA,
    VIOLATIONS_SCHEMA,
    WARNINGS_SCHEMA,
)
from tests.factories import CITED, make_metric, make_pack

ORDERS = """order_id,account_id,marketplace,placed_at,ship_by,shipped_at
o1,ann,US,2026-03-01T10:00:00Z,2026-03-02T10:00:00Z,2026-03-04T10:00:00Z
o2,ann,US,2026-03-02T10:00:00Z,2026-03-04T10:00:00Z,2026-03-03T10:00:00Z
o3,bob,US,2026-03-03T10:00:00Z,2026-03-05T10:00:00Z,2026-03-05T10:00:00Z
"""
COMPLAINTS = """complaint_id,account_id,reason,at
c1,bob,counterfeit,2026-03-04T08:00:00Z
c2,bob,unheard_of,2026-03-04T09:00:00Z
"""


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    folder = tmp_path / "facts"
    folder.mkdir()
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def example_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load_pack_on", lambda name, day=None: make_pack())


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in ("assess", *arguments)])
    return int(left.value.code or 0)


def test_one_day_gives_three_files_of_the_promised_columns(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--facts", facts, "--as-of", "2026-03-05", "--out", tmp_path / "out") == 0
    schemas = {"metrics": METRICS_SCHEMA, "ratings": RATINGS_SCHEMA, "violations": VIOLATIONS_SCHEMA}
    for name, schema in schemas.items():
        assert pq.read_schema(tmp_path / "out" / f"{name}.parquet").equals(schema)
    late = [row for row in pq.read_table(tmp_path / "out" / "metrics.parquet").to_pylist() if row["metric"] == "late_shipment_rate"]
    assert [(row["account_id"], row["numerator"], row["denominator"], row["target"], row["met"]) for row in late] == [
        ("ann", 1, 2, "< 4 %", False),
        ("bob", 0, 1, "< 4 %", True),
    ]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"metrics.parquet", "ratings.parquet", "violations.parquet", "findings.jsonl"}
    assert capsys.readouterr().out.splitlines()[0] == "2 accounts on 2026-03-05 by example@1"


def test_without_a_day_the_last_one_with_an_order_is_assessed(facts: Path, tmp_path: Path):
    assert run("--facts", facts, "--out", tmp_path / "out") == 0
    assert set(pq.read_table(tmp_path / "out" / "ratings.parquet")["as_of"].to_pylist()) == {date(2026, 3, 3)}


def test_a_span_of_days_gives_each_day_and_changes_only_those_that_differ(facts: Path, tmp_path: Path):
    span = ("--facts", facts, "--from", "2026-03-01", "--to", "2026-03-09")
    assert run(*span, "--out", tmp_path / "all") == 0
    assert run(*span, "--changes", "--out", tmp_path / "changes") == 0
    whole, changes = (pq.read_table(tmp_path / name / "metrics.parquet").to_pylist() for name in ("all", "changes"))
    late = [row["as_of"].day for row in changes if (row["account_id"], row["metric"]) == ("ann", "late_shipment_rate")]
    assert late == [1, 3, 4]
    assert len([row for row in whole if (row["account_id"], row["metric"]) == ("ann", "late_shipment_rate")]) == 9


def test_json_is_one_document_that_says_what_was_found(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (facts / "complaints.csv").write_text(COMPLAINTS, encoding="utf-8")
    assert run("--facts", facts, "--as-of", "2026-03-05", "--out", tmp_path / "out", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["first"], document["last"], document["days"], document["accounts"]) == ("2026-03-05", "2026-03-05", 1, 2)
    assert document["metrics"]["late_shipment_rate"] == {"accounts": 2, "not_met": 1}
    assert document["files"]["violations.parquet"]["rows"] == document["violations"]["all"]
    assert document["findings"] == 2


def test_what_could_not_be_used_is_said_on_stderr_and_the_rest_goes_on(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """K1: a bad row is reported with its place and reason, and the rest goes on."""
    (facts / "complaints.csv").write_text(COMPLAINTS, encoding="utf-8")
    with (facts / "orders.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"bad{n},ann,US,yesterday,,\n" for n in range(25))
    assert run("--facts", facts, "--as-of", "2026-03-05", "--out", tmp_path / "out") == 0
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 21
    assert "yesterday" in shown[0]
    assert shown[-1].startswith("and ")
    assert shown[-1].endswith(f"more in {tmp_path / 'out' / 'findings.jsonl'}")
    written = [json.loads(line) for line in (tmp_path / "out" / "findings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(written) == 20 + int(shown[-1].split()[1])
    assert any("unheard_of" in finding["message"] for finding in written)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--as-of", "2026-03-05", "--from", "2026-03-01"], "--as-of names one day"),
        (["--to", "2026-03-05"], "--to needs --from"),
        (["--from", "2026-03-05", "--to", "2026-03-01"], "swap them"),
        (["--as-of", "5 March"], "5 March"),
        (["--spark-master", "local[2]"], "give --engine spark with it"),
        (["--engine", "spark", "--forecast", "7"], "made by the engine duckdb alone"),
        (["--engine", "spark", "--memory", "3GB"], "bounds the engine duckdb"),
        (["--engine", "spark", "--state", "kept"], "kept by the engine duckdb alone"),
        (["--memory", "a lot"], "is no amount of memory"),
    ],
)
def test_days_that_make_no_sense_are_unusable(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], word: str):
    assert run("--facts", facts, *arguments, "--out", tmp_path / "out") == 2
    assert word in capsys.readouterr().err
    assert not list((tmp_path / "out").glob("*"))


def test_facts_without_any_order_need_a_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "complaints.csv").write_text(COMPLAINTS, encoding="utf-8")
    assert run("--facts", tmp_path, "--out", tmp_path / "out") == 2
    assert "--as-of" in capsys.readouterr().err


def test_a_run_that_fails_leaves_the_files_of_the_last_one(facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    out = tmp_path / "out"
    assert run("--facts", facts, "--as-of", "2026-03-05", "--out", out) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def fail(self: object, table: object) -> None:
        raise click.ClickException("the disk is full")

    monkeypatch.setattr(command.Summary, "violations", fail)
    assert run("--facts", facts, "--as-of", "2026-03-06", "--out", out) == 2
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_unusable(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    assert run("--facts", facts, "--as-of", "2026-03-05", "--out", tmp_path / "taken") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_forecast_gives_three_more_files_and_says_what_to_warn_of(
    facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """A5, I3."""
    metrics = {
        metric.name: metric for metric in (make_metric(reason="late_shipment"), make_metric(MetricRule.OVERDUE_UNSHIPPED, reason="late_shipment"))
    }
    monkeypatch.setattr(command, "load_pack_on", lambda name, day=None: make_pack(metrics=metrics, early_warning=EarlyWarning(7, 1, CITED)))
    waiting = ("o4,bob,US,2026-03-04T10:00:00Z,2026-03-07T10:00:00Z,", "o5,ann,US,2026-03-04T10:00:00Z,2026-03-06T10:00:00Z,")
    (facts / "orders.csv").write_text(ORDERS + "\n".join(waiting), encoding="utf-8")
    out = tmp_path / "out"
    assert run("--facts", facts, "--as-of", "2026-03-05", "--forecast", 40, "--out", out) == 0
    schemas = {"forecasts": FORECASTS_SCHEMA, "warnings": WARNINGS_SCHEMA, "expected_violations": EXPECTED_SCHEMA}
    for name, schema in schemas.items():
        assert pq.read_schema(out / f"{name}.parquet").equals(schema)
    changes = [row for row in pq.read_table(out / "forecasts.parquet").to_pylist() if row["account_id"] == "bob"]
    assert [(row["on"], row["numerator"], row["met"]) for row in changes if row["metric"] == "overdue_unshipped"] == [
        (date(2026, 3, 7), 1, False),
        (date(2026, 4, 6), 0, True),
    ]
    expected = [row for row in pq.read_table(out / "expected_violations.parquet").to_pylist() if row["metric"] == "late_shipment_rate"]
    assert [(row["account_id"], row["opened"], row["closed"]) for row in expected] == [("ann", date(2026, 3, 4), date(2026, 4, 4))]
    warned = [row for row in pq.read_table(out / "warnings.parquet").to_pylist() if row["metric"] == "overdue_unshipped"]
    assert [(row["account_id"], row["code"], row["on"], row["numerator_then"]) for row in warned] == [
        ("ann", "will_breach", date(2026, 3, 6), 1),
        ("bob", "will_breach", date(2026, 3, 7), 1),
    ]
    tasks = [(row["account_id"], row["code"], row["on"], row["ids"]) for row in pq.read_table(out / "tasks.parquet").to_pylist()]
    assert tasks == [("ann", "orders_due", date(2026, 3, 6), ["o5"])]
    assert "of a target that will be missed by itself" in capsys.readouterr().out
    assert run("--facts", facts, "--as-of", "2026-03-05", "--out", out) == 0
    assert not (out / "forecasts.parquet").exists()


def test_a_correction_shows_as_one_and_leaves_earlier_days_as_they_were(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A6: a past day gives the same numbers after a later correction, which is listed with what it takes back and from when it counts."""

    def late_of_ann(day: str, name: str) -> tuple[int, int]:
        assert run("--facts", facts, "--as-of", day, "--out", tmp_path / name, "--json") == 0
        rows = pq.read_table(tmp_path / name / "metrics.parquet").to_pylist()
        row = next(row for row in rows if (row["account_id"], row["metric"]) == ("ann", "late_shipment_rate"))
        return row["numerator"], row["denominator"]

    before = late_of_ann("2026-03-04", "before")
    told = (facts / "orders.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{told[0]},recorded_at", *(f"{line}," for line in told[1:])]
    rows.append("o1,ann,US,2026-03-01T10:00:00Z,2026-03-02T10:00:00Z,2026-03-02T09:00:00Z,2026-03-05T08:00:00Z")
    (facts / "orders.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    capsys.readouterr()
    assert late_of_ann("2026-03-04", "after") == before == (1, 2)
    assert json.loads((said := capsys.readouterr()).out)["corrections"] == 1
    assert "orders.csv row 5: info: order_id 'o1', account_id 'ann' is corrected: shipped_at was told otherwise in orders.csv row 2" in said.err
    assert "counts from 2026-03-05 on" in said.err
    assert late_of_ann("2026-03-05", "corrected") == (0, 2)
