"""Answering a holder's request to have a self-closed account back (requirement A4)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error
from goodstanding.server.services.reopenings import answer_reopening


@require_POST
@for_staff
def answer(request: HttpRequest, actor: Actor, account_id: str, request_id: str) -> HttpResponse:
    """Grant or refuse, as the button says."""
    try:
        grant, because = request.POST.get("do") == "grant", request.POST.get("because", "")
        answer_reopening(call=call_of(actor), request_id=request_id, grant=grant, because=because)
    except NotFound:
        raise
    except GoodstandingError as error:
        messages.error(request, say_error(error))
    else:
        messages.success(request, _("The request is answered; the holder sees it on the account's page."))
    return redirect("console:account", account_id)
