"""What a demonstration offers to try out. Nothing of it is shown where DEMO is off."""

from dataclasses import dataclass

from django.conf import settings

from goodstanding.server.services.reading import UNKNOWN_TO_HOLDERS
from goodstanding.server.store.models import Case, Delegate, User

MOST_CASES = 6
"""How many cases the start page of the demonstration offers to open as their holder."""


@dataclass(frozen=True, slots=True)
class DemoEntries:
    """Who may be tried out: users to sign in as, cases to open as their holder, delegates."""

    users: tuple[User, ...]
    cases: tuple[Case, ...]
    delegates: tuple[Delegate, ...]


def demo_entries() -> DemoEntries | None:
    """The ways in to show; None where this is no demonstration."""
    if not settings.DEMO:
        return None
    users = User.objects.filter(is_active=True).order_by("role", "email")[:8]
    notified = Case.objects.exclude(state__in=UNKNOWN_TO_HOLDERS).select_related("account", "action")
    acting = (
        Delegate.objects.filter(delegations__accepted_at__isnull=False, delegations__ended_at=None).exclude(email="").distinct().order_by("email")
    )
    return DemoEntries(tuple(users), tuple(notified.order_by("-changed_at", "case_id")[:MOST_CASES]), tuple(acting[:2]))
