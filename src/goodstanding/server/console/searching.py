"""The search of the console: straight to what it can only be, else a page of what was found; auditors see who looked for what (H5, H8)."""

import json
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import call_of, for_staff
from goodstanding.server.pages.people import names_of
from goodstanding.server.services.quality import kept_secret
from goodstanding.server.services.searching import CHAIN, look_up
from goodstanding.server.store.models import LedgerEntry

MOST_LOOKED_UP = 200


@dataclass(frozen=True, slots=True)
class LookUpShown:
    """One look-up of the past."""

    at: str
    who: str
    text: str
    found: str


@require_safe
@for_staff
def search(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page; what it was asked stands in its address."""
    asked = request.GET.get("q", "").strip()
    if not asked:
        return render(request, "console/search.html", {"looked_up": _looked_up() if actor.role == Role.AUDITOR else None})
    found = look_up(call=call_of(actor), text=asked, after=request.GET.get("after", ""))
    if found.exact:
        return redirect("console:case", found.exact.pk)
    if len(found.accounts) == 1 and not found.cases and found.accounts[0].pk == asked:
        return redirect("console:account", asked)
    secret = kept_secret(actor=actor, case_ids=[case.pk for case in found.cases])
    context = {"asked": asked, "asked_text": asked, "found": found, "cases": [(case, case.pk in secret) for case in found.cases]}
    return render(request, "console/search.html", context)


def _looked_up() -> list[LookUpShown]:
    entries = list(LedgerEntry.objects.filter(case_id=CHAIN).select_related("body").order_by("-sequence")[:MOST_LOOKED_UP])
    names = names_of(entry.actor for entry in entries)
    shown = []
    for entry in entries:
        body = json.loads(entry.body.text) if hasattr(entry, "body") else {}
        shown.append(LookUpShown(entry.at, names.get(entry.actor, entry.actor), str(body.get("text", "–")), str(body.get("found", "–"))))
    return shown
