"""What was known at the end of a day: of every fact the version that was recorded last by then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from goodstanding.core.facts import KINDS, Account, Complaint, Defect, FactKind, Message, Order, Return, SignIn
from goodstanding.core.values import day_of

Fact = Account | Order | Defect | Complaint | Return | Message | SignIn
F = TypeVar("F", Account, Order, Defect, Complaint, Return, Message, SignIn)

KIND_OF: dict[type[Fact], FactKind] = {
    Account: KINDS["accounts"],
    Order: KINDS["orders"],
    Defect: KINDS["defects"],
    Complaint: KINDS["complaints"],
    Return: KINDS["returns"],
    Message: KINDS["messages"],
    SignIn: KINDS["sign_ins"],
}


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Everything that bears on one account: every version of every row, in any order.

    `orders` are those it sold and those it bought; `defects` and `returns` are those of these orders. More does no harm.
    """

    account_id: str
    accounts: Sequence[Account] = ()
    orders: Sequence[Order] = ()
    defects: Sequence[Defect] = ()
    complaints: Sequence[Complaint] = ()
    returns: Sequence[Return] = ()
    messages: Sequence[Message] = ()
    sign_ins: Sequence[SignIn] = ()

    def all(self) -> Iterable[Fact]:
        """Every row of every kind."""
        for field in fields(self)[1:]:
            yield from getattr(self, field.name)


def key_of(fact: Fact) -> tuple[str, ...]:
    """What identifies the row: all its versions share it."""
    return tuple(getattr(fact, name) for name in KIND_OF[type(fact)].key)


def recorded(fact: Fact) -> datetime:
    """When the platform learned this version: `recorded_at`, else the row's own time."""
    own: datetime = getattr(fact, KIND_OF[type(fact)].own_time)
    return fact.recorded_at or own


@dataclass(frozen=True, slots=True)
class Days:
    """Days of moments in one account's time zone. `of` passes None through."""

    zone: ZoneInfo | None = None

    def of(self, moment: datetime) -> date:
        """The day of a moment."""
        return day_of(moment, self.zone)

    def by(self, moment: datetime | None, as_of: date) -> bool:
        """Whether something happened, and not after the as-of day."""
        return moment is not None and self.of(moment) <= as_of


def known_on(rows: Iterable[F], as_of: date, days: Days) -> list[F]:
    """Of each row the version known at the end of a day; rows that nobody knew of yet are left out."""
    latest: dict[tuple[str, ...], F] = {}
    for row in sorted(rows, key=recorded):
        if days.of(recorded(row)) <= as_of:
            latest[key_of(row)] = row
    return list(latest.values())


def versions(rows: Iterable[F], days: Days) -> list[tuple[F, date, date | None]]:
    """Each version with the days [from, to) on which it was the known one; `to` None: it still is. Versions replaced on their first day are left out."""
    by_key: dict[tuple[str, ...], list[F]] = {}
    for row in sorted(rows, key=recorded):
        by_key.setdefault(key_of(row), []).append(row)
    spans: list[tuple[F, date, date | None]] = []
    for history in by_key.values():
        for n, row in enumerate(history):
            start = days.of(recorded(row))
            end = days.of(recorded(history[n + 1])) if n + 1 < len(history) else None
            if start != end:
                spans.append((row, start, end))
    return spans


def account_on(facts: AccountFacts, as_of: date, days: Days) -> Account | None:
    """Who the account was known to be at the end of a day.

    A seller that the marketplace's account table does not (yet) know is taken from its first order: a seller in that order's
    store, opened on that day. None where nothing at all was known.
    """
    for account in known_on(facts.accounts, as_of, days):
        if account.account_id == facts.account_id:
            return account
    firsts = [
        (max(days.of(order.placed_at), start), order.order_id, order)
        for order, start, end in versions(facts.orders, days)
        if order.account_id == facts.account_id and (end is None or max(days.of(order.placed_at), start) < end)
    ]
    if not firsts or (first := min(firsts, key=lambda entry: entry[:2]))[0] > as_of:
        return None
    order = first[2]
    opened = order.placed_at if order.recorded_at is None else max(order.placed_at, order.recorded_at)
    return Account(facts.account_id, "seller", order.marketplace or "", opened)
