"""Corrective tasks: what puts a reason right, ticked where the facts show that it is done (requirement E1).

The pack names the tasks of each reason. What facts cannot show (a password changed, an invoice collected) stays unknown: the holder says it and
shows it with a document. To let facts tick another task: one function here and one line in `TICKS`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from goodstanding.core.facts import ListingChange, Order
from goodstanding.core.health.known import AccountFacts, Days, account_on, known_on
from goodstanding.core.health.metrics import counted
from goodstanding.core.health.violations import subject_of
from goodstanding.core.policy.pack import PolicyPack, Reason, Ticking


class TickState(StrEnum):
    """What facts say of a task."""

    DONE = "done"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Tick:
    """One corrective task: `done` of `of` items are put right, `open_ids` are not yet. Unknown: facts cannot show it."""

    task: str
    state: TickState
    done: int = 0
    of: int = 0
    open_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a violation is about: the ids of its items by kind, and since when it is open."""

    since: date
    ids: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, kind: str) -> frozenset[str]:
        """The ids of a kind of items."""
        return self.ids.get(kind, frozenset())


@dataclass(frozen=True, slots=True)
class _Case:
    """One violation with the facts of its account as known at the end of a day."""

    facts: AccountFacts
    subject: Subject
    rules: Ticking
    as_of: date
    days: Days

    def orders(self) -> list[Order]:
        own = known_on(self.facts.orders, self.as_of, self.days)
        return [order for order in own if self.facts.account_id in (order.account_id, order.buyer_id)]

    def affected(self) -> list[Order]:
        named = self.subject.of("orders")
        named |= {row.order_id for row in self.complaints() if row.order_id}
        return [order for order in self.orders() if order.order_id in named]

    def complaints(self) -> "list[_Complaint]":
        rows = known_on(self.facts.complaints, self.as_of, self.days)
        return [
            _Complaint(row.complaint_id, row.order_id, row.product_id, self.days.by(row.resolved_at, self.as_of))
            for row in rows
            if row.complaint_id in self.subject.of("complaints")
        ]

    def products(self) -> set[str]:
        told = {order.product_id for order in self.affected()} | {row.product_id for row in self.complaints()}
        changed = {row.product_id for row in self.facts.listing_changes if row.change_id in self.subject.of("listing_changes")}
        return {product for product in told | changed if product}

    def changes(self, fields: Collection[str] | None = None) -> dict[str, ListingChange]:
        """Product -> its last change of such a field since the violation opened."""
        found = {}
        for row in sorted(known_on(self.facts.listing_changes, self.as_of, self.days), key=lambda row: row.at):
            is_new = self.subject.since <= self.days.of(row.at) <= self.as_of and row.change_id not in self.subject.of("listing_changes")
            if row.account_id == self.facts.account_id and is_new and (fields is None or row.field in fields):
                found[row.product_id] = row
        return found


@dataclass(frozen=True, slots=True)
class _Complaint:
    complaint_id: str
    order_id: str | None
    product_id: str | None
    is_resolved: bool


Marks = Mapping[str, bool] | None
"""Item -> whether it is put right; None: facts cannot show it."""


def _refunds(case: _Case) -> Marks:
    refunded = {row.order_id for row in known_on(case.facts.returns, case.as_of, case.days) if case.days.by(row.refunded_at, case.as_of)}
    cancelled = {order.order_id for order in case.affected() if case.days.by(order.cancelled_at, case.as_of)}
    return {order.order_id: order.order_id in refunded | cancelled for order in case.affected()}


def _claims(case: _Case) -> Marks:
    affected = {order.order_id for order in case.affected()}
    claims = (row for row in known_on(case.facts.defects, case.as_of, case.days) if row.order_id in affected and row.kind == "claim")
    told = {row.defect_id: case.days.by(row.withdrawn_at, case.as_of) for row in claims}
    return told | {row.complaint_id: row.is_resolved for row in case.complaints()}


def _overdue(case: _Case) -> Marks:
    """Orders that were due since a month before the violation and late or open then: shipped or cancelled by now."""
    began = case.subject.since - timedelta(days=30)
    due = [
        order
        for order in case.orders()
        if order.account_id == case.facts.account_id
        and order.caused_by is None
        and order.ship_by is not None
        and began <= case.days.of(order.ship_by) < case.as_of
    ]

    def settled(order: Order) -> bool:
        return case.days.by(order.shipped_at, case.as_of) or case.days.by(order.cancelled_at, case.as_of)

    late = (order for order in due if order.shipped_at is None or (order.ship_by and case.days.of(order.shipped_at) > case.days.of(order.ship_by)))
    return {order.order_id: settled(order) for order in late}


def _tracking(case: _Case) -> Marks:
    return {order.order_id: order.tracking_valid is True for order in case.affected() if order.shipped_at is not None}


def _shipments(case: _Case) -> Marks:
    return {order.order_id: order.shipped_at is not None and order.tracking_valid is True for order in case.affected()}


def _removed(case: _Case) -> Marks:
    """Taken off sale: a change says so, and nothing of the product was ordered afterwards."""
    changes, sold = case.changes(case.rules.removal_fields), case.orders()
    return {
        product: product in changes and not any(order.product_id == product and order.placed_at > changes[product].at for order in sold)
        for product in case.products()
    }


def _changed(fields: Callable[[Ticking], Collection[str]] | None) -> Callable[[_Case], Marks]:
    """Products of the violation whose page was changed since it opened, in one of some fields."""

    def tick(case: _Case) -> Marks:
        changes = case.changes(fields(case.rules) if fields else None)
        return {product: product in changes for product in case.products()}

    return tick


def _handling(case: _Case) -> Marks:
    """One changed promise shows that somebody set to work; which products need it, facts cannot know."""
    return {"handling_time": True} if case.changes(case.rules.handling_fields) else None


def _messages(case: _Case) -> Marks:
    """Messages like those concerned (of their topics; of any where they have none) that still went out in the last days."""
    concerned = [row for row in case.facts.messages if row.message_id in case.subject.of("messages")]
    topics = {row.topic for row in concerned}
    quiet_since = case.as_of - timedelta(days=case.rules.quiet_days - 1)
    known = known_on(case.facts.messages, case.as_of, case.days)
    going = (row for row in known if row.account_id == case.facts.account_id and row.direction == "to_buyer" and row.topic in topics)
    recent = {row.message_id: False for row in going if case.days.of(row.at) >= quiet_since}
    return recent or ({"messages": True} if concerned else None)


def _sessions(case: _Case) -> Marks:
    """Devices of the sign-ins concerned that were not seen in the last days."""
    strange = {row.device_id for row in case.facts.sign_ins if row.sign_in_id in case.subject.of("sign_ins") and row.device_id}
    quiet_since = case.as_of - timedelta(days=case.rules.quiet_days - 1)
    seen = {row.device_id for row in case.facts.sign_ins if row.succeeded and quiet_since <= case.days.of(row.at) <= case.as_of}
    return {device: device not in seen for device in strange}


def _information(case: _Case) -> Marks:
    account = account_on(case.facts, case.as_of, case.days)
    return None if account is None or account.information_complete is None else {account.account_id: account.information_complete}


def _verified(case: _Case) -> Marks:
    account = account_on(case.facts, case.as_of, case.days)
    if account is None or account.identity_verified_at is None:
        return None
    return {account.account_id: case.subject.since <= case.days.of(account.identity_verified_at) <= case.as_of}


TICKS: Mapping[str, Callable[[_Case], Marks]] = {
    "refund_affected_buyers": _refunds,
    "answer_open_claims": _claims,
    "ship_overdue_orders": _overdue,
    "add_tracking": _tracking,
    "show_shipments": _shipments,
    "remove_listings": _removed,
    "correct_product_pages": _changed(None),
    "undo_listing_changes": _changed(None),
    "correct_stock": _changed(lambda rules: rules.stock_fields),
    "correct_prices": _changed(lambda rules: rules.price_fields),
    "set_true_handling_times": _handling,
    "stop_messages": _messages,
    "end_unknown_sessions": _sessions,
    "update_account_information": _information,
    "complete_verification": _verified,
}
"""Task of a pack -> how facts show it. All other tasks are for the holder to show."""


def tick_tasks(
    pack: PolicyPack, reason: Reason, facts: AccountFacts, subject: Subject, as_of: date, zone: ZoneInfo | None = None
) -> tuple[Tick, ...]:
    """The corrective tasks of a reason, each ticked as far as facts known at the end of a day show it."""
    if pack.ticking is None:
        return tuple(Tick(task, TickState.UNKNOWN) for task in reason.tasks)
    case = _Case(facts, subject, pack.ticking, as_of, Days(zone))
    return tuple(_tick(task, TICKS[task](case) if task in TICKS else None) for task in reason.tasks)


def subjects_now(pack: PolicyPack, facts: AccountFacts, as_of: date, zone: ZoneInfo | None = None) -> dict[str, Subject]:
    """The reasons that facts show as breached at the end of a day (metrics over target, complaints open) with what each is about."""
    account, days = account_on(facts, as_of, Days(zone)), Days(zone)
    found: dict[str, Subject] = {}
    for metric in pack.metrics.values():
        if metric.reason is None or (account and not metric.applies_to(account.holder_kind, account.marketplace)):
            continue
        counts = counted(metric, facts, as_of, zone)
        if metric.is_breach(counts.rate.numerator, counts.rate.denominator):
            _add(found, metric.reason, subject_of(metric), counts.against, metric.window.bounds(as_of)[0])
    for row in known_on(facts.complaints, as_of, days):
        is_open = days.by(row.at, as_of) and not days.by(row.resolved_at, as_of) and row.caused_by is None
        if row.account_id == facts.account_id and is_open and row.reason in pack.reasons:
            _add(found, row.reason, "complaints", [row.complaint_id], days.of(row.at))
    return found


def _add(found: dict[str, Subject], reason: str, kind: str, ids: Iterable[str], since: date) -> None:
    before = found.get(reason, Subject(since))
    found[reason] = Subject(min(before.since, since), {**before.ids, kind: before.of(kind) | frozenset(ids)})


def subject_of_items(kind: str, ids: Iterable[str], since: date) -> Subject:
    """The subject of a violation that points to items of one kind."""
    return Subject(since, {kind: frozenset(ids)})


def _tick(task: str, marks: Marks) -> Tick:
    if not marks:
        return Tick(task, TickState.UNKNOWN)
    open_ids = tuple(sorted(item for item, is_done in marks.items() if not is_done))
    state = TickState.OPEN if open_ids else TickState.DONE
    return Tick(task, state, len(marks) - len(open_ids), len(marks), open_ids)
