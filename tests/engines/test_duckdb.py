"""The engine as its callers see it: files in, one assessment out."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import Marketplace
from goodstanding.core.terms import MetricRule
from goodstanding.engines.base import METRICS_SCHEMA, RATINGS_SCHEMA, VIOLATIONS_SCHEMA, Engine, FactSource
from goodstanding.engines.duckdb import DuckDBEngine
from tests.factories import make_metric, make_pack

DAY = date(2026, 3, 2)
ACCOUNTS = "account_id,holder_kind,marketplace,opened_at\nann,seller,US,2026-03-01\nbob,seller,JP,2026-03-01\ncyd,buyer,US,2026-03-01\nnew,seller,US,2026-04-01\n"
ORDERS = (
    "order_id,account_id,placed_at,ship_by,shipped_at,tracking_valid\n"
    "o1,ann,2026-03-01T10:00:00,2026-03-01T14:00:00,2026-03-01T16:00:00,true\n"
    "o2,bob,2026-03-01T10:00:00,2026-03-01T14:00:00,2026-03-01T16:00:00,true\n"
    "o3,eve,2026-03-01T10:00:00,,,\n"
)


@pytest.fixture
def source(tmp_path: Path) -> FactSource:
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    return FactSource(tmp_path)


def test_an_assessment_has_the_published_schemas_and_its_findings(source: FactSource):
    engine: Engine = DuckDBEngine(threads=1, memory="1GB")
    assessment = engine.assess(source, make_pack(), DAY, DAY)
    assert assessment.metrics.schema.equals(METRICS_SCHEMA)
    assert assessment.ratings.schema.equals(RATINGS_SCHEMA)
    assert assessment.violations.schema.equals(VIOLATIONS_SCHEMA)
    assert (assessment.first, assessment.last, assessment.findings) == (DAY, DAY, ())


def test_accounts_have_the_metrics_of_their_kind_from_the_day_they_open(source: FactSource):
    """A1: sellers and buyers; a seller that is only known from its orders is one too, an account not open yet is none."""
    metrics = DuckDBEngine().assess(source, make_pack(), DAY, DAY).metrics.to_pylist()
    rules = {name: {row["metric"] for row in metrics if row["account_id"] == name} for name in ("ann", "cyd", "eve", "new")}
    assert "late_shipment_rate" in rules["ann"]
    assert rules["ann"] == rules["eve"]
    assert rules["cyd"] == {"return_rate", "buyer_cancellation_rate", "complained_of_rate"}
    assert rules["new"] == set()


def test_only_sellers_are_rated(source: FactSource):
    assert DuckDBEngine().assess(source, make_pack(), DAY, DAY).ratings["account_id"].to_pylist() == ["ann", "bob", "eve"]


def test_a_day_is_that_of_the_marketplace_the_pack_says(source: FactSource):
    """14:00 and 16:00 in UTC are one day; in Tokyo midnight lies between them."""
    pack = make_pack(marketplaces={"JP": Marketplace("JP", ZoneInfo("Asia/Tokyo"))}, metrics={"late": make_metric(name="late")})
    rows = DuckDBEngine().assess(source, pack, DAY, DAY).metrics.to_pylist()
    assert {row["account_id"]: row["numerator"] for row in rows} == {"ann": 0, "bob": 1, "eve": 0}


def test_a_metric_of_one_store_is_not_shown_for_another(source: FactSource):
    pack = make_pack(metrics={"late": make_metric(name="late", marketplaces=frozenset({"JP"}))})
    assert DuckDBEngine().assess(source, pack, DAY, DAY).metrics["account_id"].to_pylist() == ["bob"]


def test_facts_without_a_word_about_tracking_are_told_to_the_user(source: FactSource):
    orders = source.folder / "orders.csv"
    orders.write_text(ORDERS.replace("true", ""), encoding="utf-8")
    with_metric = DuckDBEngine().assess(source, make_pack(), DAY, DAY).findings
    assert [finding.line() for finding in with_metric] == [
        "orders: warning: no order says whether its tracking was valid, so valid_tracking_rate counts every shipped order as without"
        " (give the column tracking_valid, or use a pack without this metric)"
    ]
    without = make_pack(metrics={"odr": make_metric(MetricRule.ORDER_DEFECT_RATE, name="odr")})
    assert DuckDBEngine().assess(source, without, DAY, DAY).findings == ()


def test_progress_is_told_step_by_step_to_the_end(source: FactSource):
    told: list[tuple[str, int, int]] = []
    DuckDBEngine().assess(source, make_pack(), DAY, DAY, progress=lambda *step: told.append(step))
    last_of = {what: (done, total) for what, done, total in told}
    assert {"edges", "accounts", "violations"} <= set(last_of)
    assert all(done == total for what, (done, total) in last_of.items() if not what.startswith("loading "))


def test_days_in_the_wrong_order_are_unusable(source: FactSource):
    with pytest.raises(UnusableInput, match="swap them"):
        DuckDBEngine().assess(source, make_pack(), DAY, date(2026, 3, 1))
