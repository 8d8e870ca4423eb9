"""The rating after a decision: what a reviewer overturned never counts again (requirement H6)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from goodstanding.core.health.rating import rate_on
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Band, DecisionOutcome, Severity
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.standing import newest_rating
from goodstanding.server.store.models import MetricReading, RatingReading, Violation


@dataclass(frozen=True, slots=True)
class Strike:
    """What the rating has to know of a stored violation."""

    opened: date
    closed: date | None
    severity: Severity
    points: int


def refresh_rating(*, call: Call, pack: PolicyPack, account_id: str, is_locked: bool = False) -> RatingReading | None:
    """Recompute the rating of an account as of the day its facts were last read, from its violations as they are decided now.

    `is_locked`: the caller has locked the account.

    Gives the newest reading; None where no assessment has rated the account.
    """
    with transaction.atomic(savepoint=False):
        if not is_locked:
            lock_account(account_id=account_id)
        latest = newest_rating(account_id)
        if latest is None:
            return None
        day = max(latest.as_of, _last_assessed(account_id) or latest.as_of)
        rated = rate_on(pack.rating, latest.fulfilled_orders, counting_strikes(account_id), day)
        if (rated.rating, rated.points, rated.band) == (latest.rating, latest.points, latest.band):
            return latest
        values = {"rating": rated.rating, "points": rated.points, "band": rated.band, "fulfilled_orders": latest.fulfilled_orders}
        reading, _ = RatingReading.objects.update_or_create(account_id=account_id, as_of=day, defaults=values)
    return reading


def band_without(*, pack: PolicyPack, account_id: str, but: Collection[str]) -> Band | None:
    """The band an account would have if these violations (ids) were overturned; None where no assessment has rated it. Nothing is written."""
    latest = newest_rating(account_id)
    if latest is None:
        return None
    day = max(latest.as_of, _last_assessed(account_id) or latest.as_of)
    kept = (violation for violation in Violation.objects.filter(account=account_id) if violation.pk not in but)
    return rate_on(pack.rating, latest.fulfilled_orders, strikes_of(kept), day).band


def counting_strikes(account_id: str) -> list[Strike]:
    """The violations of an account that may count, on whatever day: all but the overturned ones."""
    return strikes_of(Violation.objects.filter(account=account_id))


def strikes_of(violations: Iterable[Violation]) -> list[Strike]:
    """Stored violations as the rating reads them, without the overturned ones."""
    kept = (violation for violation in violations if violation.decided != DecisionOutcome.OVERTURNED)
    return [Strike(violation.opened, violation.closed, Severity(violation.severity), violation.points) for violation in kept]


def _last_assessed(account_id: str) -> date | None:
    """The day of the account's metrics; ratings have a row only where they changed, metrics are of the last day assessed."""
    return MetricReading.objects.filter(account=account_id).order_by("-as_of").values_list("as_of", flat=True).first()
