"""What engines foretell is what the rules in `core` foretell, to the integer (requirements A5, I3)."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodstanding.core.health.early_warnings import early_warnings
from goodstanding.core.health.forecast import Forecast, forecast
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.health.self_audit import self_audit
from goodstanding.core.policy.pack import EarlyWarning, PolicyPack
from goodstanding.core.values import Rate
from goodstanding.engines.base import EXPECTED_SCHEMA, FORECASTS_SCHEMA, WARNINGS_SCHEMA
from goodstanding.engines.forecasting import Collected, forecast_facts
from tests.engines.test_agreement import BUYERS, FIRST, LENGTH, SELLERS, crowded, everything, of_account, small_windows_pack
from tests.fact_tables import fill
from tests.factories import CITED

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """One database for all examples."""
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def full(schema: object, **values: object) -> dict:
    return {field.name: values.get(field.name) for field in schema}


def forecasts_by_core(pack: PolicyPack, told: Forecast) -> Iterator[dict]:
    same = {"account_id": told.account_id, "as_of": told.as_of}
    for name, series in told.metrics.items():
        for entry in series[1:]:
            counts = {"numerator": entry.rate.numerator, "denominator": entry.rate.denominator, "met": entry.met}
            yield full(FORECASTS_SCHEMA, **same, on=entry.on, metric=name, **counts)
    for before, entry in zip(told.ratings, told.ratings[1:], strict=False):
        steps = [(one.rated.rating, one.rated.points, one.fulfilled_orders // pack.rating.per_orders) for one in (before, entry)]
        if steps[0] != steps[1]:
            rated = {"rating": entry.rated.rating, "band": str(entry.rated.band), "points": entry.rated.points}
            yield full(FORECASTS_SCHEMA, **same, on=entry.on, metric="rating", fulfilled_orders=entry.fulfilled_orders, **rated)


def expected_by_core(told: Forecast) -> Iterator[dict]:
    for one in told.violations:
        if one.closed is None or one.closed > told.as_of:
            values = {name: getattr(one, name) for name in EXPECTED_SCHEMA.names if name != "as_of"}
            yield values | {"as_of": told.as_of}


def warnings_by_core(pack: PolicyPack, told: Forecast) -> Iterator[dict]:
    for warning in early_warnings(pack, told):
        rate, then = warning.rate or Rate(None, None), warning.rate_then or Rate(None, None)
        values = {name: getattr(warning, name, None) for name in WARNINGS_SCHEMA.names}
        counts = {"numerator": rate.numerator, "denominator": rate.denominator}
        later = {"numerator_then": then.numerator, "denominator_then": then.denominator}
        yield values | {"account_id": told.account_id, "as_of": told.as_of} | counts | later


def tasks_by_core(pack: PolicyPack, facts: AccountFacts, as_of: date, zone: ZoneInfo | None) -> list[dict]:
    tasks = self_audit(pack, facts, as_of, zone)
    return [
        {**asdict(task), "account_id": facts.account_id, "as_of": as_of, "ids": list(task.ids)} for task in sorted(tasks, key=lambda task: task.code)
    ]


def in_order(rows: list[dict]) -> list[dict]:
    return sorted(rows, key=lambda row: (row["account_id"], row["metric"], row["on"]))


def assert_engine_foretells_what_the_rules_do(
    con: duckdb.DuckDBPyConnection, facts: AccountFacts, as_of: date, ahead: int, zone: str | None, room: int
) -> None:
    pack = replace(small_windows_pack(), early_warning=EarlyWarning(3, 1, CITED))
    local, until = ZoneInfo(zone) if zone else None, as_of + ahead * DAY
    facts = replace(facts, orders=[replace(order, product_id=("P1", "P2", None)[n % 3]) for n, order in enumerate(facts.orders)])
    fill(con, facts, local)
    got = Collected()
    forecast_facts(con, pack, got, as_of, until, room=room)
    told = [forecast(pack, of_account(facts, name), as_of, until, local) for name in sorted({*SELLERS, *BUYERS})]
    assert in_order(got.changes.to_pylist()) == in_order([row for one in told for row in forecasts_by_core(pack, one)])
    expected = [row for one in told for row in expected_by_core(one)]
    assert got.expected_violations.to_pylist() == sorted(expected, key=lambda r: (r["account_id"], r["opened"], r["reason"], r["violation_id"]))
    tasks = [row for name in sorted({*SELLERS, *BUYERS}) for row in tasks_by_core(pack, of_account(facts, name), as_of, local)]
    assert got.audits.to_pylist() == tasks
    assert got.early_warnings.to_pylist() == [row for one in told for row in warnings_by_core(pack, one)]


@settings(max_examples=60)
@given(
    facts=everything,
    offset=st.integers(0, LENGTH),
    ahead=st.integers(0, 14),
    zone=st.sampled_from((None, "Asia/Tokyo", "US/Pacific")),
    room=st.sampled_from((1, 64 << 20)),
)
def test_forecasts_warnings_and_expected_violations_equal_the_rules(
    con: duckdb.DuckDBPyConnection, facts: AccountFacts, offset: int, ahead: int, zone: str | None, room: int
):
    assert_engine_foretells_what_the_rules_do(con, facts, FIRST + offset * DAY, ahead, zone, room)


@pytest.mark.parametrize("seed", range(12))
def test_forecasts_of_crowded_facts_equal_the_rules(con: duckdb.DuckDBPyConnection, seed: int):
    assert_engine_foretells_what_the_rules_do(
        con, crowded(seed), FIRST + (seed % LENGTH) * DAY, 10, (None, "Asia/Tokyo", "US/Pacific")[seed % 3], 64 << 20
    )


def test_the_facts_are_as_before_when_the_forecast_is_made(con: duckdb.DuckDBPyConnection):
    fill(con, crowded(1))
    before = con.execute("SELECT * FROM facts.orders ORDER BY ALL").fetchall()
    forecast_facts(con, small_windows_pack(), Collected(), FIRST, FIRST + DAY)
    assert con.execute("SELECT * FROM facts.orders ORDER BY ALL").fetchall() == before
    assert con.execute("SELECT current_database()").fetchone() == ("memory",)
