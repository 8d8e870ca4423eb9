"""How an account stands, read from limits, actions, rating and violations; nothing of it is stored (requirement A2)."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from goodstanding.core.errors import NotFound
from goodstanding.core.standing import Permission, Standing, stand
from goodstanding.core.terms import ActionKind, Band, DecisionOutcome
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Account, Case, EnforcementAction, Limit, RatingReading, Violation


def standing_of(*, account_id: str, now: datetime) -> Standing:
    """The standing of one account, in two queries however much has happened to it. Raises NotFound."""
    found = _account(account_id=account_id, now=now)
    if not found:
        raise NotFound(f"there is no account {account_id}")
    account: Any = found[0]
    return stand(
        account_id,
        limits=[limit.as_value() for limit in limits_now(account_id=account_id, now=now)],
        actions_in_force=[kind for kind, holds in ((ActionKind.DEACTIVATE, account.is_deactivated), (ActionKind.CLOSE, account.is_shut)) if holds],
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


def violations_behind(action: EnforcementAction) -> list[Violation]:
    """What an action rests on, oldest first; read once for each time that the action is read.

    Who changes a violation afterwards changes these very rows too, or reads the action anew.
    """
    if action.behind is None:
        action.behind = _behind(action_id=action.pk)
    return action.behind


_behind = compiled.Query(lambda action_id: Violation.objects.filter(actions=action_id).order_by("opened", "violation_id"), texts=["action_id"])


def newest_rating(account_id: str) -> RatingReading | None:
    """The latest reading of an account's rating; None where no assessment has rated it."""
    return next(iter(_newest_rating(account_id=account_id)), None)


_newest_rating = compiled.Query(lambda account_id: RatingReading.objects.filter(account=account_id).order_by("-as_of")[:1], texts=["account_id"])


def live_limits(*, account_id: str, now: datetime) -> QuerySet[Limit]:
    """The limits of an account that forbid something now, oldest first."""
    return Limit.objects.filter(_running(now), account=account_id, lifted_at=None, since__lte=now).order_by("since", "limit_id")


limits_now = compiled.Query(live_limits, texts=["account_id"], moments=["now"])
"""The same, read."""


def actions_in_force(*, account_id: str, now: datetime) -> QuerySet[EnforcementAction]:
    """The actions in force on an account now, oldest first."""
    return _in_force(now).filter(account=account_id).order_by("effective_at", "action_id")


def _in_force(now: datetime) -> QuerySet[EnforcementAction]:
    return EnforcementAction.objects.filter(_running(now), lifted_at=None, effective_at__lte=now)


def _running(now: datetime) -> Q:
    return Q(ends_at=None) | Q(ends_at__gt=now)


def _with_standing(account_id: str, now: datetime) -> QuerySet[Account]:
    """The account with what its standing is derived from."""
    newest = RatingReading.objects.filter(account=OuterRef("pk")).order_by("-as_of")
    return Account.objects.filter(pk=account_id).annotate(
        rating=Subquery(newest.values("rating")[:1]),
        band=Subquery(newest.values("band")[:1]),
        has_open_violations=Exists(open_violations().filter(account=OuterRef("pk"))),
        is_deactivated=Exists(_in_force(now).filter(account=OuterRef("pk"), kind=ActionKind.DEACTIVATE)),
        is_shut=Exists(_in_force(now).filter(account=OuterRef("pk"), kind=ActionKind.CLOSE)),
    )


_account = compiled.Query(_with_standing, texts=["account_id"], moments=["now"])
