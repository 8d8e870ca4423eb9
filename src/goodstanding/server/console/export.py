"""One case as a file to keep or hand on (requirement K3)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from goodstanding.core.errors import NotPermitted
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.services.exports import export_case
from goodstanding.server.services.quality import held_blind_of, note_outcomes_seen
from goodstanding.server.store.models import Case


@require_safe
@for_staff
def download(request: HttpRequest, actor: Actor, case_id: str) -> HttpResponse:
    """The archive of a case, as an attachment."""
    account_id = Case.objects.filter(pk=case_id).values_list("account_id", flat=True).first() or ""
    if held_blind_of(actor=actor, account_id=account_id):
        raise NotPermitted("taking out a case that you review blind", ["a colleague"])
    note_outcomes_seen(call=call_of(actor), account_id=account_id)
    response = HttpResponse(export_case(call=call_of(actor), case_id=case_id), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{case_id}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
