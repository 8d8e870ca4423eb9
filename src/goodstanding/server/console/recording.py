"""Recording a violation that a person found: what no fact table can show, with the items it rests on (requirement B, found by a person)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import GoodstandingError, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import FoundBy
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_words
from goodstanding.server.policy import current_pack
from goodstanding.server.services.violations import LONGEST_BECAUSE, record_violation
from goodstanding.server.store.models import Account


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def record(request: HttpRequest, actor: Actor, account_id: str) -> HttpResponse:
    """The form; a POST records and goes to the account. Only reviewers open it."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    if actor.role not in REVIEWERS:
        raise NotPermitted("recording a violation", sorted(REVIEWERS))
    if request.method != "POST":
        return _page(request, account)
    try:
        _record(request, actor, account_id)
    except NotFound:
        raise
    except GoodstandingError as error:
        return _page(request, account, wrong=say_error(error), status=status_of(error))
    messages.success(
        request,
        _("The violation is recorded and counts from today. What follows from it is proposed by the policy's rules with the next night's run."),
    )
    return redirect("console:account", account_id)


def _record(request: HttpRequest, actor: Actor, account_id: str) -> None:
    data = request.POST
    items = [{"id": line.strip()} for line in data.get("items", "").splitlines() if line.strip()]
    if data.get("reason", "") not in current_pack().reasons:
        raise UnusableInput(_("choose the reason that was breached"))
    if not items:
        raise UnusableInput(_("name at least one thing it rests on; the holder could not answer it otherwise"))
    if not data.get("because", "").strip():
        raise UnusableInput(_("say what was found; the holder reads it"))
    record_violation(call=call_of(actor), pack=current_pack(), account_id=account_id, reason=data["reason"], items=items, because=data["because"])


def _page(request: HttpRequest, account: Account, *, wrong: str = "", status: int = 200) -> HttpResponse:
    words = pack_words()
    reasons = [
        (code, words.reasons.get(code, code))
        for code, reason in current_pack().reasons.items()
        if reason.is_found_by(FoundBy.PERSON) and reason.holder_kind == account.holder_kind
    ]
    context = {"account": account, "reasons": sorted(reasons, key=lambda one: one[1]), "wrong": wrong, "longest": LONGEST_BECAUSE}
    return render(request, "console/recording.html", context | {"typed": request.POST if wrong else {}}, status=status)
