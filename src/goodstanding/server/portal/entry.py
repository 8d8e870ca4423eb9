"""How a holder comes in: the start page, the link of a notice, and the way out (requirement C2)."""

import hashlib

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodstanding.core.errors import NotFound
from goodstanding.server.pages.asking import bind_link, forget_link, holder_of, staff_of
from goodstanding.server.pages.demo import demo_entries
from goodstanding.server.pages.errors import refuse
from goodstanding.server.pages.language import django_language, remember_language, was_chosen
from goodstanding.server.services.links import open_link
from goodstanding.server.store.models import AccessLink


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this place is, and the ways in."""
    context = {"is_holder": holder_of(request) is not None, "is_staff": staff_of(request) is not None, "demo": demo_entries()}
    return render(request, "portal/landing.html", context)


def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a notice. Opening it changes nothing, because mail scanners open links too; the button on the page lets the holder in."""
    try:
        found = open_link(token=token, now=timezone.now())
    except NotFound:
        return _gone(request, token)
    language = django_language(found.case.language)
    if not was_chosen(request):
        translation.activate(language)
    if request.method != "POST":
        response = render(request, "portal/link.html", {"case": found.case})
    else:
        bind_link(request, found)
        response = redirect("portal:case", found.case_id)
    if not was_chosen(request):
        remember_language(response, language)
    return _private(response)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the holder's visit: the link's session, and the sign-in where there was one."""
    forget_link(request)
    logout(request)
    return redirect("portal:landing")


def _gone(request: HttpRequest, token: str) -> HttpResponse:
    """410 for a link that once was good, 404 for one that never was; both say what to do."""
    was_good = AccessLink.objects.filter(token_sha256=hashlib.sha256(token.encode()).hexdigest()).exists()
    if was_good:
        title, status = _("This link is no longer valid"), 410
        said = _(
            "It has expired or was replaced by a newer one. Please use the link in the newest notice we sent you. Your case is safe, and nothing you sent is lost."
        )
    else:
        title, status = _("We do not know this link"), 404
        said = _("Perhaps it was cut off when it was copied. Copy the whole link from the notice, from “http” to its end, and try again.")
    return _private(refuse(request, status=status, title=title, said=said))


def _private(response: HttpResponse) -> HttpResponse:
    """The address holds a secret, so no cache keeps it; that no other site learns it is seen to by the settings' referrer policy.

    A stricter one than `same-origin` would take the origin from the form's own request, and Django's check of it would refuse the holder.
    """
    add_never_cache_headers(response)
    return response
