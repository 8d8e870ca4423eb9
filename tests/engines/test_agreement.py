"""Every engine gives what the rules in `core` give, to the integer, whatever the facts (requirement A6)."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from itertools import groupby
from random import Random
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodstanding.core.facts import Account, Complaint, Defect, Message, Order, Return, SignIn
from goodstanding.core.health.known import AccountFacts, Days, account_on, key_of, recorded
from goodstanding.core.health.metrics import count, fulfilled_orders
from goodstanding.core.health.rating import rate_on
from goodstanding.core.health.violations import violations
from goodstanding.core.policy.pack import PolicyPack, SignInWatch
from goodstanding.core.terms import LateBy, MetricRule
from goodstanding.engines.duckdb import assess_facts
from goodstanding.engines.rows import Collected
from tests.fact_tables import fill
from tests.factories import CITED, make_metric, make_pack, make_rating

START = datetime(2026, 3, 1)
LENGTH = 10
FIRST, LAST = START.date(), (START + timedelta(days=LENGTH + 6)).date()
SELLERS, BUYERS, ORDERS = ("ann", "bob"), ("cyd", "ann"), ("o1", "o2")
REASONS = ("counterfeit", "restricted_products", "late_shipment", "nobody_knows")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def small_windows_pack(late_by: LateBy = LateBy.DAY) -> PolicyPack:
    """The example pack with windows short enough for things to leave them within the days of a test."""
    metrics = {}
    for n, rule in enumerate(MetricRule):
        reason = {0: "order_defects", 2: "cancellations", 3: "late_shipment", 4: "late_shipment", 5: "invalid_tracking", 7: "buyer_abuse"}.get(n)
        days, lag = 3 + n % 4, 1 if rule == MetricRule.ON_TIME_DELIVERY_RATE else 0
        metric = make_metric(
            rule,
            days=days,
            lag=lag,
            recover_days=n % 3,
            reason=reason,
            late_by=late_by,
            minimum_volume=1 + n % 2,
            response_hours=36,
            target=("< 50 %", "<= 50 %", "= 0")[n % 3]
            if rule not in (MetricRule.VALID_TRACKING_RATE, MetricRule.ON_TIME_DELIVERY_RATE)
            else ">= 50 %",
            marketplaces=frozenset({"US", ""}) if n % 5 == 0 else None,
            enforced_from={"US": FIRST + timedelta(days=5), "DE": FIRST + timedelta(days=9)} if n % 2 else {},
        )
        metrics[metric.name] = metric
    return make_pack(metrics=metrics, rating=make_rating(window_days=6, per_orders=1), sign_in_watch=SignInWatch(3, 1, CITED))


halves = st.integers(0, LENGTH * 2) | st.integers(4, 7)  # coarse and crowded, so that moments and days often meet
moments = halves.map(lambda half: START + timedelta(hours=12 * half))
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
    return list({(key_of(row), recorded(row)): row for row in rows}.values())


def some(rows: st.SearchStrategy, most: int) -> st.SearchStrategy:
    return st.lists(rows, min_size=most // 3, max_size=most).map(at_different_moments)


everything = st.builds(
    AccountFacts,
    account_id=st.just("all"),
    accounts=some(accounts, 5),
    orders=some(orders, 12),
    defects=some(defects, 9),
    complaints=some(complaints, 6),
    returns=some(returns, 6),
    messages=some(messages, 6),
    sign_ins=some(sign_ins, 9),
)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """One database for all examples."""
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def of_account(facts: AccountFacts, account_id: str) -> AccountFacts:
    values = {
        name: getattr(facts, name) for name in ("accounts", "orders", "defects", "complaints", "returns", "messages", "sign_ins", "listing_changes")
    }
    return AccountFacts(account_id, **values)


def by_engine(con: duckdb.DuckDBPyConnection, pack: PolicyPack, first: date, last: date, **options: object) -> tuple[pa.Table, pa.Table, pa.Table]:
    sink = Collected()
    assess_facts(con, pack, sink, first, last, **options)
    return sink.tables()


def metrics_by_core(pack: PolicyPack, facts: AccountFacts, day: date, zone: ZoneInfo | None) -> Iterator[dict]:
    """The rows of metrics that the rules give for an account on a day."""
    account = account_on(facts, day, Days(zone))
    if account is None:
        return
    for metric in pack.metrics.values():
        rate = count(metric, facts, day, zone)
        is_open = Days(zone).of(account.opened_at) <= day
        if metric.applies_to(account.holder_kind, account.marketplace) and (is_open or rate.numerator or rate.denominator):
            target, met = (metric.target.text, metric.target.met(rate)) if metric.target else (None, None)
            window = {"window_days": metric.window.days, "lag_days": metric.window.lag}
            counts = {"numerator": rate.numerator, "denominator": rate.denominator}
            yield {"account_id": facts.account_id, "as_of": day, "metric": metric.name, **window, **counts, "target": target, "met": met}


def ratings_by_core(pack: PolicyPack, facts: AccountFacts, day: date, zone: ZoneInfo | None) -> Iterator[dict]:
    """The row of ratings that the rules give for an account on a day, if any."""
    account = account_on(facts, day, Days(zone))
    fulfilled = fulfilled_orders(facts, pack.rating.window_days, day, zone)
    rated = rate_on(pack.rating, fulfilled, violations(pack, facts, day, zone), day)
    if account and account.holder_kind == "seller" and (Days(zone).of(account.opened_at) <= day or fulfilled or rated.points):
        values = {"rating": rated.rating, "band": str(rated.band), "fulfilled_orders": fulfilled, "points": rated.points}
        yield {"account_id": facts.account_id, "as_of": day, **values}


def as_row(violation: object) -> dict:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(violation).items()}


def all_days(first: date = FIRST) -> list[date]:
    return [first + timedelta(days=n) for n in range((LAST - first).days + 1)]


def assert_engine_equals_rules(con: duckdb.DuckDBPyConnection, facts: AccountFacts, late_by: LateBy, zone: str | None) -> None:
    """Metrics of every day, ratings of some days and all violations."""
    pack, local = small_windows_pack(late_by), ZoneInfo(zone) if zone else None
    fill(con, facts, local)
    metrics, ratings, found = by_engine(con, pack, FIRST, LAST)
    accounts = [of_account(facts, name) for name in sorted({*SELLERS, *BUYERS})]
    assert metrics.to_pylist() == [row for own in accounts for day in all_days() for row in metrics_by_core(pack, own, day, local)]
    some_days = all_days()[4::6]
    assert [row for row in ratings.to_pylist() if row["as_of"] in some_days] == [
        row for own in accounts for day in some_days for row in ratings_by_core(pack, own, day, local)
    ]
    expected = [as_row(violation) for own in accounts for violation in violations(pack, own, LAST, local)]
    assert found.to_pylist() == sorted(expected, key=lambda row: (row["account_id"], row["opened"], row["reason"], row["violation_id"]))


@settings(max_examples=40)
@given(facts=everything, late_by=st.sampled_from(LateBy), zone=st.sampled_from((None, "Asia/Tokyo", "US/Pacific")))
def test_the_daily_history_equals_the_rules(con: duckdb.DuckDBPyConnection, facts: AccountFacts, late_by: LateBy, zone: str | None):
    """Over facts with corrections, effects of own enforcement, withdrawals and odd orders of dates."""
    assert_engine_equals_rules(con, facts, late_by, zone)


def crowded(seed: int) -> AccountFacts:
    """Many rows that all bear on few orders and days, evenly drawn: two of a kind often fall on the same moment."""
    dice = Random(seed)

    def moment() -> datetime:
        return START + timedelta(hours=12 * dice.randrange(LENGTH * 2))

    def perhaps_moment() -> datetime | None:
        return dice.choice((None, moment(), moment()))

    def drawn(made: type, many: int, /, **choices: Sequence[object]) -> list:
        names = [field.name for field in fields(made)]
        certain, uncertain = ("placed_at", "at", "opened_at"), [name for name in names if name.endswith(("_at", "_by")) and name not in choices]
        rows = []
        for _ in range(many):
            values: dict[str, object] = {name: perhaps_moment() for name in uncertain} | {name: moment() for name in certain if name in names}
            values |= {name: dice.choice(list(of)) for name, of in choices.items()}
            values["recorded_at"] = dice.choice((None, None, moment()))
            values["caused_by"] = dice.choice((None, None, None, None, "action-1"))
            rows.append(made(**values))
        return at_different_moments(rows)

    ids = [str(n) for n in range(14)]
    where = {"order_id": ("o1", "o2", "o3"), "account_id": SELLERS}
    who = ("seller", "seller", "buyer", "platform", None)
    ways = {"fulfilment": (None, "merchant", "platform"), "tracking_valid": (True, False, None), "marketplace": (None, "US", "DE")}
    places = {
        "country": ("US", "FR", "CN", "BR", None),
        "device_id": ("phone", "laptop", "tablet", "kiosk", None),
        "succeeded": (True, True, True, False, None),
    }
    return AccountFacts(
        "all",
        accounts=drawn(
            Account,
            8,
            account_id=(*SELLERS, "cyd"),
            holder_kind=("seller", "buyer"),
            marketplace=("US", "DE"),
            information_complete=(None, True, False),
        ),
        orders=drawn(Order, 24, **where, buyer_id=(None, *BUYERS), cancelled_by=who, **ways),
        defects=drawn(Defect, 20, defect_id=ids, **where, kind=("negative_feedback", "claim", "chargeback")),
        complaints=drawn(Complaint, 12, complaint_id=ids[:6], account_id=(*SELLERS, "cyd"), order_id=(None, *where["order_id"]), reason=REASONS),
        returns=drawn(Return, 12, return_id=ids[:8], **where),
        messages=drawn(Message, 12, message_id=ids, account_id=SELLERS, direction=("from_buyer", "from_buyer", "to_buyer")),
        sign_ins=drawn(SignIn, 20, sign_in_id=ids, account_id=SELLERS, **places),
    )


@pytest.mark.parametrize("seed", range(24))
def test_the_daily_history_of_crowded_facts_equals_the_rules(con: duckdb.DuckDBPyConnection, seed: int):
    assert_engine_equals_rules(con, crowded(seed), list(LateBy)[seed % 2], (None, "Asia/Tokyo", "US/Pacific")[seed % 3])


def test_a_complaint_corrected_to_be_resolved_before_it_was_made_closes_on_its_first_day(con: duckdb.DuckDBPyConnection):
    told = Complaint("c1", "ann", "counterfeit", START + timedelta(days=3))
    corrected = Complaint("c1", "ann", "counterfeit", told.at, resolved_at=START, recorded_at=START + timedelta(days=5))
    assert_engine_equals_rules(con, AccountFacts("all", complaints=[told, corrected]), LateBy.DAY, None)
    _, _, (violation,) = (table.to_pylist() for table in by_engine(con, small_windows_pack(), LAST, LAST))
    assert violation["opened"] == violation["closed"] == told.at.date()


@settings(max_examples=20)
@given(facts=everything, room=st.sampled_from((1, 10_000, 64 << 20)), offset=st.integers(0, LENGTH + 4))
def test_one_day_equals_that_day_of_the_history_however_it_is_cut_into_blocks(
    con: duckdb.DuckDBPyConnection, facts: AccountFacts, room: int, offset: int
):
    """What a day's run says is what a later run says of that day; and a violation open on that day is open in both."""
    pack = small_windows_pack()
    fill(con, facts)
    day = FIRST + timedelta(days=offset)
    history, single = by_engine(con, pack, FIRST, LAST, room=room), by_engine(con, pack, day, day)
    for whole, one in zip(history[:2], single[:2], strict=True):
        assert [row for row in whole.to_pylist() if row["as_of"] == day] == one.to_pylist()
    assert {row["violation_id"] for row in single[2].to_pylist()} <= {row["violation_id"] for row in history[2].to_pylist()}


@settings(max_examples=20)
@given(facts=everything)
def test_changes_alone_tell_the_whole_history(con: duckdb.DuckDBPyConnection, facts: AccountFacts):
    """With `changes_only` no row repeats the day before, and carrying rows forward gives back every day that had one."""
    pack = small_windows_pack()
    fill(con, facts)
    for whole, changes, keys in zip(
        by_engine(con, pack, FIRST, LAST),
        by_engine(con, pack, FIRST, LAST, changes_only=True),
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
