"""What counts for and against an account, and on which days."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from goodstanding.core.facts import Complaint, Defect, Message, Order, Return
from goodstanding.core.health.known import AccountFacts, Days, account_on, known_on
from goodstanding.core.health.metrics import COUNTINGS, count, counted, fulfilled_orders
from goodstanding.core.terms import LateBy, MetricRule
from goodstanding.core.values import Rate
from tests.factories import make_metric

NOON = datetime(2026, 3, 10, 12)
DAY = NOON.date()
HOUR, ONE = timedelta(hours=1), timedelta(days=1)


def order(order_id: str = "o1", **values: Any) -> Order:
    return Order(**{"order_id": order_id, "account_id": "ann", "placed_at": NOON} | values)


def defect(**values: Any) -> Defect:
    return Defect(**{"defect_id": "d1", "order_id": "o1", "account_id": "ann", "kind": "claim", "at": NOON + ONE} | values)


def rate(rule: MetricRule, as_of: date = DAY, *, account: str = "ann", metric: dict[str, Any] | None = None, **facts: Any) -> tuple[int, int | None]:
    found = count(make_metric(rule, **metric or {}), AccountFacts(account, **facts), as_of)
    return found.numerator, found.denominator


def test_every_rule_of_the_packs_has_its_counting():
    assert set(COUNTINGS) == set(MetricRule)


def test_a_metric_without_denominator_is_not_applicable():
    metric = make_metric(MetricRule.ORDER_DEFECT_RATE)
    found = count(metric, AccountFacts("ann"), DAY)
    assert found == Rate(0, 0)
    assert metric.target is not None
    assert metric.target.met(found) is None


@pytest.mark.parametrize(("days_later", "denominator"), [(-1, 0), (0, 1), (59, 1), (60, 0)])
def test_an_order_counts_from_its_day_until_it_leaves_the_window(days_later: int, denominator: int):
    assert rate(MetricRule.ORDER_DEFECT_RATE, DAY + days_later * ONE, orders=[order()]) == (0, denominator)


@pytest.mark.parametrize(("days_later", "denominator"), [(6, 0), (7, 1), (20, 1), (21, 0)])
def test_a_lag_moves_both_ends_of_the_window(days_later: int, denominator: int):
    orders = [order(deliver_by=NOON, delivered_at=NOON)]
    assert rate(MetricRule.ON_TIME_DELIVERY_RATE, DAY + days_later * ONE, orders=orders) == (denominator, denominator)


def test_an_order_with_two_defects_counts_once_until_the_last_is_withdrawn():
    """B6: order defect rate."""
    two = [defect(), defect(defect_id="d2", kind="chargeback", at=NOON + 2 * ONE, withdrawn_at=NOON + 4 * ONE)]
    assert [rate(MetricRule.ORDER_DEFECT_RATE, DAY + n * ONE, orders=[order()], defects=two)[0] for n in range(4)] == [0, 1, 1, 1]
    gone = [defect(withdrawn_at=NOON + 3 * ONE), two[1]]
    assert [rate(MetricRule.ORDER_DEFECT_RATE, DAY + n * ONE, orders=[order()], defects=gone)[0] for n in (2, 3, 4)] == [1, 1, 0]


def test_a_claim_is_no_negative_feedback():
    assert rate(MetricRule.NEGATIVE_FEEDBACK_RATE, DAY + 2 * ONE, orders=[order()], defects=[defect()]) == (0, 1)


def test_news_that_was_not_yet_recorded_does_not_count():
    """A6: a past day is judged by what was known on it."""
    late_news = [defect(recorded_at=NOON + 5 * ONE)]
    assert rate(MetricRule.ORDER_DEFECT_RATE, DAY + 4 * ONE, orders=[order()], defects=late_news) == (0, 1)
    assert rate(MetricRule.ORDER_DEFECT_RATE, DAY + 5 * ONE, orders=[order()], defects=late_news) == (1, 1)


def test_a_correction_counts_from_the_day_it_was_recorded():
    told = [order(ship_by=NOON, shipped_at=NOON + ONE), order(ship_by=NOON + ONE, shipped_at=NOON + ONE, recorded_at=NOON + 3 * ONE)]
    assert rate(MetricRule.LATE_SHIPMENT_RATE, DAY + 2 * ONE, orders=told) == (1, 1)
    assert rate(MetricRule.LATE_SHIPMENT_RATE, DAY + 3 * ONE, orders=told) == (0, 1)


def test_what_our_own_enforcement_caused_never_counts_against():
    """A7: orders that the platform cancelled, defects that followed from a hold."""
    own = {"cancelled_at": NOON, "cancelled_by": "seller", "caused_by": "action-1", "ship_by": NOON, "shipped_at": NOON + ONE, "deliver_by": NOON}
    later = DAY + 8 * ONE
    assert rate(MetricRule.CANCELLATION_RATE, orders=[order(**own)]) == (0, 1)
    assert rate(MetricRule.LATE_SHIPMENT_RATE, later, orders=[order(**own)]) == (0, 1)
    assert rate(MetricRule.VALID_TRACKING_RATE, later, orders=[order(**own)]) == (0, 0)
    assert rate(MetricRule.ON_TIME_DELIVERY_RATE, later, orders=[order(deliver_by=NOON, caused_by="action-1")]) == (0, 0)
    assert rate(MetricRule.OVERDUE_UNSHIPPED, later, orders=[order(ship_by=NOON, caused_by="action-1")]) == (0, None)
    assert rate(MetricRule.ORDER_DEFECT_RATE, later, orders=[order()], defects=[defect(caused_by="action-1")]) == (0, 1)


@pytest.mark.parametrize(
    ("values", "against"),
    [
        ({"cancelled_by": "seller", "cancelled_at": NOON}, 1),
        ({"cancelled_by": "buyer", "cancelled_at": NOON}, 0),
        ({"cancelled_by": "seller", "cancelled_at": NOON + ONE}, 0),
        ({"cancelled_by": "seller", "cancelled_at": NOON, "shipped_at": NOON}, 0),
        ({"cancelled_by": "seller", "cancelled_at": NOON, "shipped_at": NOON + HOUR}, 1),
    ],
)
def test_a_cancellation_counts_when_the_seller_did_it_before_shipping(values: dict[str, Any], against: int):
    """B7: cancellation before fulfilment."""
    assert rate(MetricRule.CANCELLATION_RATE, orders=[order(**values)]) == (against, 1)


def test_what_the_platform_ships_is_not_the_sellers_lateness():
    orders = [order(ship_by=NOON, shipped_at=NOON + ONE, fulfilment="platform")]
    assert rate(MetricRule.LATE_SHIPMENT_RATE, DAY + ONE, orders=orders) == (0, 0)


def test_an_hour_late_is_late_to_the_second_but_not_by_day():
    """B8: late shipment."""
    orders = [order(ship_by=NOON, shipped_at=NOON + HOUR)]
    assert rate(MetricRule.LATE_SHIPMENT_RATE, orders=orders) == (0, 1)
    assert rate(MetricRule.LATE_SHIPMENT_RATE, orders=orders, metric={"late_by": LateBy.TIMESTAMP}) == (1, 1)


def test_the_day_is_that_of_the_marketplace():
    late_in_tokyo = order(ship_by=NOON, shipped_at=NOON + 4 * HOUR)
    found = count(make_metric(MetricRule.LATE_SHIPMENT_RATE), AccountFacts("ann", orders=[late_in_tokyo]), DAY + ONE, ZoneInfo("Asia/Tokyo"))
    assert found == Rate(1, 1)


def test_an_order_is_overdue_until_it_is_shipped_or_cancelled():
    orders = [order("o1", ship_by=NOON, shipped_at=NOON + 2 * ONE), order("o2", ship_by=NOON, cancelled_at=NOON + ONE), order("o3", ship_by=NOON)]
    assert [rate(MetricRule.OVERDUE_UNSHIPPED, DAY + n * ONE, orders=orders)[0] for n in (-1, 0, 1, 2, 29, 30)] == [0, 3, 2, 1, 1, 0]


def test_an_order_cancelled_is_no_longer_awaited():
    orders = [order(deliver_by=NOON, cancelled_at=NOON + 8 * ONE)]
    assert [rate(MetricRule.ON_TIME_DELIVERY_RATE, DAY + n * ONE, orders=orders) for n in (7, 8)] == [(0, 1), (0, 0)]


def test_tracking_that_nobody_vouches_for_speaks_against():
    orders = [order("o1", shipped_at=NOON, tracking_valid=True), order("o2", shipped_at=NOON), order("o3", shipped_at=NOON, tracking_valid=False)]
    found = counted(make_metric(MetricRule.VALID_TRACKING_RATE), AccountFacts("ann", orders=orders), DAY)
    assert (found.rate, found.against) == (Rate(1, 3), ["o2", "o3"])


def test_a_buyer_is_counted_over_the_orders_it_bought():
    """B19: returns, cancellations and sellers' complaints of a buyer."""
    orders = [order("o1", buyer_id="cyd"), order("o2", buyer_id="cyd", cancelled_by="buyer", cancelled_at=NOON), order("o3", buyer_id="dan")]
    returned = [Return("r1", "o1", "ann", NOON + ONE), Return("r2", "o2", "another seller", NOON)]
    complaint = [Complaint("c1", "cyd", "abuse", NOON, order_id="o1", resolved_at=NOON + 3 * ONE)]
    facts: dict[str, Any] = {"account": "cyd", "orders": orders, "returns": returned, "complaints": complaint}
    assert [rate(MetricRule.RETURN_RATE, DAY + n * ONE, **facts) for n in (0, 1)] == [(0, 2), (1, 2)]
    assert rate(MetricRule.BUYER_CANCELLATION_RATE, **facts) == (1, 2)
    assert [rate(MetricRule.COMPLAINED_OF_RATE, DAY + n * ONE, **facts) for n in (2, 3)] == [(1, 2), (0, 2)]


def test_a_message_is_late_when_its_hours_have_gone_by():
    """I3: response times to buyers."""
    messages = [
        Message("m1", "ann", NOON, "from_buyer", NOON + 24 * HOUR),
        Message("m2", "ann", NOON, "from_buyer", NOON + 25 * HOUR),
        Message("m3", "ann", NOON, "from_buyer"),
        Message("m4", "ann", NOON, "to_buyer"),
    ]
    assert [rate(MetricRule.LATE_RESPONSE_RATE, DAY + n * ONE, messages=messages) for n in (0, 1)] == [(0, 0), (2, 3)]
    no_lag, two_days = {"lag": 0}, {"lag": 0, "response_hours": 48}
    assert rate(MetricRule.LATE_RESPONSE_RATE, messages=messages, metric=no_lag) == (0, 3)
    assert [rate(MetricRule.LATE_RESPONSE_RATE, DAY + n * ONE, messages=messages, metric=two_days)[0] for n in (1, 2)] == [0, 1]


def test_fulfilled_orders_are_those_shipped_in_the_last_180_days_by_anybody():
    orders = [order("o1", shipped_at=NOON), order("o2", shipped_at=NOON, fulfilment="platform"), order("o3")]
    assert [fulfilled_orders(AccountFacts("ann", orders=orders), 180, DAY + n * ONE) for n in (-1, 0, 179, 180)] == [0, 2, 2, 0]


def test_a_row_is_known_in_its_version_of_the_day():
    versions = [order(), order(shipped_at=NOON + ONE, recorded_at=NOON + 2 * ONE)]
    known = [known_on(versions, DAY + n * ONE, Days()) for n in (-1, 0, 2)]
    assert [[row.shipped_at for row in rows] for rows in known] == [[], [None], [NOON + ONE]]


def test_a_seller_missing_from_the_account_table_is_taken_from_its_first_order():
    facts = AccountFacts("ann", orders=[order(marketplace="DE"), order("o0", placed_at=NOON + ONE, marketplace="US")])
    assert account_on(facts, DAY - ONE, Days()) is None
    account = account_on(facts, DAY, Days())
    assert account is not None
    assert (account.holder_kind, account.marketplace, account.opened_at) == ("seller", "DE", NOON)
