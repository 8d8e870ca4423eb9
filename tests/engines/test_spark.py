"""The engine `spark` as its callers see it: the same files, the same assessment and the same findings as the engine `duckdb`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import Marketplace
from goodstanding.engines.base import Assessment, Engine, FactSource
from goodstanding.engines.duckdb import DuckDBEngine
from goodstanding.engines.spark import SparkEngine, session
from goodstanding.packs.loader import load_pack
from tests.engines.fact_files import write
from tests.factories import make_pack

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 12)
OLIST = Path(__file__).resolve().parents[2] / "examples" / "olist"

ACCOUNTS = (
    "account_id,holder_kind,marketplace,opened_at,information_complete\n"
    "ann,seller,JP,2026-02-01T20:00:00Z,false\nbob,seller,US,2026-02-01,\ncyd,buyer,US,2026-02-01,true\nbad,giver,US,2026-02-01,\n"
)
COMPLAINTS = (
    '{"complaint_id": "c1", "account_id": "ann", "reason": "counterfeit", "at": "2026-03-02T22:00:00Z"}\n'
    '{"complaint_id": "c1", "account_id": "ann", "reason": "counterfeit", "at": "2026-03-02T22:00:00Z", "resolved_at": "2026-03-05", "recorded_at": "2026-03-05"}\n'
    '{"complaint_id": "c2", "account_id": "bob", "reason": "nobody_knows", "at": "2026-03-02"}\n'
    "no object\n"
)
DEFECTS = "defect_id,order_id,account_id,kind,at\nd1,o1,ann,claim,2026-03-03\nd1,o1,ann,chargeback,2026-03-03\nd2,o2,bob,claim\n"


def part(ids: list[str], **columns: list[object]) -> pa.Table:
    """A part of the orders, shipped after they were due by local time but not by UTC."""
    many = len(ids)
    moments = {"placed_at": "2026-03-01T10:00:00", "ship_by": "2026-03-01T14:00:00", "shipped_at": "2026-03-01T16:00:00"}
    base = {"order_id": ids, "account_id": ["ann", "bob"] * (many // 2), **{name: [moment] * many for name, moment in moments.items()}}
    return pa.table({**base, **columns})


def files(folder: Path) -> FactSource:
    """Every form there is; parts with different columns and types; twins, corrections, contradictions and rows that cannot be used."""
    return write(
        folder,
        {
            "accounts.csv": ACCOUNTS,
            "complaints.jsonl": COMPLAINTS,
            "defects.csv": DEFECTS,
            "orders/day=1/a.parquet": part(["o1", "o2", "o3", "o4"], tracking_valid=[True, False, None, True], carrier=["x", "y", "x", "y"]),
            "orders/day=1/b.parquet": part(["o1", "o2"], day=["1", "1"], carrier=["x", "z"], tracking_valid=[True, False]),
            "orders/day=2/c.parquet": part(["o3", "o6"], recorded_at=["2026-03-04", None], tracking_valid=["no", "perhaps"], units=[-1, 2]),
            "order.csv": "order_id\n",
        },
    )


def assert_equal(one: Assessment, other: Assessment) -> None:
    assert [finding.line() for finding in one.findings] == [finding.line() for finding in other.findings]
    for name in ("metrics", "ratings", "violations"):
        assert getattr(one, name).equals(getattr(other, name)), name


def test_the_same_files_give_the_same_assessment_and_the_same_findings(spark: "SparkSession", tmp_path: Path):
    """K1: each row that cannot be used is reported with file, row and reason, whatever the engine."""
    source, pack = files(tmp_path), make_pack(marketplaces={"JP": Marketplace("JP", ZoneInfo("Asia/Tokyo"))})
    engine: Engine = SparkEngine(session=spark)
    told: list[tuple[str, int, int]] = []
    found = engine.assess(source, pack, FIRST, LAST, progress=lambda *step: told.append(step))
    assert_equal(found, DuckDBEngine().assess(source, pack, FIRST, LAST))
    codes = {finding.code for finding in found.findings}
    assert {"conflict", "broken_row", "unreadable_value", "not_allowed_value", "unknown_file", "complaint.unknown_reason"} <= codes
    assert {"edges", "accounts", "violations"} <= {what for what, done, total in told if done == total}


@pytest.mark.real_data
def test_one_day_of_a_real_marketplace_is_the_same(spark: "SparkSession", real_data: Path):
    source, pack, day = FactSource(real_data / "olist", OLIST), load_pack(str(OLIST / "pack.toml")), date(2018, 3, 5)
    found = SparkEngine(session=spark).assess(source, pack, day, day)
    assert found.metrics.num_rows > 10_000
    assert_equal(found, DuckDBEngine().assess(source, pack, day, day))


def test_a_file_without_a_column_that_every_row_needs_is_unusable(spark: "SparkSession", tmp_path: Path):
    source = write(tmp_path, {"orders.csv": "order_id,placed_at\no1,2026-03-01\n"})
    with pytest.raises(UnusableInput, match=r"orders\.csv: lacks the column 'account_id'"):
        SparkEngine(session=spark).assess(source, make_pack(), FIRST, LAST)


def test_what_cannot_be_used_at_all_is_said_before_spark_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session, "_start", lambda master: pytest.fail("Spark was started"))
    with pytest.raises(UnusableInput, match="no such folder"):
        SparkEngine().assess(FactSource(tmp_path / "nowhere"), make_pack(), FIRST, LAST)
    with pytest.raises(UnusableInput, match="swap them"):
        SparkEngine().assess(FactSource(tmp_path), make_pack(), LAST, FIRST)


def test_without_its_packages_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session, "PACKAGES", ("pyarrow", "pyspark_that_nobody_has"))
    with pytest.raises(UnusableInput, match=r"needs pyspark_that_nobody_has; .* pip install 'goodstanding\[spark\]'"):
        SparkEngine().assess(FactSource(tmp_path), make_pack(), FIRST, LAST)


def test_a_master_that_is_none_is_refused_with_what_there_is():
    pytest.importorskip("pyspark", reason="no Spark: pyspark is not installed")
    with pytest.raises(UnusableInput, match=r"'moon' names no Spark; give local\[\*\]"):
        session._start("moon")
