"""Saving what is typed, and choosing between two texts of one form (requirement G2)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goodstanding.core.errors import GoodstandingError, IllegalTransition, NotFound, UnusableInput
from goodstanding.core.terms import DraftForm
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_party
from goodstanding.server.pages.errors import refuse
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.portal.case import holders_case
from goodstanding.server.portal.drafts import DraftShown, seen_by, show_draft, typed
from goodstanding.server.services.drafts import LONGEST_TEXT, drop_other, save_draft, take_other
from goodstanding.server.store.models import Case


@require_POST
@for_party
def save(request: HttpRequest, actor: Actor, case_id: str, form: str) -> HttpResponse:
    """Save a text, or choose between two (`do`: take:DEVICE or drop:DEVICE).

    For the script the answer is the part of the page that says how the text stands, with the header `Draft-State` (saved, beside, closed);
    for a button it leads back to the page.
    """
    case, known = holders_case(actor, case_id), next((one for one in DraftForm if one == form), None)
    if known is None:
        raise NotFound(f"there is no form {form}")
    is_script = request.headers.get("X-Requested-With") == "fetch"
    try:
        shown = _saved(request, actor, case, known)
    except NotFound:
        raise
    except GoodstandingError as error:
        return _refused(request, case, error, is_script=is_script)
    if is_script:
        return _part(request, shown, "beside" if shown.is_beside else "saved", 409 if shown.is_beside else 200)
    messages.success(request, _("Saved. You can leave this page and come back; nothing is sent yet."))
    return redirect(shown.page)


def _saved(request: HttpRequest, actor: Actor, case: Case, form: DraftForm) -> DraftShown:
    call, device = call_of(actor), request.POST.get("device", "")
    saved = save_draft(call=call, case_id=case.pk, form=form, texts=typed(request.POST, form), seen=seen_by(request.POST), device=device)
    act, _colon, other = request.POST.get("do", "").partition(":")
    draft = saved.draft
    if act == "take":
        draft = take_other(call=call, case_id=case.pk, form=form, device=other)
    elif act == "drop":
        draft = drop_other(call=call, case_id=case.pk, form=form, device=other)
    # A script that brings back what its device kept shows the newest text, not the one it sends.
    shows_sent = saved.is_beside and request.POST.get("shows") != "newest"
    return show_draft(case, form, draft, device=device, is_beside=shows_sent and not act)


def _refused(request: HttpRequest, case: Case, error: GoodstandingError, *, is_script: bool) -> HttpResponse:
    if is_script:
        closed = isinstance(error, IllegalTransition)
        context = {"case": case, "said": _("This was sent already, or is not asked any more.") if closed else say_error(error)}
        response = render(request, "portal/_draft_refused.html", context, status=status_of(error))
        response["Draft-State"] = "closed" if closed else "refused"
        return response
    if isinstance(error, UnusableInput):
        said = _("One text has more than %(most)d characters. Copy your text from here, shorten it, or put the rest into a file.")
        return refuse(request, status=422, title=_("Your draft is not saved"), said=said % {"most": LONGEST_TEXT})
    messages.error(request, say_error(error))
    return redirect("portal:case", case.pk)


def _part(request: HttpRequest, shown: DraftShown, state: str, status: int) -> HttpResponse:
    response = render(request, "portal/_draft.html", {"draft": shown}, status=status)
    response["Draft-State"] = state
    return response
