"""The audit of sign-ins, factors and users, for auditors. Filters live in the address, pages are cut by the entry they begin after."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from goodstanding.core.values import Actor
from goodstanding.server.pages.asking import for_staff
from goodstanding.server.pages.labels import label
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.people import names_of
from goodstanding.server.services.audit import Wanted, read_audit
from goodstanding.server.store.models import AuditEntry
from goodstanding.server.store.models.audit import AuditKind

FILTERS = ("kind", "user", "since", "until")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: the means in words, who did it where that is another one, what was and is for each thing that changed."""

    entry: AuditEntry
    means: str
    by: str
    changes: tuple[tuple[str, str], ...]


@require_safe
@for_staff
def show(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A page of entries, the newest first."""
    asked = {name: request.GET.get(name, "").strip() for name in FILTERS}
    since, until = _day(asked["since"]), _day(asked["until"])
    page = read_audit(actor=actor, wanted=Wanted(asked["kind"], asked["user"], since, until, request.GET.get("after", "")))
    names = names_of(entry.actor for entry in page.entries)
    context = {
        "audit": [_row(entry, names) for entry in page.entries],
        "asked": asked,
        "kinds": list(AuditKind),
        "is_filtered": any(asked.values()),
        "later": page.later,
        "query": urlencode({name: value for name, value in asked.items() if value}),
    }
    return render(request, "console/audit.html", context)


def _day(text: str) -> date | None:
    """The day of a filter; none where it is no day, as for a date field that was left empty."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _row(entry: AuditEntry, names: dict[str, str]) -> Row:
    means = " + ".join(label("means", one) for one in entry.method.split("+") if one)
    by = "" if entry.user and entry.actor == f"user:{entry.user.pk}" else names.get(entry.actor, "")
    changes = tuple((label("user_field", name), _said(entry.kind, name, value)) for name, value in entry.body.items())
    return Row(entry, means, by if entry.kind in (AuditKind.USER_MADE, AuditKind.USER_CHANGED, AuditKind.FACTOR_REMOVED) else "", changes)


def _said(kind: str, name: str, value: object) -> str:
    """One value, or what it was and is since."""
    match kind, value:
        case AuditKind.USER_CHANGED, [before, after]:
            return f"{_plain(name, before)} → {_plain(name, after)}"
    return _plain(name, value)


def _plain(name: str, value: object) -> str:
    match name, value:
        case _, bool():
            return str(_("yes") if value else _("no"))
        case (("role" | "languages"), str()):
            return label("role" if name == "role" else "language", value)
        case "because", str():
            return label("sign_on", value)
        case "skills", str():
            return pack_words().term(value)
        case _, list():
            return ", ".join(_plain(name, one) for one in value) or "–"
    return str(value)
