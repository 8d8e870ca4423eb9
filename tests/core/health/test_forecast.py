"""What becomes of an account if nothing new happens (requirement A5)."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodstanding.core.facts import Account, Complaint, Message, Order
from goodstanding.core.health.forecast import Forecast, as_they_stood, forecast
from goodstanding.core.health.known import AccountFacts, Days, recorded
from goodstanding.core.health.metrics import count, fulfilled_orders
from goodstanding.core.health.rating import rate_on
from goodstanding.core.health.violations import violations
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Band, MetricRule
from goodstanding.core.values import Rate
from tests.engines.test_agreement import BUYERS, FIRST, LAST, LENGTH, SELLERS, START, everything, of_account, small_windows_pack
from tests.factories import make_metric, make_pack

NOON = datetime(2026, 3, 10, 12)
DAY = NOON.date()
ONE = timedelta(days=1)
ANN = Account("ann", "seller", "US", NOON - 30 * ONE)
NO_ZONE = Days()


def told_by(facts: AccountFacts, day: date) -> AccountFacts:
    """Only what had been told and had happened by the end of a day, removed the plain way: whole rows by their moments."""

    def kept(rows: list) -> list:
        return [row for row in rows if all(moment.date() <= day for moment in moments(row))]

    return AccountFacts(facts.account_id, **{field.name: kept(getattr(facts, field.name)) for field in fields(facts)[1:]})


def moments(row: object) -> list[datetime]:
    """When a row was recorded and all that happened to it; promises are no happenings."""
    named = [getattr(row, field.name) for field in fields(row) if field.name.endswith("_at") or field.name == "at"]
    return [*(moment for moment in named if moment is not None), recorded(row)]


def value_on(series: list, day: date) -> object:
    return [entry for entry in series if entry.on <= day][-1]


def assert_says_what_the_rules_say(pack: PolicyPack, facts: AccountFacts, told: Forecast, oracle: AccountFacts) -> None:
    for n in range((told.until - told.as_of).days + 1):
        day = told.as_of + n * ONE
        for name, series in told.metrics.items():
            assert value_on(series, day).rate == count(pack.metrics[name], oracle, day)
        if told.ratings:
            fulfilled = fulfilled_orders(oracle, pack.rating.window_days, day)
            entry = value_on(told.ratings, day)
            assert (entry.rated, entry.fulfilled_orders) == (rate_on(pack.rating, fulfilled, violations(pack, oracle, day), day), fulfilled)


@settings(max_examples=60)
@given(facts=everything, name=st.sampled_from(sorted({*SELLERS, *BUYERS})), offset=st.integers(0, LENGTH), ahead=st.integers(0, 12))
def test_a_forecast_is_the_rules_asked_for_a_later_day_on_facts_that_end(facts: AccountFacts, name: str, offset: int, ahead: int):
    """A5, A6: with every row left out that was told, or says anything, of a later moment."""
    pack, day = small_windows_pack(), FIRST + offset * ONE
    own = told_by(of_account(facts, name), day)
    assert_says_what_the_rules_say(pack, own, forecast(pack, own, day, day + ahead * ONE), own)


@settings(max_examples=60)
@given(facts=everything, name=st.sampled_from(sorted({*SELLERS, *BUYERS})), offset=st.integers(0, LENGTH), back=st.integers(0, LENGTH))
def test_facts_as_they_stood_say_of_every_earlier_day_what_all_facts_say(facts: AccountFacts, name: str, offset: int, back: int):
    """Nothing is lost that was known, with corrections, announcements and odd orders of dates."""
    pack, day = small_windows_pack(), FIRST + offset * ONE
    own = of_account(facts, name)
    still = as_they_stood(own, day, NO_ZONE)
    earlier = day - back * ONE
    assert all(count(metric, still, earlier) == count(metric, own, earlier) for metric in pack.metrics.values())
    assert fulfilled_orders(still, 6, earlier) == fulfilled_orders(own, 6, earlier)
    assert violations(pack, still, earlier) == violations(pack, own, earlier)


@settings(max_examples=60)
@given(facts=everything, more=everything, name=st.sampled_from(SELLERS), offset=st.integers(0, LENGTH))
def test_a_forecast_knows_nothing_of_what_is_told_or_happens_later(facts: AccountFacts, more: AccountFacts, name: str, offset: int):
    """Rows told after the day change nothing, whatever they say."""
    pack, day = small_windows_pack(), FIRST + offset * ONE
    own = of_account(facts, name)
    after = datetime.combine(day + ONE, datetime.min.time())
    joined = {
        field.name: [
            *getattr(own, field.name),
            *(
                replace(row, recorded_at=max(after, START + timedelta(days=LENGTH + 1)) + timedelta(minutes=n))
                for n, row in enumerate(getattr(more, field.name))
            ),
        ]
        for field in fields(facts)[1:]
    }
    assert forecast(pack, AccountFacts(name, **joined), day, LAST) == forecast(pack, own, day, LAST)


def alone(rule: MetricRule, **values: object) -> PolicyPack:
    metric = make_metric(rule, **values)
    return make_pack(metrics={metric.name: metric})


def ahead(pack: PolicyPack, days: int, **facts: list) -> Forecast:
    return forecast(pack, AccountFacts("ann", **{"accounts": [ANN]} | facts), DAY, DAY + days * ONE)


def told(series: list) -> list[tuple[int, int, int | None]]:
    return [((entry.on - DAY).days, entry.rate.numerator, entry.rate.denominator) for entry in series]


def test_an_unshipped_order_becomes_overdue_by_itself_and_leaves_with_its_window():
    order = Order("o1", "ann", NOON - ONE, ship_by=NOON + ONE)
    series = ahead(alone(MetricRule.OVERDUE_UNSHIPPED, days=5), 10, orders=[order]).metrics["overdue_unshipped"]
    assert told(series) == [(0, 0, None), (1, 1, None), (6, 0, None)]
    assert [entry.met for entry in series] == [True, False, True]


def test_what_is_shipped_or_answered_later_is_not_known_today():
    """Tables that are written to in place say when an order was shipped, and not when that was recorded."""
    order = Order("o1", "ann", NOON - ONE, ship_by=NOON + ONE, shipped_at=NOON + 2 * ONE)
    message = Message("m1", "ann", NOON, "from_buyer", answered_at=NOON + timedelta(hours=15))
    pack = make_pack(metrics={m.name: m for m in (make_metric(MetricRule.OVERDUE_UNSHIPPED), make_metric(MetricRule.LATE_RESPONSE_RATE))})
    metrics = ahead(pack, 5, orders=[order], messages=[message]).metrics
    assert told(metrics["overdue_unshipped"]) == [(0, 0, None), (1, 1, None)]
    assert told(metrics["late_response_rate"]) == [(0, 0, 0), (1, 1, 1)]


def test_an_open_violation_closes_by_its_days_within_target_and_its_points_come_back():
    orders = [Order("late", "ann", NOON - 4 * ONE, ship_by=NOON - 4 * ONE, shipped_at=NOON - 3 * ONE)]
    got = ahead(alone(MetricRule.LATE_SHIPMENT_RATE, days=5, reason="late_shipment", recover_days=2), 8, orders=orders)
    assert [(v.opened - DAY, v.closed - DAY) for v in got.violations if v.closed] == [(-3 * ONE, 4 * ONE)]
    assert [((entry.on - DAY).days, entry.rated.rating, entry.rated.band) for entry in got.ratings] == [
        (0, 184, Band.AT_RISK),
        (4, 200, Band.HEALTHY),
    ]


def test_a_rate_that_only_gets_worse_opens_a_violation_ahead():
    """The good orders leave the window first."""
    orders = [Order(f"good{n}", "ann", NOON - 4 * ONE, ship_by=NOON, shipped_at=NOON - 4 * ONE) for n in range(30)]
    orders.append(Order("late", "ann", NOON - 3 * ONE, ship_by=NOON - 3 * ONE, shipped_at=NOON))
    got = ahead(alone(MetricRule.LATE_SHIPMENT_RATE, days=6, reason="late_shipment"), 10, orders=orders)
    (violation,) = got.violations
    assert (violation.opened - DAY, violation.closed and violation.closed - DAY) == (2 * ONE, 7 * ONE)
    assert [(entry.on - DAY).days for entry in got.metrics["late_shipment_rate"]] == [0, 2, 6]


@pytest.mark.parametrize(("day", "rating"), [(0, 100 - 1), (179, 99), (180, 200)])
def test_a_complaint_nobody_resolves_stops_counting_when_it_is_too_old(day: int, rating: int):
    got = ahead(make_pack(), 200, complaints=[Complaint("c1", "ann", "counterfeit", NOON)])
    assert value_on(got.ratings, DAY + day * ONE).rated.rating == rating


def test_other_violations_count_in_the_rating_ahead():
    other = violations(make_pack(), AccountFacts("bob", complaints=[Complaint("c", "bob", "restricted_products", NOON - 100 * ONE)]), DAY)
    got = forecast(make_pack(), AccountFacts("ann", [ANN]), DAY, DAY + 100 * ONE, others=other)
    assert [((entry.on - DAY).days, entry.rated.rating) for entry in got.ratings] == [(0, 160), (80, 200)]


def test_nothing_is_foretold_of_an_account_nobody_knows_yet():
    got = forecast(make_pack(), AccountFacts("ann", [replace(ANN, opened_at=NOON + ONE)]), DAY, DAY + ONE)
    assert (got.metrics, got.ratings, got.violations) == ({}, (), [])


def test_a_forecast_tells_changes_only():
    series = ahead(alone(MetricRule.ORDER_DEFECT_RATE, days=3), 10, orders=[Order("o1", "ann", NOON)]).metrics["order_defect_rate"]
    assert [entry.rate for entry in series] == [Rate(0, 1), Rate(0, 0)]
