"""Notes among colleagues, as the page of a case shows and takes them (requirement H1)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import NotFound
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of
from goodstanding.server.pages.people import STAFF_PREFIX, names_of
from goodstanding.server.services.notes import notes_of, set_aside, write_note
from goodstanding.server.store.models import Case, CaseNote, User


@dataclass(frozen=True, slots=True)
class NoteShown:
    """One note. `who` wrote it and `to` whom, by name; `may_settle`: the reader may set it aside, `is_to_me`: and was asked."""

    row: CaseNote
    who: str
    to: str
    is_mine: bool
    is_to_me: bool
    may_settle: bool


def write(request: HttpRequest, actor: Actor, case_id: str) -> object:
    """The button `note`: keep what was written, for a colleague where one was chosen, as an answer where it is one."""
    data = request.POST
    asked = data.get("ask", "")
    addressee = f"{STAFF_PREFIX}{asked}" if asked else ""
    return write_note(
        call=call_of(actor),
        case_id=case_id,
        text=data.get("note", ""),
        key=data.get("note_key", ""),
        addressee=addressee,
        answers=_number(data.get("answers", "")),
    )


def put_aside(request: HttpRequest, actor: Actor, case_id: str) -> object:
    """The button `set_aside`."""
    number = _number(request.POST.get("number", ""))
    if number is None:
        raise NotFound(f"no question was named of case {case_id}")
    return set_aside(call=call_of(actor), case_id=case_id, number=number)


def show_notes(request: HttpRequest, actor: Actor, case: Case) -> Mapping[str, object]:
    """What the template `console/notes.html` needs."""
    rows = notes_of(actor=actor, case=case)
    names = names_of(name for row in rows for name in (row.author, row.addressee))
    open_to_me = {row.number for row in rows if row.addressee == actor.id and row.settled_at is None}
    answering = _number(request.POST.get("answers", "") or request.GET.get("answer", ""))
    may_note = actor.role in REVIEWERS
    return {
        "notes": [_shown(row, actor, names) for row in rows],
        "may_note": may_note,
        "answering": answering if answering in open_to_me else None,
        "note_key": request.POST.get("note_key") or secrets.token_urlsafe(12),
        "to_ask": _colleagues(actor) if may_note else (),
    }


def _shown(row: CaseNote, actor: Actor, names: Mapping[str, str]) -> NoteShown:
    is_open = bool(row.addressee) and row.settled_at is None
    return NoteShown(
        row=row,
        who=names.get(row.author, ""),
        to=names.get(row.addressee, ""),
        is_mine=row.author == actor.id,
        is_to_me=row.addressee == actor.id,
        may_settle=is_open and actor.id in (row.author, row.addressee),
    )


def _colleagues(actor: Actor) -> tuple[User, ...]:
    users = User.objects.filter(is_active=True, role__in=REVIEWERS).order_by("name", "pk")
    return tuple(user for user in users if f"{STAFF_PREFIX}{user.pk}" != actor.id)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None
