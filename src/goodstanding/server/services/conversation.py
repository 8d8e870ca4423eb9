"""The conversation about a case: said, read, and brought to an absent holder as a letter. It decides nothing and moves no clock (requirements G1, G2)."""

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max

from goodstanding.core.cases.lifecycle import REVIEWERS, TERMINAL, CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.notices import compose_messages
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import NoticeKind, Role
from goodstanding.core.values import Actor
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case, locked_cases
from goodstanding.server.services.notices import issue_notice, letter_for
from goodstanding.server.services.quality import held_blind_of
from goodstanding.server.services.reading import KNOWN_TO_HOLDERS, READERS
from goodstanding.server.services.waking import wake
from goodstanding.server.store.models import Case, CaseMessage
from goodstanding.server.store.models.conversation import Speaker

LONGEST_MESSAGE = 4000
"""Characters of one message; what is longer is an appeal, or a file."""

MOST_SHOWN = 300

RESTS = "nothing can be written about this case at the moment"

log = logging.getLogger(__name__)


def post_message(*, call: Call, pack: PolicyPack, case_id: str, text: str, key: str) -> CaseMessage:
    """Say something about a case. The same key again is the same message, whatever has happened since.

    Raises NotFound for another's case, NotPermitted, IllegalTransition where the case rests, UnusableInput for an empty or too long text and for
    more messages of a holder than the pack allows within an hour.
    """
    said = text.replace("\0", "").replace("\r\n", "\n").strip()
    with transaction.atomic():
        case = _case_to_speak(call, case_id)
        speaker = Speaker.HOLDER if call.actor.role == Role.HOLDER else Speaker.STAFF
        if earlier := case.messages.filter(key=key, speaker=speaker).first():
            return earlier
        _check_may_speak(call, pack, case, said, key)
        message = CaseMessage.objects.create(
            case=case,
            number=case.messages.count() + 1,
            speaker=speaker,
            actor=call.actor.id,
            key=key,
            text=said,
            sha256=hashlib.sha256(said.encode()).hexdigest(),
            at=call.now,
        )
        waits = (case.message_waits_at or call.now) if speaker == Speaker.HOLDER else None
        Case.objects.filter(pk=case_id).update(message_waits_at=waits)
        body = {"number": message.number, "speaker": speaker, "sha256": message.sha256}
        ledger.append(call=call, case_id=case_id, kind="MessageSent", body=body)
        wake(case_id=case_id)
    return message


def messages_of(*, actor: Actor, case_id: str) -> list[CaseMessage]:
    """The conversation as the reader may see it, oldest first. Raises NotFound, NotPermitted."""
    check_may_read(actor=actor, case_id=case_id)
    newest = CaseMessage.objects.filter(case=case_id).order_by("-number")[:MOST_SHOWN]
    return list(reversed(newest))


def check_may_read(*, actor: Actor, case_id: str) -> None:
    """Raise NotFound where there is no such case for the reader, NotPermitted for who reads none, or is reviewing an appeal of its account blind."""
    if actor.role == Role.HOLDER:
        if not Case.objects.filter(KNOWN_TO_HOLDERS, pk=case_id, account__in=actor.accounts).exists():
            raise NotFound(f"there is no case {case_id}")
        return
    if actor.role not in READERS:
        raise NotPermitted("reading a conversation", sorted(READERS))
    account_id = Case.objects.filter(pk=case_id).values_list("account_id", flat=True).first()
    if account_id is None:
        raise NotFound(f"there is no case {case_id}")
    if held_blind_of(actor=actor, account_id=account_id):
        raise NotPermitted("reading the conversation of a case that you review blind", ["anybody else of the staff"])


def may_speak(*, actor: Actor, case: Case) -> bool:
    """Whether the reader may say something now."""
    if case.state in TERMINAL or case.told_at is None:
        return False
    if actor.role == Role.HOLDER:
        return case.account_id in actor.accounts
    return actor.role in REVIEWERS and (not case.assignee or case.assignee == actor.id or actor.role == Role.SENIOR_SPECIALIST)


def note_read(*, call: Call, case_id: str, upto: int) -> int:
    """Note that the other side's messages up to a number are before the reader's eyes; gives how many were new. Only who may answer counts."""
    if call.actor.role != Role.HOLDER and call.actor.role not in REVIEWERS:
        return 0
    other = Speaker.STAFF if call.actor.role == Role.HOLDER else Speaker.HOLDER
    with transaction.atomic():
        check_may_read(actor=call.actor, case_id=case_id)
        new = CaseMessage.objects.filter(case=case_id, speaker=other, read_at=None, number__lte=upto).update(read_at=call.now)
        if new:
            wake(case_id=case_id)
    return new


def need_no_answer(*, call: Call, case_id: str) -> None:
    """Take a case off the list of messages that wait, because the last one needs no answer."""
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("settling what waits for an answer", sorted(REVIEWERS))
    with transaction.atomic():
        lock_case(call=call, case_id=case_id)
        if Case.objects.filter(pk=case_id, message_waits_at__isnull=False).update(message_waits_at=None):
            ledger.append(call=call, case_id=case_id, kind="MessageNeedsNoAnswer", body={})


def mail_unread(*, call: Call, pack: PolicyPack, limit: int = 100) -> int:
    """Write a letter to each holder who has not read what was said; gives how many. A case that somebody holds waits for the next round."""
    automatic, written = call.by_automation(), 0
    unread = CaseMessage.objects.filter(speaker=Speaker.STAFF, read_at=None, mailed_at=None, erased_at=None)
    due = unread.filter(at__lte=call.now - timedelta(minutes=pack.talking.letter_after))
    for case_id in due.order_by("case").values_list("case", flat=True).distinct()[:limit]:
        try:
            written += _mail(automatic, pack, case_id)
        # One broken case must not keep the others' letters back.
        except Exception:
            log.exception("messages of case %s", case_id)
    return written


def progress_of(case_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How far conversations are, by case: the number of the newest message, and how many were read. Cases without a message are left out."""
    rows = CaseMessage.objects.filter(case__in=case_ids).values("case").annotate(newest=Max("number"), read=Count("read_at")).order_by()
    return {row["case"]: (row["newest"], row["read"]) for row in rows}


def _mail(call: Call, pack: PolicyPack, case_id: str) -> int:
    with transaction.atomic():
        case = locked_cases(skip_locked=True).filter(pk=case_id).first()
        unread = case.messages.filter(speaker=Speaker.STAFF, read_at=None, mailed_at=None, erased_at=None) if case else None
        rows = list(unread.order_by("number")) if unread is not None else []
        if case is None or not rows:
            return 0
        told: Sequence[tuple[datetime, str]] = [(row.at, row.text) for row in rows]
        text = compose_messages(letter_for(call=call, case=case, pack=pack), told)
        issue_notice(call=call, case=case, kind=NoticeKind.MESSAGES, text=text)
        CaseMessage.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=call.now)
    return 1


def _case_to_speak(call: Call, case_id: str) -> Case:
    """The case, locked, where the actor may know of it."""
    case = lock_case(call=call, case_id=case_id)
    check_may_read(actor=call.actor, case_id=case_id)
    return case


def _check_may_speak(call: Call, pack: PolicyPack, case: Case, said: str, key: str) -> None:
    if not may_speak(actor=call.actor, case=case):
        if call.actor.role not in REVIEWERS | {Role.HOLDER}:
            raise NotPermitted("writing about a case", sorted(REVIEWERS | {Role.HOLDER}))
        if case.state not in TERMINAL and case.told_at is not None:
            raise NotPermitted("writing to the holder of a case that a colleague holds", [case.assignee, Role.SENIOR_SPECIALIST])
        raise IllegalTransition(CaseState(case.state), "message", [], RESTS)
    if not said or not key or len(key) > 80:
        raise UnusableInput("write a message first")
    if len(said) > LONGEST_MESSAGE:
        raise UnusableInput(f"a message has at most {LONGEST_MESSAGE} characters; this one has {len(said)}")
    if call.actor.role == Role.HOLDER:
        lately = case.messages.filter(speaker=Speaker.HOLDER, at__gt=call.now - timedelta(hours=1)).count()
        if lately >= (most := pack.talking.most_an_hour):
            raise UnusableInput(f"at most {most} messages an hour; all you have sent are with us")
