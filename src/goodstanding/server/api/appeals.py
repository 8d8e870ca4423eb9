"""Appealing by a program on behalf of a holder: what to answer, checked before it is sent, sent once, completed, withdrawn (requirements A2, F1-F5, G1, G2).

The services are the portal's: what they refuse there they refuse here, in the same words.
"""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest
from django.utils import translation
from ninja import Query, Router, Status

from goodstanding.core.appeals.checks.context import Attached
from goodstanding.core.appeals.plan import Answer
from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import FindingSeverity, Route
from goodstanding.intake.attachments import read_attachment
from goodstanding.server.api.answering import LONGEST_PART, MOST_FILES, AnswerIn, InformationIn, idempotency_key
from goodstanding.server.api.holder_answers import PARTS, done_for, reason_out
from goodstanding.server.api.holder_schemas import ChecksOut, DoneOut, FormOut, PlacedFindingOut, QuestionOut
from goodstanding.server.api.holders import Speaking, Spoken, speak_for
from goodstanding.server.api.keys import KeyWith
from goodstanding.server.api.schemas import refusals
from goodstanding.server.pages.labels import label
from goodstanding.server.pages.language import django_language
from goodstanding.server.pages.plan_checks import ChecksShown, check_answer, drafted
from goodstanding.server.pages.reasons import ReasonShown, show_case
from goodstanding.server.policy import current_pack
from goodstanding.server.services import appeals as service
from goodstanding.server.services.evidence import Proof, find_unsent
from goodstanding.server.services.keys import Scope
from goodstanding.server.services.possible import HolderAct, possible_for
from goodstanding.server.services.reading import CaseFile, case_file
from goodstanding.server.store.models import Appeal
from goodstanding.server.vault.stores import whole

router = Router(tags=["on behalf of a holder"])

CASE = "/accounts/{account_id}/cases/{case_id}"


@router.get(
    CASE + "/appeal-form/{route}",
    auth=KeyWith(Scope.APPEALS_READ),
    response={200: FormOut} | refusals(404, 422),
    operation_id="read_appeal_form",
    summary="What an appeal should answer",
)
def read_appeal_form(request: HttpRequest, account_id: str, case_id: str, route: Route, asked: Query[Spoken]) -> FormOut:
    """The parts of the route with a first draft, and the reasons with what explains them, what puts them right and what is done already."""
    by, pack = speak_for(request, account_id, asked), current_pack()
    with translation.override(django_language(by.words.language)):
        file = case_file(actor=by.call.actor, case_id=case_id)
        reasons = _open_reasons(by, file, route)
        appeal = next(one for one in possible_for(call=by.call, pack=pack, case=file.case) if one.act == HolderAct.APPEAL)
        drafts = drafted(route, reasons, pack, by.words.language)
        return FormOut(
            case_id=case_id,
            route=route,
            language=by.words.language,
            open=not appeal.why_not and route in appeal.routes,
            parts=[QuestionOut(part=part, name=label("part", part), draft=drafts.get(part, "")) for part in PARTS[route]],
            reasons=[reason_out(one) for one in reasons],
            longest=LONGEST_PART,
            most_files=MOST_FILES,
        )


@router.post(
    CASE + "/appeals/check",
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={200: ChecksOut} | refusals(400, 404, 422),
    operation_id="check_appeal",
    summary="What the checks find in an appeal, before it is sent",
)
def check_appeal(request: HttpRequest, account_id: str, case_id: str, written: AnswerIn, asked: Query[Spoken]) -> ChecksOut:
    """Advice, the same as on the portal: nothing is kept, nothing is sent, and nothing found here stops an appeal from being sent."""
    by, pack, answer = speak_for(request, account_id, asked), current_pack(), written.answer()
    with translation.override(django_language(by.words.language)):
        file = case_file(actor=by.call.actor, case_id=case_id)
        service.check_says_something(answer)
        checks = check_answer(
            answer,
            _open_reasons(by, file, answer.route),
            pack,
            by.call.now.date(),
            earlier=file.appeals,
            attached=_attached(by, file, written.proofs(answer)),
            told_in=by.words.language,
        )
    return _checks(answer, checks, by.words.language)


@router.post(
    CASE + "/appeals",
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={201: DoneOut} | refusals(400, 404, 409, 422),
    operation_id="submit_appeal",
    summary="Send an appeal",
)
def submit_appeal(
    request: HttpRequest, account_id: str, case_id: str, written: AnswerIn, asked: Query[Spoken], idempotency_key: str = idempotency_key()
) -> Status[DoneOut]:
    """Once: sent again with the same key, it gives back the appeal it made, with `again`. The letter that acknowledges it goes to the holder as well."""
    by, answer = speak_for(request, account_id, asked), written.answer()
    proofs = written.proofs(answer)
    appeal = service.submit_appeal(
        call=by.call,
        pack=current_pack(),
        case_id=case_id,
        submission_key=idempotency_key,
        answer=answer,
        language=by.words.language,
        proofs=proofs,
        ends_drafts=True,
    )
    if appeal.submitted_at != by.call.now and (appeal.route, _said(appeal)) != (answer.route, dict(answer.parts)):
        raise UnusableInput("this Idempotency-Key came with another appeal of this case before; another appeal needs another key")
    return Status(201, _done(by, appeal, appeal.submitted_at))


@router.post(
    CASE + "/information",
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={200: DoneOut} | refusals(400, 404, 409, 422),
    operation_id="give_information",
    summary="Give what a reviewer asked for",
)
def give_information(request: HttpRequest, account_id: str, case_id: str, given: InformationIn, asked: Query[Spoken]) -> DoneOut:
    """The case goes back to its reviewer, whose clock goes on. The same answer again changes nothing."""
    by = speak_for(request, account_id, asked)
    found = service.give_information(
        call=by.call,
        pack=current_pack(),
        case_id=case_id,
        answer=given.answer.replace("\r\n", "\n").strip(),
        proofs=[Proof(one, "answer") for one in dict.fromkeys(given.evidence)],
        ends_drafts=True,
    )
    return _done(by, found.appeal, found.answered_at or by.call.now)


@router.post(
    CASE + "/withdraw",
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={200: DoneOut} | refusals(404, 409, 422),
    operation_id="withdraw_appeal",
    summary="Take back the appeal that waits",
)
def withdraw_appeal(request: HttpRequest, account_id: str, case_id: str, asked: Query[Spoken]) -> DoneOut:
    """The decision stays in force and the rest of the time to appeal runs on. Twice is once."""
    by = speak_for(request, account_id, asked)
    appeal = service.withdraw_appeal(call=by.call, pack=current_pack(), case_id=case_id)
    return _done(by, appeal, appeal.decided_at or by.call.now)


@router.post(
    CASE + "/ask-after",
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={200: DoneOut} | refusals(404, 409, 422),
    operation_id="ask_after",
    summary="Ask where an appeal stands that waits longer than promised",
)
def ask_after(request: HttpRequest, account_id: str, case_id: str, asked: Query[Spoken]) -> DoneOut:
    """It is answered by a letter at once and keeps its place in the queue."""
    by = speak_for(request, account_id, asked)
    case = service.ask_after(call=by.call, pack=current_pack(), case_id=case_id)
    appeal = service.latest_appeal(case)
    assert appeal is not None, "who can ask after an appeal has one"
    return _done(by, appeal, case.asked_after_at or by.call.now)


def _open_reasons(by: Speaking, file: CaseFile, route: Route) -> list[ReasonShown]:
    """The reasons that the route is open to, in the holder's words."""
    pack = current_pack()
    shown = show_case(file, pack, by.words)
    return [one for one in shown if one.violation.reason not in pack.reasons or route in pack.reasons[one.violation.reason].routes]


def _attached(by: Speaking, file: CaseFile, proofs: Sequence[Proof]) -> tuple[Attached, ...]:
    """The named files as the checks look at them. Raises UnusableInput for one that is not there or was sent before."""
    found = find_unsent(case_id=file.case.pk, proofs=proofs)
    return tuple(read_attachment(one.name, whole(one.sha256) or b"", by.call.now.date()) for one in found.values())


def _checks(answer: Answer, checks: ChecksShown | None, language: str) -> ChecksOut:
    found = checks.parts if checks else ()
    return ChecksOut(
        route=answer.route,
        language=language,
        score=checks.score.total if checks else None,
        best=checks.score.best if checks else None,
        errors=checks.errors if checks else 0,
        findings=[
            PlacedFindingOut(
                code=one.code,
                severity=FindingSeverity(one.severity),
                part=part,
                start=one.start,
                end=one.start + len(one.excerpt),
                excerpt=one.excerpt,
                message=one.message,
                hint=one.hint,
                is_against_facts=one.is_against_facts,
                is_about_files=one.is_about_files,
            )
            for part, told in found
            for one in told
        ],
    )


def _said(appeal: Appeal) -> dict[str, str]:
    return {part: getattr(appeal, part) for part in PARTS[Route(appeal.route)]}


def _done(by: Speaking, appeal: Appeal, at: datetime) -> DoneOut:
    with translation.override(django_language(by.words.language)):
        return done_for(by.call, current_pack(), appeal, by.words, at=at)
