"""The demonstration's one-click ways in. Where DEMO is off there is nothing at this address."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.values import AUTOMATION
from goodstanding.server.pages.asking import forget_link
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.links import make_link
from goodstanding.server.store.models import Case, User

MOST_CASES = 6
"""How many cases the start page of the demonstration offers to open as their holder."""


@dataclass(frozen=True, slots=True)
class DemoEntries:
    """Who may be tried out: users to sign in as, cases to open as their holder."""

    users: tuple[User, ...]
    cases: tuple[Case, ...]


def demo_entries() -> DemoEntries | None:
    """The ways in to show; None where this is no demonstration."""
    if not settings.DEMO:
        return None
    users = User.objects.filter(is_active=True).order_by("role", "email")[:8]
    notified = Case.objects.exclude(state__in=(CaseState.PROPOSED, CaseState.DISMISSED)).select_related("account", "action")
    return DemoEntries(tuple(users), tuple(notified.order_by("-changed_at", "case_id")[:MOST_CASES]))


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as the user, or open the case as its holder by a fresh link, without any password."""
    if not settings.DEMO:
        raise Http404
    if case_id := request.POST.get("case"):
        case = get_object_or_404(Case, pk=case_id)
        url = make_link(call=Call(AUTOMATION, timezone.now()), case=case, pack=current_pack())
        return redirect(urlsplit(url).path)
    user = get_object_or_404(User, pk=request.POST.get("user") or 0, is_active=True)
    forget_link(request)
    login(request, user)
    return redirect("console:enter")
