"""The engine over the real marketplace gives the sums that were counted by other means (skipped where the data is absent)."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import LateBy, MetricRule
from goodstanding.engines.base import FactSource
from goodstanding.engines.duckdb import DuckDBEngine
from tests.factories import make_metric, make_pack

MAPPING = Path(__file__).resolve().parents[2] / "examples" / "olist"
FIRST, LAST = date(2017, 2, 6), date(2018, 8, 27)
MONDAYS = [FIRST + timedelta(weeks=n) for n in range(82)]
WINDOWS = (7, 10, 14, 30, 60)
SELLER, DAY = "4a3ca9315b744ce9f8e9374361493884", date(2018, 3, 5)
PARTS = {
    "placed": (MetricRule.ORDER_DEFECT_RATE, LateBy.DAY),
    "canceled": (MetricRule.CANCELLATION_RATE, LateBy.DAY),
    "late_day": (MetricRule.LATE_SHIPMENT_RATE, LateBy.DAY),
    "late_ts": (MetricRule.LATE_SHIPMENT_RATE, LateBy.TIMESTAMP),
    "due": (MetricRule.ON_TIME_DELIVERY_RATE, LateBy.DAY),
}

pytestmark = pytest.mark.real_data


class Sums:
    """A sink that adds up the Mondays by metric and keeps one seller's day; the millions of other rows go by."""

    def __init__(self) -> None:
        self.numerators: Counter[str] = Counter()
        self.denominators: Counter[str] = Counter()
        self.of_seller: dict[str, tuple[int, int]] = {}

    def metrics(self, table: pa.Table) -> None:
        mondays = table.filter(pc.is_in(table["as_of"], pa.array(MONDAYS, pa.date32())))
        sums = mondays.set_column(2, "metric", mondays["metric"].cast(pa.string())).group_by("metric")
        for row in sums.aggregate([("numerator", "sum"), ("denominator", "sum")]).to_pylist():
            self.numerators[row["metric"].split("-")[0]] += row["numerator_sum"]
            self.denominators[row["metric"].split("-")[0]] += row["denominator_sum"]
        of_day = table.filter(pc.equal(table["as_of"], pa.scalar(DAY, pa.date32())))
        for row in of_day.filter(pc.equal(of_day["account_id"].cast(pa.string()), SELLER)).to_pylist():
            self.of_seller[row["metric"]] = (row["numerator"], row["denominator"])

    def ratings(self, table: pa.Table) -> None:
        """Not looked at."""

    def violations(self, table: pa.Table) -> None:
        """Not looked at."""


def pack_of_all_windows() -> PolicyPack:
    def metric(part: str, days: int) -> Metric:
        rule, late_by = PARTS[part]
        return make_metric(rule, name=f"{part}-{days}", days=days, lag=0, late_by=late_by)

    metrics = [metric(part, days) for part in PARTS for days in WINDOWS]
    return make_pack(metrics={metric.name: metric for metric in metrics}, marketplaces={})


@pytest.fixture(scope="module")
def sums(real_data: Path) -> Sums:
    if not MAPPING.is_dir():
        pytest.skip(f"no mapping for the real data: {MAPPING} is not there")
    sink = Sums()
    DuckDBEngine().run(FactSource(real_data / "olist", MAPPING), pack_of_all_windows(), sink, FIRST, LAST)
    return sink


def test_the_sums_over_82_mondays_and_five_windows_are_those_of_the_data(sums: Sums):
    assert sums.denominators["placed"] == 1_646_990
    assert sums.numerators["canceled"] == 7_425
    assert sums.numerators["placed"] == 101_078
    assert sums.denominators["late_day"] == sums.denominators["late_ts"] == 1_585_499
    assert sums.numerators["late_ts"] == 138_916
    assert sums.numerators["late_day"] == 87_832
    assert sums.denominators["due"] == 1_526_818
    assert sums.numerators["due"] == 1_394_822


def test_one_sellers_day_is_that_of_the_data(sums: Sums):
    expected = {"placed-60": (27, 219), "late_day-30": (4, 112), "late_ts-30": (10, 112), "canceled-7": (0, 31)}
    assert {name: sums.of_seller[name] for name in expected} == expected
