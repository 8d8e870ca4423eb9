"""What a holder types, and what is said beside a field that cannot be sent so. Checks of content advise elsewhere and never block."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from goodstanding.core.appeals.evidence import clean_name
from goodstanding.core.appeals.plan import Answer, part_and_point, place_of
from goodstanding.core.terms import Route
from goodstanding.server.pages.friendly import say_file
from goodstanding.server.pages.wrong import Wrong
from goodstanding.server.services.commitments import LONGEST_MEASURE, Promise
from goodstanding.server.services.evidence import Upload
from goodstanding.server.services.gate import unfit_for

LONGEST_PART = 20_000
"""Characters of one part of an answer; some ten pages."""

MOST_FILES = 20
"""Files in one submission."""

MOST_POINTS = 20
"""Points of one part that files can be attached to; those of a longer list are attached to the part."""

PARTS = {Route.PLAN: ("root_cause", "corrective", "preventive"), Route.DISPUTE: ("grounds",)}
"""The parts of each route, in the order they are written."""


def _too_long(most: int) -> str:
    """Why a text is not taken, in the words of Django's check of lengths."""
    said = _(
        "This text is too long: it has %(have)s characters, and at most %(most)d can be sent. Shorten it, or put the rest into a file and attach it."
    )
    return said % {"have": "%(show_value)d", "most": most}


def too_long(text: str, most: int, field: str) -> list[Wrong]:
    """What is wrong with the length of a text: nothing, or the line about it."""
    return [Wrong(_too_long(most) % {"show_value": len(text)}, field)] if len(text) > most else []


class AnswerForm(forms.Form):
    """The parts of one route. At least one part has to say something."""

    def __init__(self, route: Route, data: MultiValueDict[str, str] | None = None, initial: Mapping[str, str] | None = None) -> None:
        self.route = route
        super().__init__(data, initial=dict(initial or {}))
        for part in PARTS[route]:
            said = {"max_length": _too_long(LONGEST_PART)}
            self.fields[part] = forms.CharField(required=False, max_length=LONGEST_PART, strip=True, error_messages=said)

    def clean(self) -> dict[str, str]:
        """Refuse an answer without any word; every single part may stay empty, with advice."""
        parts = self.cleaned_data
        if not any(text.strip() for text in parts.values()) and not self.errors:
            self.add_error(PARTS[self.route][0], _("Please write something here before you go on."))
        return parts

    def answer(self) -> Answer:
        """What was written, as the core reads it."""
        return Answer(self.route, **{part: self.cleaned_data.get(part, "") for part in PARTS[self.route]})


MOST_MEASURES = 4
"""Measures that a holder writes on one form."""


LONGEST_WAIT = timedelta(days=10 * 366)
"""How far ahead a day may lie: a later one is a slip of the finger."""


def read_measures(data: QueryDict) -> tuple[list[Promise], list[Wrong]]:
    """What a holder would commit to, and in the reader's words what is wrong with measures that are too long or whose day is missing, gone by or absurd."""
    promises, wrong = [], []
    for number, measure, due in measure_rows(data):
        called = {"measure": measure.strip()[:60]}
        if not measure.strip():
            if due.strip():
                wrong.append(Wrong(_("Please say what is to be in place by then, or take the day away."), f"measure-{number}"))
            continue
        wrong += too_long(measure.strip(), LONGEST_MEASURE, f"measure-{number}")
        day, said = read_day(due)
        if day is None:
            wrong.append(Wrong(said or _("Please give a day for “%(measure)s”.") % called, f"due-{number}"))
            continue
        if day < timezone.now().date():
            wrong.append(Wrong(_("The day for “%(measure)s” has gone by. Please give one to come.") % called, f"due-{number}"))
        promises.append(Promise(measure.strip(), day))
    return promises, wrong


def read_day(typed: str) -> tuple[date | None, str]:
    """A day as typed, and in the reader's words what is wrong with it; neither where nothing was typed."""
    if not typed.strip():
        return None, ""
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        return None, _("“%(day)s” is not a day. Write it like 2027-01-31.") % {"day": typed.strip()[:20]}
    if day > timezone.now().date() + LONGEST_WAIT:
        return None, _("%(day)s is more than ten years away. Please check the year.") % {"day": day}
    return day, ""


def measure_rows(data: Mapping[str, str] | None, ready: Sequence[Promise] = ()) -> list[tuple[int, str, str]]:
    """The rows of measures to show: as typed, or as handed in before, with empty ones up to the most."""
    if data is not None:
        return [(n, data.get(f"measure-{n}", ""), data.get(f"due-{n}", "")) for n in range(1, MOST_MEASURES + 1)]
    filled = [(one.measure, one.due.isoformat()) for one in ready[:MOST_MEASURES]]
    filled += [("", "")] * (MOST_MEASURES - len(filled))
    return [(n, *row) for n, row in enumerate(filled, 1)]


def chosen_files(files: MultiValueDict[str, UploadedFile], parts: Iterable[str]) -> list[UploadedFile]:
    """The first files of each part's field, as many as one submission may have."""
    return [file for _, file in _placed(files, parts)][:MOST_FILES]


def _placed(files: MultiValueDict[str, UploadedFile], parts: Iterable[str]) -> list[tuple[str, UploadedFile]]:
    """Each file with what it proves: that of `files_corrective` the part, that of `files_corrective-2` its second point."""
    points = range(MOST_POINTS + 1)
    fields = ((place_of(part, point), f"files_{part}-{point}" if point else f"files_{part}") for part in parts for point in points)
    return [(place, file) for place, field in fields for file in files.getlist(field)]


def read_files(files: MultiValueDict[str, UploadedFile], parts: Iterable[str]) -> tuple[list[Upload], list[Wrong]]:
    """The files of each part's field (`files_<part>`) and of those of its points (`files_<part>-<number>`), and what is wrong with those that cannot be taken."""
    chosen = _placed(files, parts)
    if len(chosen) > MOST_FILES:
        most = {"count": MOST_FILES, "chosen": len(chosen)}
        return [], [Wrong(_("Please attach at most %(count)d files at once. You chose %(chosen)d.") % most, field_of(chosen[0][0]))]
    uploads, wrong = [], []
    for place, file in chosen:
        name = clean_name(file.name or "")
        if (file.size or 0) > settings.EVIDENCE_MAX_BYTES:
            sizes = {"name": name, "size": filesizeformat(file.size or 0), "most": filesizeformat(settings.EVIDENCE_MAX_BYTES)}
            wrong.append(Wrong(_("“%(name)s” is too large: %(size)s. A file may have at most %(most)s.") % sizes, field_of(place)))
            continue
        data = file.read()
        if unfit := unfit_for(name, data):
            wrong.append(Wrong(say_file(name, unfit.trouble), field_of(place)))
        else:
            uploads.append(Upload(name, data, place))
    return uploads, wrong


def field_of(place: str) -> str:
    """The id of the field that takes the files of a part or of one of its points."""
    part, point = part_and_point(place)
    return f"files-{part}-{point}" if point else f"files-{part}"
