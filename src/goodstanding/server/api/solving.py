"""The time to solve and the commitments by a program on behalf of a holder: a plan with measures, a call, a measure that is in place (requirements J3, I2)."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from django.utils import translation
from ninja import Field, Query, Router, Schema
from pydantic import StringConstraints

from goodstanding.core.appeals.plan import Answer, places_of
from goodstanding.core.errors import NotFound, UnusableInput
from goodstanding.core.terms import Route
from goodstanding.server.api.answering import MOST_FILES, ProofIn, Written
from goodstanding.server.api.holder_answers import PARTS, commitments_of, window_out
from goodstanding.server.api.holder_schemas import CommitmentOut, WindowOut
from goodstanding.server.api.holders import Speaking, Spoken, speak_for
from goodstanding.server.api.keys import KeyWith
from goodstanding.server.api.schemas import refusals
from goodstanding.server.pages.language import django_language
from goodstanding.server.policy import current_pack
from goodstanding.server.services import windows as service
from goodstanding.server.services.commitments import LONGEST_MEASURE, Promise, mark_done
from goodstanding.server.services.evidence import Proof
from goodstanding.server.services.keys import Scope
from goodstanding.server.store.models import Case, Commitment

router = Router(tags=["on behalf of a holder"])

CASE = "/accounts/{account_id}/cases/{case_id}"
MOST_MEASURES = 20
"""Measures of one plan."""

Measure = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_MEASURE, pattern=r"^[^\x00]*$")]


class MeasureIn(Schema):
    """One measure that the holder would commit to, and by which day."""

    measure: Measure
    due: date


class SolvingPlanIn(Schema):
    """What caused it, what is done about it, how it is prevented; with measures and files."""

    root_cause: Written = ""
    corrective: Written = ""
    preventive: Written = ""
    measures: list[MeasureIn] = Field([], max_length=MOST_MEASURES)
    evidence: list[ProofIn] = Field([], max_length=MOST_FILES, description="files that were handed in before")


class NoteIn(Schema):
    """What the holder says of a measure that is in place."""

    note: Annotated[str, StringConstraints(max_length=LONGEST_MEASURE, pattern=r"^[^\x00]*$")] = ""


@router.post(
    CASE + "/plan",
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={200: WindowOut} | refusals(400, 404, 409, 422),
    operation_id="hand_in_plan",
    summary="Hand in the plan of a time to solve, or a better one",
)
def hand_in_plan(request: HttpRequest, account_id: str, case_id: str, plan: SolvingPlanIn, asked: Query[Spoken]) -> WindowOut:
    """It is the marketplace's turn then. The same plan again changes nothing; measures bind once a specialist settles the case on them."""
    by = speak_for(request, account_id, asked)
    answer = Answer(Route.PLAN, **{part: getattr(plan, part).replace("\r\n", "\n").strip() for part in PARTS[Route.PLAN]})
    places = places_of(answer)
    if strange := [one.proves for one in plan.evidence if one.proves and one.proves not in places]:
        raise UnusableInput(f"'{strange[0]}' is no place of this plan; there are: {', '.join(sorted(places))}")
    service.hand_in_plan(
        call=by.call,
        pack=current_pack(),
        case_id=case_id,
        answer=answer,
        promises=[Promise(one.measure, one.due) for one in plan.measures],
        proofs=[Proof(one.evidence_id, one.proves) for one in plan.evidence],
    )
    return _window(by, case_id)


@router.post(
    CASE + "/contact-me",
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={200: WindowOut} | refusals(404, 409, 422),
    operation_id="contact_me_now",
    summary="Ask to be called now",
)
def contact_me_now(request: HttpRequest, account_id: str, case_id: str, asked: Query[Spoken]) -> WindowOut:
    """The call comes first on the specialists' list. Asked again while it waits, it is the same call."""
    by = speak_for(request, account_id, asked)
    service.contact_me_now(call=by.call, pack=current_pack(), case_id=case_id)
    return _window(by, case_id)


@router.post(
    CASE + "/commitments/{commitment_id}/done",
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={200: CommitmentOut} | refusals(400, 404, 409, 422),
    operation_id="mark_done",
    summary="Say that a measure is in place",
)
def mark_measure_done(request: HttpRequest, account_id: str, case_id: str, commitment_id: str, said: NoteIn, asked: Query[Spoken]) -> CommitmentOut:
    """Where a metric is followed, the facts still have their word. Twice is once."""
    by = speak_for(request, account_id, asked)
    if not Commitment.objects.filter(pk=commitment_id, case=case_id, case__account=account_id).exists():
        raise NotFound(f"there is no commitment {commitment_id}")
    mark_done(call=by.call, pack=current_pack(), commitment_id=commitment_id, note=said.note)
    with translation.override(django_language(by.words.language)):
        return next(one for one in commitments_of(Case.objects.get(pk=case_id), by.words) if one.commitment_id == commitment_id)


def _window(by: Speaking, case_id: str) -> WindowOut:
    with translation.override(django_language(by.words.language)):
        return window_out(Case.objects.select_related("account", "action", "window").get(pk=case_id), current_pack())
