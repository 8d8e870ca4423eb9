"""What becomes of metrics, violations and rating if nothing new happens (requirement A5).

Nothing new: what happened or was told after the as-of day has not happened; what is merely due stays due, so that windows slide, an
order not yet shipped becomes overdue, and violations close or grow too old to count. It is the very rules of `metrics`, `violations`
and `rating`, asked for a later day: this is what engines are held to, not what serves a large marketplace.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from goodstanding.core.health.known import AccountFacts, Days, F, account_on, versions
from goodstanding.core.health.metrics import count, fulfilled_orders
from goodstanding.core.health.rating import Rated, Strike, rate_on
from goodstanding.core.health.violations import Violation, violations
from goodstanding.core.policy.pack import Metric, PolicyPack
from goodstanding.core.terms import HolderKind
from goodstanding.core.values import Rate

NEVER = datetime(9999, 1, 1)  # noqa: DTZ001 - takes over the zone of the moment it stands for
"""When something happens that was announced for a day after the as-of day: not as long as nothing new happens."""

HAPPENINGS = ("shipped_at", "delivered_at", "cancelled_at", "withdrawn_at", "resolved_at", "answered_at")
"""Moments at which something happens to a thing that is there already. `ship_by` and `deliver_by` are promises: they stay."""

C = TypeVar("C", bound=Hashable)


@dataclass(frozen=True, slots=True)
class MetricAhead:
    """A metric from one day on, until the next entry. `met` None: not applicable, or no target."""

    on: date
    rate: Rate
    met: bool | None


@dataclass(frozen=True, slots=True)
class RatingAhead:
    """The rating from one day on, until the next entry."""

    on: date
    rated: Rated
    fulfilled_orders: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What becomes of an account from `as_of` to `until` (both days in) if nothing new happens.

    Each list begins on `as_of` and goes on with the days on which something changes. `ratings` is empty for buyers. `violations` are all
    up to `until`, with the day on which each will have closed; those that open after `as_of` are among them. `marketplace`: the account's
    store, which says from when on it enforces a metric.
    """

    account_id: str
    as_of: date
    until: date
    metrics: Mapping[str, Sequence[MetricAhead]]
    ratings: Sequence[RatingAhead]
    violations: Sequence[Violation]
    marketplace: str = ""


def as_they_stood(facts: AccountFacts, as_of: date, days: Days) -> AccountFacts:
    """The facts as they were known at the end of a day, with everything that happened later not happened yet.

    Who an account is and when an order was placed are kept as they were told; a thing told ahead of its own time has not happened.
    """

    def known(rows: Sequence[F]) -> list[F]:
        return [_still(row, as_of, days) for row, start, _ in versions(rows, days) if start <= as_of]

    return AccountFacts(
        facts.account_id,
        known(facts.accounts),
        known(facts.orders),
        known(facts.defects),
        known(facts.complaints),
        known(facts.returns),
        known(facts.messages),
        known(facts.sign_ins),
    )


def _still(row: F, as_of: date, days: Days) -> F:
    later = {name: None for name in HAPPENINGS if _is_after(getattr(row, name, None), as_of, days)}
    own: datetime | None = getattr(row, "at", None)
    ahead = {"at": NEVER.replace(tzinfo=own.tzinfo)} if own is not None and _is_after(own, as_of, days) else {}
    return replace(row, **later, **ahead) if later or ahead else row  # type: ignore[arg-type]


def _is_after(moment: datetime | None, as_of: date, days: Days) -> bool:
    return moment is not None and days.of(moment) > as_of


def forecast(
    pack: PolicyPack, facts: AccountFacts, as_of: date, until: date, zone: ZoneInfo | None = None, others: Sequence[Strike] = ()
) -> Forecast:
    """The forecast of an account. `others`: violations that its facts do not reveal (by relation, by a person); they count in the rating."""
    days = Days(zone)
    still = as_they_stood(facts, as_of, days)
    account, found = account_on(still, as_of, days), violations(pack, still, until, zone)
    if account is None:
        return Forecast(facts.account_id, as_of, until, {}, (), found)
    ahead = [as_of + timedelta(days=n) for n in range((until - as_of).days + 1)]
    current = _only_newest(still, as_of, days)

    def metric_ahead(metric: Metric) -> list[MetricAhead]:
        rates = _changes(ahead, lambda day: count(metric, current, day, zone))
        return [MetricAhead(day, rate, metric.target.met(rate) if metric.target else None) for day, rate in rates]

    def rating_on(day: date) -> tuple[Rated, int]:
        fulfilled = fulfilled_orders(current, pack.rating.window_days, day, zone)
        return rate_on(pack.rating, fulfilled, [*found, *others], day), fulfilled

    applying = (metric for metric in pack.metrics.values() if metric.applies_to(account.holder_kind, account.marketplace))
    metrics = {metric.name: metric_ahead(metric) for metric in applying}
    ratings = [RatingAhead(day, *value) for day, value in _changes(ahead, rating_on)] if account.holder_kind == HolderKind.SELLER else []
    return Forecast(facts.account_id, as_of, until, metrics, ratings, found, account.marketplace)


def _only_newest(facts: AccountFacts, as_of: date, days: Days) -> AccountFacts:
    """Without replaced versions: on and after the as-of day they say nothing any more."""

    def newest(rows: Sequence[F]) -> list[F]:
        return [row for row, _, end in versions(rows, days) if end is None or end > as_of]

    return replace(
        facts,
        orders=newest(facts.orders),
        defects=newest(facts.defects),
        complaints=newest(facts.complaints),
        returns=newest(facts.returns),
        messages=newest(facts.messages),
    )


def _changes(ahead: Sequence[date], value_on: Callable[[date], C]) -> list[tuple[date, C]]:
    """The first day with its value, then the days on which the value differs from the day before."""
    kept: list[tuple[date, C]] = []
    for day in ahead:
        value = value_on(day)
        if not kept or kept[-1][1] != value:
            kept.append((day, value))
    return kept
