"""Files that holders attached, handed out as downloads only: a browser must never show or run what somebody sent."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from goodstanding.core.appeals.evidence import download_name
from goodstanding.core.terms import Opened
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.downloads import as_download
from goodstanding.server.services.evidence import evidence_bytes
from goodstanding.server.services.openings import note_opened


@require_safe
@for_staff
def download(request: HttpRequest, actor: Actor, evidence_id: str) -> HttpResponse:
    """One file under its real kind."""
    evidence, path = evidence_bytes(actor=actor, evidence_id=evidence_id)
    note_opened(call=call_of(actor), case=evidence.case, part=Opened.EVIDENCE, part_id=evidence_id)
    return as_download(path.read_bytes(), name=download_name(evidence.name, evidence.content_type), content_type=evidence.content_type)
