"""The demonstration's one-click ways in. Where DEMO is off there is nothing at this address."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.server.pages.asking import bind_delegate, forget_link
from goodstanding.server.policy import current_pack
from goodstanding.server.services.audit import record
from goodstanding.server.services.call import Call
from goodstanding.server.services.links import make_link
from goodstanding.server.store.models import Case, Delegate, User
from goodstanding.server.store.models.audit import AuditKind


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as the user, open the case as its holder by a fresh link, or come in as the delegate, without any password."""
    if not settings.DEMO:
        raise Http404
    if case_id := request.POST.get("case"):
        case = get_object_or_404(Case, pk=case_id)
        url = make_link(call=Call(AUTOMATION, timezone.now()), case=case, pack=current_pack())
        return redirect(urlsplit(url).path)
    if delegate_id := request.POST.get("delegate"):
        bind_delegate(request, get_object_or_404(Delegate, pk=delegate_id))
        return redirect("portal:delegate_home")
    user = get_object_or_404(User, pk=request.POST.get("user") or 0, is_active=True)
    forget_link(request)
    login(request, user)
    record(call=Call(Actor(f"user:{user.pk}", Role(user.role)), timezone.now()), kind=AuditKind.SIGNED_IN, user=user, method="demo")
    return redirect("console:enter")
