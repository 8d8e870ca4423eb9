"""Template filters of the pages: words for codes, days and moments, deadlines."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodstanding.core.appeals.evidence import KINDS
from goodstanding.core.appeals.plan import part_and_point
from goodstanding.core.file_terms import ScanState
from goodstanding.server.pages import moments
from goodstanding.server.pages.answers import PartShown, lay_out
from goodstanding.server.pages.kept import kept_view
from goodstanding.server.pages.labels import label
from goodstanding.server.pages.language import pack_words
from goodstanding.server.pages.wrong import Wrong, about, state_of
from goodstanding.server.services.held_money import say_amount
from goodstanding.server.store.models import Appeal, Evidence, Limit, SolveWindow

register = template.Library()


@register.filter
def said(code: str, table: str) -> str:
    """The word for a code: `{{ case.state|said:"state" }}`."""
    return label(table, code)


@register.simple_tag(takes_context=True)
def queue_address(context: Context) -> str:
    """Where the queue is, as the reader last looked at it: its tab, filters and page."""
    return reverse("console:queue") + kept_view(context["request"])


@register.filter
def scan_state(file: Evidence) -> str:
    """What the scanner said of a file; empty where none is set up and none was asked."""
    if file.scan and (settings.SCANNER or file.scan.state in (ScanState.CLEAN, ScanState.FOUND)):
        return file.scan.state
    return ScanState.WAITING if settings.SCANNER else ""


@register.filter
def file_kind(content_type: str) -> str:
    """What people call a kind of file: `PDF`, `JPG`."""
    return next((kind.suffixes[0][1:].upper() for kind in KINDS if kind.content_type == content_type), content_type)


@register.simple_tag
def most_megabytes() -> int:
    """Megabytes that one file may have."""
    return int(settings.EVIDENCE_MAX_BYTES) // 2**20


@register.filter
def evidence_name(item: str) -> str:
    """The word for a kind of evidence; what a reviewer asked for in own words stays as it is."""
    return pack_words().evidence.get(item, item)


@register.filter
def day(value: date | None) -> str:
    """A day in the reader's language; nothing for None."""
    return moments.say_day(value) if value else ""


@register.filter
def moment(value: datetime | str | None) -> str:
    """A moment in the reader's language, also from ISO text as the ledger keeps it; nothing for None."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return moments.say_moment(value) if value else ""


_BOUNDS: Mapping[str, object] = {
    "<=": gettext_lazy("at most %(bound)s"),
    ">=": gettext_lazy("at least %(bound)s"),
    "<": gettext_lazy("below %(bound)s"),
    ">": gettext_lazy("above %(bound)s"),
    "=": "%(bound)s",
}


@register.filter
def say_target(target: str) -> str:
    """A metric's target in words: `>= 90 %` as `at least 90 %`."""
    sign, _space, bound = target.partition(" ")
    return str(_BOUNDS[sign]) % {"bound": bound.replace(" ", "\u00a0")} if sign in _BOUNDS else target


@register.filter
def under(row: Sequence[str], columns: Sequence[str]) -> list[tuple[str, str]]:
    """Each cell of a row with the name of its column, which a phone shows beside it."""
    return list(zip(columns, row, strict=True))


@register.filter
def until(value: datetime | None) -> str:
    """How far away a deadline is."""
    return moments.say_until(value, timezone.now()) if value else ""


@register.filter
def ago(value: datetime) -> str:
    """How long ago something was."""
    return moments.say_ago(value, timezone.now())


@register.filter
def is_past(value: datetime | None) -> bool:
    """Whether a deadline has gone by."""
    return value is not None and value < timezone.now()


@register.filter
def laid_out(row: Appeal | SolveWindow) -> list[PartShown]:
    """What a holder wrote, with the files beside each point: `{% for part in appeal|laid_out %}`."""
    return lay_out(row)


@register.filter
def proves(place: str, case_id: str) -> str:
    """What a file proves: a part, or one point of it, like `What you have already done, point 2`. `case_id`: set where the holder reads it."""
    part, point = part_and_point(place)
    called = label("part" if case_id else "their_part", part)
    return _("%(part)s, point %(point)d") % {"part": called, "point": point} if point else called


@register.filter
def as_json(value: object) -> str:
    """A value as JSON, for an attribute that a script reads; the template escapes it."""
    return json.dumps(value, ensure_ascii=False)


@register.simple_tag
def field_state(wrong: Sequence[Wrong] | None, field: str, hint: str = "") -> SafeString:
    """The attributes of a field: by what it is described, and that it is wrong."""
    return state_of(wrong, field, hint)


@register.simple_tag
def field_wrong(wrong: Sequence[Wrong] | None, field: str) -> SafeString:
    """What is wrong with a field, to stand beside it; nothing where nothing is."""
    said = about(wrong or (), field)
    return format_html('<p class="error" id="error-{}">{}</p>', field, said) if said else SafeString("")


@register.filter
def has_wrong(wrong: Sequence[Wrong] | None, prefix: str) -> bool:
    """Whether anything is wrong with a field whose id begins so; for what is folded."""
    return any(one.field.startswith(prefix) for one in wrong or ())


@register.filter
def iso(value: datetime) -> str:
    """A moment as machines read it, for `<time datetime>`."""
    return value.isoformat(timespec="seconds")


@register.filter
def amount(limit: Limit) -> str:
    """The money a limit holds, as `120.50 EUR`."""
    return say_amount(limit.held_amount or 0, limit.currency)
