"""The holder's page of who may act for the account: invite, narrow, withdraw (requirement A1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goodstanding.core.delegations import granted_rights
from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.terms import Right
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_holder
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_language
from goodstanding.server.pages.wrong import Wrong
from goodstanding.server.policy import current_pack
from goodstanding.server.portal.forms import read_day, too_long
from goodstanding.server.services.delegations import LONGEST_NAME, MOST_DELEGATIONS, change_delegation, end_delegation, invite_delegate
from goodstanding.server.services.rights import rights_of
from goodstanding.server.store.models import Account, Delegation

USUAL = frozenset({Right.READ, Right.DRAFT, Right.APPEAL, Right.ANSWER, Right.COPIES})
"""What is ticked on an empty form: what a lawyer or an agency is usually hired for."""


@dataclass(frozen=True, slots=True)
class DelegationShown:
    """A delegation and the form to change it: as it holds, or as somebody typed what could not be taken."""

    row: Delegation
    rights: frozenset[Right]
    last_day: date | None
    is_over: bool
    ticked: frozenset[Right]
    typed_day: str
    is_changed: bool

    @property
    def field(self) -> str:
        """The id of the field of its last day."""
        return f"last-{self.row.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
def show(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """The page; a POST invites somebody."""
    account = Account.objects.filter(pk=account_id, pk__in=actor.accounts).first()
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    if request.method != "POST":
        return _page(request, account)
    last_day, wrong = _last_day(request.POST, "last_day")
    if wrong := [*_wrong_in(request.POST, account), *wrong]:
        return _page(request, account, wrong=wrong, typed=request.POST, status=422)
    try:
        made = invite_delegate(
            call=call_of(actor),
            pack=current_pack(),
            account_id=account_id,
            email=request.POST.get("email", ""),
            name=request.POST.get("name", ""),
            rights=_rights(request.POST),
            last_day=last_day,
            language=pack_language(),
        )
    except NotFound:
        raise
    except GoodstandingError as error:
        return _page(request, account, wrong=[Wrong(say_error(error))], typed=request.POST, status=status_of(error))
    messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": made.delegate.email})
    return redirect("portal:delegates", account_id)


@require_POST
@for_holder
def change(request: HttpRequest, actor: Actor, account_id: str, delegation_id: str) -> HttpResponse:
    """Change what a delegate may do, or withdraw it (`do`: withdraw)."""
    found = Delegation.objects.select_related("account").filter(pk=delegation_id, account=account_id, account__in=actor.accounts).first()
    if found is None:
        raise NotFound(f"there is no delegation {delegation_id}")
    call, pack = call_of(actor), current_pack()
    last_day, wrong = _last_day(request.POST, f"last-{delegation_id}")
    if wrong and request.POST.get("do") != "withdraw":
        return _page(request, found.account, wrong=wrong, changing=delegation_id, status=422)
    try:
        if request.POST.get("do") == "withdraw":
            end_delegation(call=call, pack=pack, delegation_id=delegation_id)
            done = _("Withdrawn. From now on nothing can be read or sent by this delegate.")
        else:
            change_delegation(call=call, pack=pack, delegation_id=delegation_id, rights=_rights(request.POST), last_day=last_day)
            done = _("Changed. It holds from now on.")
    except NotFound:
        raise
    except GoodstandingError as error:
        return _page(request, found.account, wrong=[Wrong(say_error(error))], changing=delegation_id, status=status_of(error))
    messages.success(request, done)
    return redirect("portal:delegates", account_id)


def _page(
    request: HttpRequest, account: Account, *, wrong: Sequence[Wrong] = (), typed: QueryDict | None = None, changing: str = "", status: int = 200
) -> HttpResponse:
    rows = account.delegations.select_related("delegate").order_by("-granted_at")
    context: Mapping[str, object] = {
        "account": account,
        "delegations": [_shown(one, request.POST if one.pk == changing else None) for one in rows if one.ended_at is None],
        "ended": [one for one in rows if one.ended_at is not None],
        "all_rights": list(Right),
        "ticked": _rights(typed) if typed is not None else USUAL,
        "typed": typed or {},
        "wrong": wrong,
        "today": timezone.now().date(),
    }
    return render(request, "portal/delegates.html", context, status=status)


def _shown(one: Delegation, typed: QueryDict | None) -> DelegationShown:
    rights, last_day = frozenset(rights_of(one)), _last_of(one)
    ticked, day = (rights, last_day.isoformat() if last_day else "") if typed is None else (_rights(typed), typed.get("last_day", ""))
    return DelegationShown(one, rights, last_day, one.is_over(timezone.now()), ticked, day, typed is not None)


def _rights(data: QueryDict) -> frozenset[Right]:
    return frozenset(right for right in Right if right in data.getlist("rights"))


def _wrong_in(data: QueryDict, account: Account) -> list[Wrong]:
    """What is wrong with the name and address of an invitation, in the reader's words; the service holds the same."""
    name, email = " ".join(data.get("name", "").split()), data.get("email", "").strip().lower()
    wrong = [] if name else [Wrong(_("Please write the name of who is to act for you."), "name")]
    wrong += too_long(name, LONGEST_NAME, "name")
    if not _is_address(email):
        wrong.append(Wrong(_("Please write an e-mail address, like name@example.com."), "email"))
    elif email == account.email.strip().lower():
        wrong.append(Wrong(_("This is the account's own address. Please write the address of who is to act for you."), "email"))
    elif (
        account.delegations.filter(delegate__email=email, ended_at=None)
        .exclude(rights=[str(right) for right in granted_rights(_rights(data))])
        .exists()
    ):
        wrong.append(Wrong(_("This address is among your delegates already. Change above what may be done."), "email"))
    if account.delegations.filter(ended_at=None).count() >= MOST_DELEGATIONS:
        wrong.append(Wrong(_("%(count)d may act for this account already, which is the most. Withdraw one first.") % {"count": MOST_DELEGATIONS}))
    return wrong


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


def _last_day(data: QueryDict, field: str) -> tuple[date | None, list[Wrong]]:
    day, said = read_day(data.get("last_day", ""))
    if day and day < timezone.now().date():
        said = _("This day has gone by. Please choose a later one, or leave it empty.")
    return day, [Wrong(said, field)] if said else []


def _last_of(one: Delegation) -> date | None:
    """The last day on which a delegation holds, in the zone of its marketplace."""
    if one.ends_at is None:
        return None
    zone = current_pack().zone(one.account.marketplace)
    return (one.ends_at.astimezone(zone) - timedelta(seconds=1)).date()
