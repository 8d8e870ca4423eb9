"""What is kept of an account, why and until when, and the request to erase (requirement A3)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_holder
from goodstanding.server.pages.friendly import say_error
from goodstanding.server.pages.language import pack_words
from goodstanding.server.policy import current_pack
from goodstanding.server.services.retention import ask_erasure, closed_since, kept_of
from goodstanding.server.store.models import Account


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
def show(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """The page; a POST is the request to erase, answered at once and by letter."""
    account = Account.objects.filter(pk=account_id, pk__in=actor.accounts).first()
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    pack, words = current_pack(), pack_words()
    if request.method == "POST":
        try:
            ask_erasure(call=call_of(actor), pack=pack, account_id=account_id)
        except GoodstandingError as error:
            messages.error(request, say_error(error))
        else:
            messages.success(request, _("We have your request. The answer is below and on its way to you by letter."))
        return redirect("portal:data", account_id)
    kept = kept_of(actor=actor, account_id=account_id, pack=pack, now=timezone.now())
    context = {
        "account": account,
        "closed_at": closed_since(account=account),
        "kept": [(one, words.term(f"record_{one.kind}"), words.term(one.basis)) for one in kept],
        "erased": [(one, words.term(f"record_{one.kind}")) for one in account.erasures.order_by("erased_at", "kind")],
        "requests": account.erasure_requests.order_by("-asked_at"),
    }
    return render(request, "portal/data.html", context)
