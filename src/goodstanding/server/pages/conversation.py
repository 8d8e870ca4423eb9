"""The conversation of a case as both doors show it, and what a script or a form sends (requirements G1, G2)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from goodstanding.core.errors import GoodstandingError
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of
from goodstanding.server.pages.friendly import say_error, status_of
from goodstanding.server.pages.live import live_address
from goodstanding.server.pages.people import names_of
from goodstanding.server.policy import current_pack
from goodstanding.server.services.conversation import LONGEST_MESSAGE, may_speak, messages_of, note_read, post_message
from goodstanding.server.store.models import Case, CaseMessage
from goodstanding.server.store.models.conversation import Speaker


@dataclass(frozen=True, slots=True)
class MessageShown:
    """One message. `who`: by name for staff; to a holder staff are the team. `is_mine`: of the reader's own side."""

    row: CaseMessage
    who: str
    is_mine: bool
    read_at: datetime | None


def is_fetched(request: HttpRequest) -> bool:
    """Whether a script asks, for a part of the page."""
    return request.headers.get("X-Requested-With") == "fetch"


def show_messages(request: HttpRequest, actor: Actor, case_id: str) -> list[MessageShown]:
    """The conversation. What a reader gets before the eyes is read by that: on the page, or fetched while the page is looked at."""
    rows = messages_of(actor=actor, case_id=case_id)
    if rows and request.method in ("GET", "POST"):
        note_read(call=call_of(actor), case_id=case_id, upto=rows[-1].number)
    return _shown(rows, actor)


def conversation(request: HttpRequest, actor: Actor, case: Case, *, door: str, address: str) -> Mapping[str, object]:
    """What the template `parts/conversation.html` needs. `address`: where messages are sent and fetched."""
    return {
        "messages_shown": show_messages(request, actor, case.pk),
        "may_speak": may_speak(actor=actor, case=case),
        "message_key": request.POST.get("key") or secrets.token_urlsafe(12),
        "message_typed": request.POST.get("text", ""),
        "longest_message": LONGEST_MESSAGE,
        "live": live_address(request, door, case.pk),
        "talk": address,
        "for_holder": actor.role == Role.HOLDER,
    }


def answer_fetch(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """What a script gets: a POST says something, and the answer is the conversation as it stands; a refusal is a line of text."""
    if request.method == "POST":
        try:
            post_message(
                call=call_of(actor), pack=current_pack(), case_id=case_id, text=request.POST.get("text", ""), key=request.POST.get("key", "")
            )
        except GoodstandingError as error:
            return JsonResponse({"error": say_error(error)}, status=status_of(error))
    shown = show_messages(request, actor, case_id)
    return render(request, "parts/messages.html", {"messages_shown": shown, "for_holder": actor.role == Role.HOLDER})


def _shown(rows: Sequence[CaseMessage], actor: Actor) -> list[MessageShown]:
    is_holder = actor.role == Role.HOLDER
    names = {} if is_holder else names_of(row.actor for row in rows)
    own = Speaker.HOLDER if is_holder else Speaker.STAFF
    return [MessageShown(row, _who(row, names, is_holder=is_holder), row.speaker == own, row.read_at) for row in rows]


def _who(row: CaseMessage, names: Mapping[str, str], *, is_holder: bool) -> str:
    if row.speaker == Speaker.HOLDER:
        return _("You") if is_holder else _("Holder")
    return _("Our team") if is_holder else names.get(row.actor, row.actor)
