"""The time to solve: its clock, the calls, "contact me now", the plan; and afterwards the commitments with their progress (J3, I2)."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.terms import DraftForm, Right, Route
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_party
from goodstanding.server.pages.commitments import show_commitments
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.windows import show_window
from goodstanding.server.pages.wrong import Wrong, wrong_of
from goodstanding.server.policy import current_pack
from goodstanding.server.portal.case import holders_case
from goodstanding.server.portal.drafts import DraftShown, draft_for, keep_typed, typed
from goodstanding.server.portal.forms import LONGEST_PART, PARTS, AnswerForm, measure_rows, read_files, read_measures, too_long
from goodstanding.server.services.commitments import LONGEST_MEASURE, mark_done
from goodstanding.server.services.windows import contact_me_now, hand_in_plan, proposed_measures
from goodstanding.server.store.models import Case, Commitment


@require_http_methods(["GET", "HEAD", "POST"])
@for_party
def solve(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The page of a solve window; a POST hands in the plan. A case without one leads to the page of the case."""
    case = holders_case(actor, case_id, Right.DRAFT, Right.SOLVE)
    if not hasattr(case, "window"):
        return redirect("portal:case", case_id)
    if request.method != "POST":
        draft, texts = draft_for(case, DraftForm.SOLVING)
        return _page(request, actor, case, AnswerForm(Route.PLAN), draft, texts=texts)
    form, draft = AnswerForm(Route.PLAN, request.POST), keep_typed(request, actor, case, DraftForm.SOLVING)
    uploads, wrong = read_files(request.FILES, PARTS[Route.PLAN])
    promises, undated = read_measures(request.POST)
    if wrong := [*wrong_of(form, "part-"), *wrong, *undated]:
        return _page(request, actor, case, form, draft, texts=typed(request.POST, DraftForm.SOLVING), wrong=wrong, status=422)
    try:
        hand_in_plan(call=call_of(actor), pack=current_pack(), case_id=case_id, answer=form.answer(), promises=promises, uploads=uploads)
    except NotFound:
        raise
    except GoodstandingError as error:
        texts = typed(request.POST, DraftForm.SOLVING)
        return _page(request, actor, case, form, draft, texts=texts, wrong=[Wrong(say_error(error))], status=status_of(error))
    messages.success(request, _("Thank you, we have your plan. A specialist reads it, and your account stays active meanwhile."))
    return redirect("portal:solve", case_id)


@require_POST
@for_party
def contact(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """Contact me now: the call comes on the specialists' list at once."""
    holders_case(actor, case_id)
    try:
        contact_me_now(call=call_of(actor), pack=current_pack(), case_id=case_id)
    except NotFound:
        raise
    except GoodstandingError as error:
        messages.error(request, say_error(error))
        return redirect("portal:case", case_id)
    messages.success(request, _("Your wish is on our call list. A specialist calls you as soon as one is free."))
    return redirect("portal:solve", case_id)


@require_safe
@for_party
def commitments(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """What the holder has committed to, and how each measure stands."""
    case = holders_case(actor, case_id)
    shown, may = show_commitments(case, pack_words()), Right.SOLVE in actor.rights_in(case.account_id)
    if not shown:
        return redirect("portal:case", case_id)
    return render(
        request, "portal/commitments.html", {"case": case, "commitments": shown, "is_followed": case.state == CaseState.MONITORING, "may_send": may}
    )


@require_POST
@for_party
def done(request: HttpRequest, actor: Actor, case_id: str, commitment_id: str) -> HttpResponse:
    """The holder says that a measure is in place."""
    if not Commitment.objects.filter(pk=commitment_id, case=holders_case(actor, case_id)).exists():
        raise NotFound(f"there is no commitment {commitment_id}")
    note = request.POST.get("note", "")
    for one in too_long(note, LONGEST_MEASURE, "note"):
        messages.error(request, one.line)
        return redirect("portal:commitments", case_id)
    try:
        mark_done(call=call_of(actor), pack=current_pack(), commitment_id=commitment_id, note=note)
    except NotFound:
        raise
    except GoodstandingError as error:
        messages.error(request, say_error(error))
    else:
        messages.success(request, _("Noted, thank you."))
    return redirect("portal:commitments", case_id)


def _page(
    request: HttpRequest,
    actor: Actor,
    case: Case,
    form: AnswerForm,
    draft: DraftShown,
    *,
    texts: Mapping[str, str],
    wrong: Sequence[Wrong] = (),
    status: int = 200,
) -> HttpResponse:
    """The page with `texts` in its fields: what was typed or is a draft; where that is nothing, the plan as it was handed in before."""
    window = show_window(case, current_pack())
    context = {
        "case": case,
        "window": window,
        "draft": draft,
        "fields": [(part, form[part], texts[part] if texts else getattr(window.row, part)) for part in PARTS[Route.PLAN]],
        "rows": [(*row, f"measure-{row[0]}", f"due-{row[0]}") for row in measure_rows(texts or None, proposed_measures(window.row))],
        "files": window.row.evidence.select_related("scan").order_by("added_at", "evidence_id"),
        "wrong": wrong,
        "typed": form.is_bound,
        "longest": LONGEST_PART,
        "may_send": Right.SOLVE in actor.rights_in(case.account_id),
    }
    return render(request, "portal/solve.html", context, status=status)
