"""The specialist's page of a solve window: the plan beside the clock and the calls, a question, the settlement with its commitments (J3, I2)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from goodstanding.core.cases.lifecycle import REVIEWERS, CaseState
from goodstanding.core.errors import GoodstandingError, NotFound, UnusableInput
from goodstanding.core.values import Actor
from goodstanding.server.console.measures import metrics_for, read_measures, rows_of
from goodstanding.server.console.writing import check_words
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.commitments import show_commitments
from goodstanding.server.pages.errors import typed_in
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.windows import show_window
from goodstanding.server.policy import current_pack
from goodstanding.server.services.commitments import mark_done
from goodstanding.server.services.endings import settle_window
from goodstanding.server.services.reading import case_file
from goodstanding.server.services.windows import ask_about_plan, proposed_measures

DONE = {
    "ask": gettext_lazy("The question is sent to the holder."),
    "settle": gettext_lazy("The case is settled and the holder is told."),
    "done": gettext_lazy("The commitment is ticked."),
}
"""What the page says once a button has done its work."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def show(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The page; a POST does what the button `do` names."""
    if request.method != "POST":
        return _page(request, actor, case_id)
    named = request.POST.get("do", "")
    try:
        _do(request.POST, actor, case_id, named)
    except NotFound:
        raise
    except GoodstandingError as error:
        return _page(request, actor, case_id, wrong=say_error(error), failed=named, status=status_of(error))
    messages.success(request, str(DONE[named]))
    return redirect("console:window", case_id)


def _do(data: QueryDict, actor: Actor, case_id: str, named: str) -> None:
    call, pack = call_of(actor), current_pack()
    match named:
        case "ask":
            ask_about_plan(
                call=call, pack=pack, case_id=case_id, question=check_words(data.get("question", ""), or_say=_("write what the plan still needs"))
            )
        case "settle":
            because = check_words(data.get("because", ""), or_say=_("say why this settles it; the holder reads it"))
            settle_window(call=call, pack=pack, case_id=case_id, because=because, promises=read_measures(data))
        case "done":
            mark_done(call=call, pack=pack, commitment_id=data.get("commitment", ""), note=data.get("note", ""))
        case _:
            raise UnusableInput(_("Please use one of the buttons of this page."))


def _page(request: HttpRequest, actor: Actor, case_id: str, *, wrong: str = "", failed: str = "", status: int = 200) -> HttpResponse:
    case = case_file(actor=actor, case_id=case_id).case
    pack, words = current_pack(), pack_words()
    window = show_window(case, pack) if hasattr(case, "window") else None
    is_shown = failed in ("ask", "settle") and window is not None and window.is_open and actor.role in REVIEWERS
    context = {
        "case": case,
        "window": window,
        "commitments": show_commitments(case, words),
        "is_followed": case.state == CaseState.MONITORING,
        "may_act": actor.role in REVIEWERS,
        "metrics": metrics_for(case, pack, words),
        "rows": rows_of(request.POST if failed == "settle" else None, proposed_measures(case.window) if hasattr(case, "window") else ()),
        "files": case.evidence.exclude(window=None).order_by("added_at", "evidence_id"),
        "wrong": wrong,
        "wrong_in": failed if is_shown else "",
        "unsent": typed_in(request) if wrong and not is_shown else [],
        "failed": failed,
        "typed": request.POST if wrong else {},
    }
    return render(request, "console/window.html", context, status=status)
