"""The holder's page of the conversation about a case (requirements G1, G2)."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_holder
from goodstanding.server.pages.conversation import answer_fetch, conversation, is_fetched
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.live import allow_live
from goodstanding.server.pages.turns import turn_of
from goodstanding.server.pages.wrong import Wrong
from goodstanding.server.policy import current_pack
from goodstanding.server.portal.case import holders_case
from goodstanding.server.portal.forms import too_long
from goodstanding.server.services.conversation import LONGEST_MESSAGE, post_message
from goodstanding.server.store.models import Case

FIELD = "message-text"
"""The id of the field in which a message is written."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
def show(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The page; a POST says something. What could not be taken stays in the box."""
    case = holders_case(actor, case_id)
    if is_fetched(request):
        return answer_fetch(request, actor, case_id)
    if request.method != "POST":
        return _page(request, actor, case)
    said = request.POST.get("text", "").strip()
    if wrong := [Wrong(_("Please write a message first."), FIELD)] if not said else too_long(said, LONGEST_MESSAGE, FIELD):
        return _page(request, actor, case, wrong=wrong, status=422)
    try:
        post_message(call=call_of(actor), pack=current_pack(), case_id=case_id, text=request.POST.get("text", ""), key=request.POST.get("key", ""))
    except NotFound:
        raise
    except GoodstandingError as error:
        return _page(request, actor, case, wrong=[Wrong(say_error(error))], status=status_of(error))
    messages.success(request, _("Your message is with us."))
    return redirect("portal:messages", case_id)


def _page(request: HttpRequest, actor: Actor, case: Case, *, wrong: Sequence[Wrong] = (), status: int = 200) -> HttpResponse:
    address = reverse("portal:messages", args=[case.pk])
    context = {"case": case, "turn": turn_of(case, current_pack(), call_of(actor).now), "wrong": wrong}
    context |= conversation(request, actor, case, door="holder", address=address)
    return allow_live(request, render(request, "portal/messages.html", context, status=status))
