"""Files by a program on behalf of a holder: handed in one by one, looked into as every file is, unsent until an appeal or an answer names them."""

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from goodstanding.core.appeals.evidence import clean_name, refuse, too_large
from goodstanding.core.errors import RefusedFiles
from goodstanding.server.api.holder_answers import file_out
from goodstanding.server.api.holder_schemas import FileOut
from goodstanding.server.api.holders import Spoken, speak_for
from goodstanding.server.api.keys import KeyWith
from goodstanding.server.api.schemas import refusals
from goodstanding.server.policy import current_pack
from goodstanding.server.services.evidence import Upload
from goodstanding.server.services.keys import Scope
from goodstanding.server.services.uploads import hand_in

router = Router(tags=["on behalf of a holder"])


@router.post(
    "/accounts/{account_id}/cases/{case_id}/evidence",
    auth=KeyWith(Scope.EVIDENCE_WRITE),
    response={201: FileOut} | refusals(400, 404, 409, 422),
    operation_id="upload_evidence",
    summary="Hand in a file",
)
def upload_evidence(request: HttpRequest, account_id: str, case_id: str, file: File[UploadedFile], asked: Query[Spoken]) -> Status[FileOut]:
    """What it is by its bytes, its SHA-256, and what the virus scanner said so far. The same bytes again are the same file.

    A reviewer sees it once an appeal or an answer has named it; what none has named within 30 days goes.
    """
    by, name, size = speak_for(request, account_id, asked), clean_name(file.name or ""), file.size or 0
    if size > settings.EVIDENCE_MAX_BYTES:
        raise RefusedFiles([refuse(name, too_large(size, settings.EVIDENCE_MAX_BYTES))])
    kept = hand_in(call=by.call, pack=current_pack(), case_id=case_id, upload=Upload(name, file.read()))
    return Status(201, file_out(kept))
