"""Keeping a note of colleagues, inside the transaction of what it is about: used by the notes' own services and by those that tell a reason."""

import hashlib
import json
from collections.abc import Iterable

from goodstanding.core.cases.notes import NoteAbout, clean_note
from goodstanding.core.terms import FoundBy
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.store.models import Case, CaseNote, User, Violation

STAFF_PREFIX = "user:"


def keep_note(
    *, call: Call, case: Case, text: str, key: str, about: NoteAbout = NoteAbout.WORDS, addressee: str = "", answers: int | None = None
) -> CaseNote:
    """Keep a note with a locked case, enter it in the ledger, and tell programs that somebody is asked, without a word of it. Raises UnusableInput."""
    said = clean_note(text)
    note = CaseNote.objects.create(
        case=case,
        number=case.notes.count() + 1,
        about=about,
        author=call.actor.id,
        key=key,
        text=said,
        sha256=hashlib.sha256(said.encode()).hexdigest(),
        at=call.now,
        addressee=addressee,
        answers=answers,
    )
    body = {"number": note.number, "about": about, "sha256": note.sha256, "addressee": addressee, "answers": answers}
    ledger.append(call=call, case_id=case.pk, kind="NoteWritten", body=body)
    if addressee:
        queue_event(call=call, type="case.colleague_asked", case=case, body={"note": note.number, "colleague": addressee})
    return note


def tell_recorders(*, call: Call, case: Case, because: str) -> None:
    """Bring the reason for which a proposal is refused to those who had recorded by hand what it rests on, other than who refuses it."""
    for recorder in _recorders(case.action.violations.filter(found_by=FoundBy.PERSON)):
        if recorder != call.actor.id:
            keep_note(call=call, case=case, text=because, key=f"refusal:{recorder}:{call.new_id('K')}", about=NoteAbout.REFUSAL, addressee=recorder)


def _recorders(violations: Iterable[Violation]) -> list[str]:
    """Who recorded violations, as far as they still work here."""
    told = [json.loads(one.explanation).get("by", "") for one in violations if one.explanation]
    keys = {name.removeprefix(STAFF_PREFIX) for name in told if name.startswith(STAFF_PREFIX)}
    active = User.objects.filter(pk__in=[key for key in keys if key.isdecimal()], is_active=True).order_by("pk")
    return [f"{STAFF_PREFIX}{user.pk}" for user in active]
