"""Appealing in three steps, each a plain form: choose plan or dispute, write, attach proof and send (requirements F0, F1, F2, F5, G1).

Text travels from step to step in the forms themselves, and each step saves it as the draft of its route, so that the way can be left and
come back to at any point.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from goodstanding.core.appeals.plan import missing_parts, place_of, points_of
from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.terms import DraftForm, Right, Route
from goodstanding.core.values import Actor
from goodstanding.intake.attachments import read_attachment
from goodstanding.server.pages.asking import call_of, for_party
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.language import pack_language, pack_words
from goodstanding.server.pages.plan_checks import ChecksShown, FindingShown, about_files, check_answer, drafted
from goodstanding.server.pages.reasons import ReasonShown, show_case
from goodstanding.server.pages.turns import may_appeal, routes_of
from goodstanding.server.pages.wrong import Wrong, wrong_of
from goodstanding.server.policy import current_pack
from goodstanding.server.portal.case import holders_case
from goodstanding.server.portal.drafts import DraftShown, begun_in, draft_for, keep_typed, marks_of
from goodstanding.server.portal.forms import LONGEST_PART, MOST_POINTS, PARTS, AnswerForm, chosen_files, field_of, read_files
from goodstanding.server.portal.next import still_next, what_next
from goodstanding.server.services.appeals import submit_appeal
from goodstanding.server.services.reading import case_file
from goodstanding.server.store.models import Case


@dataclass(frozen=True, slots=True)
class FilesLooked:
    """How many files were looked at before sending, and what was found."""

    count: int
    found: list[FindingShown]


@require_http_methods(["GET", "HEAD", "POST"])
@for_party
def write(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """All steps. A case that takes no appeal now sends its holder back to its page, which says why."""
    case = holders_case(actor, case_id, Right.DRAFT, Right.APPEAL)
    if request.method == "POST" and request.POST.get("step") == "send":
        return _send(request, actor, case)
    if not may_appeal(case, current_pack(), timezone.now()):
        return redirect("portal:case", case_id)
    routes = routes_of(case, current_pack())
    route = _route_of(request, routes)
    if route is None:
        return render(request, "portal/appeal_choose.html", {"case": case, "routes": routes, "begun": begun_in(case)})
    if request.method != "POST":
        draft, texts = draft_for(case, DraftForm(route))
        form = AnswerForm(route, initial=texts) if draft.version else _empty_or_drafted(request, actor, case, route)
        return _writing(request, actor, case, form, draft)
    form, draft = AnswerForm(route, request.POST), keep_typed(request, actor, case, DraftForm(route))
    if form.is_valid() and request.POST.get("step") == "review":
        return _reviewing(request, actor, case, form, draft)
    if form.is_valid() and request.POST.get("step") == "files":
        return _reviewing(request, actor, case, form, draft, looked=_look_at_files(request, actor, case, form))
    if form.is_valid() and request.POST.get("step") == "check":
        return _writing(request, actor, case, form, draft, checks=_checks(actor, case, form))
    return _writing(request, actor, case, form, draft)


@require_POST
@for_party
def check(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """What the checks find in the text as it stands, as a part of the page: for the script that asks while somebody writes."""
    case = holders_case(actor, case_id, Right.DRAFT, Right.APPEAL)
    route = _route_of(request, tuple(Route))
    form = AnswerForm(route or Route.PLAN, request.POST)
    checks = _checks(actor, case, form) if route and form.is_valid() else None
    return render(request, "parts/plan_checks.html", {"checks": checks})


@require_safe
@for_party
def sent(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The receipt: what came, when, with which files, who acts next and by when."""
    case = holders_case(actor, case_id)
    appeal = case.appeals.prefetch_related("evidence__scan").order_by("-attempt").first()
    if appeal is None:
        raise NotFound(f"nothing was sent for case {case_id}")
    return render(
        request,
        "portal/appeal_sent.html",
        {
            "case": case,
            "appeal": appeal,
            "marks": marks_of(case),
            "next": None if appeal.outcome else still_next(case, current_pack(), timezone.now()),
        },
    )


def _send(request: HttpRequest, actor: Actor, case: Case) -> HttpResponse:
    route = _route_of(request, tuple(Route))
    form = AnswerForm(route or Route.PLAN, request.POST)
    draft = keep_typed(request, actor, case, DraftForm(form.route))
    if route is None or not form.is_valid():
        return _writing(request, actor, case, form, draft, status=422)
    uploads, wrong = read_files(request.FILES, PARTS[route])
    if wrong:
        return _reviewing(request, actor, case, form, draft, wrong=wrong, status=422)
    try:
        submit_appeal(
            call=call_of(actor),
            pack=current_pack(),
            case_id=case.pk,
            submission_key=request.POST.get("submission_key", ""),
            answer=form.answer(),
            language=pack_language(),
            uploads=uploads,
            ends_drafts=True,
        )
    except NotFound:
        raise
    except GoodstandingError as error:
        return _reviewing(request, actor, case, form, draft, wrong=[Wrong(say_error(error))], status=status_of(error))
    return redirect("portal:sent", case.pk)


def _route_of(request: HttpRequest, allowed: tuple[Route, ...]) -> Route | None:
    asked = request.POST.get("route") or request.GET.get("route")
    return next((route for route in allowed if route == asked), None)


def _open_reasons(actor: Actor, case: Case, route: Route) -> list[ReasonShown]:
    """The reasons that the route is open to, in the reader's words."""
    reasons = show_case(case_file(actor=actor, case_id=case.pk), current_pack(), pack_words())
    return [reason for reason in reasons if _is_open(reason.violation.reason, route)]


def _checks(actor: Actor, case: Case, form: AnswerForm) -> ChecksShown | None:
    reasons = _open_reasons(actor, case, form.route)
    return check_answer(form.answer(), reasons, current_pack(), timezone.now().date(), earlier=case.appeals.all(), told_in=pack_language())


def _look_at_files(request: HttpRequest, actor: Actor, case: Case, form: AnswerForm) -> FilesLooked:
    """What the checks find in the chosen files, held against what the reasons ask for (requirement F5). Nothing is kept of them."""
    today, chosen = timezone.now().date(), chosen_files(request.FILES, PARTS[form.route])
    attached = tuple(read_attachment(file.name or "", file.read(settings.EVIDENCE_MAX_BYTES + 1), today) for file in chosen)
    reasons = _open_reasons(actor, case, form.route)
    checks = check_answer(form.answer(), reasons, current_pack(), today, attached=attached, told_in=pack_language())
    return FilesLooked(len(attached), about_files(checks))


def _empty_or_drafted(request: HttpRequest, actor: Actor, case: Case, route: Route) -> AnswerForm:
    """The form to begin with: empty, or with a first draft where that was asked for (requirement F4)."""
    if "draft" not in request.GET:
        return AnswerForm(route)
    return AnswerForm(route, initial=drafted(route, _open_reasons(actor, case, route), current_pack(), pack_language()))


def _writing(
    request: HttpRequest, actor: Actor, case: Case, form: AnswerForm, draft: DraftShown, *, status: int = 200, checks: ChecksShown | None = None
) -> HttpResponse:
    reasons = _open_reasons(actor, case, form.route)
    context = {
        "case": case,
        "route": form.route,
        "explained": _told_once(reason for reason in reasons if reason.diagnosis or (reason.tasks and form.route == Route.PLAN)),
        "fields": [(part, form[part]) for part in PARTS[form.route]],
        "typed": form.is_bound,
        "wrong": wrong_of(form, "part-"),
        "draft": draft,
        "reasons": _told_once(reasons),
        "checks": checks,
        "is_draft": bool(form.initial) and not draft.version,
        "may_draft": bool(reasons) and not form.is_bound and not form.initial,
        "other_routes": [route for route in routes_of(case, current_pack()) if route != form.route],
        "longest": LONGEST_PART,
    }
    return render(request, "portal/appeal_write.html", context, status=status if not form.errors else 422)


def _points(part: str, text: str) -> list[tuple[str, str]]:
    """The points that files can be attached to one by one, each behind the id of its field; none where the part is a single one."""
    points = points_of(text)
    return [(field_of(place_of(part, number)), point) for number, point in enumerate(points, 1)] if 1 < len(points) <= MOST_POINTS else []


def _told_once(reasons: Iterable[ReasonShown]) -> list[ReasonShown]:
    """Of reasons that would read alike, the first: eight reports of one product are eight violations, and one thing to answer."""
    return list({(one.name, one.counts, one.tasks, one.diagnosis and one.diagnosis.short): one for one in reversed([*reasons])}.values())[::-1]


def _is_open(reason: str, route: Route) -> bool:
    known = current_pack().reasons.get(reason)
    return known is None or route in known.routes


def _reviewing(
    request: HttpRequest,
    actor: Actor,
    case: Case,
    form: AnswerForm,
    draft: DraftShown,
    *,
    wrong: list[Wrong] | None = None,
    status: int = 200,
    looked: FilesLooked | None = None,
) -> HttpResponse:
    answer = form.answer()
    context = {
        "case": case,
        "route": form.route,
        "parts": [(part, text, _points(part, text)) for part, text in answer.parts],
        "next": what_next(case, current_pack(), timezone.now()),
        "missing": [finding.where for finding in missing_parts(answer)],
        "submission_key": request.POST.get("submission_key") or secrets.token_urlsafe(24),
        "wrong": wrong or [],
        "draft": draft,
        "looked": looked,
        "may_send": Right.APPEAL in actor.rights_in(case.account_id),
    }
    return render(request, "portal/appeal_review.html", context, status=status)
