"""`goodstanding diagnose`: what a user types and sees (requirements D2, D3)."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from goodstanding.cli.main import main
from tests.conftest import REPOSITORY
from tests.core.appeals.diagnosis.made import seller, values_of

OLIST = REPOSITORY / "examples" / "olist"
CAUSE_KEYS = {
    "dimension",
    "value",
    "from",
    "to",
    "defects",
    "orders",
    "share_of_defects",
    "share_of_orders",
    "excess",
    "p_value",
    "confidence",
    "facts",
}


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in ("diagnose", *arguments)])
    return int(left.value.code or 0)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """A seller whose carrier Heron is late, as files."""
    own, background = seller(lambda n: (values_of(n)["carrier"] == "Heron" and n * 37 % 5 == 0) or n * 37 % 97 == 0)
    folder = tmp_path / "facts"
    folder.mkdir()
    with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as stream:
        columns = ["order_id", "account_id", "marketplace", "placed_at", "ship_by", "shipped_at", "tracking_valid", "product_id", "carrier"]
        rows = csv.DictWriter(stream, columns)
        rows.writeheader()
        for order in own.orders:
            moments = {name: getattr(order, name).isoformat() for name in columns[3:6]}
            told = {"order_id": order.order_id, "account_id": "ann", "marketplace": "US", "tracking_valid": "true", "product_id": order.product_id}
            rows.writerow(told | moments | {"carrier": background.orders[order.order_id]["carrier"]})
    return folder


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_the_document_names_metric_surface_cause_causes_and_time_line(facts: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--facts", facts, "--account", "ann", "--reason", "PERF_LATE_SHIPMENT", "--as-of", "2026-03-31", "--json") == 1
    document = told(capsys)
    assert document["metric"].startswith("late_shipment_rate")
    assert document["surface_cause"]["numerator"] > 0
    assert document["surface_cause"]["met"] is False
    (cause,) = document["causes"]
    assert set(cause) >= CAUSE_KEYS
    assert (cause["dimension"], cause["value"], cause["confidence"]) == ("carrier", "Heron", "high")
    assert cause["share_of_defects"] == cause["defects"] / cause["of_defects"]
    assert len(cause["ids"]) == cause["defects"]
    assert sum(day["orders"] for day in document["timeline"]) == 600


def test_the_text_tells_what_happened_from_why_and_is_plain_where_there_is_no_terminal(facts: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--facts", facts, "--account", "ann", "--metric", "late_shipment_rate_30d", "--as-of", "2026-03-31") == 1
    text = capsys.readouterr().out
    assert text.index("What happened") < text.index("target < 4 %") < text.index("What most probably caused it") < text.index("1. carrier Heron")
    assert "how sure: high" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_notice_says_which_breach_is_to_be_explained(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    notice = tmp_path / "notice.txt"
    notice.write_text("Your selling account was deactivated because your late shipment rate is above our target of 4 %.", encoding="utf-8")
    assert run(notice, "--facts", facts, "--account", "ann", "--as-of", "2026-03-31", "--json") == 1
    document = told(capsys)
    assert document["surface_cause"]["reason"] == "PERF_LATE_SHIPMENT"
    assert document["causes"][0]["value"] == "Heron"


def test_a_notice_of_a_reason_without_a_metric_says_that_there_is_none(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    notice = tmp_path / "notice.txt"
    notice.write_text("We removed your account because you sold counterfeit products.", encoding="utf-8")
    assert run(notice, "--facts", facts, "--account", "ann") == 2
    assert "is behind 'AUTH_COUNTERFEIT'" in capsys.readouterr().err
    assert run(tmp_path / "none.eml", "--facts", facts, "--account", "ann") == 2
    assert "none.eml cannot be read" in capsys.readouterr().err


def test_complaints_of_a_reason_without_a_metric_are_diagnosed(facts: Path, capsys: pytest.CaptureFixture[str]):
    with (facts / "orders.csv").open(encoding="utf-8") as stream:
        struck = [row["order_id"] for row in csv.DictReader(stream) if row["product_id"] == "P-4"][:12]
    lines = [f"C-{n},ann,AUTH_COUNTERFEIT,2026-03-30T09:00:00,{order}" for n, order in enumerate(struck)]
    (facts / "complaints.csv").write_text("\n".join(["complaint_id,account_id,reason,at,order_id", *lines]), encoding="utf-8")
    asked = ("--facts", facts, "--account", "ann", "--reason", "AUTH_COUNTERFEIT", "--as-of", "2026-03-31")
    assert run(*asked, "--json") == 0
    document = told(capsys)
    assert (document["causes"][0]["dimension"], document["causes"][0]["value"]) == ("product_id", "P-4")
    assert document["surface_cause"]["target"] is None
    assert run(*asked) == 0
    assert "P-4" in capsys.readouterr().out


@pytest.mark.parametrize(("language", "word"), [("zh-Hans", "最可能的原因"), ("zh-TW", "最可能的原因"), ("zh-Hant", "物流業者 Heron")])
def test_the_text_is_in_the_language_asked_for(facts: Path, capsys: pytest.CaptureFixture[str], language: str, word: str):
    run("--facts", facts, "--account", "ann", "--metric", "late_shipment_rate_30d", "--language", language)
    assert word in capsys.readouterr().out


def test_a_metric_within_its_target_leaves_with_0_and_says_that_nothing_stands_out(facts: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--facts", facts, "--account", "ann", "--metric", "valid_tracking_rate", "--as-of", "2026-03-31") == 0
    assert "Too little went wrong (0)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--account", "nobody"), "no fact is about the account 'nobody'"),
        (("--account", "ann", "--metric", "lateness"), "no metric is called 'lateness'"),
        (("--account", "ann", "--reason", "AUTH_COUNTERFEIT"), "no metric of amazon@"),
    ],
)
def test_what_cannot_be_answered_is_one_line_that_says_why(facts: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str):
    assert run("--facts", facts, *arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.real_data
@pytest.mark.parametrize("account", ["3d871de0142ce09b7081e2b9d1733cb1", "8160255418d5aaa7dbdc9f4c64ebda44", "37515688008a7a40ac93e3b2e4ab203f"])
def test_the_rush_of_november_2017_shows_as_days_for_real_sellers_it_hit(real_data: Path, capsys: pytest.CaptureFixture[str], account: str):
    source = ("--facts", real_data / "olist", "--mapping", OLIST, "--pack", OLIST / "pack.toml")
    assert run(*source, "--account", account, "--metric", "late_shipment_rate_30d", "--as-of", "2017-12-10", "--json") == 1
    first = told(capsys)["causes"][0]
    assert (first["dimension"], first["value"]) in {("shipped_at", None), ("placed_at", None)}
    assert first["from"] <= "2017-12-01"
    assert first["to"] >= "2017-11-24"
