"""The holder's page of an account: rating with history, every metric, open violations, limits and cases (requirement A5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from goodstanding.core.cases.lifecycle import TERMINAL, CaseState
from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_holder, for_party
from goodstanding.server.pages.friendly import say_error
from goodstanding.server.pages.health import health_of
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.money import held_money
from goodstanding.server.pages.turns import Turn, turn_of
from goodstanding.server.policy import current_pack
from goodstanding.server.portal.case import permissions_of, rights_shown, turn_for
from goodstanding.server.portal.forms import too_long
from goodstanding.server.services.notifications import notifications_of
from goodstanding.server.services.reading import cases_of
from goodstanding.server.services.reopenings import request_reopening
from goodstanding.server.store.models import Account, Case

LONGEST_BECAUSE = 2000
"""Characters that may go with the wish to have an account back."""

MOST_WAITING = 3
"""Cases that the page of an account puts before everything else."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in which somebody has to act next, with whose turn it is."""

    case: Case
    turn: Turn


def waiting_in(actor: Actor, cases: Sequence[Case]) -> list[Waiting]:
    """The cases that wait for somebody: those that wait for the holder first, each the newest first."""
    pack, now = current_pack(), timezone.now()
    told = (Waiting(case, turn_for(actor, case, turn_of(case, pack, now))) for case in cases if CaseState(case.state) not in TERMINAL)
    return sorted((one for one in told if one.turn.who != "nobody"), key=lambda one: one.turn.who != "you")[:MOST_WAITING]


@require_safe
@for_party
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The holder's account; a choice where there are several."""
    if actor.role == Role.DELEGATE:
        return redirect("portal:delegate_home")
    accounts = list(Account.objects.filter(pk__in=actor.accounts).order_by("display_name", "account_id"))
    if len(accounts) == 1:
        return redirect("portal:account_of", accounts[0].pk)
    return render(request, "portal/accounts.html", {"accounts": accounts})


@require_safe
@for_party
def show(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """The health of one account."""
    account = Account.objects.filter(pk=account_id, pk__in=actor.accounts).first()
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    words, cases = pack_words(), list(cases_of(actor=actor, account_id=account_id).reverse())
    context = {
        "account": account,
        "health": health_of(account, words),
        "permissions": permissions_of(account, words),
        "cases": cases,
        "waiting": waiting_in(actor, cases),
        "actions": words.actions,
        "letters": notifications_of(actor=actor, account_id=account_id)[:3],
        "unread": notifications_of(actor=actor, account_id=account_id).filter(read_at=None).count(),
        "held": held_money(account_id=account_id),
        "rights": rights_shown(actor, account_id),
        "reopening": account.reopening_requests.order_by("-requested_at").first(),
    }
    return render(request, "portal/account.html", context)


@require_POST
@for_holder
def reopen(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """Ask to have a self-closed account back."""
    because = request.POST.get("because", "")
    for one in too_long(because, LONGEST_BECAUSE, "because"):
        messages.error(request, one.line)
        return redirect("portal:account_of", account_id)
    try:
        request_reopening(call=call_of(actor), account_id=account_id, because=because)
    except NotFound:
        raise
    except GoodstandingError as error:
        messages.error(request, say_error(error))
    else:
        messages.success(request, _("We have your request. A person looks at it, and you see the answer here."))
    return redirect("portal:account_of", account_id)
