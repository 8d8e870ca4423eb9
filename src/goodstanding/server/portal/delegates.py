"""The holder's page of who may act for the account: invite, narrow, withdraw (requirement A1)."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodstanding.core.errors import GoodstandingError, NotFound, UnusableInput
from goodstanding.core.terms import Right
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_holder
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_language
from goodstanding.server.policy import current_pack
from goodstanding.server.services.delegations import change_delegation, end_delegation, invite_delegate
from goodstanding.server.services.rights import rights_of
from goodstanding.server.store.models import Account, Delegation

USUAL = frozenset({Right.READ, Right.DRAFT, Right.APPEAL, Right.ANSWER, Right.COPIES})
"""What is ticked on an empty form: what a lawyer or an agency is usually hired for."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
def show(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """The page; a POST invites somebody."""
    account = Account.objects.filter(pk=account_id, pk__in=actor.accounts).first()
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    if request.method != "POST":
        return _page(request, account)
    try:
        made = invite_delegate(
            call=call_of(actor),
            pack=current_pack(),
            account_id=account_id,
            email=request.POST.get("email", ""),
            name=request.POST.get("name", ""),
            rights=_rights(request.POST),
            last_day=_last_day(request.POST),
            language=pack_language(),
        )
    except NotFound:
        raise
    except GoodstandingError as error:
        return _page(request, account, wrong=say_error(error), typed=request.POST, status=status_of(error))
    messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": made.delegate.email})
    return redirect("portal:delegates", account_id)


@require_POST
@for_holder
def change(request: HttpRequest, actor: Actor, account_id: str, delegation_id: str) -> HttpResponse:
    """Change what a delegate may do, or withdraw it (`do`: withdraw)."""
    if not Delegation.objects.filter(pk=delegation_id, account=account_id, account__in=actor.accounts).exists():
        raise NotFound(f"there is no delegation {delegation_id}")
    call, pack = call_of(actor), current_pack()
    try:
        if request.POST.get("do") == "withdraw":
            end_delegation(call=call, pack=pack, delegation_id=delegation_id)
            done = _("Withdrawn. From now on nothing can be read or sent by this delegate.")
        else:
            change_delegation(call=call, pack=pack, delegation_id=delegation_id, rights=_rights(request.POST), last_day=_last_day(request.POST))
            done = _("Changed. It holds from now on.")
    except NotFound:
        raise
    except GoodstandingError as error:
        messages.error(request, say_error(error))
    else:
        messages.success(request, done)
    return redirect("portal:delegates", account_id)


def _page(request: HttpRequest, account: Account, *, wrong: str = "", typed: QueryDict | None = None, status: int = 200) -> HttpResponse:
    rows = account.delegations.select_related("delegate").order_by("-granted_at")
    now = timezone.now()
    context: Mapping[str, object] = {
        "account": account,
        "delegations": [(one, rights_of(one), _last_of(one), one.is_over(now)) for one in rows if one.ended_at is None],
        "ended": [one for one in rows if one.ended_at is not None],
        "all_rights": list(Right),
        "ticked": _rights(typed) if typed is not None else USUAL,
        "typed": typed or {},
        "wrong": wrong,
        "today": now.date(),
    }
    return render(request, "portal/delegates.html", context, status=status)


def _rights(data: QueryDict) -> frozenset[Right]:
    return frozenset(right for right in Right if right in data.getlist("rights"))


def _last_day(data: QueryDict) -> date | None:
    said = data.get("last_day", "").strip()
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise UnusableInput(_("the last day is no date; write it like 2027-01-31")) from None


def _last_of(one: Delegation) -> date | None:
    """The last day on which a delegation holds, in the zone of its marketplace."""
    if one.ends_at is None:
        return None
    zone = current_pack().zone(one.account.marketplace)
    return (one.ends_at.astimezone(zone) - timedelta(seconds=1)).date()
