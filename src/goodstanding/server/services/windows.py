"""Solve windows: a member solves with the platform what would deactivate the account, which stays active meanwhile (requirements J3, J4).

Calls are deadline rows of the case; each puts a call on the specialists' list when its time has come. Whether a window closes on the holder is
`core.assurance.window`'s word; what follows from its end is `services.endings`.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.assurance import window as rules
from goodstanding.core.assurance.letters import compose_window_opened
from goodstanding.core.cases.lifecycle import REVIEWERS, CaseEvent, CaseState, events_open_to
from goodstanding.core.errors import IllegalTransition, NotPermitted, UnusableInput
from goodstanding.core.notices import compose_acknowledgement, compose_information_asked
from goodstanding.core.policy.pack import Assurance, PolicyPack
from goodstanding.core.terms import Act, ActionKind, CallOutcome, CallWish, Clock, DraftForm, NoticeKind, Right, Route
from goodstanding.server.services import ledger
from goodstanding.server.services.appeals import check_visible
from goodstanding.server.services.call import Call
from goodstanding.server.services.commitments import Promise, check_promises
from goodstanding.server.services.drafts import end_drafts
from goodstanding.server.services.enrollments import current_enrollment
from goodstanding.server.services.evidence import Proof, Upload, attach, describe, keep_evidence, store_bytes
from goodstanding.server.services.moves import lock_case, move, new_clock, running_clock
from goodstanding.server.services.notices import issue_notice, letter_for
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.rights import check_right
from goodstanding.server.services.standing import violations_behind
from goodstanding.server.services.statements import state_ahead
from goodstanding.server.services.together import save_later, together
from goodstanding.server.store.models import Case, ContactAttempt, Deadline, Enrollment, SolveWindow
from goodstanding.server.vault.stores import digest_of

LONGEST_TEXT = 20_000
"""Characters of one part of a plan, or of a question about it."""


def membership_that_saves(*, pack: PolicyPack, case: Case) -> Enrollment | None:
    """The membership because of which the action of a locked case opens a window instead of taking effect; None where none does.

    A case has one window: what was not solved in it takes effect when it is approved again.
    """
    reasons = {violation.reason for violation in violations_behind(case.action)}
    if not rules.opens_window(pack.assurance, ActionKind(case.action.kind), reasons, is_member=True):
        return None
    enrollment = current_enrollment(account_id=case.account_id)
    return enrollment if enrollment and not SolveWindow.objects.filter(case=case).exists() else None


def open_window(*, call: Call, pack: PolicyPack, case: Case, enrollment: Enrollment, limits: list[Act]) -> SolveWindow:
    """Open the window of a locked case: calls scheduled, holder told, account active. `limits`: what the action would forbid at its end."""
    programme = _programme(pack)
    move(call=call, case=case, event=CaseEvent.OPEN_WINDOW, pack=pack)
    assert case.due_at is not None, "the window's clock runs"
    window = SolveWindow.objects.create(case=case, enrollment=enrollment, opened_at=call.now, ends_at=case.due_at)
    calls = rules.calls_due(programme, call.now)
    Deadline.objects.bulk_create(
        Deadline(key=f"{Clock.CALL_DUE}:{case.pk}:{number}", clock=Clock.CALL_DUE, case=case, due_at=due) for number, due in enumerate(calls, 1)
    )
    body = {"enrollment_id": enrollment.pk, "ends_at": window.ends_at.isoformat(), "calls": [due.isoformat() for due in calls]}
    ledger.append(call=call, case_id=case.pk, kind="WindowOpened", body=body)
    text = compose_window_opened(
        letter_for(call=call, case=case, pack=pack),
        state_ahead(case=case, pack=pack, limits=limits, applies_from=window.ends_at),
        ends_at=window.ends_at,
        calls=calls,
        number_shown=masked(case.account.emergency_phone),
        call_required=programme.call_required,
    )
    issue_notice(call=call, case=case, kind=NoticeKind.WINDOW_OPENED, text=text)
    queue_event(call=call, type="window.opened", case=case, body={"ends_at": window.ends_at.isoformat()})
    return window


def hand_in_plan(
    *,
    call: Call,
    pack: PolicyPack,
    case_id: str,
    answer: Answer,
    promises: Sequence[Promise] = (),
    uploads: Sequence[Upload] = (),
    proofs: Sequence[Proof] = (),
) -> SolveWindow:
    """Take the holder's plan, or a newer one; it is the platform's turn then. The same plan sent again changes nothing.

    `promises`: measures with their days that the holder would commit to; nothing is followed before a specialist settles the case on them.
    Files add to those of an earlier plan. Raises UnusableInput where it says nothing, disputes, or a measure has no day to come; RefusedFiles;
    IllegalTransition where no window is open; NotFound.
    """
    if answer.route != Route.PLAN or answer.is_empty:
        raise UnusableInput("write what caused it, what you have done about it, or how you prevent it; whoever disputes it asks for a call")
    if any(len(text) > LONGEST_TEXT for _, text in answer.parts):
        raise UnusableInput(f"one part of the plan has more than {LONGEST_TEXT} characters; shorten it")
    check_visible(call=call, case_id=case_id)
    store_bytes(uploads)
    with together():
        case, window = lock_window(call=call, case_id=case_id)
        check_promises(call=call, pack=pack, case=case, promises=promises)
        measures = [{"measure": one.measure.strip(), "due": one.due.isoformat()} for one in promises]
        end_drafts(case=case, forms=(DraftForm.SOLVING,))
        # What an earlier try has named belongs to the plan already.
        there = set(window.evidence.filter(pk__in=[one.evidence_id for one in proofs]).values_list("pk", flat=True))
        new = [one for one in proofs if one.evidence_id not in there]
        if not new and _is_handed_in(window, answer, measures, uploads):
            return window
        window.root_cause, window.corrective, window.preventive = answer.root_cause, answer.corrective, answer.preventive
        window.plan_at, window.plan_by, window.measures = call.now, call.actor.id, measures
        window.save(update_fields=["root_cause", "corrective", "preventive", "plan_at", "plan_by", "measures"])
        kept = keep_evidence(call=call, to=window, uploads=uploads) + attach(call=call, to=window, proofs=new)
        digest = hashlib.sha256(json.dumps(answer.parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
        body = {"plan_sha256": digest, "measures": measures, "evidence": describe(kept)}
        ledger.append(call=call, case_id=case.pk, kind="PlanHandedIn", body=body)
        letter = letter_for(call=call, case=case, pack=pack)
        text = compose_acknowledgement(letter, received_at=call.now, files=[one.name for one in kept], answer_by=window.ends_at)
        issue_notice(call=call, case=case, kind=NoticeKind.ACKNOWLEDGEMENT, text=text)
        queue_event(call=call, type="window.plan_handed_in", case=case, body={})
    return window


def proposed_measures(window: SolveWindow) -> list[Promise]:
    """What the holder would commit to, by the newest plan."""
    return [Promise(one["measure"], date.fromisoformat(one["due"])) for one in window.measures]


def ask_about_plan(*, call: Call, pack: PolicyPack, case_id: str, question: str) -> SolveWindow:
    """Ask the holder for more; it is the holder's turn then, for at least the pack's extension. Asking the same again changes nothing."""
    said = question.strip()
    if not said or len(said) > LONGEST_TEXT:
        raise UnusableInput("write what the holder shall add or mend")
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("asking about a plan", sorted(REVIEWERS))
    with together():
        case, window = lock_window(call=call, case_id=case_id)
        if window.question == said and window.answered_at and not (window.plan_at and window.plan_at > window.answered_at):
            return window
        window.question, window.answered_at = said, call.now
        window.save(update_fields=["question", "answered_at"])
        least = _programme(pack).extension.after(call.now)
        if least > window.ends_at:
            move_end(case=case, window=window, ends_at=least)
        ledger.append(call=call, case_id=case.pk, kind="PlanQuestioned", body={"question": said, "ends_at": window.ends_at.isoformat()})
        text = compose_information_asked(letter_for(call=call, case=case, pack=pack), items=[said], due_at=window.ends_at)
        issue_notice(call=call, case=case, kind=NoticeKind.INFORMATION_ASKED, text=text)
    return window


def contact_me_now(*, call: Call, pack: PolicyPack, case_id: str) -> ContactAttempt:
    """Put a call to the holder on the list at once. Asking again while that call is waited for changes nothing (requirement J3)."""
    with together():
        case, window = lock_window(call=call, case_id=case_id)
        waiting = window.attempts.filter(wish=CallWish.HOLDER, called_at=None, dropped_at=None).first()
        if waiting:
            return waiting
        attempt = _new_attempt(call, window, CallWish.HOLDER)
        ledger.append(call=call, case_id=case.pk, kind="CallAskedFor", body={"attempt_id": attempt.pk})
        queue_event(call=call, type="window.call_asked_for", case=case, body={"attempt_id": attempt.pk})
    return attempt


def call_due(*, call: Call, pack: PolicyPack, case: Case) -> None:
    """A call of the schedule is due: it comes on the list, unless the holder was reached or a call waits there already."""
    automatic = call.by_automation()
    with together():
        window = SolveWindow.objects.select_for_update().get(pk=case.pk)
        if window.attempts.filter(outcome=CallOutcome.REACHED).exists() or window.attempts.filter(called_at=None, dropped_at=None).exists():
            return
        attempt = _new_attempt(automatic, window, CallWish.SCHEDULE)
        ledger.append(call=automatic, case_id=case.pk, kind="CallDue", body={"attempt_id": attempt.pk})


def lock_window(*, call: Call, case_id: str) -> tuple[Case, SolveWindow]:
    """The case and its open window, locked until the transaction ends. A delegate needs the right to solve.

    Raises NotFound, NotPermitted, or IllegalTransition where no window is open.
    """
    case = lock_case(call=call, case_id=case_id)
    check_right(call.actor, case.account_id, Right.SOLVE)
    if case.state != CaseState.SOLVING:
        says = "there is no time to solve open for this case (any more); the page of the case says where it stands"
        raise IllegalTransition(
            case.state, "solve", events_open_to(CaseState(case.state), call.actor.role, call.actor.rights_in(case.account_id)), says
        )
    return case, SolveWindow.objects.select_for_update().get(pk=case.pk)


def move_end(*, case: Case, window: SolveWindow, ends_at: datetime) -> None:
    """Let a locked window end later: its clock, its row and the case's due date together."""
    clock = running_clock(case, Clock.SOLVE_WINDOW)
    if clock is None:
        new_clock(case, Clock.SOLVE_WINDOW, ends_at).save(force_insert=True)
    else:
        clock.due_at = ends_at
        clock.save(update_fields=["due_at"])
    window.ends_at, window.extensions = ends_at, window.extensions + 1
    window.save(update_fields=["ends_at", "extensions"])
    case.due_at = ends_at
    save_later(case, "due_at")


def as_value(window: SolveWindow) -> rules.Window:
    """A window as the rules read it."""
    attempts = [
        rules.Attempt(one.due_at, one.wish == CallWish.HOLDER, one.called_at, CallOutcome(one.outcome) if one.outcome else None)
        for one in window.attempts.order_by("due_at", "attempt_id")
    ]
    return rules.Window(window.opened_at, window.ends_at, attempts, window.plan_at, window.answered_at)


def masked(number: str) -> str:
    """A number as letters and lists show it: its last four digits, enough to know one's own."""
    digits = "".join(sign for sign in number if sign.isdigit())
    return f"…{digits[-4:]}" if digits else "–"


def _is_handed_in(window: SolveWindow, answer: Answer, measures: list[dict[str, str]], uploads: Sequence[Upload]) -> bool:
    """Whether this very plan is here already, with these files."""
    said = (window.root_cause, window.corrective, window.preventive, window.measures)
    here = set(window.evidence.values_list("sha256", "part"))
    is_same = said == (answer.root_cause, answer.corrective, answer.preventive, measures)
    return window.plan_at is not None and is_same and all((digest_of(one.data), one.part) in here for one in uploads)


def _new_attempt(call: Call, window: SolveWindow, wish: CallWish) -> ContactAttempt:
    return ContactAttempt.objects.create(attempt_id=call.new_id("CA"), window=window, wish=wish, due_at=call.now, created_at=call.now)


def _programme(pack: PolicyPack) -> Assurance:
    if pack.assurance is None:
        raise UnusableInput(f"pack {pack.name} has no assurance programme any more")
    return pack.assurance
