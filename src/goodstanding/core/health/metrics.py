"""The metrics of `facts.md` section 2, counted row by row: the rules that every engine has to equal to the integer.

A thing dated day `k` counts as of `D` while `D` is in `[k + lag, k + lag + window)`. Only what was known at the end of `D`
counts. Rows with `caused_by` are effects of the platform's own enforcement: they never count against an account (requirement A7).
To add a metric: one function here, one line in `COUNTINGS`, one SQL file in the engines.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from goodstanding.core.facts import Message, Order
from goodstanding.core.health.known import AccountFacts, Days, known_on
from goodstanding.core.policy.pack import Metric
from goodstanding.core.terms import LateBy, MetricRule
from goodstanding.core.values import Rate

DEFECT_KINDS = ("negative_feedback", "claim", "chargeback")
HOURS_OF_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Counted:
    """The rows behind a rate, by id: `against` are those that speak against the account. `denominator` None: a count."""

    numerator: Sequence[str]
    denominator: Sequence[str] | None
    against: Sequence[str]

    @property
    def rate(self) -> Rate:
        """The two numbers."""
        return Rate(len(self.numerator), None if self.denominator is None else len(self.denominator))


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of one account as they were known at the end of `as_of`."""

    facts: AccountFacts
    as_of: date
    days: Days

    def sold(self) -> list[Order]:
        """Orders in which the account is the seller."""
        return [order for order in known_on(self.facts.orders, self.as_of, self.days) if order.account_id == self.facts.account_id]

    def shipped_by_itself(self) -> list[Order]:
        """Orders that the seller, not the platform, has to ship."""
        return [order for order in self.sold() if order.is_merchant_fulfilled]

    def bought(self) -> list[Order]:
        """Orders in which the account is the buyer."""
        return [order for order in known_on(self.facts.orders, self.as_of, self.days) if order.buyer_id == self.facts.account_id]


def _bad(base: Iterable[Order], bad: Callable[[Order], bool]) -> Counted:
    orders = list(base)
    against = [order.order_id for order in orders if bad(order) and order.caused_by is None]
    return Counted(against, [order.order_id for order in orders], against)


def _good(base: Iterable[Order], good: Callable[[Order], bool]) -> Counted:
    orders = [order for order in base if order.caused_by is None]
    numerator = [order.order_id for order in orders if good(order)]
    return Counted(numerator, [order.order_id for order in orders], [order.order_id for order in orders if not good(order)])


def _with_defects(known: Known, metric: Metric, kinds: Sequence[str]) -> Counted:
    as_of, days = known.as_of, known.days
    struck = {
        (defect.account_id, defect.order_id)
        for defect in known_on(known.facts.defects, as_of, days)
        if defect.kind in kinds and defect.caused_by is None and days.by(defect.at, as_of) and not days.by(defect.withdrawn_at, as_of)
    }
    base = (order for order in known.sold() if metric.window.holds(days.of(order.placed_at), as_of))
    return _bad(base, lambda order: (order.account_id, order.order_id) in struck)


def count_order_defects(known: Known, metric: Metric) -> Counted:
    """Orders by placed day; of these, with at least one defect of any kind known and not withdrawn. An order counts once."""
    return _with_defects(known, metric, DEFECT_KINDS)


def count_negative_feedback(known: Known, metric: Metric) -> Counted:
    """Orders by placed day; of these, with a negative feedback known and not withdrawn."""
    return _with_defects(known, metric, DEFECT_KINDS[:1])


def count_cancellations(known: Known, metric: Metric) -> Counted:
    """Merchant-fulfilled orders by placed day; of these, cancelled by the seller by now and not shipped before that."""
    as_of, days = known.as_of, known.days

    def cancelled(order: Order) -> bool:
        if order.cancelled_at is None or order.cancelled_by != "seller" or days.of(order.cancelled_at) > as_of:
            return False
        return order.shipped_at is None or order.cancelled_at < order.shipped_at

    return _bad((order for order in known.shipped_by_itself() if metric.window.holds(days.of(order.placed_at), as_of)), cancelled)


def _shipped_in_window(known: Known, metric: Metric) -> Iterable[Order]:
    for order in known.shipped_by_itself():
        if order.shipped_at is not None and metric.window.holds(known.days.of(order.shipped_at), known.as_of):
            yield order


def count_late_shipments(known: Known, metric: Metric) -> Counted:
    """Merchant-fulfilled orders by shipped day; of these, shipped after ship_by, by day or to the second. Without a ship_by no order is late."""

    def late(order: Order) -> bool:
        if order.shipped_at is None or order.ship_by is None:
            return False
        if metric.late_by == LateBy.TIMESTAMP:
            return order.shipped_at > order.ship_by
        return known.days.of(order.shipped_at) > known.days.of(order.ship_by)

    return _bad(_shipped_in_window(known, metric), late)


def count_overdue(known: Known, metric: Metric) -> Counted:
    """A count: orders with their ship_by day in the window that are neither shipped nor cancelled by now, whoever ships."""
    as_of, days = known.as_of, known.days
    against = [
        order.order_id
        for order in known.sold()
        if order.caused_by is None
        and order.ship_by is not None
        and metric.window.holds(days.of(order.ship_by), as_of)
        and not days.by(order.shipped_at, as_of)
        and not days.by(order.cancelled_at, as_of)
    ]
    return Counted(against, None, against)


def count_valid_tracking(known: Known, metric: Metric) -> Counted:
    """Merchant-fulfilled orders by shipped day; of these, with valid tracking. Nothing said of the tracking is not valid."""
    return _good(_shipped_in_window(known, metric), lambda order: order.tracking_valid is True)


def count_on_time_deliveries(known: Known, metric: Metric) -> Counted:
    """Merchant-fulfilled orders by deliver_by day, not cancelled by now; of these, delivered on that day or before."""
    as_of, days = known.as_of, known.days

    def on_time(order: Order) -> bool:
        return order.delivered_at is not None and order.deliver_by is not None and days.of(order.delivered_at) <= days.of(order.deliver_by)

    due = (
        order
        for order in known.shipped_by_itself()
        if order.deliver_by is not None and metric.window.holds(days.of(order.deliver_by), as_of) and not days.by(order.cancelled_at, as_of)
    )
    return _good(due, on_time)


def _bought_in_window(known: Known, metric: Metric) -> Iterable[Order]:
    return (order for order in known.bought() if metric.window.holds(known.days.of(order.placed_at), known.as_of))


def count_returned(known: Known, metric: Metric) -> Counted:
    """The buyer's orders by placed day; of these, returned by now (a return names order and seller)."""
    as_of, days = known.as_of, known.days
    returned = {
        (entry.account_id, entry.order_id)
        for entry in known_on(known.facts.returns, as_of, days)
        if entry.caused_by is None and days.by(entry.at, as_of)
    }
    return _bad(_bought_in_window(known, metric), lambda order: (order.account_id, order.order_id) in returned)


def count_cancelled_by_buyer(known: Known, metric: Metric) -> Counted:
    """The buyer's orders by placed day; of these, cancelled by the buyer by now."""
    return _bad(_bought_in_window(known, metric), lambda order: order.cancelled_by == "buyer" and known.days.by(order.cancelled_at, known.as_of))


def count_complained_of(known: Known, metric: Metric) -> Counted:
    """The buyer's orders by placed day; of these, named in a complaint about the buyer that is known and not resolved by now."""
    as_of, days = known.as_of, known.days
    complained_of = {
        complaint.order_id
        for complaint in known_on(known.facts.complaints, as_of, days)
        if complaint.account_id == known.facts.account_id
        and complaint.caused_by is None
        and days.by(complaint.at, as_of)
        and not days.by(complaint.resolved_at, as_of)
    }
    return _bad(_bought_in_window(known, metric), lambda order: order.order_id in complained_of)


def count_late_responses(known: Known, metric: Metric) -> Counted:
    """Messages from buyers by day; of these, not answered within the metric's hours.

    A message can only be late once its hours, in whole days (24 h: 1 day), have gone by; with a lag of one day they always have.
    """
    as_of, days = known.as_of, known.days
    hours = timedelta(hours=metric.response_hours)
    whole_days = timedelta(days=-(-metric.response_hours // HOURS_OF_A_DAY))
    messages = [
        message
        for message in known_on(known.facts.messages, as_of, days)
        if message.account_id == known.facts.account_id
        and message.direction == "from_buyer"
        and message.caused_by is None
        and metric.window.holds(days.of(message.at), as_of)
    ]

    def late(message: Message) -> bool:
        is_due = days.of(message.at) + whole_days <= as_of
        return is_due and (message.answered_at is None or message.answered_at > message.at + hours)

    against = [message.message_id for message in messages if late(message)]
    return Counted(against, [message.message_id for message in messages], against)


COUNTINGS: dict[MetricRule, Callable[[Known, Metric], Counted]] = {
    MetricRule.ORDER_DEFECT_RATE: count_order_defects,
    MetricRule.NEGATIVE_FEEDBACK_RATE: count_negative_feedback,
    MetricRule.CANCELLATION_RATE: count_cancellations,
    MetricRule.LATE_SHIPMENT_RATE: count_late_shipments,
    MetricRule.OVERDUE_UNSHIPPED: count_overdue,
    MetricRule.VALID_TRACKING_RATE: count_valid_tracking,
    MetricRule.ON_TIME_DELIVERY_RATE: count_on_time_deliveries,
    MetricRule.RETURN_RATE: count_returned,
    MetricRule.BUYER_CANCELLATION_RATE: count_cancelled_by_buyer,
    MetricRule.COMPLAINED_OF_RATE: count_complained_of,
    MetricRule.LATE_RESPONSE_RATE: count_late_responses,
}
"""How each rule counts."""


def counted(metric: Metric, facts: AccountFacts, as_of: date, zone: ZoneInfo | None = None) -> Counted:
    """The rows that make up a metric of an account at the end of a day."""
    return COUNTINGS[metric.rule](Known(facts, as_of, Days(zone)), metric)


def count(metric: Metric, facts: AccountFacts, as_of: date, zone: ZoneInfo | None = None) -> Rate:
    """A metric of an account at the end of a day; `zone` is that of its marketplace's days (UTC unless given)."""
    return counted(metric, facts, as_of, zone).rate


def is_fulfilled_on(order: Order, window_days: int, as_of: date, days: Days) -> bool:
    """Whether an order counts as fulfilled for the rating: shipped on one of the last `window_days` days."""
    return order.shipped_at is not None and 0 <= (as_of - days.of(order.shipped_at)).days < window_days


def fulfilled_orders(facts: AccountFacts, window_days: int, as_of: date, zone: ZoneInfo | None = None) -> int:
    """Orders that earn rating points: shipped in the `window_days` days that end with `as_of`, whoever shipped them."""
    known = Known(facts, as_of, Days(zone))
    return sum(is_fulfilled_on(order, window_days, as_of, known.days) for order in known.sold())
