"""The conversation about a case by a program on behalf of its holder (requirements G1, G2)."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import StringConstraints

from goodstanding.server.api.answering import idempotency_key
from goodstanding.server.api.holder_schemas import MessageOut, MessagesOut
from goodstanding.server.api.holders import Speaking, Spoken, speak_for
from goodstanding.server.api.keys import KeyWith
from goodstanding.server.api.schemas import refusals
from goodstanding.server.policy import current_pack
from goodstanding.server.services.conversation import LONGEST_MESSAGE, may_speak, messages_of, note_read, post_message
from goodstanding.server.services.keys import Scope
from goodstanding.server.store.models import Case, CaseMessage
from goodstanding.server.store.models.conversation import Speaker

router = Router(tags=["on behalf of a holder"])

ADDRESS = "/accounts/{account_id}/cases/{case_id}/messages"


class MessageIn(Schema):
    """One message."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_MESSAGE, pattern=r"^[^\x00]*$")]


class ReadIn(Schema):
    """How far the holder has read."""

    upto: int = Field(ge=0, le=10**6, description="the number of the newest message before the holder's eyes")


@router.get(
    ADDRESS,
    auth=KeyWith(Scope.APPEALS_READ),
    response={200: MessagesOut} | refusals(404, 422),
    operation_id="list_messages",
    summary="The conversation about a case",
)
def list_messages(request: HttpRequest, account_id: str, case_id: str, asked: Query[Spoken]) -> MessagesOut:
    """Asking does not count as read by the holder: say so by `read_messages` once they are on the holder's screen."""
    return _conversation(speak_for(request, account_id, asked), case_id)


@router.post(
    ADDRESS,
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={201: MessageOut} | refusals(400, 404, 409, 422),
    operation_id="send_message",
    summary="Write a message about a case",
)
def send_message(
    request: HttpRequest, account_id: str, case_id: str, said: MessageIn, asked: Query[Spoken], idempotency_key: str = idempotency_key()
) -> Status[MessageOut]:
    """It decides nothing and moves no clock: what is asked for is given by `give_information`, an appeal sent by `submit_appeal`."""
    by = speak_for(request, account_id, asked)
    return Status(201, _message(post_message(call=by.call, pack=current_pack(), case_id=case_id, text=said.text, key=idempotency_key)))


@router.post(
    ADDRESS + "/read",
    auth=KeyWith(Scope.APPEALS_WRITE),
    response={200: MessagesOut} | refusals(400, 404, 422),
    operation_id="read_messages",
    summary="Say that messages are read",
)
def read_messages(request: HttpRequest, account_id: str, case_id: str, read: ReadIn, asked: Query[Spoken]) -> MessagesOut:
    """Otherwise they go to the holder by letter after a few minutes."""
    by = speak_for(request, account_id, asked)
    note_read(call=by.call, case_id=case_id, upto=read.upto)
    return _conversation(by, case_id)


def _conversation(by: Speaking, case_id: str) -> MessagesOut:
    messages = messages_of(actor=by.call.actor, case_id=case_id)
    may_write = may_speak(actor=by.call.actor, case=Case.objects.get(pk=case_id))
    return MessagesOut(case_id=case_id, may_write=may_write, messages=[_message(one) for one in messages])


def _message(row: CaseMessage) -> MessageOut:
    return MessageOut(number=row.number, speaker=Speaker(row.speaker), text=row.text, at=row.at, read_at=row.read_at)
