"""The call list: which holders of the assurance programme are to be called now, and how it went (requirement J3)."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from goodstanding.core.errors import GoodstandingError, NotFound, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import Words
from goodstanding.core.policy.templates import say_list
from goodstanding.core.terms import CallOutcome
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.errors import typed_in
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.reasons import reason_name
from goodstanding.server.policy import current_pack
from goodstanding.server.services.calls import ToCall, calls_to_make, give_back_call, place_call, record_call, take_call

Doing = Callable[[HttpRequest, Actor, str], object]


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def show(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The calls that are due; a POST does what the button `do` names with one of them."""
    if request.method != "POST":
        return _page(request, actor)
    named, attempt_id = request.POST.get("do", ""), request.POST.get("call", "")
    if named not in DOINGS:
        return _page(request, actor, wrong=_("Please use one of the buttons of this page."), status=422)
    do, done = DOINGS[named]
    try:
        do(request, actor, attempt_id)
    except (NotFound, NotPermitted):
        raise
    except GoodstandingError as error:
        return _page(request, actor, wrong=say_error(error), failed=attempt_id, status=status_of(error))
    messages.success(request, str(done))
    return redirect("console:calls")


def _take(request: HttpRequest, actor: Actor, attempt_id: str) -> object:
    return take_call(call=call_of(actor), attempt_id=attempt_id)


def _give_back(request: HttpRequest, actor: Actor, attempt_id: str) -> object:
    return give_back_call(call=call_of(actor), attempt_id=attempt_id)


def _place(request: HttpRequest, actor: Actor, attempt_id: str) -> object:
    return place_call(call=call_of(actor), attempt_id=attempt_id)


def _record(request: HttpRequest, actor: Actor, attempt_id: str) -> object:
    outcome = request.POST.get("outcome", "")
    if outcome not in set(CallOutcome):
        raise UnusableInput(_("choose how the call went"))
    return record_call(
        call=call_of(actor), pack=current_pack(), attempt_id=attempt_id, outcome=CallOutcome(outcome), note=request.POST.get("note", "")
    )


DOINGS: dict[str, tuple[Doing, object]] = {
    "take": (_take, gettext_lazy("The call is yours; the number is shown below.")),
    "give_back": (_give_back, gettext_lazy("The call is back on the list.")),
    "place": (_place, gettext_lazy("The provider calls the holder and then the desk.")),
    "record": (_record, gettext_lazy("The call is recorded.")),
}
"""What each button does, and what the page says once it is done."""


def _about(one: ToCall, words: Words) -> str:
    """What the call is about: the reasons of its case, so that who takes it knows what to prepare."""
    return say_list(words, dict.fromkeys(reason_name(words, violation.reason) for violation in one.case.action.violations.all()))


def _page(request: HttpRequest, actor: Actor, *, wrong: str = "", failed: str = "", status: int = 200) -> HttpResponse:
    calls = calls_to_make(actor=actor, now=timezone.now())
    prefetch_related_objects([one.case for one in calls], "action__violations")
    names, words = names_of({one.attempt.assignee for one in calls}), pack_words()
    is_shown = any(one.is_mine and one.attempt.pk == failed for one in calls)
    context = {
        "calls": [(one, names.get(one.attempt.assignee, ""), _about(one, words)) for one in calls],
        "outcomes": list(CallOutcome),
        "has_provider": bool(settings.TELEPHONY),
        "wrong": wrong,
        "wrong_in": failed if is_shown else "",
        "unsent": typed_in(request) if wrong and not is_shown else [],
        "failed": failed,
        "typed": request.POST if wrong else {},
    }
    return render(request, "console/calls.html", context, status=status)
