"""From rows and rules to what a program that speaks for a holder is answered. Called with the holder's language active."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.utils.translation import gettext

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.file_terms import ScanState
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.core.terms import AppealOutcome, CommitmentState, DecisionOutcome, NoticeKind, Role, Route, Severity
from goodstanding.server.api.answers import answer_brief, answer_limit, answer_notice
from goodstanding.server.api.holder_schemas import (
    AskedOut,
    CauseOut,
    CommitmentOut,
    DayOut,
    DiagnosisOut,
    DoneOut,
    FileOut,
    HappeningOut,
    HoldersBriefOut,
    HoldersCaseOut,
    MeasureOut,
    PartOut,
    PossibleOut,
    ReasonOut,
    SentAppealOut,
    Side,
    TaskOut,
    TurnOut,
    VerdictOut,
    WindowOut,
)
from goodstanding.server.pages.commitments import show_commitments
from goodstanding.server.pages.diagnosis import DiagnosisShown
from goodstanding.server.pages.labels import label
from goodstanding.server.pages.people import names_of
from goodstanding.server.pages.reasons import ReasonShown, show_case
from goodstanding.server.pages.turns import turn_of
from goodstanding.server.pages.windows import show_window
from goodstanding.server.services.call import Call
from goodstanding.server.services.evidence import unsent_files
from goodstanding.server.services.possible import Possible, possible_for
from goodstanding.server.services.reading import CaseFile
from goodstanding.server.services.rights import PREFIX
from goodstanding.server.services.speaking import key_of
from goodstanding.server.services.standing import live_limits
from goodstanding.server.services.windows import proposed_measures
from goodstanding.server.store.models import Appeal, Case, Evidence, InformationRequest, ViolationDecision

PARTS = {Route.PLAN: ("root_cause", "corrective", "preventive"), Route.DISPUTE: ("grounds",)}
"""The parts of each route, in the order they are read."""

ANSWERING = (NoticeKind.ACKNOWLEDGEMENT, NoticeKind.ASKED_AFTER)
"""Letters that answer an act of the holder at once."""


def brief_for(call: Call, pack: PolicyPack, case: Case) -> HoldersBriefOut:
    """A case in the overview of its holder."""
    possible = possible_for(call=call, pack=pack, case=case)
    open_to = [one.act for one in possible if not one.why_not]
    return HoldersBriefOut(**answer_brief(case).dict(), turn=turn(call, pack, case), possible=open_to)


def case_for(call: Call, pack: PolicyPack, file: CaseFile, words: Words) -> HoldersCaseOut:
    """A case with everything its holder may know."""
    case, names = file.case, names_of({one.actor for one in file.happenings} | {one.submitted_by for one in file.appeals})
    limits = live_limits(account_id=case.account_id, now=call.now).filter(action=case.action_id)
    notices = case.notices.defer("message").prefetch_related("outbox").order_by("created_at", "notice_id")
    return HoldersCaseOut(
        **answer_brief(case).dict(),
        language=words.language,
        turn=turn(call, pack, case),
        possible=[answer_possible(one) for one in possible_for(call=call, pack=pack, case=case)],
        review_due_at=case.review_due_at,
        paused_at=case.paused_at,
        reasons=[reason_out(one) for one in show_case(file, pack, words)],
        limits=[answer_limit(one) for one in limits.select_related("action__case").prefetch_related("action__violations")],
        appeals=[sent_appeal(one, names, words) for one in file.appeals],
        asked=_asked(file.open_request, words) if file.open_request else None,
        window=window_out(case, pack) if hasattr(case, "window") else None,
        unsent=[file_out(one) for one in unsent_files(case_id=case.pk)],
        commitments=commitments_of(case, words),
        notices=[answer_notice(one) for one in notices],
        happenings=_happenings(file, names),
    )


def done_for(call: Call, pack: PolicyPack, appeal: Appeal, words: Words, *, at: datetime) -> DoneOut:
    """What came of an act that was done `at` a moment: now, or before, where it is the same again. `appeal` is the one that it was about."""
    case = Case.objects.select_related("account", "action").get(pk=appeal.case_id)
    letters = case.notices.defer("message").prefetch_related("outbox").filter(created_at=at, kind__in=ANSWERING)
    letter = letters.order_by("notice_id").first()
    return DoneOut(
        case_id=case.pk,
        state=CaseState(case.state),
        again=at != call.now,
        language=words.language,
        turn=turn(call, pack, case),
        possible=[answer_possible(one) for one in possible_for(call=call, pack=pack, case=case)],
        due_at=case.due_at,
        review_due_at=case.review_due_at,
        appeal_until=case.appeal_until,
        appeal=sent_appeal(appeal, names_of({appeal.submitted_by}), words),
        acknowledgement=answer_notice(letter) if letter else None,
    )


def turn(call: Call, pack: PolicyPack, case: Case) -> TurnOut:
    """Whose turn it is, in the holder's words."""
    now = turn_of(case, pack, call.now)
    return TurnOut(who=Side(now.who), title=now.title, lead=now.lead, by=now.by)


def answer_possible(one: Possible) -> PossibleOut:
    """One act of a holder."""
    return PossibleOut(
        act=one.act,
        allowed=not one.why_not,
        why_not=one.why_not,
        until=one.until,
        routes=list(one.routes),
        left=one.left,
        is_last_instance=one.is_last_instance,
    )


def sent_appeal(appeal: Appeal, names: Mapping[str, str], words: Words) -> SentAppealOut:
    """One attempt, with what was asked in between."""
    requests = sorted(appeal.information_requests.all(), key=lambda one: one.asked_at)
    return SentAppealOut(
        appeal_id=appeal.appeal_id,
        attempt=appeal.attempt,
        route=Route(appeal.route),
        language=appeal.language,
        parts=[PartOut(part=part, text=getattr(appeal, part)) for part in PARTS[Route(appeal.route)]],
        submitted_at=appeal.submitted_at,
        sent_by=_sender(appeal.submitted_by, names),
        is_last_instance=appeal.is_last_instance,
        files=[file_out(one) for one in _in_order(appeal.evidence.all()) if one.request_id is None],
        asked=[_asked(one, words) for one in requests],
        outcome=AppealOutcome(appeal.outcome) if appeal.outcome else None,
        decided_at=appeal.decided_at,
        verdicts=[_verdict(one) for one in sorted(appeal.decisions.all(), key=lambda one: one.violation_id)],
    )


def file_out(evidence: Evidence) -> FileOut:
    """One file, with what the scanner said of its bytes."""
    return FileOut(
        evidence_id=evidence.evidence_id,
        name=evidence.name,
        content_type=evidence.content_type,
        size=evidence.size,
        sha256=evidence.sha256,
        proves=evidence.part,
        scan=ScanState(evidence.scan.state) if evidence.scan else None,
        added_at=evidence.added_at,
    )


def window_out(case: Case, pack: PolicyPack) -> WindowOut:
    """The time to solve of a case that has one."""
    shown = show_window(case, pack)
    row = shown.row
    return WindowOut(
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        is_our_turn=shown.is_our_turn,
        needs_plan=shown.needs_plan,
        needs_call=shown.needs_call,
        question=row.question,
        planned_calls=list(shown.planned),
        call_waits=shown.waiting is not None,
        plan_at=row.plan_at,
        parts=[PartOut(part=part, text=getattr(row, part)) for part in PARTS[Route.PLAN]],
        measures=[MeasureOut(measure=one.measure, due=one.due) for one in proposed_measures(row)],
        files=[file_out(one) for one in _in_order(row.evidence.select_related("scan"))],
    )


def commitments_of(case: Case, words: Words) -> list[CommitmentOut]:
    """What the holder has committed to."""
    return [
        CommitmentOut(
            commitment_id=one.row.pk,
            measure=one.row.measure,
            due=one.row.due,
            metric=one.metric,
            counts=one.counts,
            state=CommitmentState(one.row.state),
            done_on=one.row.done_on,
        )
        for one in show_commitments(case, words)
    ]


def _sender(actor: str, names: Mapping[str, str]) -> str:
    """Who sent an appeal: a delegate or a program by name, the holder without one."""
    is_named = actor.startswith(PREFIX) or key_of(actor) is not None
    return names.get(actor, "") if is_named else label("role", Role.HOLDER)


def reason_out(one: ReasonShown) -> ReasonOut:
    """One violation with all that its holder is told."""
    violation = one.violation
    return ReasonOut(
        violation_id=violation.violation_id,
        reason=violation.reason,
        name=one.name,
        severity=Severity(violation.severity),
        points=violation.points,
        clause=one.clause,
        rule=one.rule,
        opened=violation.opened,
        closed=violation.closed,
        metric=one.metric,
        numerator=violation.numerator,
        denominator=violation.denominator,
        counts=one.counts.replace("\u00a0", " "),
        window=one.window,
        subject=one.subject,
        items=[dict(item) for item in one.items],
        hidden=one.hidden,
        cure=one.cure,
        proof=list(one.evidence),
        is_contested=one.is_contested,
        verdict=_verdict(one.decision) if one.decision else None,
        diagnosis=_diagnosis(one.diagnosis) if one.diagnosis else None,
        tasks=[TaskOut(**asdict(task) | {"open_ids": list(task.open_ids)}) for task in one.tasks],
    )


def _diagnosis(found: DiagnosisShown) -> DiagnosisOut:
    return DiagnosisOut(
        as_of=found.as_of,
        short=found.short,
        causes=[CauseOut(**asdict(one) | {"facts": list(one.facts)}) for one in found.causes],
        days=[DayOut(day=one.day, orders=one.orders, defects=one.defects, happened=list(one.happened)) for one in found.days],
    )


def _verdict(one: ViolationDecision) -> VerdictOut:
    return VerdictOut(violation_id=one.violation_id, outcome=DecisionOutcome(one.outcome), because=one.because, decided_at=one.decided_at)


def _asked(request: InformationRequest, words: Words) -> AskedOut:
    return AskedOut(
        request_id=request.request_id,
        items=[words.evidence.get(str(item), str(item)) for item in request.items],
        asked_at=request.asked_at,
        due_at=request.due_at,
        answer=request.answer,
        answered_at=request.answered_at,
        lapsed_at=request.lapsed_at,
        files=[file_out(one) for one in _in_order(request.evidence.all())],
    )


def _in_order(files: Iterable[Evidence]) -> Sequence[Evidence]:
    return sorted(files, key=lambda one: (one.added_at, one.evidence_id))


def _side(role: str) -> str:
    return label("role", role) if role == Role.AUTOMATION else gettext("our staff")


def _happenings(file: CaseFile, names: Mapping[str, str]) -> list[HappeningOut]:
    """The public history: what happened, when, and by which side; the house without names."""
    return [
        HappeningOut(kind=one.kind, name=label("ledger", one.kind), at=one.at, who=names.get(one.actor) or _side(one.role)) for one in file.happenings
    ]
