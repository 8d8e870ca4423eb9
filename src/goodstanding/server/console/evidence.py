"""Files that holders attached: shown as pages and text that cannot run, handed out as downloads only (requirement F5)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from goodstanding.core.appeals.evidence import download_name
from goodstanding.core.terms import Opened
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.downloads import as_download, guarded
from goodstanding.server.services.evidence import closed_because, evidence_bytes, evidence_row
from goodstanding.server.services.openings import note_opened
from goodstanding.server.services.previews import page_of, preview_of


@require_safe
@for_staff
def show(request: HttpRequest, actor: Actor, evidence_id: str) -> HttpResponse:
    """One file to look at: its pages as pictures, its text, and what it says of itself."""
    evidence = evidence_row(actor=actor, evidence_id=evidence_id)
    if closed_because(evidence, actor.role):
        return render(request, "console/evidence.html", {"file": evidence, "is_closed": True})
    preview = preview_of(actor=actor, evidence_id=evidence_id, now=timezone.now())
    note_opened(call=call_of(actor), case=evidence.case, part=Opened.EVIDENCE, part_id=evidence_id)
    pages = range(1, preview.pages + 1) if preview else ()
    return render(request, "console/evidence.html", {"file": evidence, "preview": preview, "pages": pages})


@require_safe
@for_staff
def page(request: HttpRequest, actor: Actor, evidence_id: str, number: int) -> HttpResponse:
    """One page of it as a picture that we drew."""
    content_type, picture = page_of(actor=actor, evidence_id=evidence_id, number=number)
    return guarded(picture, content_type=content_type)


@require_safe
@for_staff
def download(request: HttpRequest, actor: Actor, evidence_id: str) -> HttpResponse:
    """One file as it was sent, under its real kind."""
    evidence, data = evidence_bytes(actor=actor, evidence_id=evidence_id)
    note_opened(call=call_of(actor), case=evidence.case, part=Opened.EVIDENCE, part_id=evidence_id)
    return as_download(data, name=download_name(evidence.name, evidence.content_type), content_type=evidence.content_type)
