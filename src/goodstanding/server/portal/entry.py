"""How a holder comes in: the start page, the link of a notice with the code that it asks for, and the way out (requirement C2)."""

import hashlib
import math

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from goodstanding.core.errors import NotFound
from goodstanding.core.values import AUTOMATION
from goodstanding.server.pages.asking import bind_link, call_of, forget_link, holder_of, staff_of
from goodstanding.server.pages.demo import demo_entries
from goodstanding.server.pages.errors import refuse
from goodstanding.server.pages.language import django_language, remember_language, was_chosen
from goodstanding.server.pages.moments import say_moment
from goodstanding.server.policy import current_pack
from goodstanding.server.services.codes import Typed, check_code, digits_of, mask_address, send_code, tries_left, waiting_code
from goodstanding.server.services.links import open_link
from goodstanding.server.store.models import AccessLink


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this place is, and the ways in."""
    context = {"is_holder": holder_of(request) is not None, "is_staff": staff_of(request) is not None, "demo": demo_entries()}
    return render(request, "portal/landing.html", context)


def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a notice. Opening it changes nothing, because mail scanners open links too; a button sends the code, and the code lets in."""
    try:
        found = open_link(token=token, now=timezone.now())
    except NotFound:
        return _gone(request, token)
    language = django_language(found.case.language)
    if not was_chosen(request):
        translation.activate(language)
    response = _answer(request, found, token) if request.method == "POST" else _code_page(request, found)
    if not was_chosen(request):
        remember_language(response, language)
    return _private(response)


def _answer(request: HttpRequest, link: AccessLink, token: str) -> HttpResponse:
    """A button was pressed: go on where this browser is in already, hold a typed code against the one that was sent, or send one."""
    if _is_in(request, link):
        return _enter(request, link)
    if "code" in request.POST:
        typed = check_code(call=call_of(AUTOMATION), link=link, typed=request.POST["code"])
        return _enter(request, link) if typed == Typed.RIGHT else _code_page(request, link, typed=typed, status=422)
    try:
        sent = send_code(call=call_of(AUTOMATION), pack=current_pack(), link=link)
    except NotFound:
        return _code_page(request, link, status=422)
    if sent.free_at:
        wrong = _("You have asked for several codes already. The next one can be sent on %(when)s.") % {"when": say_moment(sent.free_at)}
        return _code_page(request, link, unsent=wrong, status=429)
    return redirect("portal:link", token)


def _enter(request: HttpRequest, link: AccessLink) -> HttpResponse:
    bind_link(request, link)
    return redirect("portal:case", link.case_id)


def _is_in(request: HttpRequest, link: AccessLink) -> bool:
    """Whether this browser came in for the link's account before, by a link and a code or by signing in."""
    actor = holder_of(request)
    return actor is not None and link.case.account_id in actor.accounts


def _code_page(request: HttpRequest, link: AccessLink, *, typed: Typed | None = None, unsent: str = "", status: int = 200) -> HttpResponse:
    """`unsent`: why no new code could be sent; a code that was sent before is good all the same."""
    wrong = ""
    code = waiting_code(of=link, now=timezone.now())
    if typed == Typed.WRONG and code:
        left = tries_left(code)
        wrong = ngettext("That is not the code. You can try %(count)d more time.", "That is not the code. You can try %(count)d more times.", left)
        wrong %= {"count": left}
    elif typed == Typed.SPENT:
        wrong = _("This code works no more. Please let us send you a new one.")
    context = {
        "case": link.case,
        "is_in": _is_in(request, link),
        "address": mask_address(link.case.account.email),
        "code": code,
        "minutes": math.ceil((code.expires_at - timezone.now()).total_seconds() / 60) if code else 0,
        "wrong": wrong,
        "unsent": unsent,
        "hint": digits_of(code) if code and settings.DEMO else "",
    }
    return render(request, "portal/link.html", context, status=status)


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
