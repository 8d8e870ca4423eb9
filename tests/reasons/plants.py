"""For every reason of the reference pack: facts that breach it, and nearly the same facts that do not.

A plant adds rows for one account to shared tables and returns the ids it should be found by. With `near` it stops one step short.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

LAST = datetime(2026, 11, 20, 12)
"""Noon of the last day."""

Row = dict[str, Any]


def before(days: float) -> datetime:
    """So many days before noon of the last day."""
    return LAST - timedelta(days=days)


@dataclass
class Tables:
    """Fact tables being filled; ids are made of the account's name, so that no two plants meet."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, /, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def account(self, account: str, holder_kind: str = "seller", **more: Any) -> None:
        self.add("accounts", **{"account_id": account, "holder_kind": holder_kind, "marketplace": "US", "opened_at": before(400)} | more)

    def orders(self, account: str, many: int, days: float, **more: Any) -> list[str]:
        """Orders placed so many days ago, sold in time and delivered well, unless told otherwise."""
        ids = [f"{account}/o{days:g}/{n}" for n in range(many)]
        for order_id in ids:
            told = {"placed_at": before(days), "ship_by": before(days - 2), "shipped_at": before(days - 1), "deliver_by": before(days - 6)}
            told |= {"delivered_at": before(days - 3), "tracking_valid": True, "units": 1, "amount": 10.0, "currency": "USD", "marketplace": "US"}
            told = {key: None if isinstance(value, datetime) and value > LAST else value for key, value in told.items()}
            self.add("orders", **{"order_id": order_id, "account_id": account} | told | more)
        return ids

    def alter(self, order_id: str, **values: Any) -> None:
        next(row for row in self.rows["orders"] if row["order_id"] == order_id).update(values)


Plant = Callable[[Tables, str, bool], set[str]]


def odr(tables: Tables, account: str, near: bool) -> set[str]:
    """2 of 200 is not below 1 %; 2 of 201 is."""
    tables.account(account)
    bad = tables.orders(account, 200 + near, 30)[:2]
    for order_id in bad:
        tables.add("defects", defect_id=f"d {order_id}", order_id=order_id, account_id=account, kind="claim", at=before(10))
    return set(bad)


def cancellation(tables: Tables, account: str, near: bool) -> set[str]:
    """2 of 80 is not below 2.5 %; 2 of 81 is."""
    tables.account(account)
    bad = tables.orders(account, 80 + near, 4)[:2]
    for order_id in bad:
        tables.alter(order_id, shipped_at=None, delivered_at=None, tracking_valid=None, cancelled_at=before(3.5), cancelled_by="seller")
    return set(bad)


def late_shipment(tables: Tables, account: str, near: bool) -> set[str]:
    """2 of 50 is not below 4 %; 2 of 51 is."""
    tables.account(account)
    bad = tables.orders(account, 50 + near, 8)[:2]
    for order_id in bad:
        tables.alter(order_id, ship_by=before(9))
    return set(bad)


def tracking(tables: Tables, account: str, near: bool) -> set[str]:
    """38 of 40 is not above 95 %; 39 of 41 is."""
    tables.account(account)
    bad = tables.orders(account, 40 + near, 8)[:2]
    for order_id in bad:
        tables.alter(order_id, tracking_valid=False)
    return set(bad)


def on_time(tables: Tables, account: str, near: bool) -> set[str]:
    """17 of 20 is below 90 %; 18 of 20 is not."""
    tables.account(account)
    bad = tables.orders(account, 20, 16)[: 2 if near else 3]
    for order_id in bad:
        tables.alter(order_id, delivered_at=before(9))
    return set(bad)


def returns(tables: Tables, account: str, near: bool) -> set[str]:
    """3 of 10 orders is not below 30 %; 3 of 11 is."""
    tables.account(account, "buyer")
    bad = tables.orders(f"shop of {account}", 10 + near, 30, buyer_id=account)[:3]
    for order_id in bad:
        tables.add("returns", return_id=f"r {order_id}", order_id=order_id, account_id=f"shop of {account}", buyer_id=account, at=before(20))
    return set(bad)


def buyer_cancels(tables: Tables, account: str, near: bool) -> set[str]:
    """3 of 10 orders is not below 30 %; 3 of 11 is."""
    tables.account(account, "buyer")
    bad = tables.orders(f"shop of {account}", 10 + near, 30, buyer_id=account)[:3]
    for order_id in bad:
        tables.alter(order_id, shipped_at=None, delivered_at=None, tracking_valid=None, cancelled_at=before(29.8), cancelled_by="buyer")
    return set(bad)


def complained_of(tables: Tables, account: str, near: bool) -> set[str]:
    """2 of 10 orders is not below 20 %; 2 of 11 is."""
    tables.account(account, "buyer")
    bad = tables.orders(f"shop of {account}", 10 + near, 30, buyer_id=account)[:2]
    for order_id in bad:
        reason = {"reason": "BUYER_TERMS_VIOLATION", "source": "platform"}
        tables.add("complaints", complaint_id=f"c {order_id}", account_id=account, order_id=order_id, at=before(20), **reason)
    return set(bad)


def complaint(code: str, tables: Tables, account: str, near: bool) -> set[str]:
    """A complaint that stays open; one that is settled the same day is none."""
    tables.account(account, "buyer" if code.startswith("BUYER_REVIEW") else "seller")
    told = {"complaint_id": f"{account}/c", "reason": code, "at": before(5), "source": "platform", "resolved_at": before(4.9) if near else None}
    tables.add("complaints", account_id=account, **told)
    return {f"{account}/c"}


def information(holder_kind: str, tables: Tables, account: str, near: bool) -> set[str]:
    tables.account(account, holder_kind, information_complete=near)
    return {account}


def at_home(tables: Tables, account: str, holder_kind: str) -> None:
    """An account with a habit: ten sign-ins on one device in one country."""
    tables.account(account, holder_kind)
    for n in range(10):
        told = {"country": "US", "device_id": "laptop", "succeeded": True}
        tables.add("sign_ins", sign_in_id=f"{account}/i{n}", account_id=account, at=before(60 - 4 * n), **told)


def sign_in(holder_kind: str, tables: Tables, account: str, near: bool) -> set[str]:
    """A new country on a new device; a new country alone is a journey."""
    at_home(tables, account, holder_kind)
    told = {"country": "BR", "device_id": "laptop" if near else "other", "succeeded": True}
    tables.add("sign_ins", sign_in_id=f"{account}/new", account_id=account, at=before(5), **told)
    return {f"{account}/new"}


def travel(holder_kind: str, tables: Tables, account: str, near: bool) -> set[str]:
    """Germany and, on another device, China: in two hours nobody does it, in eight anybody may. The country is known from an earlier visit."""
    at_home(tables, account, holder_kind)
    for name, days, country, device in (("was", 40, "CN", "laptop"), ("one", 5, "DE", "laptop"), ("two", 5 - (8 if near else 2) / 24, "CN", "phone")):
        told = {"country": country, "device_id": device, "succeeded": True}
        tables.add("sign_ins", sign_in_id=f"{account}/{name}", account_id=account, at=before(days), **told)
    return {f"{account}/one", f"{account}/two"}


def each_day(first: int, last: int) -> Iterator[int]:
    """Days before the last one, from the earlier to the later, both in."""
    return iter(range(first, last - 1, -1))


def messages(tables: Tables, account: str, many: int, days: float, topic: str = "where_is_my_order") -> list[str]:
    ids = [f"{account}/m{days:g}/{n}" for n in range(many)]
    for message_id in ids:
        tables.add("messages", message_id=message_id, account_id=account, at=before(days), direction="to_buyer", topic=topic)
    return ids


def message_burst(tables: Tables, account: str, near: bool) -> set[str]:
    """One message and two orders a day for weeks, then 60 at once; 39 at once are below what is looked at."""
    tables.account(account)
    for day in each_day(50, 6):
        messages(tables, account, 1, day)
        tables.orders(account, 2, day)
    return set(messages(tables, account, 39 if near else 60, 5))


def messages_per_order(tables: Tables, account: str, near: bool) -> set[str]:
    """61 messages about 20 orders within a month are more than three each; 60 are not."""
    tables.account(account)
    tables.orders(account, 20, 20)
    return {id for day in (18, 16, 14) for id in messages(tables, account, 20, day)} | (set() if near else set(messages(tables, account, 1, 12)))


def off_topic(tables: Tables, account: str, near: bool) -> set[str]:
    """10 of 99 messages advertise something, more than a tenth; 10 of 100 are a tenth."""
    tables.account(account)
    tables.orders(account, 100, 25)
    messages(tables, account, 89 + near, 20)
    return set(messages(tables, account, 10, 10, "marketing"))


def changes(tables: Tables, account: str, many: int, days: float) -> set[str]:
    ids = {f"{account}/l{days:g}/{n}" for n in range(many)}
    for change_id in sorted(ids):
        tables.add("listing_changes", change_id=change_id, account_id=account, product_id="p", at=before(days), field="price")
    return ids


def listing_burst(tables: Tables, account: str, near: bool) -> set[str]:
    """Two changes a week for two months, then 31 in a day; 24 are below what is looked at."""
    tables.account(account)
    for day in each_day(60, 6):
        changes(tables, account, day % 7 in (1, 4), day)
    return changes(tables, account, 24 if near else 31, 5)


def order_surge(tables: Tables, account: str, near: bool) -> set[str]:
    """Five orders a day for two months, then 100 in a day; 29 in a day may be a good day."""
    tables.account(account)
    for day in each_day(70, 11):
        tables.orders(account, 5, day)
    return set(tables.orders(account, 29 if near else 100, 10))


def complaint_burst(tables: Tables, account: str, near: bool) -> set[str]:
    """A complaint long ago, now nine in a day; four in a day are few."""
    tables.account(account)
    ids = {f"{account}/k{n}" for n in range(4 if near else 9)}
    for complaint_id, days in [(f"{account}/old", 60), *((id, 5) for id in sorted(ids))]:
        told = {"reason": "COND_NOT_AS_DESCRIBED", "source": "buyer", "resolved_at": before(days - 0.1)}
        tables.add("complaints", complaint_id=complaint_id, account_id=account, at=before(days), **told)
    return ids


def shopping(tables: Tables, account: str, many: int, days: float, **more: Any) -> set[str]:
    return set(tables.orders(f"shop of {account}", many, days, buyer_id=account, **more))


def shopper(tables: Tables, account: str) -> None:
    """A buyer who orders something small every ten days."""
    tables.account(account, "buyer")
    for days in range(160, 10, -10):
        shopping(tables, account, 1, days)


def purchases(tables: Tables, account: str, near: bool) -> set[str]:
    shopper(tables, account)
    return shopping(tables, account, 9 if near else 20, 8)


def spending(tables: Tables, account: str, near: bool) -> set[str]:
    """9,000 dollars in a day by somebody who spends 10 at a time; 2,900 are below what is looked at."""
    shopper(tables, account)
    return shopping(tables, account, 2, 8, amount=1450.0 if near else 4500.0)


def abroad(tables: Tables, account: str, near: bool) -> set[str]:
    """Seven orders in a day in a foreign store, after one long ago; four are few."""
    shopper(tables, account)
    shopping(tables, account, 1, 91, marketplace="DE")
    return shopping(tables, account, 4 if near else 7, 8, marketplace="DE")


def units(tables: Tables, account: str, near: bool) -> set[str]:
    shopper(tables, account)
    return shopping(tables, account, 1, 8, units=59 if near else 120)


def struck(tables: Tables, account: str) -> str:
    """Another account, deactivated 100 days ago."""
    other = f"other of {account}"
    tables.account(other)
    tables.add("actions", action_id=f"a {other}", account_id=other, kind="deactivate", at=before(100))
    return other


def shared(tables: Tables, account: str, other: str, *kinds: str) -> None:
    for who in (account, other):
        for kind in kinds:
            tables.add("identifiers", account_id=who, kind=kind, value=f"{kind} of {account}", first_seen=before(90))


def related(holder_kind: str, tables: Tables, account: str, near: bool) -> set[str]:
    """One bank account with a deactivated account; a device and a home are a family's."""
    tables.account(account, holder_kind)
    other = struck(tables, account)
    shared(tables, account, other, *(("device", "wifi", "address") if near else ("bank_account",)))
    return {other}


def successor(tables: Tables, account: str, near: bool) -> set[str]:
    """Opened after the other was deactivated; one opened before is related and no successor."""
    tables.account(account, opened_at=before(200 if near else 95))
    other = struck(tables, account)
    shared(tables, account, other, "bank_account")
    return {other}


COMPLAINTS = [
    "AUTH_INAUTHENTIC",
    "AUTH_COUNTERFEIT",
    "COND_USED_SOLD_AS_NEW",
    "COND_NOT_AS_DESCRIBED",
    "SAFETY_PRODUCT",
    "RESTRICTED_PRODUCT",
    "COMPLIANCE_DOCS",
    "IP_TRADEMARK",
    "IP_COPYRIGHT",
    "IP_PATENT",
    "IP_GENERIC",
    "REVIEW_ABUSE",
    "CODE_OF_CONDUCT",
    "BUYER_MESSAGE_ABUSE",
    "LISTING_ABUSE",
    "PERF_INVOICE_DEFECT",
    "PERF_ATOZ",
    "SALES_RANK_MANIPULATION",
    "PRICING_POLICY",
    "DECEPTIVE_LISTING",
    "SUPPORT_ABUSE",
    "CATEGORY_APPROVAL",
    "DROPSHIPPING",
    "BUYER_REVIEW_ABUSE",
]

BY_PERSON = [
    "DECEPTIVE_ACTIVITY",
    "VERIF_IDENTITY",
    "UNPAID_FEES",
    "BUYER_FRAUD",
    "PERF_GENERIC",
    "ABUSE_REFUNDS",
    "GENERIC_POLICY_VIOLATION",
    "FORGED_DOCUMENTS",
    "SUPPLY_CHAIN",
    "VERIF_INFORM",
    "VERIF_ADDRESS",
    "DORMANT_ACCOUNT",
    "ACCOUNT_REVIEW_FAILED",
    "BUYER_CONCESSION_ABUSE",
    "BUYER_GIFT_CARD",
    "BUYER_TERMS_VIOLATION",
]
"""Entered by a person: planted by the service (`test_by_person.py`)."""

PLANTS: dict[tuple[str, str], Plant] = {
    ("PERF_ODR", "order_defect_rate"): odr,
    ("PERF_CANCELLATION", "pre_fulfillment_cancellation_rate"): cancellation,
    ("PERF_LATE_SHIPMENT", "late_shipment_rate_10d"): late_shipment,
    ("PERF_VALID_TRACKING", "valid_tracking_rate"): tracking,
    ("PERF_ON_TIME_DELIVERY", "on_time_delivery_rate"): on_time,
    ("BUYER_RETURNS_ABUSE", "return_rate"): returns,
    ("BUYER_CANCEL_ABUSE", "buyer_cancellation_rate"): buyer_cancels,
    ("BUYER_COMPLAINED_OF", "complained_of_rate"): complained_of,
    **{(code, "complaint"): partial(complaint, code) for code in COMPLAINTS},
    ("VERIF_PAYMENT_METHOD", "information"): partial(information, "seller"),
    ("BUYER_PAYMENT_HOLD", "information"): partial(information, "buyer"),
    ("SUSPICIOUS_ACTIVITY", "sign_in"): partial(sign_in, "seller"),
    ("BUYER_SUSPICIOUS_ACTIVITY", "sign_in"): partial(sign_in, "buyer"),
    ("SUSPICIOUS_ACTIVITY", "seller_travel"): partial(travel, "seller"),
    ("BUYER_SUSPICIOUS_ACTIVITY", "buyer_travel"): partial(travel, "buyer"),
    ("BUYER_MESSAGE_ABUSE", "message_burst"): message_burst,
    ("BUYER_MESSAGE_ABUSE", "messages_per_order"): messages_per_order,
    ("BUYER_MESSAGE_ABUSE", "off_topic_messages"): off_topic,
    ("LISTING_CHANGE_RATE", "listing_burst"): listing_burst,
    ("VELOCITY_REVIEW", "order_surge"): order_surge,
    ("BUYER_COMPLAINTS", "complaint_burst"): complaint_burst,
    ("BUYER_SUSPICIOUS_ACTIVITY", "purchase_burst"): purchases,
    ("BUYER_SUSPICIOUS_ACTIVITY", "spending_burst"): spending,
    ("BUYER_SUSPICIOUS_ACTIVITY", "purchases_abroad"): abroad,
    ("BUYER_COMMERCIAL_USE", "units_burst"): units,
    ("RELATED_ACCOUNT", "relation"): partial(related, "seller"),
    ("BUYER_LINKED", "relation"): partial(related, "buyer"),
    ("NEW_ACCOUNT_AFTER_SUSPENSION", "relation"): successor,
}
"""(reason, what finds it: a metric, a watch or a way) -> the plant."""
