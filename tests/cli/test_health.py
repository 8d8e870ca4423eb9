"""`goodstanding health`: what a seller types and sees (issue 6, point 2)."""

import json
from pathlib import Path
from typing import Any

import pytest

from goodstanding.cli.main import main
from tests.notice_data import DATA

REAL = DATA / "spapi" / "example_accountHealthReport.json"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in ("health", *arguments)])
    return int(left.value.code or 0)


def report(folder: Path, late: int, status: str = "NORMAL") -> Path:
    rate = {
        "reportingDateRange": {"reportingDateFrom": "2026-03-01T00:00Z", "reportingDateTo": "2026-03-30T23:59Z"},
        "orderCount": 100,
        "lateShipmentCount": late,
        "status": "GOOD",
        "rate": late / 100,
        "targetValue": 0.04,
        "targetCondition": "LESS_THAN",
    }
    document = {
        "accountStatuses": [{"marketplaceId": "ATVPDKIKX0DER", "status": status}],
        "performanceMetrics": [{"marketplaceId": "ATVPDKIKX0DER", "lateShipmentRate": rate}],
    }
    path = folder / "report.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def as_json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_within_every_target_leaves_with_0_and_says_what_no_report_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(report(tmp_path, 2), "--json") == 0
    said = as_json(capsys)
    (store,) = said["marketplaces"]
    (metric,) = store["metrics"]
    assert metric["rate"] == 0.02
    assert (metric["target"], metric["met"], metric["disagrees"]) == ("< 4 %", True, False)
    assert "0 to 1000" in said["not_in_report"][0]
    assert "products" in said["not_in_report"][1]


def test_a_breach_leaves_with_1_and_the_contradiction_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(report(tmp_path, 6)) == 1
    text = capsys.readouterr().out
    assert "MISSED" in text
    assert "US.lateShipmentRate: says GOOD, but 6.00 % against < 4 % says otherwise" in " ".join(text.split())


def test_a_status_that_is_not_normal_leaves_with_1(tmp_path: Path):
    assert run(report(tmp_path, 0, "AT_RISK"), "--json") == 1


def test_what_assurance_lacks_is_said_and_nothing_unknown_is_taken_for_met(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    run(report(tmp_path, 0), "--rating", 300, "--plan", "professional", "--contact", "none", "--json")
    assurance = as_json(capsys)["marketplaces"][0]["assurance"]
    assert assurance["eligible"] is False
    assert assurance["missing"] == ["rating", "contact"]
    states = {one["criterion"]: one["state"] for one in assurance["criteria"]}
    assert states == {"marketplace": "met", "plan": "met", "rating": "unknown", "contact": "not_met"}
    run(report(tmp_path, 0), "--json")
    states = {one["criterion"]: one["state"] for one in as_json(capsys)["marketplaces"][0]["assurance"]["criteria"]}
    assert states == {"marketplace": "met", "plan": "unknown", "rating": "unknown", "contact": "unknown"}


def test_a_piped_page_fits_80_columns_in_every_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for language in ("en", "zh-Hans", "zh-Hant"):
        run(report(tmp_path, 6), "--language", language)
        text = capsys.readouterr().out
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rating", "2000"], "--rating: 2000 is no rating; it goes from 0 to 1000"),
        (["--marketplace", "XX"], "--marketplace: 'XX' is not known"),
        (["--marketplace", "DE"], "the report has no DE; it has US"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_leaves_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str):
    assert run(report(tmp_path, 0), *arguments) == 2
    assert says in capsys.readouterr().err


def test_a_file_that_is_not_there_leaves_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(tmp_path / "none.json") == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_file(), reason="the real report is not here")
def test_the_published_example_is_read_with_its_contradictions_named(capsys: pytest.CaptureFixture[str]):
    """Six deviations from its own schema, and six metrics whose numbers contradict themselves."""
    assert run(REAL, "--json") == 1
    said = as_json(capsys)
    by_kind: dict[str, set[str]] = {}
    for warning in said["warnings"]:
        by_kind.setdefault(warning["kind"], set()).add(warning["where"])
    spelled = {"accountStatuses[2]", "US.prefulfillmentCancelRate", "US.warningState", "US.documentRequest"}
    assert by_kind["spelling"] == spelled | {"US.accountHealthRating.ahrStatus"}
    lacking = {"US.restrictedProductPolicyViolations", "US.suspectedIntellectualPropertyViolations"}
    assert by_kind["missing"] == lacking | {"CA", "MX"}
    metrics = {"orderDefectRate", "preFulfillmentCancellationRate", "validTrackingRate", "onTimeDeliveryRate", "unitOnTimeDeliveryRate"}
    assert {where.split(".")[1] for where in by_kind["contradiction"]} == metrics | {"documentRequests"}
    counted = {metric["field"]: round(metric["rate"], 4) for metric in said["marketplaces"][0]["metrics"]}
    assert counted["orderDefectRate.mfn"] == 0.002
    assert counted["preFulfillmentCancellationRate"] == 0.032
    assert [store["status"] for store in said["marketplaces"]] == ["AT_RISK", "NORMAL", "DEACTIVATED"]


EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples" / "appeal-alone"
OWN = [EXAMPLES / name for name in ("orders.txt", "shipped.txt", "feedback.txt")]


def test_a_sellers_own_reports_alone_give_what_they_can_show_and_no_more(capsys: pytest.CaptureFixture[str]):
    """Counted by the same rules as everywhere; claims are in no report, so the order defect rate is never called met."""
    assert run(*OWN, "--as-of", "2026-11-15", "--json") == 1
    said = as_json(capsys)
    (store,) = said["marketplaces"]
    assert (store["marketplace_id"], store["store"], store["status"]) == ("ATVPDKIKX0DER", "US", None)
    found = {one["metric"]: (one["numerator"], one["denominator"], one["met"]) for one in store["metrics"]}
    assert found["late_shipment_rate_30d"] == (20, 113, False)
    assert found["order_defect_rate"] == (1, 184, None)
    assert "pre_fulfillment_cancellation_rate" not in found
    assert "on_time_delivery_rate" not in found
    assert {"tracking", "no_delivery", "cancelled_by", "feedback_only"} <= {warning["code"] for warning in said["warnings"]}


def test_late_shipments_are_not_judged_without_the_days_they_left(capsys: pytest.CaptureFixture[str]):
    assert run(OWN[0], "--json") == 0
    assert as_json(capsys)["marketplaces"][0]["metrics"] == []


def test_where_report_and_orders_count_the_same_days_otherwise_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    run(EXAMPLES / "report.json", *OWN, "--as-of", "2026-11-15", "--json")
    assert "own_count_differs" not in {warning["code"] for warning in as_json(capsys)["warnings"]}
    other = tmp_path / "report.json"
    other.write_text((EXAMPLES / "report.json").read_text("utf-8").replace('"lateShipmentCount": 20', '"lateShipmentCount": 31'), encoding="utf-8")
    run(other, *OWN, "--as-of", "2026-11-15", "--json")
    (differing,) = [warning for warning in as_json(capsys)["warnings"] if warning["code"] == "own_count_differs"]
    assert differing["message"] == "US.lateShipmentRate: the report counts 31/113, your own reports 20/113 for the same days"


def test_one_marketplace_of_several_files_can_be_asked_for(capsys: pytest.CaptureFixture[str]):
    assert run(EXAMPLES / "report.json", *OWN, "--marketplace", "US", "--json") == 1
    assert [store["store"] for store in as_json(capsys)["marketplaces"]] == ["US"]
    assert run(*OWN, "--marketplace", "DE") == 2
    assert "these reports have no order of DE" in capsys.readouterr().err
