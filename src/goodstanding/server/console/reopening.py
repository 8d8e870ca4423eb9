"""Holders' requests to have a self-closed account back: those that wait, and the answer to one (requirement A4)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.values import Actor
from goodstanding.server.console.writing import check_words
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.services.reopenings import answer_reopening
from goodstanding.server.store.models import ReopeningRequest

MOST_SHOWN = 200
"""Requests on one page; the oldest come first, so that none is passed over."""

ANSWERS = {"grant": True, "refuse": False}
"""What each button answers."""


@require_safe
@for_staff
def listing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every request that waits, the oldest first."""
    waiting = ReopeningRequest.objects.filter(decided_at=None).select_related("account").order_by("requested_at", "pk")
    return render(request, "console/reopenings.html", {"reopenings": waiting[:MOST_SHOWN]})


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def answer(request: HttpRequest, actor: Actor, account_id: str, request_id: str) -> HttpResponse:
    """One request; a POST grants or refuses it, as the button says."""
    asked = ReopeningRequest.objects.select_related("account").filter(pk=request_id, account=account_id).first()
    if asked is None:
        raise NotFound(f"there is no request {request_id}")
    if request.method != "POST":
        return _page(request, actor, asked)
    named, because = request.POST.get("do", ""), request.POST.get("because", "")
    try:
        check_words(because if named in ANSWERS else "", or_say=_("say why, and use one of the buttons; the holder reads it"))
        answer_reopening(call=call_of(actor), request_id=request_id, grant=ANSWERS[named], because=because)
    except GoodstandingError as error:
        return _page(request, actor, asked, wrong=say_error(error), status=status_of(error))
    messages.success(request, _("The request is answered; the holder sees it on the account's page."))
    return redirect("console:account", account_id)


def _page(request: HttpRequest, actor: Actor, asked: ReopeningRequest, *, wrong: str = "", status: int = 200) -> HttpResponse:
    context = {"asked": asked, "may_act": actor.role in REVIEWERS and asked.decided_at is None, "wrong": wrong}
    return render(request, "console/reopening.html", context | {"typed": request.POST if wrong else {}}, status=status)
