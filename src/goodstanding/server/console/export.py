"""One case as a file to keep or hand on (requirement K3)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.services.exports import export_case


@require_safe
@for_staff
def download(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The archive of a case, as an attachment."""
    response = HttpResponse(export_case(call=call_of(actor), case_id=case_id), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{case_id}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
