"""The facts of one account as far as plans make claims about it: a pure count, from the same rows that metrics count (requirement F3)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from goodstanding.core.appeals.checks.context import FactSummary, Tally
from goodstanding.core.facts import Order
from goodstanding.core.health.known import AccountFacts, Days, account_on, known_on
from goodstanding.core.health.metrics import Counted, Known, counted
from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import MetricRule

_SINGLE = {MetricRule.LATE_SHIPMENT_RATE: "late", MetricRule.CANCELLATION_RATE: "cancelled"}
"""Rules whose bad orders plans count."""


def summarise(facts: AccountFacts, pack: PolicyPack, as_of: date, zone: ZoneInfo | None = None) -> FactSummary:
    """What the facts show at the end of a day, over the longest window of the pack's metrics: what happened before is no longer held against anybody."""
    days, account = Days(zone), account_on(facts, as_of, Days(zone))
    metrics = [one for one in pack.metrics.values() if account is None or one.applies_to(account.holder_kind, account.marketplace)]
    reach = max((metric.window.days + metric.window.lag for metric in metrics), default=0)
    first = as_of - timedelta(days=reach)
    known = Known(facts, as_of, days)
    orders = known.sold()
    counts = {metric.name: counted(metric, facts, as_of, zone) for metric in metrics}
    done = _done(known, [order for order in orders if first <= days.of(order.placed_at) <= as_of], first)
    return FactSummary(
        as_of=as_of,
        tallies={what: tally for what, tally in {**done, **_counted_bad(metrics, counts)}.items() if tally.of},
        rates=_rates(metrics, counts),
        first=min((days.of(order.placed_at) for order in orders), default=None),
        days=_days(known, orders),
        orders=frozenset(order.order_id for order in orders),
    )


def _done(known: Known, orders: Iterable[Order], first: date) -> dict[str, Tally]:
    """Returns refunded, due orders shipped, questions answered, complaints settled, shipments with tracking: done of all."""
    facts, as_of, days = known.facts, known.as_of, known.days
    returns = [one for one in known_on(facts.returns, as_of, days) if one.account_id == facts.account_id and first <= days.of(one.at) <= as_of]
    complaints = [one for one in known_on(facts.complaints, as_of, days) if one.account_id == facts.account_id and first <= days.of(one.at) <= as_of]
    asked = [one for one in known_on(facts.messages, as_of, days) if one.direction == "from_buyer" and first <= days.of(one.at) <= as_of]
    own = [order for order in orders if order.is_merchant_fulfilled and not days.by(order.cancelled_at, as_of)]
    due = [order for order in own if days.by(order.ship_by, as_of)]
    shipped = [order for order in own if days.by(order.shipped_at, as_of) and order.tracking_valid is not None]
    return {
        "refunded": _tally(returns, (days.by(one.refunded_at, as_of) for one in returns)),
        "resolved": _tally(complaints, (days.by(one.resolved_at, as_of) for one in complaints)),
        "answered": _tally(asked, (days.by(one.answered_at, as_of) for one in asked)),
        "shipped": _tally(due, (days.by(order.shipped_at, as_of) for order in due)),
        "tracked": _tally(shipped, (order.tracking_valid is True for order in shipped)),
    }


def _tally(rows: Sequence[object], done: Iterable[bool]) -> Tally:
    return Tally(sum(done), len(rows))


def _counted_bad(metrics: Iterable[Metric], counts: Mapping[str, Counted]) -> dict[str, Tally]:
    """Late and cancelled orders, each by the longest window of its rule."""
    longest = sorted(metrics, key=lambda metric: metric.window.days)
    return {_SINGLE[metric.rule]: _as_tally(counts[metric.name], against=True) for metric in longest if metric.rule in _SINGLE}


def _rates(metrics: Iterable[Metric], counts: Mapping[str, Counted]) -> dict[str, tuple[Tally, ...]]:
    rates: dict[str, tuple[Tally, ...]] = {}
    for metric in sorted(metrics, key=lambda metric: -metric.window.days):
        tally = _as_tally(counts[metric.name])
        if tally.of:
            rates[metric.rule] = (*rates.get(metric.rule, ()), tally)
    return rates


def _as_tally(count: Counted, *, against: bool = False) -> Tally:
    return Tally(len(count.against if against else count.numerator), len(count.denominator or ()))


def _days(known: Known, orders: Iterable[Order]) -> dict[str, frozenset[date]]:
    """The days on which refunds were made and orders shipped."""
    facts, as_of, days = known.facts, known.as_of, known.days
    refunds = (one.refunded_at for one in known_on(facts.returns, as_of, days) if one.account_id == facts.account_id)
    return {
        "refunded": frozenset(days.of(moment) for moment in refunds if moment is not None and days.by(moment, as_of)),
        "shipped": frozenset(days.of(order.shipped_at) for order in orders if order.shipped_at is not None and days.by(order.shipped_at, as_of)),
    }
