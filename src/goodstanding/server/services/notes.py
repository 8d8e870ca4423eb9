"""Colleagues about a case: notes, a question to one of them, and when it is off the list. Never a holder's, a delegate's or a program's to read.

Who reviews an appeal of the account blind reads none: a note may tell the outcome (requirement H8).
"""

from django.db import transaction

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.cases.notes import Settled, check_addressee, check_may_settle
from goodstanding.core.errors import NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.noting import STAFF_PREFIX, keep_note
from goodstanding.server.services.quality import held_blind_of
from goodstanding.server.services.reading import READERS
from goodstanding.server.store.models import Case, CaseNote, User

LONGEST_KEY = 80


def write_note(*, call: Call, case_id: str, text: str, key: str, addressee: str = "", answers: int | None = None) -> CaseNote:
    """Write a note about a case; `addressee`: the colleague who is asked, `answers`: the number of the note to oneself that it answers.

    An answer is brought before the eyes of who asked. The same key again is the same note. Raises NotFound, NotPermitted, UnusableInput.
    """
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("writing a note among colleagues", sorted(REVIEWERS))
    if not key or len(key) > LONGEST_KEY:
        raise UnusableInput("write the note first")
    with transaction.atomic():
        case = lock_case(call=call, case_id=case_id)
        _check_not_blind(call.actor, case)
        if earlier := case.notes.filter(author=call.actor.id, key=key).first():
            return earlier
        asked = _note_to(call.actor, case, answers) if answers is not None else None
        if addressee:
            check_addressee(call.actor.id, addressee, _role_of(addressee))
        elif asked is not None and _role_of(asked.author) in REVIEWERS:
            addressee = asked.author
        note = keep_note(call=call, case=case, text=text, key=key, addressee=addressee, answers=answers)
        if asked is not None and asked.settled_at is None:
            _settle(call, asked, Settled.ANSWERED)
    return note


def set_aside(*, call: Call, case_id: str, number: int) -> CaseNote:
    """Take a note off the list of whom it was written to, without an answer; by them or by who wrote it. Again: nothing changes.

    Raises NotFound, NotPermitted.
    """
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("setting a note aside", sorted(REVIEWERS))
    with transaction.atomic():
        case = lock_case(call=call, case_id=case_id)
        _check_not_blind(call.actor, case)
        note = case.notes.filter(number=number).exclude(addressee="").first()
        if note is None:
            raise NotFound(f"no question {number} was asked about case {case_id}")
        check_may_settle(call.actor.id, author=note.author, addressee=note.addressee)
        if note.settled_at is None:
            _settle(call, note, Settled.SET_ASIDE)
            ledger.append(call=call, case_id=case_id, kind="NoteSetAside", body={"number": number})
    return note


def notes_of(*, actor: Actor, case: Case) -> list[CaseNote]:
    """The notes about a case, oldest first. Raises NotPermitted for who reads no cases and who reviews one of the account's appeals blind."""
    if actor.role not in READERS:
        raise NotPermitted("reading notes among colleagues", sorted(READERS))
    _check_not_blind(actor, case)
    return list(case.notes.order_by("number"))


def asked_of(*, actor: Actor) -> dict[str, CaseNote]:
    """What somebody is asked and has neither answered nor set aside, by case, the oldest of each."""
    waiting = CaseNote.objects.filter(addressee=actor.id, settled_at=None).order_by("-at", "-number")
    return {note.case_id: note for note in waiting}


def _check_not_blind(actor: Actor, case: Case) -> None:
    if held_blind_of(actor=actor, account_id=case.account_id):
        raise NotPermitted("reading or writing notes about an account that you review blind", ["anybody else of the staff"])


def _note_to(actor: Actor, case: Case, number: int) -> CaseNote:
    """The note that is answered. Raises NotFound where none of this number was written to the actor."""
    note = case.notes.filter(number=number, addressee=actor.id).first()
    if note is None:
        raise NotFound(f"no note {number} about case {case.pk} was written to you")
    return note


def _role_of(actor: str) -> Role | None:
    """The role of somebody of the staff who is active; None for everybody else."""
    key = actor.removeprefix(STAFF_PREFIX)
    user = User.objects.filter(pk=int(key), is_active=True).first() if actor.startswith(STAFF_PREFIX) and key.isdecimal() else None
    return Role(user.role) if user else None


def _settle(call: Call, note: CaseNote, how: Settled) -> None:
    note.settled_at, note.settled_as = call.now, how
    note.save(update_fields=["settled_at", "settled_as"])
