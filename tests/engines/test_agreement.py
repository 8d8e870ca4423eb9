"""Every engine gives what the rules in `core` give, to the integer, whatever the facts (requirement A6)."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodstanding.core.facts import Account, Complaint, Defect, Message, Order, Return, SignIn
from goodstanding.core.health.known import AccountFacts, Days, account_on
from goodstanding.core.health.metrics import count, fulfilled_orders
from goodstanding.core.health.rating import rate_on
from goodstanding.core.health.violations import violations
from goodstanding.core.policy.pack import PolicyPack, SignInWatch
from goodstanding.core.terms import LateBy, MetricRule
from goodstanding.engines.duckdb import assess_facts
from goodstanding.engines.rows import Collected
from tests.fact_tables import fill
from tests.factories import CITED, WINDOWS, make_metric, make_pack, make_rating

START = datetime(2026, 3, 1)
LENGTH = 16
LAST = (START + timedelta(days=LENGTH + 6)).date()
SELLERS, BUYERS, ORDERS = ("ann", "bob"), ("cyd", "ann"), ("o1", "o2", "o3")
REASONS = ("counterfeit", "restricted_products", "late_shipment", "nobody_knows")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def small_windows_pack(late_by: LateBy = LateBy.DAY) -> PolicyPack:
    """The example pack with windows short enough for things to leave them within the days of a test."""
    metrics = {}
    for n, rule in enumerate(MetricRule):
        reason = {0: "order_defects", 2: "cancellations", 3: "late_shipment", 4: "late_shipment", 5: "invalid_tracking", 7: "buyer_abuse"}.get(n)
        days, lag = 3 + n % 4, WINDOWS[rule][1] and 1 + n % 2
        metric = make_metric(
            rule,
            days=days,
            lag=lag,
            recover_days=n % 3,
            reason=reason,
            late_by=late_by,
            minimum_volume=1 + n % 2,
            response_hours=12 + 24 * (n % 2),
            target=("< 50 %", "<= 50 %", "= 0")[n % 3]
            if rule not in (MetricRule.VALID_TRACKING_RATE, MetricRule.ON_TIME_DELIVERY_RATE)
            else ">= 50 %",
            marketplaces=frozenset({"US", ""}) if n % 5 == 0 else None,
        )
        metrics[metric.name] = metric
    return make_pack(metrics=metrics, rating=make_rating(window_days=6, per_orders=1), sign_in_watch=SignInWatch(5, 2, CITED))


moments = st.integers(0, LENGTH * 4).map(lambda quarter: START + timedelta(hours=6 * quarter)) | st.datetimes(START, START + timedelta(days=LENGTH))
perhaps = st.none() | moments
rarely = st.sampled_from((None, None, None, "action-1"))
stores = st.sampled_from((None, "US", "DE"))
orders = st.builds(
    Order,
    order_id=st.sampled_from(ORDERS),
    account_id=st.sampled_from(SELLERS),
    placed_at=moments,
    buyer_id=st.sampled_from((None, *BUYERS)),
    ship_by=perhaps,
    shipped_at=perhaps,
    deliver_by=perhaps,
    delivered_at=perhaps,
    cancelled_at=perhaps,
    cancelled_by=st.sampled_from((None, "seller", "buyer", "platform")),
    fulfilment=st.sampled_from((None, "merchant", "platform")),
    tracking_valid=st.sampled_from((None, True, False)),
    recorded_at=perhaps,
    caused_by=rarely,
    marketplace=stores,
)
numbers = st.sampled_from(("1", "2", "3"))
defects = st.builds(
    Defect,
    defect_id=numbers,
    order_id=st.sampled_from(ORDERS),
    account_id=st.sampled_from(SELLERS),
    kind=st.sampled_from(("negative_feedback", "claim", "chargeback")),
    at=moments,
    withdrawn_at=perhaps,
    recorded_at=perhaps,
    caused_by=rarely,
)
complaints = st.builds(
    Complaint,
    complaint_id=numbers,
    account_id=st.sampled_from((*SELLERS, "cyd")),
    reason=st.sampled_from(REASONS),
    at=moments,
    order_id=st.sampled_from((None, *ORDERS)),
    resolved_at=perhaps,
    recorded_at=perhaps,
    caused_by=rarely,
)
returns = st.builds(
    Return,
    return_id=numbers,
    order_id=st.sampled_from(ORDERS),
    account_id=st.sampled_from(SELLERS),
    at=moments,
    recorded_at=perhaps,
    caused_by=rarely,
)
messages = st.builds(
    Message,
    message_id=numbers,
    account_id=st.sampled_from(SELLERS),
    at=moments,
    direction=st.sampled_from(("from_buyer", "from_buyer", "to_buyer")),
    answered_at=perhaps,
    recorded_at=perhaps,
    caused_by=rarely,
)
sign_ins = st.builds(
    SignIn,
    sign_in_id=st.sampled_from("123456"),
    account_id=st.sampled_from(SELLERS),
    at=moments,
    device_id=st.sampled_from((None, "phone", "laptop", "tablet")),
    country=st.sampled_from((None, "US", "FR", "CN")),
    succeeded=st.sampled_from((True, True, True, False, None)),
    recorded_at=st.none() | perhaps,
    caused_by=rarely,
)
accounts = st.builds(
    Account,
    account_id=st.sampled_from((*SELLERS, "cyd")),
    holder_kind=st.sampled_from(("seller", "buyer")),
    marketplace=st.sampled_from(("US", "DE")),
    opened_at=moments,
    information_complete=st.sampled_from((None, True, False)),
    recorded_at=perhaps,
    caused_by=rarely,
)


def at_different_moments(rows: list[object]) -> list[object]:
    """Without rows that were recorded in the same moment under the same key: those are conflicts, which loading reports and leaves out."""
    from goodstanding.core.health.known import key_of, recorded

    return list({(key_of(row), recorded(row)): row for row in rows}.values())


def few(rows: st.SearchStrategy, most: int) -> st.SearchStrategy:
    return st.lists(rows, max_size=most).map(at_different_moments)


everything = st.builds(
    AccountFacts,
    account_id=st.just("all"),
    accounts=few(accounts, 4),
    orders=few(orders, 7),
    defects=few(defects, 5),
    complaints=few(complaints, 5),
    returns=few(returns, 4),
    messages=few(messages, 5),
    sign_ins=few(sign_ins, 8),
)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """One database for all examples."""
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def of_account(facts: AccountFacts, account_id: str) -> AccountFacts:
    values = {name: getattr(facts, name) for name in ("accounts", "orders", "defects", "complaints", "returns", "messages", "sign_ins")}
    return AccountFacts(account_id, **values)


def by_engine(con: duckdb.DuckDBPyConnection, pack: PolicyPack, first: date, last: date, **options: object) -> tuple[pa.Table, pa.Table, pa.Table]:
    sink = Collected()
    assess_facts(con, pack, sink, first, last, **options)
    return sink.tables()


def by_core(pack: PolicyPack, facts: AccountFacts, day: date, zone: ZoneInfo | None) -> tuple[list[dict], list[dict]]:
    """The rows of metrics and ratings that the rules give for one day."""
    metrics, ratings = [], []
    for name in sorted({*SELLERS, *BUYERS}):
        own = of_account(facts, name)
        account = account_on(own, day, Days(zone))
        if account is None:
            continue
        is_open = Days(zone).of(account.opened_at) <= day
        for metric in pack.metrics.values():
            rate = count(metric, own, day, zone)
            if metric.applies_to(account.holder_kind, account.marketplace) and (is_open or rate.numerator or rate.denominator):
                met = metric.target.met(rate) if metric.target else None
                metrics.append(
                    {
                        "account_id": name,
                        "as_of": day,
                        "metric": metric.name,
                        "window_days": metric.window.days,
                        "lag_days": metric.window.lag,
                        "numerator": rate.numerator,
                        "denominator": rate.denominator,
                        "target": metric.target.text if metric.target else None,
                        "met": met,
                    }
                )
        fulfilled = fulfilled_orders(own, pack.rating.window_days, day, zone)
        rated = rate_on(pack.rating, fulfilled, violations(pack, own, day, zone), day)
        if account.holder_kind == "seller" and (is_open or fulfilled or rated.points):
            ratings.append(
                {
                    "account_id": name,
                    "as_of": day,
                    "rating": rated.rating,
                    "band": str(rated.band),
                    "fulfilled_orders": fulfilled,
                    "points": rated.points,
                }
            )
    return metrics, ratings


def as_row(violation: object) -> dict:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(violation).items()}


@settings(max_examples=60)
@given(facts=everything, offset=st.integers(0, LENGTH + 6), late_by=st.sampled_from(LateBy), zone=st.sampled_from((None, "Asia/Tokyo", "US/Pacific")))
def test_the_engine_equals_the_rules_on_any_day(con: duckdb.DuckDBPyConnection, facts: AccountFacts, offset: int, late_by: LateBy, zone: str | None):
    """Metrics, ratings and violations of one day, over facts with corrections, own effects, withdrawals and odd orders of dates."""
    pack, local = small_windows_pack(late_by), ZoneInfo(zone) if zone else None
    day = (START + timedelta(days=offset)).date()
    fill(con, facts, local)
    metrics, ratings, found = by_engine(con, pack, day, day)
    expected_metrics, expected_ratings = by_core(pack, facts, day, local)
    assert metrics.to_pylist() == expected_metrics
    assert ratings.to_pylist() == expected_ratings
    every = [v for name in sorted({*SELLERS, "cyd"}) for v in violations(pack, of_account(facts, name), day, local)]
    order = {"key": lambda row: (row["account_id"], row["opened"], row["reason"], row["violation_id"])}
    assert found.to_pylist() == sorted((as_row(violation) for violation in every), **order)


@settings(max_examples=40)
@given(facts=everything, room=st.sampled_from((1, 10_000, 64 << 20)))
def test_a_daily_history_equals_its_single_days_however_it_is_cut_into_blocks(con: duckdb.DuckDBPyConnection, facts: AccountFacts, room: int):
    pack = small_windows_pack()
    fill(con, facts)
    first = START.date() + timedelta(days=2)
    metrics, ratings, _ = by_engine(con, pack, first, LAST, room=room)
    for n in range(0, (LAST - first).days + 1, 5):
        day = first + timedelta(days=n)
        one_metrics, one_ratings, _ = by_engine(con, pack, day, day)
        assert [row for row in metrics.to_pylist() if row["as_of"] == day] == one_metrics.to_pylist()
        assert [row for row in ratings.to_pylist() if row["as_of"] == day] == one_ratings.to_pylist()


@settings(max_examples=40)
@given(facts=everything)
def test_changes_alone_tell_the_whole_history(con: duckdb.DuckDBPyConnection, facts: AccountFacts):
    """With `changes_only` no row repeats the day before, and carrying rows forward gives back every day that had one."""
    pack = small_windows_pack()
    fill(con, facts)
    first = START.date()
    for whole, changes, keys in zip(
        by_engine(con, pack, first, LAST),
        by_engine(con, pack, first, LAST, changes_only=True),
        (("account_id", "metric"), ("account_id",)),
        strict=False,
    ):
        kept = {tuple(row[k] for k in (*keys, "as_of")): row for row in changes.to_pylist()}
        series = sorted(whole.to_pylist(), key=lambda row: [row[k] for k in (*keys, "as_of")])
        for key, rows in groupby(series, key=lambda row: tuple(row[k] for k in keys)):
            before = None
            for row in rows:
                is_next_day = before is not None and row["as_of"] - before["as_of"] == timedelta(days=1)
                is_same = is_next_day and {**row, "as_of": 0} == {**before, "as_of": 0}
                assert ((*key, row["as_of"]) in kept) is not is_same
                before = row
