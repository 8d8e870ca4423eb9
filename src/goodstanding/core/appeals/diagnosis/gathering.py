"""From the facts of one account to the items that are compared: which orders a metric is about, which went wrong, what each may have in common."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from goodstanding.core.appeals.diagnosis.model import Background, Item
from goodstanding.core.facts import Message, Order
from goodstanding.core.health.known import AccountFacts, Days, known_on
from goodstanding.core.health.metrics import Counted, counted
from goodstanding.core.policy.pack import Diagnosing, Metric
from goodstanding.core.terms import MetricRule
from goodstanding.core.values import Window

CLOCKS: Mapping[MetricRule, tuple[str, ...]] = {
    MetricRule.ORDER_DEFECT_RATE: ("placed_at", "shipped_at"),
    MetricRule.NEGATIVE_FEEDBACK_RATE: ("placed_at", "shipped_at"),
    MetricRule.CANCELLATION_RATE: ("placed_at",),
    MetricRule.LATE_SHIPMENT_RATE: ("shipped_at", "placed_at"),
    MetricRule.OVERDUE_UNSHIPPED: ("ship_by",),
    MetricRule.VALID_TRACKING_RATE: ("shipped_at",),
    MetricRule.ON_TIME_DELIVERY_RATE: ("deliver_by", "shipped_at"),
    MetricRule.RETURN_RATE: ("placed_at",),
    MetricRule.BUYER_CANCELLATION_RATE: ("placed_at",),
    MetricRule.COMPLAINED_OF_RATE: ("placed_at",),
    MetricRule.LATE_RESPONSE_RATE: ("at",),
}
"""The clocks on which each rule's orders are laid out; the first one is the rule's own."""

NEVER_BY_DAY = frozenset({MetricRule.OVERDUE_UNSHIPPED})
"""Rules that tell a state of today: what is overdue is young by nature, so no run of days explains it."""

LATE_NEWS = frozenset(
    {MetricRule.ORDER_DEFECT_RATE, MetricRule.NEGATIVE_FEEDBACK_RATE, MetricRule.RETURN_RATE, MetricRule.COMPLAINED_OF_RATE},
)
"""Rules whose bad news comes long after the order: young orders look better than they are, and old ones worse beside them."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HANDLING_DAYS, WEEKDAY = "handling_days", "weekday"


@dataclass(frozen=True, slots=True)
class Gathered:
    """The items of a metric and the days they are compared over: `reach` of the history, `mature` of those old enough to be compared by day."""

    items: Sequence[Item]
    window: Counted
    reach: tuple[date, date]
    mature: tuple[date, date]
    clocks: tuple[str, ...]


def gather(metric: Metric, facts: AccountFacts, background: Background, rules: Diagnosing, as_of: date, zone: ZoneInfo | None) -> Gathered:
    """All items of a metric within the history that a diagnosis compares, as known at the end of a day."""
    delay = rules.mature_days if metric.rule in LATE_NEWS else 0
    long = replace(metric, window=Window(max(metric.window.days, rules.history_days + delay), metric.window.lag))
    window, history = counted(metric, facts, as_of, zone), counted(long, facts, as_of, zone)
    days, first, last = Days(zone), *long.window.bounds(as_of)
    bad, recent = set(history.against), {*_base(metric, window, facts, as_of, days), *window.against}
    shapes = Shapes(metric.rule, days, rules, background)
    base = {*_base(long, history, facts, as_of, days), *history.against}
    items = [
        Item(row_id, row_id in bad, row_id in recent, shapes.days_of(row), shapes.values_of(row))
        for row_id, row in sorted(_rows(metric, facts, as_of, days).items())
        if row_id in base
    ]
    return Gathered(items, window, (first, last), (first, last - timedelta(days=delay)), CLOCKS[metric.rule])


def _base(metric: Metric, counts: Counted, facts: AccountFacts, as_of: date, days: Days) -> Iterable[str]:
    """The ids that a metric is a share of; of a count, the orders that could have been in it."""
    if counts.denominator is not None:
        return counts.denominator
    sold = (order for order in known_on(facts.orders, as_of, days) if order.account_id == facts.account_id and order.ship_by is not None)
    return [order.order_id for order in sold if order.ship_by is not None and metric.window.holds(days.of(order.ship_by), as_of)]


def _rows(metric: Metric, facts: AccountFacts, as_of: date, days: Days) -> dict[str, Order | Message]:
    if metric.rule is MetricRule.LATE_RESPONSE_RATE:
        return {message.message_id: message for message in known_on(facts.messages, as_of, days) if message.account_id == facts.account_id}
    is_own = metric.holder_kind == "seller"
    orders = known_on(facts.orders, as_of, days)
    return {order.order_id: order for order in orders if (order.account_id if is_own else order.buyer_id) == facts.account_id}


@dataclass(frozen=True, slots=True)
class Shapes:
    """How an order or a message looks to the comparison."""

    rule: MetricRule
    days: Days
    rules: Diagnosing
    background: Background

    def days_of(self, row: Order | Message) -> dict[str, date]:
        """Its day on each clock of the rule that it has one on."""
        clocks = dict.fromkeys((*CLOCKS[self.rule], "placed_at"))
        moments = ((clock, getattr(row, clock, None)) for clock in clocks)
        return {clock: self.days.of(moment) for clock, moment in moments if moment is not None}

    def values_of(self, row: Order | Message) -> dict[str, str]:
        """What it may have in common with others: the pack's columns, its weekday, and how long it was given."""
        extras = self.background.orders.get(row.order_id, {}) if isinstance(row, Order) else {}
        told = ((column, extras.get(column) or getattr(row, column, None)) for column in self.rules.dimensions)
        values = {column: str(value) for column, value in told if value not in (None, "")}
        begun = row.placed_at if isinstance(row, Order) else row.at
        values[WEEKDAY] = WEEKDAYS[self.days.of(begun).weekday()]
        if isinstance(row, Order) and row.ship_by is not None and self.rule in (MetricRule.LATE_SHIPMENT_RATE, MetricRule.OVERDUE_UNSHIPPED):
            values[HANDLING_DAYS] = str((self.days.of(row.ship_by) - self.days.of(row.placed_at)).days)
        return values


def dimensions_of(items: Sequence[Item], rules: Diagnosing) -> list[str]:
    """What items may have in common, in the order in which a draw is decided: the pack's columns first."""
    there = {dimension for item in items for dimension in item.values}
    return [dimension for dimension in (*rules.dimensions, WEEKDAY, HANDLING_DAYS) if dimension in there]
