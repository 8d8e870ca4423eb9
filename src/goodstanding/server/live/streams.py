"""The stream of one open page: "message" when the conversation has changed, "present" when somebody comes or goes (requirements G2, H1).

Served by the ASGI process alone, never from a thread of the pages' server. Each stream asks for itself whether its reader may still read.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from goodstanding.core.errors import GoodstandingError
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.live.hub import Hub
from goodstanding.server.live.threads import apart, ask
from goodstanding.server.pages.asking import call_of, holder_of, staff_of, user_of
from goodstanding.server.pages.people import names_of
from goodstanding.server.services.conversation import check_may_read
from goodstanding.server.services.factors import lacks_factor
from goodstanding.server.services.openings import note_closed, note_open

CHECKED_EVERY = 20.0
"""Seconds between two looks whether the reader may still read, and is still there."""

HUB = Hub()
FOR_HOLDER, FOR_STAFF = "holder", "staff"


async def case_stream(request: HttpRequest, door: str, case_id: str) -> HttpResponseBase:
    """The stream of a case's page, for its holder or for staff; 404 where this is not the process for streams, 403 for everybody else."""
    if not isinstance(request, ASGIRequest):
        raise Http404("streams are served by the live process")
    actor = await ask(_reader, request, door, case_id)
    if actor is None:
        return _shared(request, HttpResponse("not permitted", status=403, content_type="text/plain"))
    response = StreamingHttpResponse(_events(request, door, actor, case_id), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return _shared(request, response)


def _reader(request: HttpRequest, door: str, case_id: str) -> Actor | None:
    """Who asks, looked up anew; None for who may not read the conversation (any more)."""
    request.session = type(request.session)(request.session.session_key)
    request.user = get_user(request)
    actor = staff_of(request) if door == FOR_STAFF else holder_of(request)
    if door == FOR_STAFF and (user := user_of(request)) and lacks_factor(user=user):
        return None
    try:
        if actor:
            check_may_read(actor=actor, case_id=case_id)
    except GoodstandingError:
        return None
    return actor


async def _events(request: HttpRequest, door: str, actor: Actor, case_id: str) -> AsyncIterator[bytes]:
    told, present = _last_told(request), ""
    page = await HUB.join(case_id)
    try:
        await ask(_come, actor, case_id)
        yield b"retry: 3000\n\n"
        while True:
            page.changed.clear()
            seen = HUB.seen(case_id)
            if (mark := f"{seen.number}.{seen.read}") != told:
                told = mark
                yield f"id: {mark}\nevent: message\ndata: {seen.number}\n\n".encode()
            if (others := await ask(_say_present, door, actor, seen.open_by)) != present:
                present = others
                yield f"event: present\ndata: {others}\n\n".encode()
            try:
                await asyncio.wait_for(page.changed.wait(), CHECKED_EVERY)
            except TimeoutError:
                if await ask(_reader, request, door, case_id) is None:
                    return
                await ask(_come, actor, case_id)
                yield b": still here\n\n"
    finally:
        HUB.leave(page)
        # Not awaited: a page that is closed cancels whatever this would wait for.
        apart(ask(_go, actor, case_id))


def _last_told(request: HttpRequest) -> str:
    return request.headers.get("Last-Event-ID", "") or request.GET.get("after", "")


def _come(actor: Actor, case_id: str) -> None:
    note_open(call=call_of(actor), case_id=case_id)


def _go(actor: Actor, case_id: str) -> None:
    note_closed(call=call_of(actor), case_id=case_id)


def _say_present(door: str, actor: Actor, open_by: tuple[str, ...]) -> str:
    """To staff, the names of the others; to a holder, only whether somebody of ours has the case open now."""
    if door != FOR_STAFF or actor.role == Role.HOLDER:
        return json.dumps(bool(open_by))
    others = [one for one in open_by if one != actor.id]
    names = names_of(others) if others else {}
    return json.dumps([names[one] for one in others], ensure_ascii=False)


def _shared(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Let the pages of this very host read the answer, which come from another port of it where no proxy stands before both."""
    origin = urlsplit(request.headers.get("Origin", ""))
    if origin.scheme in ("http", "https") and origin.hostname == urlsplit(f"//{request.get_host()}").hostname:
        response["Access-Control-Allow-Origin"] = f"{origin.scheme}://{origin.netloc}"
        response["Access-Control-Allow-Credentials"] = "true"
        response["Vary"] = "Origin, Cookie"
    return response
