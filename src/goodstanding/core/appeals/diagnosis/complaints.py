"""Reasons that complaints reveal, such as counterfeit or condition: which products, suppliers, batches or page changes the complaints gather on.

The complaints are what went wrong, the account's orders what it is a share of, and the tests are those of every other diagnosis. A complaint that
names an order marks that order. One that names a product alone is an item of its own, with what all orders of that product have in common.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from goodstanding.core.appeals.diagnosis.gathering import CLOCKS, WEEKDAY, Gathered, Shapes
from goodstanding.core.appeals.diagnosis.model import Background, Item
from goodstanding.core.facts import Complaint
from goodstanding.core.health.known import AccountFacts, Days, known_on
from goodstanding.core.health.metrics import Counted, Known
from goodstanding.core.policy.pack import Diagnosing, Metric, PolicyPack
from goodstanding.core.terms import MetricRule
from goodstanding.core.values import Window

_HEARD = "at"
"""The clock of complaints that name no order: the day they came."""


def complaint_metric(pack: PolicyPack, reason: str, facts: AccountFacts, as_of: date, zone: ZoneInfo | None) -> Metric | None:
    """The complaints of a reason as a metric without target, named like the reason, over the history that the pack compares; None where there are none."""
    known = pack.reasons.get(reason)
    if known is None or pack.diagnosis is None or not list(_complaints(reason, facts, as_of, Days(zone))):
        return None
    return Metric(
        known.code, MetricRule.COMPLAINED_OF_RATE, Window(pack.diagnosis.history_days), known.holder_kind, known.citation, reason=known.code
    )


def is_of_complaints(pack: PolicyPack, metric: Metric) -> bool:
    """Whether a metric is no metric of the pack but the complaints of a reason."""
    return metric.name not in pack.metrics and metric.name in pack.reasons


def gather_complaints(metric: Metric, facts: AccountFacts, background: Background, rules: Diagnosing, as_of: date, zone: ZoneInfo | None) -> Gathered:
    """The account's orders of the window and the complaints that name none of them, as known at the end of a day."""
    days = Days(zone)
    first, last = metric.window.bounds(as_of)
    told = list(_complaints(metric.name, facts, as_of, days))
    named = {one.order_id for one in told if one.order_id}
    shapes = Shapes(metric.rule, days, rules, background)
    sold = [order for order in Known(facts, as_of, days).sold() if first <= days.of(order.placed_at) <= last or order.order_id in named]
    items = [Item(order.order_id, order.order_id in named, True, shapes.days_of(order), shapes.values_of(order)) for order in sold]
    shared = _shared(items)
    theirs = {order.order_id for order in sold}
    items += [
        Item(one.complaint_id, True, True, {_HEARD: days.of(one.at)}, shared.get(one.product_id or "", {"product_id": one.product_id or ""}))
        for one in told
        if one.order_id not in theirs and one.product_id and first <= days.of(one.at) <= last
    ]
    items.sort(key=lambda item: item.id)
    bad = [item.id for item in items if item.is_bad]
    mature = last - timedelta(days=rules.mature_days)
    return Gathered(items, Counted(bad, [item.id for item in items], bad), (first, last), (first, mature), CLOCKS[metric.rule])


def _complaints(reason: str, facts: AccountFacts, as_of: date, days: Days) -> Iterator[Complaint]:
    """Complaints of a reason about the account that came by then, settled ones too: what caused them is the same."""
    for one in known_on(facts.complaints, as_of, days):
        if one.account_id == facts.account_id and one.reason == reason and one.caused_by is None and days.by(one.at, as_of):
            yield one


def _shared(items: Sequence[Item]) -> Mapping[str, dict[str, str]]:
    """Product -> what all its orders have in common: its supplier where it has one only."""
    shared: dict[str, dict[str, str]] = {}
    for item in items:
        product = item.values.get("product_id")
        if product:
            own = {name: value for name, value in item.values.items() if name != WEEKDAY}
            before = shared.setdefault(product, own)
            shared[product] = {name: value for name, value in before.items() if own.get(name) == value}
    return shared
