"""What could not be sent: each dead letter with the last error, tried again by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodstanding.core.errors import GoodstandingError, NotPermitted
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error
from goodstanding.server.services.outbox import MAY_RETRY, dead_letters, retry_message


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def show(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The dead letters; a POST tries one of them again from the start of its back-off."""
    if request.method == "POST":
        try:
            retry_message(call=call_of(actor), message_id=int(request.POST.get("message") or 0))
        except NotPermitted:
            raise
        except (GoodstandingError, ValueError) as error:
            messages.error(request, say_error(error) if isinstance(error, GoodstandingError) else _("Please use one of the buttons of this page."))
        else:
            messages.success(request, _("The message is tried again, from the start."))
        return redirect("console:outbox")
    return render(request, "console/outbox.html", {"letters": dead_letters(actor=actor), "may_retry": actor.role in MAY_RETRY})
