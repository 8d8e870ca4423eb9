"""Reports on an account's health, as marketplaces send them: both spellings, what is missing, what is no report (issue 6, point 2)."""

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.errors import UnusableInput
from goodstanding.core.health.reported import SellerReport
from goodstanding.core.terms import DoubtKind
from goodstanding.intake.seller_report import read_seller_report
from goodstanding.packs.reports import load_health_form
from tests.notice_data import DATA

REAL = DATA / "spapi"
FORM = load_health_form()


def read(document: object) -> SellerReport:
    return read_seller_report(json.dumps(document).encode(), "report.json", FORM)


def late(**changed: Any) -> dict[str, Any]:
    """A report on one marketplace that holds a late shipment rate and nothing else."""
    rate: dict[str, Any] = {
        "reportingDateRange": {"reportingDateFrom": "2026-03-01T00:00Z", "reportingDateTo": "2026-03-30T23:59Z"},
        "orderCount": 100,
        "lateShipmentCount": 5,
        "status": "BAD",
        "rate": 0.05,
        "targetValue": 0.04,
        "targetCondition": "LESS_THAN",
    }
    return {
        "accountStatuses": [{"marketplaceId": "ATVPDKIKX0DER", "status": "NORMAL"}],
        "performanceMetrics": [{"marketplaceId": "ATVPDKIKX0DER", "lateShipmentRate": rate | changed}],
    }


def test_counts_range_and_target_are_read():
    (store,) = read(late()).stores
    (rate,) = store.rates
    assert (store.store, store.status) == ("US", "NORMAL")
    assert (rate.numerator, rate.denominator, str(rate.rate), rate.status) == (5, 100, "0.05", "BAD")
    assert rate.target is not None
    assert (rate.target.text, rate.first and rate.first.isoformat(), rate.last and rate.last.isoformat()) == ("< 4 %", "2026-03-01", "2026-03-30")


def test_a_gzipped_report_reads_as_the_plain_one():
    content = json.dumps(late()).encode()
    assert read_seller_report(gzip.compress(content), "report.gz", FORM) == read_seller_report(content, "report.json", FORM)


def test_a_count_that_is_none_is_named_and_the_rest_goes_on():
    (store,) = read(late(lateShipmentCount=-3)).stores
    assert store.rates == ()
    assert any(doubt.code == "no_count" and doubt.where == "US.lateShipmentRate.lateShipmentCount" for doubt in store.doubts)


def test_the_other_spelling_is_understood_and_named():
    document = late()
    document["accountStatuses"][0]["status"] = "SUSPENDED"
    (metrics,) = document["performanceMetrics"]
    metrics["accountHealthRating"] = {"ahrStatus": "WARNED"}
    report = read(document)
    (store,) = report.stores
    assert (store.status, store.rating_status) == ("DEACTIVATED", "WARNED")
    assert [doubt.code for doubt in report.doubts] == ["status_spelled"]
    assert [doubt.where for doubt in store.doubts if doubt.kind is DoubtKind.SPELLING] == ["US.accountHealthRating.ahrStatus"]


@pytest.mark.parametrize("names", [str.lower, str.title, str], ids=["lower", "pascal", "camel"])
def test_a_change_of_status_is_read_whatever_the_case_of_its_keys(names: Any):
    change = {"previousAccountStatus": "NORMAL", "currentAccountStatus": "AT_RISK"}
    document = {names("payload"): {names("accountStatusChangeNotification"): change}}
    (store,) = read(document).stores
    assert (store.marketplace_id, store.previous_status, store.status) == (None, "NORMAL", "AT_RISK")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<AccountHealth/>", "is XML, as the old V1 report is"),
        (b"{", "r:1:2 is no JSON"),
        (b"[]", "holds no JSON object"),
        (b"{}", "is an empty object"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"accountStatuses": [], "performanceMetrics": []}', "without any marketplace"),
        (b'{"NotificationType": "ORDER_CHANGE"}', "is a notification ORDER_CHANGE"),
        (b'{"swagger": "2.0"}', "is the description of an API"),
        (b"\x1f\x8b\x08broken", "is gzipped but damaged"),
    ],
)
def test_what_is_no_report_is_refused_with_one_reason(content: bytes, reason: str):
    with pytest.raises(UnusableInput, match=reason) as refused:
        read_seller_report(content, "r", FORM)
    assert "\n" not in str(refused.value)


ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3))


@given(st.dictionaries(st.sampled_from(["marketplaceId", "lateShipmentRate", "warningState", "accountHealthRating", "documentRequest"]), ANYTHING))
def test_whatever_a_report_holds_nothing_but_a_clear_refusal_is_raised(metrics: dict[str, Any]):
    with suppress(UnusableInput):
        assert read({"accountStatuses": [metrics], "performanceMetrics": [metrics, metrics]}).stores


def refusal(path: Path) -> str:
    """Why a file is refused; empty where it is read."""
    try:
        read_seller_report(path.read_bytes(), path.name, FORM)
    except UnusableInput as refused:
        return str(refused)
    return ""


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason="the real reports are not here")
def test_every_published_example_is_accepted_or_refused_with_one_reason():
    refusals = {path.name: refusal(path) for path in sorted(REAL.iterdir())}
    assert all(reason.startswith(name) and "\n" not in reason for name, reason in refusals.items() if reason)
    assert {name for name, reason in refusals.items() if not reason} == {
        "example_accountHealthReport.json",
        "constructed_ACCOUNT_STATUS_CHANGED.json",
    }
