"""How an account stands by the seller's own order and feedback reports: the pack's metrics, as far as the reports have the columns for them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from goodstanding.core.errors import UnusableInput
from goodstanding.core.facts import Defect, Order
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.health.metrics import count
from goodstanding.core.health.reported import Doubt, ReportedRate, SellerReport, StoreReport
from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import DoubtKind, HolderKind, MetricRule
from goodstanding.intake.order_report import Facts, Row, facts_from_reports
from goodstanding.intake.tables import FlatFile
from goodstanding.packs.reports import TableForms

ACCOUNT = "own"
NEEDS: Mapping[MetricRule, tuple[str, ...]] = {
    MetricRule.ORDER_DEFECT_RATE: ("rating",),
    MetricRule.NEGATIVE_FEEDBACK_RATE: ("rating",),
    MetricRule.LATE_SHIPMENT_RATE: ("ship_by", "shipped_at"),
    MetricRule.VALID_TRACKING_RATE: ("shipped_at", "tracking"),
    MetricRule.ON_TIME_DELIVERY_RATE: ("deliver_by", "delivered_at"),
}
"""Rule -> the columns without which reports say nothing about it. Cancellations are not among them: no report says who cancelled."""

LEAST = frozenset({MetricRule.ORDER_DEFECT_RATE})
"""Rules of which reports show a part only: claims and chargebacks are in none of them, so the count is the least it can be."""


def standing_from_reports(
    files: Sequence[FlatFile],
    forms: TableForms,
    channels: Mapping[str, str],
    pack: PolicyPack,
    *,
    store: str = "",
    dates: str = "",
    as_of: date | None,
) -> SellerReport:
    """The pack's metrics per store as of a day (None: the last day that the files tell of). Raises UnusableInput where no file has an order."""
    facts = facts_from_reports(files, forms, channels, ACCOUNT, store, dates)
    if not facts.orders:
        raise UnusableInput("none of these reports has an order with its purchase date; add the all-orders report")
    day = as_of or _last_day(facts)
    orders = [_order(row) for row in facts.orders]
    defects = [_defect(row) for row in facts.defects]
    stores = []
    for code in sorted({order.marketplace or "" for order in orders}):
        own = AccountFacts(ACCOUNT, orders=[order for order in orders if (order.marketplace or "") == code], defects=defects)
        metrics = [metric for metric in pack.metrics.values() if metric.applies_to(HolderKind.SELLER, code) and _is_told(metric, facts)]
        rates = tuple(_rate(metric, own, day) for metric in metrics)
        notes = [Doubt("feedback_only", f"{code}.{rate.field}".lstrip("."), DoubtKind.NOTE) for rate in rates if rate.is_least]
        stores.append(StoreReport(None, code, rates=rates, doubts=tuple(notes)))
    said = [Doubt(key, "", DoubtKind.NOTE, values) for key, values in facts.notes]
    said += [Doubt("row_left_out", finding.where, DoubtKind.NOTE, {"message": finding.message}) for finding in facts.findings]
    return SellerReport(tuple(stores), tuple(said))


def _is_told(metric: Metric, facts: Facts) -> bool:
    needs = NEEDS.get(metric.rule)
    return needs is not None and facts.told.issuperset(needs)


def _rate(metric: Metric, facts: AccountFacts, day: date) -> ReportedRate:
    found = count(metric, facts, day)
    first, last = metric.window.bounds(day)
    is_least = metric.rule in LEAST
    return ReportedRate(f"reports.{metric.name}", metric.rule, found.numerator, found.denominator or 0, first=first, last=last, is_least=is_least)


def _last_day(facts: Facts) -> date:
    moments = [
        str(row[name]) for rows in (facts.orders, facts.defects) for row in rows for name in ("placed_at", "shipped_at", "at") if row.get(name)
    ]
    return datetime.fromisoformat(max(moments)).date()


def _moment(row: Row, name: str) -> datetime | None:
    value = row.get(name)
    return datetime.fromisoformat(str(value)) if value else None


def _text(row: Row, name: str) -> str | None:
    value = row.get(name)
    return str(value) if value else None


def _order(row: Row) -> Order:
    return Order(
        order_id=str(row["order_id"]),
        account_id=ACCOUNT,
        placed_at=datetime.fromisoformat(str(row["placed_at"])),
        ship_by=_moment(row, "ship_by"),
        shipped_at=_moment(row, "shipped_at"),
        deliver_by=_moment(row, "deliver_by"),
        delivered_at=_moment(row, "delivered_at"),
        cancelled_at=_moment(row, "cancelled_at"),
        cancelled_by=_text(row, "cancelled_by"),
        fulfilment=_text(row, "fulfilment"),
        tracking_valid=True if row.get("tracking_valid") else None,
        marketplace=_text(row, "marketplace"),
    )


def _defect(row: Row) -> Defect:
    return Defect(str(row["defect_id"]), str(row["order_id"]), ACCOUNT, str(row["kind"]), datetime.fromisoformat(str(row["at"])))
