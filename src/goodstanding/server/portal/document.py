"""Add document: the short way for a buyer whose orders are on hold (requirement G1).

It ends in the same case as every other way: the files and a sentence are an appeal, by the route that puts things right where one is open.
Who holds the decision for wrong finds the long way from here.
"""

import secrets
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.terms import Right, Route
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_party
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_language, pack_words
from goodstanding.server.pages.reasons import show_case
from goodstanding.server.pages.turns import adds_documents, may_appeal, routes_of
from goodstanding.server.pages.wrong import Wrong
from goodstanding.server.policy import current_pack
from goodstanding.server.portal.case import holders_case
from goodstanding.server.portal.forms import LONGEST_PART, read_files, too_long
from goodstanding.server.services.appeals import submit_appeal
from goodstanding.server.services.reading import case_file
from goodstanding.server.store.models import Case

PART = {Route.PLAN: "corrective", Route.DISPUTE: "grounds"}
"""The part of an answer that documents and their sentence belong to: what is done already, or what shows that the decision is wrong."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_party
def add(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The page; a POST sends. A case that takes nothing now sends its holder back to its page, which says why."""
    case = holders_case(actor, case_id, Right.APPEAL)
    if request.method == "POST":
        return _send(request, actor, case)
    if not (adds_documents(case) and may_appeal(case, current_pack(), timezone.now())):
        return redirect("portal:case", case_id)
    return _page(request, actor, case, said=_("The documents you asked for are attached."))


def _send(request: HttpRequest, actor: Actor, case: Case) -> HttpResponse:
    said, routes = request.POST.get("said", "").strip(), routes_of(case, current_pack())
    route = Route.PLAN if Route.PLAN in routes else Route.DISPUTE
    uploads, wrong = read_files(request.FILES, (PART[route],))
    if not wrong and not uploads:
        wrong = [Wrong(_("Please choose at least one document."), f"files-{PART[route]}")]
    if not said:
        wrong.append(Wrong(_("Please write a sentence about your documents."), "said"))
    wrong += too_long(said, LONGEST_PART, "said")
    if wrong:
        return _page(request, actor, case, said=said, wrong=wrong, status=422)
    try:
        submit_appeal(
            call=call_of(actor),
            pack=current_pack(),
            case_id=case.pk,
            submission_key=request.POST.get("submission_key", ""),
            answer=Answer(route, **{PART[route]: said}),
            language=pack_language(),
            uploads=uploads,
        )
    except NotFound:
        raise
    except GoodstandingError as error:
        return _page(request, actor, case, said=said, wrong=[Wrong(say_error(error))], status=status_of(error))
    return redirect("portal:sent", case.pk)


def _page(request: HttpRequest, actor: Actor, case: Case, *, said: str, wrong: Sequence[Wrong] = (), status: int = 200) -> HttpResponse:
    part = PART[Route.PLAN if Route.PLAN in routes_of(case, current_pack()) else Route.DISPUTE]
    context = {
        "case": case,
        "reasons": show_case(case_file(actor=actor, case_id=case.pk), current_pack(), pack_words()),
        "field": f"files_{part}",
        "field_id": f"files-{part}",
        "said": said,
        "wrong": wrong,
        "submission_key": request.POST.get("submission_key") or secrets.token_urlsafe(24),
        "longest": LONGEST_PART,
    }
    return render(request, "portal/document.html", context, status=status)
