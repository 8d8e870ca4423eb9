"""Days and moments as each language writes them. Moments are told in UTC, because a deadline without a zone is none."""

import re
from datetime import UTC, date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

_ISO_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$")
_STEPS = ((timedelta(days=1), "days"), (timedelta(hours=1), "hours"), (timedelta(minutes=1), "minutes"))


def say_day(day: date) -> str:
    """A day, like `22 November 2026`."""
    return date_format(day, pgettext("format of a day, in Django's letters", "j F Y"), use_l10n=False)


def say_moment(moment: datetime) -> str:
    """A moment, like `22 November 2026, 16:43 UTC`."""
    return date_format(moment.astimezone(UTC), pgettext("format of a moment, in Django's letters", r"j F Y, H:i \U\T\C"), use_l10n=False)


def say_length(span: timedelta) -> str:
    """A length of time in its largest whole unit, like `3 days`."""
    for unit, name in _STEPS:
        if (count := int(span / unit)) >= 1:
            return _count(count, name)
    return _("less than a minute")


def say_until(due: datetime, now: datetime) -> str:
    """How far away a deadline is, like `in 3 days` or `3 days overdue`."""
    if due >= now:
        return _("in %(length)s") % {"length": say_length(due - now)}
    return _("%(length)s overdue") % {"length": say_length(now - due)}


def say_ago(moment: datetime, now: datetime) -> str:
    """How long ago something was, like `3 days ago`."""
    return _("%(length)s ago") % {"length": say_length(now - moment)}


def say_fact(text: str) -> str:
    """A value of a fact for a table: ISO days and moments short and in UTC, anything else as it is."""
    if not _ISO_MOMENT.match(text):
        return text
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%Y-%m-%d %H:%M}"


def _count(count: int, unit: str) -> str:
    match unit:
        case "days":
            return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
        case "hours":
            return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
        case _:
            return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
