"""The Olist mapping against the sums that were counted from the raw tables by another program (requirements A6, K1)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from goodstanding.core.terms import MetricRule
from goodstanding.engines.base import FactSource
from goodstanding.engines.loading import open_facts
from goodstanding.packs.loader import load_pack

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "olist"
WINDOWS = (7, 10, 14, 30, 60)

MONDAYS = """mondays AS (SELECT unnest(range(DATE '2017-02-06', DATE '2018-08-28', INTERVAL 7 DAY))::DATE AS day),
    windows AS (SELECT unnest([7, 10, 14, 30, 60]) AS days)"""


@pytest.fixture(scope="module")
def facts(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    data: Path = request.getfixturevalue("real_data")
    con, findings = open_facts(FactSource(data / "olist", EXAMPLE))
    assert findings == ()
    with con:
        yield con


def one(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    (row,) = con.execute(sql).fetchall()
    return tuple(row)


def test_the_example_pack_is_a_whole_pack_whose_metrics_can_be_counted_here() -> None:
    pack = load_pack(str(EXAMPLE / "pack.toml"))
    assert {metric.rule for metric in pack.metrics.values()} == {
        MetricRule.ORDER_DEFECT_RATE,
        MetricRule.CANCELLATION_RATE,
        MetricRule.LATE_SHIPMENT_RATE,
        MetricRule.ON_TIME_DELIVERY_RATE,
    }
    assert all(metric.window.lag == 0 and metric.window.days in WINDOWS for metric in pack.metrics.values())


@pytest.mark.real_data
def test_lifetime_sums_are_those_of_the_raw_tables(facts: duckdb.DuckDBPyConnection) -> None:
    sums = one(
        facts,
        """SELECT count(*), count(cancelled_at), count(*) FILTER (order_status = 'unavailable'), count(shipped_at),
            count(*) FILTER (shipped_at > ship_by), count(*) FILTER (shipped_at_day > ship_by_day),
            count(*) FILTER (deliver_by IS NOT NULL AND cancelled_at IS NULL),
            count(*) FILTER (deliver_by IS NOT NULL AND cancelled_at IS NULL AND delivered_at_day <= deliver_by_day) FROM facts.orders""",
    )
    assert sums == (100_010, 461, 7, 99_000, 8_913, 5_694, 99_542, 91_264)
    assert one(facts, "SELECT count(*), count(DISTINCT defect_id) FROM facts.defects") == (14_580 - 8, 14_580 - 8)
    assert one(facts, "SELECT count(*), count(DISTINCT account_id) FROM facts.accounts") == (3_095, 3_095)


@pytest.mark.real_data
def test_sums_over_all_mondays_and_windows_are_those_of_the_raw_tables(facts: duckdb.DuckDBPyConnection) -> None:
    """Each fact counts once for each Monday and window whose days hold it."""

    def counted(columns: str, own_day: str, tables: str = "facts.orders AS o") -> tuple[int, ...]:
        return one(
            facts,
            f"WITH {MONDAYS} SELECT {columns} FROM {tables} JOIN mondays AS d ON {own_day} <= d.day JOIN windows AS w ON {own_day} > d.day - w.days",
        )

    assert counted("count(*), count(cancelled_at)", "placed_at_day") == (1_646_990, 7_425)
    late = "count(*), count(*) FILTER (shipped_at > ship_by), count(*) FILTER (shipped_at_day > ship_by_day)"
    assert counted(late, "shipped_at_day") == (1_585_499, 138_916, 87_832)
    due = "count(*) FILTER (cancelled_at IS NULL), count(*) FILTER (cancelled_at IS NULL AND delivered_at_day <= deliver_by_day)"
    assert counted(due, "deliver_by_day") == (1_526_818, 1_394_822)
    both = "facts.orders AS o JOIN facts.defects AS f USING (order_id, account_id)"
    assert counted("count(*) FILTER (f.at_day <= d.day)", "placed_at_day", both) == (101_078,)


@pytest.mark.real_data
def test_the_worked_example_of_one_seller_comes_out(facts: duckdb.DuckDBPyConnection) -> None:
    seller, day = "4a3ca9315b744ce9f8e9374361493884", date(2018, 3, 5)
    facts.execute("CREATE OR REPLACE TEMP TABLE own AS SELECT * FROM facts.orders WHERE account_id = ?", [seller])
    held = f"BETWEEN DATE '{day}' - {{}} AND DATE '{day}'"
    known = f"SELECT order_id FROM facts.defects WHERE account_id = '{seller}' AND at_day <= DATE '{day}'"
    assert one(facts, f"SELECT count(*), count(*) FILTER (order_id IN ({known})) FROM own WHERE placed_at_day {held.format(59)}") == (219, 27)
    late = "count(*), count(*) FILTER (shipped_at_day > ship_by_day), count(*) FILTER (shipped_at > ship_by)"
    assert one(facts, f"SELECT {late} FROM own WHERE shipped_at_day {held.format(29)}") == (112, 4, 10)
    assert one(facts, f"SELECT count(*), count(cancelled_at) FROM own WHERE placed_at_day {held.format(6)}") == (31, 0)


@pytest.mark.real_data
def test_made_up_addresses_can_never_receive_mail(facts: duckdb.DuckDBPyConnection) -> None:
    assert one(facts, "SELECT count(*) FROM facts.accounts WHERE email NOT LIKE '%@sellers.invalid' OR language <> 'en'") == (0,)
