"""The call list: which holders are to be called now, who calls, how it went (requirement J3).

A number is shown to the person who took the call and to nobody else; that the number was shown is in the ledger.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from goodstanding.core.assurance.letters import compose_call_missed
from goodstanding.core.cases.lifecycle import REVIEWERS, CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import CallOutcome, CallWish, Clock, NoticeKind
from goodstanding.core.values import Actor
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.mailroom.telephony import Telephone, telephone
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.notices import issue_notice, letter_for
from goodstanding.server.services.windows import masked
from goodstanding.server.store.models import Case, ContactAttempt, Deadline

LONGEST_NOTE = 4000
"""Characters of a note about a call."""


@dataclass(frozen=True, slots=True)
class ToCall:
    """One call of the list. `number` is whole for who took the call, masked for everybody else."""

    attempt: ContactAttempt
    case: Case
    number: str
    is_mine: bool


def calls_to_make(*, actor: Actor, now: datetime) -> list[ToCall]:
    """The calls that are due and not made: those asked for by holders first, then the longest due. Raises NotPermitted."""
    _check_calls(actor)
    due = _open_attempts().filter(due_at__lte=now).select_related("window__case__account")
    ordered = sorted(due, key=lambda one: (one.wish != CallWish.HOLDER, one.due_at, one.pk))
    return [_to_call(actor, one) for one in ordered]


def take_call(*, call: Call, attempt_id: str) -> ContactAttempt:
    """Take a call of the list, which shows its number. Taking an own call again changes nothing; raises IllegalTransition where another has it."""
    _check_calls(call.actor)
    with transaction.atomic():
        attempt = _lock(call, attempt_id)
        if attempt.assignee == call.actor.id:
            return attempt
        if attempt.assignee:
            raise IllegalTransition("taken", "take_call", ["record_call by who took it"], "somebody else has taken this call")
        attempt.assignee, attempt.assigned_at = call.actor.id, call.now
        attempt.save(update_fields=["assignee", "assigned_at"])
        ledger.append(call=call, case_id=attempt.window_id, kind="CallTaken", body={"attempt_id": attempt.pk})
    return attempt


def give_back_call(*, call: Call, attempt_id: str) -> ContactAttempt:
    """Give a taken call back to the list."""
    with transaction.atomic():
        attempt = _lock(call, attempt_id)
        _check_mine(call, attempt)
        attempt.assignee, attempt.assigned_at = "", None
        attempt.save(update_fields=["assignee", "assigned_at"])
        ledger.append(call=call, case_id=attempt.window_id, kind="CallGivenBack", body={"attempt_id": attempt.pk})
    return attempt


def place_call(*, call: Call, attempt_id: str, line: Telephone | None = None) -> ContactAttempt:
    """Let the telephony provider connect the holder with the desk, once for an attempt. Raises UnusableInput where none is set.

    The attempt is marked before the provider is asked: of a worker that dies between the two, a call too few is the lesser harm than two.
    """
    line = line or telephone()
    if line is None:
        raise UnusableInput("no telephony provider is set; dial the number by hand, or set GOODSTANDING_TELEPHONY")
    with transaction.atomic():
        attempt = _lock(call, attempt_id)
        _check_mine(call, attempt)
        if attempt.placed_at is not None:
            return attempt
        attempt.placed_at = call.now
        attempt.save(update_fields=["placed_at"])
    account = attempt.window.case.account
    try:
        reference = line.connect(number=account.emergency_phone, language=attempt.window.case.language)
    except DeliveryFailed as error:
        ContactAttempt.objects.filter(pk=attempt.pk).update(placed_at=None)
        raise UnusableInput(f"{error}; dial the number by hand, or try again") from error
    with transaction.atomic():
        attempt = _lock(call, attempt_id)
        attempt.provider_call = reference
        attempt.save(update_fields=["provider_call"])
        ledger.append(call=call, case_id=attempt.window_id, kind="CallPlaced", body={"attempt_id": attempt.pk, "provider_call": reference})
    return attempt


def record_call(*, call: Call, pack: PolicyPack, attempt_id: str, outcome: CallOutcome, note: str = "") -> ContactAttempt:
    """Say how a call went. One that did not reach the holder is told in a letter with the next time. Recording the same again changes nothing.

    Raises NotPermitted for who has not taken it, IllegalTransition where something else was recorded or the window is over.
    """
    if len(note) > LONGEST_NOTE:
        raise UnusableInput(f"the note has more than {LONGEST_NOTE} characters; shorten it")
    with transaction.atomic():
        made = ContactAttempt.objects.filter(pk=attempt_id, called_by=call.actor.id, outcome=outcome).first()
        if made:
            return made
        attempt = _lock(call, attempt_id)
        _check_mine(call, attempt)
        attempt.called_at, attempt.called_by, attempt.outcome, attempt.note = call.now, call.actor.id, outcome, note.strip()
        attempt.save(update_fields=["called_at", "called_by", "outcome", "note"])
        body = {"attempt_id": attempt.pk, "outcome": outcome, "wish": attempt.wish, "note": attempt.note}
        ledger.append(call=call, case_id=attempt.window_id, kind="CallMade", body=body)
        if outcome != CallOutcome.REACHED:
            _tell_missed(call, pack, attempt)
    return attempt


def _tell_missed(call: Call, pack: PolicyPack, attempt: ContactAttempt) -> None:
    case, window = attempt.window.case, attempt.window
    following = Deadline.objects.filter(case=case, clock=Clock.CALL_DUE, done_at=None, cancelled_at=None, due_at__gt=call.now)
    next_at = following.order_by("due_at").values_list("due_at", flat=True).first()
    letter = letter_for(call=call, case=case, pack=pack)
    text = compose_call_missed(letter, tried_at=call.now, next_at=next_at, ends_at=window.ends_at)
    issue_notice(call=call, case=case, kind=NoticeKind.CALL_MISSED, text=text)


def _open_attempts() -> QuerySet[ContactAttempt]:
    return ContactAttempt.objects.filter(called_at=None, dropped_at=None)


def _lock(call: Call, attempt_id: str) -> ContactAttempt:
    """An open call of an open window, its case locked first as everywhere."""
    case_id = ContactAttempt.objects.filter(pk=attempt_id).values_list("window_id", flat=True).first()
    if case_id is None:
        raise NotFound(f"there is no call {attempt_id}")
    case = lock_case(call=call, case_id=case_id)
    attempt = ContactAttempt.objects.select_for_update(of=("self",)).select_related("window__case__account").get(pk=attempt_id)
    if attempt.called_at or attempt.dropped_at or case.state != CaseState.SOLVING:
        raise IllegalTransition("over", "record_call", [], "this call was made already, or the case needs none any more")
    return attempt


def _check_calls(actor: Actor) -> None:
    if actor.role not in REVIEWERS:
        raise NotPermitted("calling holders", sorted(REVIEWERS))


def _check_mine(call: Call, attempt: ContactAttempt) -> None:
    _check_calls(call.actor)
    if attempt.assignee != call.actor.id:
        raise NotPermitted("this call", [attempt.assignee] if attempt.assignee else ["who takes it first"])


def _to_call(actor: Actor, attempt: ContactAttempt) -> ToCall:
    case, is_mine = attempt.window.case, attempt.assignee == actor.id
    number = case.account.emergency_phone
    return ToCall(attempt, case, number if is_mine else masked(number), is_mine)
