"""The delegate's door: an invitation's link, coming in by a code, and the accounts that one acts for (requirement A1)."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodstanding.core.delegations import granted_rights
from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.terms import Right, Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.server.pages.asking import bind_delegate, call_of, delegate_in, for_party
from goodstanding.server.pages.errors import refuse
from goodstanding.server.pages.friendly import say_error
from goodstanding.server.pages.language import django_language, remember_language, was_chosen
from goodstanding.server.policy import current_pack
from goodstanding.server.services.codes import Typed, check_delegate_code, digits_of, mask_address, send_delegate_code, waiting_code
from goodstanding.server.services.delegations import accept_delegation, delegate_at, end_delegation, invitation_of
from goodstanding.server.services.reading import cases_of
from goodstanding.server.services.rights import PREFIX, rights_of
from goodstanding.server.store.models import Account, Case, Delegate, Delegation

ASKED = "delegate_asked"
"""Under which key a session keeps the address that a code was asked for."""


@dataclass(frozen=True, slots=True)
class ActedFor:
    """One account on the delegate's list: what may be done, until when, and its cases, the newest first."""

    account: Account
    delegation: Delegation
    rights: tuple[Right, ...]
    ends_at: datetime | None
    cases: tuple[Case, ...]


def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an invitation. It opens nothing by itself: a button sends the code to the address that was invited."""
    try:
        found = invitation_of(token=token, now=timezone.now())
    except NotFound:
        said = _("It was answered, withdrawn or not accepted in time. If you act for the account already, come in with your address.")
        return _private(refuse(request, status=410, title=_("This invitation is over"), said=said))
    language = django_language(found.delegate.language)
    if not was_chosen(request):
        translation.activate(language)
    response = _coming_in(request, found.delegate, found.delegate.email, is_invited=True)
    if not was_chosen(request):
        remember_language(response, language)
    return _private(response)


def sign_in(request: HttpRequest) -> HttpResponse:
    """Come in by address and code. Whether an address is known here is told to nobody but by the mail that comes or does not."""
    address = request.session.get(ASKED, "")
    if request.method == "POST" and "email" in request.POST:
        address = request.POST["email"].strip().lower()[:320]
        request.session[ASKED] = address
    elif request.method != "POST" or not address:
        request.session.pop(ASKED, None)
        return _private(render(request, "portal/delegate_sign_in.html", {"asked": ""}))
    return _private(_coming_in(request, delegate_at(email=address), address, is_invited=False))


@require_safe
@for_party
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The accounts that the delegate acts for, and the invitations that wait for an answer."""
    if actor.role != Role.DELEGATE:
        return redirect("portal:account")
    mine = Delegation.objects.filter(delegate=actor.id.removeprefix(PREFIX), ended_at=None).select_related("account").order_by("granted_at")
    now = timezone.now()
    context = {
        "acts_for": [_acted_for(actor, one) for one in mine if one.account_id in actor.accounts],
        "invitations": [(one, granted_rights(rights_of(one))) for one in mine if one.accepted_at is None and not one.is_over(now)],
        "delegate": delegate_in(request),
    }
    return render(request, "portal/delegate_home.html", context)


@require_POST
@for_party
def answer(request: HttpRequest, actor: Actor, delegation_id: str) -> HttpResponse:
    """Accept an invitation, decline it, or give a delegation up (`do`: accept, end)."""
    call, pack = call_of(actor), current_pack()
    try:
        if request.POST.get("do") == "accept":
            accept_delegation(call=call, pack=pack, delegation_id=delegation_id, name=request.POST.get("name", ""))
            messages.success(request, _("Accepted. The holder is told."))
        elif request.POST.get("do") == "end" and actor.role == Role.DELEGATE:
            end_delegation(call=call, pack=pack, delegation_id=delegation_id)
            messages.success(request, _("Ended. The holder is told."))
    except NotFound:
        raise
    except GoodstandingError as error:
        messages.error(request, say_error(error))
    return redirect("portal:delegate_home")


def _coming_in(request: HttpRequest, delegate: Delegate | None, address: str, *, is_invited: bool) -> HttpResponse:
    """Both steps: a code is sent, and held against what is typed. The same words come whether anybody is known at the address or not."""
    now, wrong, status = timezone.now(), "", 200
    if delegate and (here := delegate_in(request)) and here.pk == delegate.pk:
        return redirect("portal:delegate_home")
    code = waiting_code(of=delegate, now=now) if delegate else None
    was_sent = code is not None
    if request.method == "POST" and "code" in request.POST:
        if delegate and check_delegate_code(call=call_of(AUTOMATION), delegate=delegate, typed=request.POST["code"]) == Typed.RIGHT:
            bind_delegate(request, delegate)
            return redirect("portal:delegate_home")
        wrong, status, was_sent = _("That is not the code, or it works no more. Check it, or let us send a new one."), 422, True
    elif request.method == "POST":
        code, was_sent = (send_delegate_code(call=call_of(AUTOMATION), delegate=delegate).code or code) if delegate else None, True
    context = {
        "asked": address if was_sent or is_invited else "",
        "shown": mask_address(address) if is_invited else address,
        "was_sent": was_sent,
        "is_invited": is_invited,
        "minutes": settings.ENTRY_CODE_MINUTES,
        "wrong": wrong,
        "hint": digits_of(code) if code and settings.DEMO else "",
    }
    return render(request, "portal/delegate_sign_in.html", context, status=status)


def _acted_for(actor: Actor, one: Delegation) -> ActedFor:
    cases = tuple(cases_of(actor=actor, account_id=one.account_id).reverse())
    return ActedFor(one.account, one, granted_rights(actor.rights_in(one.account_id)), one.ends_at, cases)


def _private(response: HttpResponse) -> HttpResponse:
    """No cache keeps a page whose address is a secret, or that says who came in."""
    add_never_cache_headers(response)
    return response
