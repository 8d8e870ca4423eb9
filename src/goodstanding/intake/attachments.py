"""Files that go with a plan: their real kind, their size, and the day they bear where it can be told (requirement F5)."""

import re
from datetime import date

from goodstanding.core.appeals.checks import days
from goodstanding.core.appeals.checks.context import Attached
from goodstanding.core.appeals.evidence import CSV, TEXT, FileKind, clean_name, recognise

_SEPARATORS = re.compile(r"[_.\s]+")


def read_attachment(name: str, data: bytes, today: date) -> Attached:
    """A file as checks see it. The day is the one in its name, or the first one in a text; pictures and PDFs are not opened for it."""
    kind = recognise(name, data)
    if not isinstance(kind, FileKind):
        return Attached(clean_name(name), "", len(data))
    dated = next((day for _, _, day in days.found(_SEPARATORS.sub(" ", name), today)), None)
    if dated is None and kind in (TEXT, CSV):
        dated = next((day for _, _, day in days.found(data[:20_000].decode("utf-8", errors="replace"), today)), None)
    return Attached(clean_name(name), kind.suffixes[0].lstrip("."), len(data), dated)
