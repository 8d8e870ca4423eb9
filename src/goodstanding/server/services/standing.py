"""How an account stands, read from limits, actions, rating and violations; nothing of it is stored (requirement A2)."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from goodstanding.core.errors import NotFound
from goodstanding.core.standing import Permission, Standing, stand
from goodstanding.core.terms import ActionKind, Band, DecisionOutcome
from goodstanding.server.store.models import Account, Case, EnforcementAction, Limit, RatingReading, Violation


def standing_of(*, account_id: str, now: datetime) -> Standing:
    """The standing of one account, in three queries however much has happened to it. Raises NotFound."""
    newest = RatingReading.objects.filter(account=OuterRef("pk")).order_by("-as_of")
    account = (
        Account.objects.annotate(
            rating=Subquery(newest.values("rating")[:1]),
            band=Subquery(newest.values("band")[:1]),
            has_open_violations=Exists(open_violations().filter(account=OuterRef("pk"))),
        )
        .filter(pk=account_id)
        .first()
    )
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    return stand(
        account_id,
        limits=[limit.as_value() for limit in live_limits(account_id=account_id, now=now)],
        actions_in_force={ActionKind(kind) for kind in actions_in_force(account_id=account_id, now=now).values_list("kind", flat=True)},
        closed=account.closed_at is not None and account.closed_at <= now,
        rating=account.rating,
        band=Band(account.band) if account.band else None,
        has_open_violations=account.has_open_violations,
        now=now,
    )


def cases_behind(permission: Permission) -> list[Case]:
    """The cases whose limits stand in the way of an act, oldest first: why it is not allowed, and where the holder can act on it."""
    actions = {limit.action_id for limit in permission.because}
    return list(Case.objects.filter(action__in=actions).select_related("action").order_by("opened_at", "case_id")) if actions else []


def open_violations() -> QuerySet[Violation]:
    """Violations that count: neither closed by facts nor overturned by a reviewer."""
    return Violation.objects.filter(closed=None).exclude(decided=DecisionOutcome.OVERTURNED)


def live_limits(*, account_id: str, now: datetime) -> QuerySet[Limit]:
    """The limits of an account that forbid something now, oldest first."""
    return Limit.objects.filter(_running(now), account=account_id, lifted_at=None, since__lte=now).order_by("since", "limit_id")


def actions_in_force(*, account_id: str, now: datetime) -> QuerySet[EnforcementAction]:
    """The actions in force on an account now, oldest first."""
    actions = EnforcementAction.objects.filter(_running(now), account=account_id, lifted_at=None, effective_at__lte=now)
    return actions.order_by("effective_at", "action_id")


def _running(now: datetime) -> Q:
    return Q(ends_at=None) | Q(ends_at__gt=now)
