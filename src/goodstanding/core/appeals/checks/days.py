"""Calendar days as people write them in English and Chinese."""

import re
from collections.abc import Iterator
from datetime import date

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_NAME = "|".join(sorted([*_MONTHS, *(month[:3] for month in _MONTHS), "sept"], key=len, reverse=True))
_FORMS = (
    re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?:(?P<y>\d{4})\s*年\s*)?(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号號]"),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<name>{_NAME})\b\.?(?:,?\s+(?P<y>\d{{4}}))?", re.IGNORECASE),
    re.compile(
        rf"\b(?P<name>{_NAME})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:orders|buyers|customers|%))(?:,?\s+(?P<y>\d{{4}}))?", re.IGNORECASE
    ),
)


def found(text: str, today: date) -> Iterator[tuple[int, int, date]]:
    """The days in a text as (start, end, day). Without a year it is the one that lies nearest before `today`. Days that no calendar has are left out."""
    for form in _FORMS:
        for match in form.finditer(text):
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else _month(parts["name"])
            if (day := _day(parts["y"], month, int(parts["d"]), today)) is not None:
                yield match.start(), match.end(), day


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()[:3]))


def _day(year: str | None, month: int, day: int, today: date) -> date | None:
    try:
        if year:
            return date(int(year), month, day)
        this = date(today.year, month, day)
        return this if this <= today else date(today.year - 1, month, day)
    except ValueError:
        return None
