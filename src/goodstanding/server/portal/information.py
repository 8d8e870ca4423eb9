"""Answering what a reviewer asked for, item by item, with files (requirements H2, G2)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.terms import DraftForm, Right
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_party
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.wrong import Wrong
from goodstanding.server.policy import current_pack
from goodstanding.server.portal.case import holders_case
from goodstanding.server.portal.drafts import DraftShown, draft_for, keep_typed
from goodstanding.server.portal.forms import LONGEST_PART, read_files, too_long
from goodstanding.server.services.appeals import give_information
from goodstanding.server.store.models import Case, InformationRequest


@require_http_methods(["GET", "HEAD", "POST"])
@for_party
def give(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The questions and the form for the answer. Where nothing is asked, the page of the case says what is going on."""
    case = holders_case(actor, case_id, Right.DRAFT, Right.ANSWER)
    if request.method == "POST":
        return _send(request, actor, case)
    asked = _asked(case)
    draft, texts = draft_for(case, DraftForm.INFORMATION)
    return _show(request, actor, case, asked, draft, answer=texts.get("answer", "")) if asked else redirect("portal:case", case_id)


def _send(request: HttpRequest, actor: Actor, case: Case) -> HttpResponse:
    answer, draft = request.POST.get("answer", "").strip(), keep_typed(request, actor, case, DraftForm.INFORMATION)
    uploads, wrong = read_files(request.FILES, ("answer",))
    if not wrong and not answer and not uploads:
        wrong = [Wrong(_("Please write an answer or attach a file."), "answer")]
    wrong += too_long(answer, LONGEST_PART, "answer")
    status = 422
    if not wrong:
        try:
            give_information(call=call_of(actor), pack=current_pack(), case_id=case.pk, answer=answer, uploads=uploads, ends_drafts=True)
        except NotFound:
            raise
        except GoodstandingError as error:
            wrong, status = [Wrong(say_error(error))], status_of(error)
        else:
            messages.success(request, _("Thank you, we have your answer. The specialist goes on with the review."))
            return redirect("portal:case", case.pk)
    asked = _asked(case) or _last(case)
    return _show(request, actor, case, asked, draft, answer=answer, wrong=wrong, status=status) if asked else redirect("portal:case", case.pk)


def _asked(case: Case) -> InformationRequest | None:
    """What is asked at the moment; None where nothing is."""
    return InformationRequest.objects.filter(appeal__case=case, answered_at=None, lapsed_at=None).order_by("-asked_at").first()


def _last(case: Case) -> InformationRequest | None:
    return InformationRequest.objects.filter(appeal__case=case).order_by("-asked_at").first()


def _show(
    request: HttpRequest,
    actor: Actor,
    case: Case,
    asked: InformationRequest,
    draft: DraftShown,
    *,
    answer: str = "",
    wrong: list[Wrong] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "case": case,
        "asked": asked,
        "draft": draft,
        "answer": answer,
        "wrong": wrong or [],
        "longest": LONGEST_PART,
        "may_send": Right.ANSWER in actor.rights_in(case.account_id),
    }
    return render(request, "portal/information.html", context, status=status)
