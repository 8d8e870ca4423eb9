"""What a watch looks at: from the facts of one account to tallies and visits, and what of them is out of line."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import floor

from goodstanding.core.facts import Order
from goodstanding.core.health.behaviour import Alarm, Tally, Visit, share_alarms, surge_alarms, travel_alarms
from goodstanding.core.health.known import AccountFacts, Days, F, account_on, first_told
from goodstanding.core.policy.pack import Share, Surge, Travel, Watch
from goodstanding.core.terms import BehaviourRule


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing an account did: the id of its fact, and what it adds."""

    id: str
    tally: Tally


Deeds = Iterator[Deed]


@dataclass(frozen=True, slots=True)
class _Own:
    """The facts of one account with the days they fall on."""

    facts: AccountFacts
    days: Days

    def told(self, rows: Sequence[F]) -> Iterator[tuple[F, date]]:
        """The first version of each row that our own enforcement did not cause, with the day it was known (never before it happened)."""
        for row, start in first_told(rows, self.days):
            if row.caused_by is None:
                yield row, start

    def orders(self, *, bought: bool) -> Iterator[tuple[Order, Tally]]:
        """The account's orders, sold or bought, each counting one."""
        for order, start in self.told(self.facts.orders):
            if (order.buyer_id if bought else order.account_id) == self.facts.account_id:
                day = self.days.of(order.placed_at)
                yield order, Tally(day, max(day, start), 1)


def _messages(own: _Own, topics: frozenset[str] | None = None) -> Deeds:
    for message, start in own.told(own.facts.messages):
        is_meant = message.account_id == own.facts.account_id and message.direction == "to_buyer"
        if is_meant and (topics is None or message.topic in topics):
            day = own.days.of(message.at)
            yield Deed(message.message_id, Tally(day, max(day, start), 1))


def _listing_changes(own: _Own) -> Deeds:
    for change, start in own.told(own.facts.listing_changes):
        if change.account_id == own.facts.account_id:
            day = own.days.of(change.at)
            yield Deed(change.change_id, Tally(day, max(day, start), 1))


def _complaints(own: _Own) -> Deeds:
    for complaint, start in own.told(own.facts.complaints):
        if complaint.account_id == own.facts.account_id and complaint.source in (None, "buyer"):
            day = own.days.of(complaint.at)
            yield Deed(complaint.complaint_id, Tally(day, max(day, start), 1))


def _orders(own: _Own) -> Deeds:
    return (Deed(order.order_id, tally) for order, tally in own.orders(bought=False))


def _purchases(own: _Own) -> Deeds:
    return (Deed(order.order_id, tally) for order, tally in own.orders(bought=True))


def _units(own: _Own) -> Deeds:
    return (Deed(order.order_id, replace(tally, value=1 if order.units is None else order.units)) for order, tally in own.orders(bought=True))


def _amounts(own: _Own) -> Deeds:
    for order, tally in own.orders(bought=True):
        if order.amount is not None:
            yield Deed(order.order_id, replace(tally, value=floor(order.amount), group=order.currency or ""))


def _abroad(own: _Own) -> Deeds:
    for order, tally in own.orders(bought=True):
        account = account_on(own.facts, tally.known, own.days)
        if account is not None and order.marketplace is not None and order.marketplace != account.marketplace:
            yield Deed(order.order_id, tally)


DEEDS: Mapping[BehaviourRule, Callable[[_Own], Deeds]] = {
    BehaviourRule.MESSAGES_TO_BUYERS: _messages,
    BehaviourRule.MESSAGES_PER_ORDER: _messages,
    BehaviourRule.LISTING_CHANGES: _listing_changes,
    BehaviourRule.ORDERS_RECEIVED: _orders,
    BehaviourRule.COMPLAINTS_RECEIVED: _complaints,
    BehaviourRule.PURCHASES: _purchases,
    BehaviourRule.UNITS_BOUGHT: _units,
    BehaviourRule.AMOUNT_SPENT: _amounts,
    BehaviourRule.PURCHASES_ABROAD: _abroad,
}
"""What each rule counts. What off-topic messages are is the watch's own word; travel is not counted."""

SUBJECTS: Mapping[BehaviourRule, str] = {
    BehaviourRule.MESSAGES_TO_BUYERS: "messages",
    BehaviourRule.MESSAGES_PER_ORDER: "messages",
    BehaviourRule.OFF_TOPIC_MESSAGES: "messages",
    BehaviourRule.LISTING_CHANGES: "listing_changes",
    BehaviourRule.ORDERS_RECEIVED: "orders",
    BehaviourRule.COMPLAINTS_RECEIVED: "complaints",
    BehaviourRule.PURCHASES: "orders",
    BehaviourRule.UNITS_BOUGHT: "orders",
    BehaviourRule.AMOUNT_SPENT: "orders",
    BehaviourRule.PURCHASES_ABROAD: "orders",
    BehaviourRule.IMPOSSIBLE_TRAVEL: "sign_ins",
}
"""What the items are that an alarm of each rule points to."""


def alarms_of(watch: Watch, facts: AccountFacts, as_of: date, days: Days) -> list[Alarm]:
    """What of an account's behaviour is out of line, as far as it is known at the end of a day; each alarm with its items."""
    own = _Own(facts, days)
    if isinstance(watch, Travel):
        return travel_alarms(watch, (visit for visit in _visits(own) if visit.known <= as_of))
    deeds = [deed for deed in _deeds(watch, own) if deed.tally.known <= as_of]
    part = [deed.tally for deed in deeds]
    if isinstance(watch, Share):
        whole = [deed.tally for deed in _whole(watch, own)]
        alarms = share_alarms(watch, part, whole)
    else:
        assert isinstance(watch, Surge), "there are three kinds of watches"
        alarms = surge_alarms(watch, part)
    return [replace(alarm, ids=_ids(alarm, deeds)) for alarm in alarms]


def _ids(alarm: Alarm, deeds: Iterable[Deed]) -> tuple[str, ...]:
    return tuple(sorted({deed.id for deed in deeds if alarm.holds(deed.tally)}))


def _deeds(watch: Watch, own: _Own) -> Deeds:
    if isinstance(watch, Share) and watch.rule is BehaviourRule.OFF_TOPIC_MESSAGES:
        return _messages(own, watch.topics)
    return DEEDS[watch.rule](own)


def _whole(watch: Share, own: _Own) -> Deeds:
    return _orders(own) if watch.rule is BehaviourRule.MESSAGES_PER_ORDER else _messages(own)


def _visits(own: _Own) -> Iterator[Visit]:
    for entry, start in own.told(own.facts.sign_ins):
        if entry.account_id == own.facts.account_id and entry.succeeded and entry.country is not None:
            yield Visit(entry.sign_in_id, entry.at, max(own.days.of(entry.at), start), entry.country, entry.device_id)
