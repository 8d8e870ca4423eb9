"""Facts by HTTP: one batch of lines of JSON, answered row by row."""

from typing import Annotated, Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from pydantic import WithJsonSchema

from goodstanding.core.errors import UnusableInput
from goodstanding.core.facts import KINDS
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.api.keys import KeyWith, key_in
from goodstanding.server.api.schemas import FindingOut, refusals
from goodstanding.server.services.call import Call
from goodstanding.server.services.facts import LONGEST_SUBMISSION, take_facts
from goodstanding.server.services.keys import Scope

router = Router(tags=["facts"])

Kind = Annotated[str, WithJsonSchema({"type": "string", "enum": list(KINDS)})]
"""A kind of fact. An unknown one is told by the service, which names all there are."""

LINES: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "the same on every try of one batch; with another batch than the first time it is refused",
            "schema": {"type": "string", "maxLength": LONGEST_SUBMISSION},
        }
    ],
    "requestBody": {
        "required": True,
        "description": "One JSON object a line, with the columns of docs/reference/facts.md; at most 2 MB, about 5,000 rows.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    },
}


class BatchOut(Schema):
    """What became of a batch."""

    batch: str = Field(description="SHA-256 of kind and lines: the same batch sent again has the same, and counts once")
    kind: str
    accepted: int = Field(description="rows kept")
    refused: int = Field(description="rows left out; `findings` says which and why (the first thousand)")
    again: bool = Field(description="true where this very batch had been taken before")
    findings: list[FindingOut]


@router.post(
    "/facts/{kind}",
    auth=KeyWith(Scope.FACTS_WRITE),
    response={200: BatchOut} | refusals(404, 422),
    operation_id="send_facts",
    summary="A batch of facts",
    openapi_extra=LINES,
)
def send_facts(request: HttpRequest, kind: Kind) -> BatchOut:
    """Rows that cannot be used are left out and told; the rest is kept. Send a batch again after any failure: it counts once."""
    key = key_in(request)
    try:
        lines = request.body
    except RequestDataTooBig as error:
        raise UnusableInput("the batch is larger than 2 MB; send it in parts") from error
    call = Call(Actor(f"key:{key.pk}", Role.INTEGRATION), timezone.now())
    batch, again = take_facts(call=call, kind=kind, lines=lines, key=key, submission=request.headers.get("Idempotency-Key", ""))
    return BatchOut(
        batch=batch.digest,
        kind=batch.kind,
        accepted=batch.rows,
        refused=batch.refused,
        again=again,
        findings=[FindingOut(**finding) for finding in batch.findings],
    )
