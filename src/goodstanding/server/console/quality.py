"""Quality: the blind sample, agreement, and overturns by rule, person and degree of automation; also as CSV and JSON (requirements H8, K4)."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from goodstanding.core.appeals.quality import Tally
from goodstanding.core.errors import GoodstandingError, IllegalTransition, NotFound
from goodstanding.core.terms import Opened
from goodstanding.core.values import Actor
from goodstanding.server.console.reviewing import read_verdicts
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.labels import label
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.reasons import show_case
from goodstanding.server.policy import current_pack
from goodstanding.server.services.openings import note_opened
from goodstanding.server.services.quality import Figures, blind_waiting, figures, open_blind, review_blind
from goodstanding.server.services.reading import case_file
from goodstanding.server.store.models import BlindReview

GROUPS = {
    "rule": gettext_lazy("By rule"),
    "decider": gettext_lazy("By who approved the action"),
    "reviewer": gettext_lazy("By who decided the appeal"),
    "automation": gettext_lazy("By how much a machine decided"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table of figures."""

    name: str
    overturned: Tally
    agreement: Tally


@require_safe
@for_staff
def show(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page; `?format=csv` or `json` gives the same figures as a file."""
    found = figures(actor=actor)
    match request.GET.get("format"):
        case "json":
            return JsonResponse({"figures": found.rows()})
        case "csv":
            return _as_csv(found)
    tables = [(name, _lines(found, group)) for group, name in GROUPS.items()]
    whole = Line("", found.overturned["all"].get("", Tally()), found.agreement["all"].get("", Tally()))
    context = {"tables": tables, "whole": whole, "waiting": blind_waiting(actor=actor), "share": current_pack().reviewing.blind_per_1000 / 10}
    return render(request, "console/quality.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def blind(request: HttpRequest, actor: Actor, appeal_id: str) -> HttpResponse:
    """One appeal of the sample without its outcome; a POST takes the verdicts."""
    try:
        row = open_blind(call=call_of(actor), appeal_id=appeal_id)
    except IllegalTransition:
        messages.info(request, _("This blind review is done already."))
        return redirect("console:quality")
    if request.method != "POST":
        return _blind_page(request, actor, row)
    try:
        done = review_blind(call=call_of(actor), appeal_id=appeal_id, verdicts=read_verdicts(request)[0])
    except NotFound:
        raise
    except GoodstandingError as error:
        return _blind_page(request, actor, row, wrong=say_error(error), status=status_of(error))
    messages.success(
        request, _("Thank you. You decided as the first reviewer did.") if done.agrees else _("Thank you. The first reviewer decided otherwise.")
    )
    return redirect("console:quality")


def _blind_page(request: HttpRequest, actor: Actor, row: BlindReview, *, wrong: str = "", status: int = 200) -> HttpResponse:
    """What was known when the appeal was decided; nothing that tells how it was."""
    file, words = case_file(actor=actor, case_id=row.appeal.case_id), pack_words()
    note_opened(call=call_of(actor), case=file.case, part=Opened.FACTS)
    decided = set(row.appeal.decisions.values_list("violation_id", flat=True))
    appeals = [one for one in file.appeals if one.attempt <= row.appeal.attempt]
    reasons = [reason for reason in show_case(file, current_pack(), words) if reason.violation.pk in decided]
    typed = request.POST if wrong else {}
    context = {
        "row": row,
        "case": file.case,
        "action_name": words.actions.get(file.case.action.kind, file.case.action.kind),
        "verdicts": [(one, *(typed.get(f"{part}-{one.violation.pk}", "") for part in ("outcome", "because"))) for one in reasons],
        "appeal": appeals[-1],
        "wrong": wrong,
    }
    return render(request, "console/blind.html", context, status=status)


def _lines(found: Figures, group: str) -> list[Line]:
    overturned, agreement = found.overturned[group], found.agreement[group]
    values = sorted({*overturned, *agreement})
    names = _names(group, values)
    return [Line(names[value], overturned.get(value, Tally()), agreement.get(value, Tally())) for value in values]


def _names(group: str, values: list[str]) -> Mapping[str, str]:
    if group in ("decider", "reviewer"):
        return names_of(values) | {"": "–"}
    return {value: label("automation", value) if group == "automation" else value for value in values}


def _as_csv(found: Figures) -> HttpResponse:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["figure", "by", "value", "part", "of"])
    writer.writeheader()
    writer.writerows(found.rows())
    return HttpResponse(
        text.getvalue(), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": 'attachment; filename="quality.csv"'}
    )
