"""The list a holder goes through regularly: what is overdue, due next, unanswered, incomplete, open, and where defects come from (requirement I3)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from goodstanding.core.facts import Order
from goodstanding.core.health.known import AccountFacts, Days, known_on, versions
from goodstanding.core.health.metrics import HOURS_OF_A_DAY, Known, count_order_defects
from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import MetricRule, TaskCode

MOST_IDS = 20
"""Items that an entry names; its count tells of all."""
SEVERAL = 2
"""From so many orders with a defect on, a product is one to look into: once can happen to anything."""


@dataclass(frozen=True, slots=True)
class Task:
    """One entry: how many items there are, and the first of them by id, most urgent first. `on`: the day it is due, or that was looked at."""

    code: TaskCode
    on: date
    count: int
    ids: tuple[str, ...]


def self_audit(pack: PolicyPack, facts: AccountFacts, as_of: date, zone: ZoneInfo | None = None) -> list[Task]:
    """The list as of the end of a day; entries with nothing to do are left out. What our own enforcement caused is nobody's task."""
    known = Known(facts, as_of, Days(zone))
    waiting = sorted(_unshipped(known), key=lambda order: (order.ship_by or datetime.max, order.order_id))  # noqa: DTZ901 - all have a ship_by
    tomorrow = as_of + timedelta(days=1)
    entries = [
        _task(TaskCode.OVERDUE_ORDERS, as_of, (order.order_id for order in waiting if _ship_day(known, order) <= as_of)),
        _task(TaskCode.ORDERS_DUE, tomorrow, (order.order_id for order in waiting if _ship_day(known, order) == tomorrow)),
        _task(TaskCode.UNANSWERED_MESSAGES, as_of, _unanswered(pack, known)),
        _task(TaskCode.INFORMATION_INCOMPLETE, as_of, _incomplete(known)),
        _task(TaskCode.OPEN_COMPLAINTS, as_of, _open_complaints(known)),
        _task(TaskCode.DEFECTIVE_PRODUCTS, as_of, _defective(pack, known)),
    ]
    return [entry for entry in entries if entry.count]


def metric_of(pack: PolicyPack, rule: MetricRule) -> Metric | None:
    """The pack's first metric of a rule; its window and hours are those of the list."""
    return next((metric for metric in pack.metrics.values() if metric.rule == rule), None)


def _task(code: TaskCode, on: date, ids: Iterable[str]) -> Task:
    all_ids = tuple(ids)
    return Task(code, on, len(all_ids), all_ids[:MOST_IDS])


def _unshipped(known: Known) -> Iterator[Order]:
    for order in known.sold():
        happened = known.days.by(order.shipped_at, known.as_of) or known.days.by(order.cancelled_at, known.as_of)
        if order.ship_by is not None and order.caused_by is None and not happened:
            yield order


def _ship_day(known: Known, order: Order) -> date:
    assert order.ship_by is not None, "orders without a ship_by are no task"
    return known.days.of(order.ship_by)


def _unanswered(pack: PolicyPack, known: Known) -> Iterator[str]:
    metric = metric_of(pack, MetricRule.LATE_RESPONSE_RATE)
    if metric is None:
        return
    allowed = timedelta(days=-(-metric.response_hours // HOURS_OF_A_DAY))
    for message in sorted(known_on(known.facts.messages, known.as_of, known.days), key=lambda one: (one.at, one.message_id)):
        is_own = message.account_id == known.facts.account_id and message.direction == "from_buyer" and message.caused_by is None
        if is_own and known.days.of(message.at) + allowed <= known.as_of and not known.days.by(message.answered_at, known.as_of):
            yield message.message_id


def _incomplete(known: Known) -> Iterator[str]:
    """The account itself, if the last that was said of its information is that it is incomplete."""
    told = [
        (start, account.information_complete)
        for account, start, _ in versions(known.facts.accounts, known.days)
        if account.account_id == known.facts.account_id
        and start <= known.as_of
        and account.caused_by is None
        and account.information_complete is not None
    ]
    if told and not max(told, key=lambda entry: entry[0])[1]:
        yield known.facts.account_id


def _open_complaints(known: Known) -> Iterator[str]:
    for complaint in sorted(known_on(known.facts.complaints, known.as_of, known.days), key=lambda one: (one.at, one.complaint_id)):
        is_own = complaint.account_id == known.facts.account_id and complaint.caused_by is None
        if is_own and known.days.by(complaint.at, known.as_of) and not known.days.by(complaint.resolved_at, known.as_of):
            yield complaint.complaint_id


def _defective(pack: PolicyPack, known: Known) -> Iterator[str]:
    """Products with several defective orders in the window of the order defect rate, most first."""
    metric = metric_of(pack, MetricRule.ORDER_DEFECT_RATE)
    if metric is None:
        return
    struck = set(count_order_defects(known, metric).against)
    products = Counter(order.product_id for order in known.sold() if order.order_id in struck and order.product_id is not None)
    for product, many in sorted(products.items(), key=lambda entry: (-entry[1], entry[0])):
        if many >= SEVERAL:
            yield product
