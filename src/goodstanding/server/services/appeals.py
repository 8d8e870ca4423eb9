"""Appeals from the holder's side: submit, withdraw, give what was asked for; and what two clocks of a case do (requirements F*, G*)."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.cases.lifecycle import APPEALABLE, UNDER_APPEAL, CaseEvent, CaseState, events_open_to, follow
from goodstanding.core.errors import IllegalTransition, NotFound, UnusableInput
from goodstanding.core.notices import compose_acknowledgement
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import AppealOutcome, Clock, DraftForm, NoticeKind, Route
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.drafts import end_drafts
from goodstanding.server.services.evidence import Proof, Upload, attach, describe, keep_evidence, store_bytes
from goodstanding.server.services.moves import count_attempt, lock_case, move
from goodstanding.server.services.notices import issue_notice, letter_for, tell_update
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.standing import violations_behind
from goodstanding.server.services.together import save_later, together
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Appeal, Case, Evidence, InformationRequest

LONGEST_KEY = 80
"""Characters of a submission key."""

NOTHING_ASKED = "nothing is asked of you at the moment; the case page shows who acts next"


def submit_appeal(
    *,
    call: Call,
    pack: PolicyPack,
    case_id: str,
    submission_key: str,
    answer: Answer,
    language: str,
    uploads: Sequence[Upload] = (),
    proofs: Sequence[Proof] = (),
    ends_drafts: bool = False,
) -> Appeal:
    """Take an appeal: the answer, its files, the receipt to the holder and the marketplace's event, all or nothing.

    `submission_key` names one submission of a form or client: sent again it gives back the appeal it made. Checks of the text advise
    elsewhere and never stop a submission; only an answer without any word does (UnusableInput). `proofs`: files that were handed in before. `ends_drafts`: it was written in the forms
    that keep drafts, which end with it. Raises RefusedFiles, IllegalTransition where an earlier appeal still waits, the window is over or the attempts are used up, NotPermitted, NotFound.
    """
    _check_written(submission_key, answer)
    if uploads:
        check_visible(call=call, case_id=case_id)
        store_bytes(uploads)
    with together():
        case = lock_case(call=call, case_id=case_id)
        if case.attempts and (earlier := case.appeals.filter(submission_key=submission_key).first()):
            return earlier
        check_open(call=call, pack=pack, case=case)
        _check_route(pack, case, answer.route)
        is_last = is_for_last_instance(pack, case)
        case.is_escalated, case.raised_at, case.asked_after_at, case.review_due_at = is_last, None, None, None
        save_later(case, "is_escalated", "raised_at", "asked_after_at", "review_due_at")
        move(call=call, case=case, event=CaseEvent.ESCALATE if is_last else CaseEvent.SUBMIT_APPEAL, pack=pack)
        _assign_to_nobody(case)
        appeal = _write_appeal(call, case, submission_key, answer, language)
        kept = keep_evidence(call=call, to=appeal, uploads=uploads) + attach(call=call, to=appeal, proofs=proofs)
        body = {
            "appeal_id": appeal.appeal_id,
            "attempt": appeal.attempt,
            "route": appeal.route,
            "is_last_instance": is_last,
            "answer_sha256": _digest(answer.parts),
            "evidence": describe(kept),
        }
        ledger.append(call=call, case_id=case.case_id, kind="AppealSubmitted", body=body)
        if ends_drafts:
            end_drafts(case=case, forms=(DraftForm.PLAN, DraftForm.DISPUTE))
        _acknowledge(call, pack, case, kept)
        queue_event(call=call, type="appeal.submitted", case=case, body={"appeal_id": appeal.appeal_id, "attempt": appeal.attempt})
    return appeal


def withdraw_appeal(*, call: Call, pack: PolicyPack, case_id: str) -> Appeal:
    """Take back the appeal that waits. The action stays in force and the rest of the window to appeal again runs on.

    Withdrawing twice is withdrawing once. Raises IllegalTransition where no appeal waits.
    """
    with together():
        case = lock_case(call=call, case_id=case_id)
        appeal = latest_appeal(case)
        if appeal and appeal.outcome == AppealOutcome.OMITTED and case.state in APPEALABLE:
            return appeal
        move(call=call, case=case, event=CaseEvent.WITHDRAW_APPEAL, pack=pack)
        appeal = _appeal_of(case)
        appeal.outcome, appeal.decided_at, appeal.decided_by = AppealOutcome.OMITTED, call.now, call.actor.id
        appeal.save(update_fields=["outcome", "decided_at", "decided_by"])
        appeal.information_requests.filter(answered_at=None, lapsed_at=None).update(lapsed_at=call.now)
        _assign_to_nobody(case)
        ledger.append(call=call, case_id=case.case_id, kind="AppealWithdrawn", body={"appeal_id": appeal.appeal_id, "attempt": appeal.attempt})
        queue_event(call=call, type="appeal.withdrawn", case=case, body={"appeal_id": appeal.appeal_id, "attempt": appeal.attempt})
    return appeal


def give_information(
    *,
    call: Call,
    pack: PolicyPack,
    case_id: str,
    answer: str,
    uploads: Sequence[Upload] = (),
    proofs: Sequence[Proof] = (),
    ends_drafts: bool = False,
) -> InformationRequest:
    """Answer what a reviewer asked for. The case goes back to the same reviewer.

    The same answer sent again changes nothing. Raises UnusableInput where there is neither text nor file, RefusedFiles, IllegalTransition
    where nothing is asked (any more), NotFound.
    """
    if not answer.strip() and not uploads and not proofs:
        raise UnusableInput("the answer is empty; write something or attach a file")
    check_visible(call=call, case_id=case_id)
    store_bytes(uploads)
    with together():
        case = lock_case(call=call, case_id=case_id)
        if case.state == CaseState.IN_REVIEW and (given := _given_before(case, answer)):
            return given
        if case.state != CaseState.INFORMATION_ASKED and call.actor.is_outside:
            raise _not_now(call, case, CaseEvent.GIVE_INFORMATION, NOTHING_ASKED)
        move(call=call, case=case, event=CaseEvent.GIVE_INFORMATION, pack=pack)
        appeal = _appeal_of(case)
        request = open_request(appeal)
        request.answer, request.answered_at = answer, call.now
        request.save(update_fields=["answer", "answered_at"])
        kept = keep_evidence(call=call, to=appeal, uploads=uploads, request=request)
        kept += attach(call=call, to=appeal, proofs=proofs, request=request)
        body = {"request_id": request.request_id, "answer_sha256": _digest((("answer", answer),)), "evidence": describe(kept)}
        ledger.append(call=call, case_id=case.case_id, kind="InformationGiven", body=body)
        if ends_drafts:
            end_drafts(case=case, forms=(DraftForm.INFORMATION,))
        _acknowledge(call, pack, case, kept)
        queue_event(call=call, type="appeal.information_given", case=case, body={"request_id": request.request_id})
    return request


def lapse_information(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """The time to give what was asked for is over: the locked case goes back to its reviewer, who decides on what there is."""
    automatic = call.by_automation()
    with together():
        move(call=automatic, case=case, event=CaseEvent.INFORMATION_LAPSES, pack=pack)
        request = open_request(_appeal_of(case))
        request.lapsed_at = call.now
        request.save(update_fields=["lapsed_at"])
        ledger.append(call=automatic, case_id=case.case_id, kind="InformationLapsed", body={"request_id": request.request_id})
        queue_event(call=automatic, type="appeal.information_lapsed", case=case, body={"request_id": request.request_id})


def raise_appeal(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """An appeal has waited as long as the pack allows: the locked case comes first in the queue from now on, whatever it waits for."""
    automatic = call.by_automation()
    with together():
        case.raised_at = call.now  # first, for the place in the queue follows from it
        move(call=automatic, case=case, event=CaseEvent.FOLLOW_UP_DUE, pack=pack)
        save_later(case, "raised_at")
        ledger.append(call=automatic, case_id=case.case_id, kind="CaseRaised", body={"attempt": case.attempts})
        queue_event(call=automatic, type="appeal.overdue", case=case, body={"attempt": case.attempts})


def end_appeal_window(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """The time to appeal is over: the locked case is final. The action stays as it is; only a rescission can still lift it."""
    automatic = call.by_automation()
    with together():
        move(call=automatic, case=case, event=CaseEvent.APPEAL_WINDOW_ENDS, pack=pack)
        ledger.append(call=automatic, case_id=case.case_id, kind="AppealWindowEnded", body={"attempts": case.attempts})
        queue_event(call=automatic, type="case.final", case=case, body={"attempts": case.attempts})


def ask_after(*, call: Call, pack: PolicyPack, case_id: str) -> Case:
    """Take the holder's question where the appeal stands, and answer at once. It never costs the place in the queue (requirement G3).

    Open once the appeal has waited as long as the pack allows. Asked again within that time, it gives the case as it is. Raises
    IllegalTransition where no appeal waits for us, or not that long yet.
    """
    with together():
        case = lock_case(call=call, case_id=case_id)
        span = pack.deadlines.get(Clock.FOLLOW_UP)
        if case.asked_after_at is not None and span is not None and call.now < span.after(case.asked_after_at):
            return case
        follow(CaseState(case.state), CaseEvent.ASK_AFTER, call.actor.role, call.actor.rights_in(case.account_id))
        if case.raised_at is None:
            raise _not_now(call, case, CaseEvent.ASK_AFTER, in_time(case, pack))
        move(call=call, case=case, event=CaseEvent.ASK_AFTER, pack=pack)
        case.asked_after_at = call.now
        save_later(case, "asked_after_at")
        ledger.append(call=call, case_id=case.case_id, kind="AskedAfter", body={"attempt": case.attempts})
        tell_update(call=call, pack=pack, case=case, kind=NoticeKind.ASKED_AFTER, due=promised(call=call, pack=pack, case=case))
        queue_event(call=call, type="appeal.asked_after", case=case, body={"attempt": case.attempts})
    return case


def appeals_left(pack: PolicyPack, case: Case) -> int:
    """How many more appeals a case can have, the last instance among them."""
    left = pack.most_appeals - (case.attempts - case.attempts_before)
    return max(left + pack.has_last_instance, 0)


def is_for_last_instance(pack: PolicyPack, case: Case) -> bool:
    """Whether the next appeal would be the one beyond the pack's number, which a senior decides (requirement H4)."""
    return pack.has_last_instance and case.attempts - case.attempts_before >= pack.most_appeals


def promised(*, call: Call, pack: PolicyPack, case: Case) -> datetime:
    """By when the holder hears from us: the reviewer's date, or where that has gone by, as long again from now."""
    if case.review_due_at is not None and case.review_due_at > call.now:
        return case.review_due_at
    return pack.deadlines[Clock.REVIEW_DUE].after(call.now)


def in_time(case: Case, pack: PolicyPack) -> str:
    """Why the holder cannot ask yet where an appeal stands."""
    return f"your appeal is in time; you hear from us{say_when(case, pack)}, and can ask if you do not"


def say_when(case: Case, pack: PolicyPack) -> str:
    """` by 2026-11-24 09:30 UTC`, or nothing where no date is set."""
    zone = pack.zone(case.account.marketplace)
    return f" by {case.review_due_at.astimezone(zone):%Y-%m-%d %H:%M %Z}" if case.review_due_at else ""


def latest_appeal(case: Case) -> Appeal | None:
    """The newest attempt of a case, whatever became of it."""
    return next(iter(_latest(case_id=case.pk)), None)


_latest = compiled.Query(lambda case_id: Appeal.objects.filter(case=case_id).order_by("-attempt")[:1], texts=["case_id"])


def open_request(appeal: Appeal) -> InformationRequest:
    """What is asked of the holder at the moment. Raises NotFound where nothing is."""
    request = appeal.information_requests.filter(answered_at=None, lapsed_at=None).order_by("-asked_at").first()
    if request is None:
        raise NotFound(f"nothing is asked for appeal {appeal.appeal_id}")
    return request


def _appeal_of(case: Case) -> Appeal:
    appeal = latest_appeal(case)
    assert appeal is not None, "a case under appeal has an appeal"
    return appeal


def _check_written(submission_key: str, answer: Answer) -> None:
    if not 0 < len(submission_key.strip()) <= LONGEST_KEY:
        raise UnusableInput(f"a submission needs a key of 1 to {LONGEST_KEY} characters, the same when it is sent again")
    check_says_something(answer)


def check_says_something(answer: Answer) -> None:
    """Raise UnusableInput for an answer without any word."""
    if answer.is_empty:
        parts = ", ".join(name.replace("_", " ") for name, _ in answer.parts)
        raise UnusableInput(f"the appeal is empty; write at least one of: {parts}")


def check_visible(*, call: Call, case_id: str) -> None:
    """Nobody fills the disk for a case that is not theirs. The locked look-up inside the transaction is the one that counts."""
    account_id = Case.objects.filter(pk=case_id).values_list("account_id", flat=True).first()
    if account_id is None or not call.actor.reaches(account_id):
        raise NotFound(f"there is no case {case_id}")


def check_open(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """Say plainly why no appeal can be submitted now; the table of the lifecycle would only name the state. Raises IllegalTransition."""
    zone = pack.zone(case.account.marketplace)
    if case.state in UNDER_APPEAL:
        due = f"; the answer is due{say_when(case, pack)}" if case.review_due_at else ""
        raise _not_now(call, case, CaseEvent.SUBMIT_APPEAL, f"your appeal {case.attempts} of this case is still being looked at{due}")
    if case.state in (CaseState.REINSTATED, CaseState.MONITORING, CaseState.SETTLED):
        raise _not_now(call, case, CaseEvent.SUBMIT_APPEAL, "the action is lifted already; there is nothing left to appeal")
    over = case.appeal_until is not None and case.appeal_until <= call.now
    if case.state == CaseState.FINAL or over:
        until = f" on {case.appeal_until.astimezone(zone):%Y-%m-%d %H:%M %Z}" if case.appeal_until else ""
        raise _not_now(call, case, CaseEvent.SUBMIT_APPEAL, f"the time to appeal ended{until}")
    if appeals_left(pack, case) == 0:
        says = f"all {pack.most_appeals + pack.has_last_instance} appeals of this case are used; the notice of the decision names the other ways that are open"
        raise _not_now(call, case, CaseEvent.SUBMIT_APPEAL, says)


def _not_now(call: Call, case: Case, event: CaseEvent, says: str) -> IllegalTransition:
    possible = [other for other in events_open_to(CaseState(case.state), call.actor.role, call.actor.rights_in(case.account_id)) if other != event]
    return IllegalTransition(case.state, event, possible, says)


def open_routes(pack: PolicyPack, case: Case) -> tuple[Route, ...]:
    """A route is open where one of the reasons opens it, as the notice of the action says."""
    known = [pack.reasons[code] for code in {violation.reason for violation in violations_behind(case.action)} if code in pack.reasons]
    return tuple(one for one in Route if not known or any(one in reason.routes for reason in known))


def _check_route(pack: PolicyPack, case: Case, route: Route) -> None:
    allowed = open_routes(pack, case)
    if route not in allowed:
        raise UnusableInput(f"the route '{route}' is not open for the reasons of this case; open: {', '.join(allowed) or 'none'}")


def _assign_to_nobody(case: Case) -> None:
    case.assignee = ""
    save_later(case, "assignee")


def _write_appeal(call: Call, case: Case, submission_key: str, answer: Answer, language: str) -> Appeal:
    appeal = Appeal(
        appeal_id=call.new_id("AP"),
        case=case,
        attempt=count_attempt(case),
        submission_key=submission_key,
        route=answer.route,
        language=language,
        root_cause=answer.root_cause,
        corrective=answer.corrective,
        preventive=answer.preventive,
        grounds=answer.grounds,
        submitted_at=call.now,
        submitted_by=call.actor.id,
        is_last_instance=case.is_escalated,
    )
    compiled.insert([appeal])
    return appeal


def _given_before(case: Case, answer: str) -> InformationRequest | None:
    """The request that this very answer was given to, where it was the last one."""
    last = _appeal_of(case).information_requests.order_by("-asked_at").first()
    return last if last and last.answered_at and last.answer == answer else None


def _acknowledge(call: Call, pack: PolicyPack, case: Case, kept: Sequence[Evidence]) -> None:
    head = letter_for(call=call, case=case, pack=pack)
    text = compose_acknowledgement(head, received_at=call.now, files=[one.name for one in kept], answer_by=promised(call=call, pack=pack, case=case))
    issue_notice(call=call, case=case, kind=NoticeKind.ACKNOWLEDGEMENT, text=text)


def _digest(parts: Sequence[tuple[str, str]]) -> str:
    """What was written, as a digest: the ledger proves the text without holding it."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
