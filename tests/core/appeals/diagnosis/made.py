"""Sellers of the diagnosis tests: regular by construction, so that the only thing in common is what a test plants."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from goodstanding.core.appeals.diagnosis.diagnosing import diagnose
from goodstanding.core.appeals.diagnosis.model import Background, Diagnosis
from goodstanding.core.facts import Account, ListingChange, Order, SignIn
from goodstanding.core.health.known import AccountFacts
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
LATE = PACK.metrics["late_shipment_rate_30d"]
LAST = date(2026, 3, 31)
COUNT = 600
ONE = timedelta(days=1)
CARRIERS, WAREHOUSES = ("Falcon", "Heron", "Swift"), ("North", "South")


def shipped_on(number: int) -> datetime:
    """Ten orders a day in the 60 days that end with LAST."""
    return datetime(LAST.year, LAST.month, LAST.day, 12) - (59 - number // 10) * ONE


def values_of(number: int) -> dict[str, str]:
    """Carrier, warehouse and product of an order, spread evenly and independently."""
    return {"carrier": CARRIERS[number % 3], "warehouse": WAREHOUSES[number // 3 % 2], "product_id": f"P-{number * 7 % 11}"}


def seller(
    is_late: Callable[[int], bool],
    sign_ins: tuple[SignIn, ...] = (),
    changes: tuple[ListingChange, ...] = (),
    users: dict[str, dict[str, str]] | None = None,
) -> tuple[AccountFacts, Background]:
    """A seller of COUNT orders, those late that `is_late` says by their number."""
    orders, values = [], {}
    for number in range(COUNT):
        shipped, values[f"O-{number}"] = shipped_on(number), values_of(number)
        ship_by = shipped + (-ONE if is_late(number) else ONE)
        product = values[f"O-{number}"]["product_id"]
        orders.append(Order(f"O-{number}", "ann", ship_by - 2 * ONE, ship_by=ship_by, shipped_at=shipped, product_id=product))
    accounts = [Account("ann", "seller", "US", datetime(2025, 1, 1))]
    facts = AccountFacts("ann", accounts, orders, sign_ins=sign_ins, listing_changes=changes)
    return facts, Background(values, users or {})


def diagnosis_of(is_late: Callable[[int], bool], **more: object) -> Diagnosis:
    """The diagnosis of late shipments of such a seller."""
    facts, background = seller(is_late, **more)  # type: ignore[arg-type]
    return diagnose(PACK, LATE, facts, LAST, None, background)
