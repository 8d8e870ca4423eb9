"""Held money as pages show it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from goodstanding.core.terms import Act
from goodstanding.server.services.held_money import say_amount
from goodstanding.server.services.standing import live_limits


@dataclass(frozen=True, slots=True)
class HeldShown:
    """One amount that is held: how much, why, in which case, and until when."""

    amount: str
    because: str
    case_id: str
    until: datetime | None


def held_money(*, account_id: str) -> list[HeldShown]:
    """What of an account's money is held now, oldest first."""
    limits = live_limits(account_id=account_id, now=timezone.now()).filter(act=Act.WITHDRAW, held_amount__isnull=False).select_related("action__case")
    return [HeldShown(say_amount(one.held_amount or 0, one.currency), one.held_because, one.action.case.case_id, one.ends_at) for one in limits]
