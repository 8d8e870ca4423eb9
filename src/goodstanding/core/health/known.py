"""What was known at the end of a day: of every fact the version that was recorded last by then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from goodstanding.core.facts import KINDS, Account, Complaint, Defect, FactKind, ListingChange, Message, Order, Return, SignIn
from goodstanding.core.values import day_of

Fact = Account | Order | Defect | Complaint | Return | Message | SignIn | ListingChange
F = TypeVar("F", Account, Order, Defect, Complaint, Return, Message, SignIn, ListingChange)

KIND_OF: dict[type[Fact], FactKind] = {
    Account: KINDS["accounts"],
    Order: KINDS["orders"],
    Defect: KINDS["defects"],
    Complaint: KINDS["complaints"],
    Return: KINDS["returns"],
    Message: KINDS["messages"],
    SignIn: KINDS["sign_ins"],
    ListingChange: KINDS["listing_changes"],
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
    listing_changes: Sequence[ListingChange] = ()


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


def versions(rows: Iterable[F], days: Days) -> list[tuple[F, date, date | None]]:
    """Each version with the days [from, to) on which it was the known one; `to` None: it still is.

    Versions replaced on the day they were recorded are left out. An order that does not say when it was recorded is known from the
    first thing that happened to it: real data holds orders that were shipped before they were placed.
    """
    by_key: dict[tuple[str, ...], list[F]] = {}
    for row in sorted(rows, key=recorded):
        by_key.setdefault(key_of(row), []).append(row)
    spans: list[tuple[F, date, date | None]] = []
    for history in by_key.values():
        is_first = True
        for n, row in enumerate(history):
            start = days.of(recorded(row))
            end = days.of(recorded(history[n + 1])) if n + 1 < len(history) else None
            if start != end:
                spans.append((row, _first_sign(row, start, days) if is_first else start, end))
                is_first = False
    return spans


def _first_sign(row: Fact, start: date, days: Days) -> date:
    if not isinstance(row, Order) or row.recorded_at is not None:
        return start
    return min(days.of(moment) for moment in (row.placed_at, row.shipped_at, row.delivered_at, row.cancelled_at) if moment is not None)


def known_on(rows: Iterable[F], as_of: date, days: Days) -> list[F]:
    """Of each row the version known at the end of a day; rows that nobody knew of yet are left out."""
    return [row for row, start, end in versions(rows, days) if start <= as_of and (end is None or as_of < end)]


def first_told(rows: Sequence[F], days: Days) -> list[tuple[F, date]]:
    """The first version of each row, with the day from which it was known. What is judged by first versions is never judged anew."""
    first: dict[tuple[str, ...], tuple[F, date]] = {}
    for row, start, _ in versions(rows, days):
        first.setdefault(key_of(row), (row, start))
    return list(first.values())


def first_known(facts: AccountFacts, days: Days) -> date | None:
    """The first day on which anything was known of the account; None where there is nothing."""
    kinds = (getattr(facts, field.name) for field in fields(facts)[1:])
    return min((start for rows in kinds for _, start, _ in versions(rows, days)), default=None)


def account_on(facts: AccountFacts, as_of: date, days: Days) -> Account | None:
    """Who the account was known to be at the end of a day.

    A seller that the marketplace's account table does not (yet) know is taken from its orders: a seller in the store of the first that
    was known, open since the first was placed. None where nothing at all was known.
    """
    for account in known_on(facts.accounts, as_of, days):
        if account.account_id == facts.account_id:
            return account
    own = [(start, row) for row, start, _ in versions(facts.orders, days) if row.account_id == facts.account_id and start <= as_of]
    if not own:
        return None
    first = min(own, key=lambda entry: (entry[0], entry[1].order_id))[1]
    _, opened_at = min((max(days.of(row.placed_at), start), max(row.placed_at, row.recorded_at or row.placed_at)) for start, row in own)
    return Account(facts.account_id, "seller", first.marketplace or "", opened_at)
