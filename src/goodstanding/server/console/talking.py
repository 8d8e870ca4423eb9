"""The conversation with a holder, as the page of a case shows it to staff (requirements G1, H5)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodstanding.core.errors import GoodstandingError, NotFound, NotPermitted
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.conversation import answer_fetch, is_fetched
from goodstanding.server.pages.errors import refuse
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.policy import current_pack
from goodstanding.server.services.conversation import check_may_read, need_no_answer, post_message


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def talk(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The part of the page for a script; without one, a POST says something and goes back to the page."""
    if is_fetched(request):
        return answer_fetch(request, actor, case_id)
    if request.method == "POST":
        try:
            if request.POST.get("do") == "no_answer":
                need_no_answer(call=call_of(actor), case_id=case_id)
            else:
                post_message(
                    call=call_of(actor), pack=current_pack(), case_id=case_id, text=request.POST.get("text", ""), key=request.POST.get("key", "")
                )
        except (NotFound, NotPermitted):
            raise
        except GoodstandingError as error:
            return refuse(request, status=status_of(error), title=_("Not done"), said=say_error(error))
        messages.success(request, _("Done. The holder sees it on the page of the case, and gets a letter if it is not read within minutes."))
    else:
        check_may_read(actor=actor, case_id=case_id)
    response = redirect("console:case", case_id)
    response["Location"] += "#messages"
    return response
