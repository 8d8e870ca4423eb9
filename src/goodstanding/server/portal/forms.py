"""What a holder types, and what is said beside a field that cannot be sent so. Checks of content advise elsewhere and never block."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from goodstanding.core.appeals.evidence import clean_name
from goodstanding.core.appeals.plan import Answer, place_of
from goodstanding.core.terms import Route
from goodstanding.server.pages.friendly import say_file
from goodstanding.server.services.commitments import Promise
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


class AnswerForm(forms.Form):
    """The parts of one route. At least one part has to say something."""

    def __init__(self, route: Route, data: MultiValueDict[str, str] | None = None, initial: Mapping[str, str] | None = None) -> None:
        self.route = route
        super().__init__(data, initial=dict(initial or {}))
        for part in PARTS[route]:
            self.fields[part] = forms.CharField(required=False, max_length=LONGEST_PART, strip=True)

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


def read_measures(data: QueryDict) -> tuple[list[Promise], list[str]]:
    """What a holder would commit to, and in the reader's words what is wrong with measures whose day is missing or gone by."""
    promises, wrong, today = [], [], timezone.now().date()
    for _number, measure, due in measure_rows(data):
        if not measure.strip():
            continue
        try:
            day = date.fromisoformat(due)
        except ValueError:
            wrong.append(_("Please give a day for “%(measure)s”.") % {"measure": measure.strip()[:60]})
            continue
        if day < today:
            wrong.append(_("The day for “%(measure)s” has gone by. Please give one to come.") % {"measure": measure.strip()[:60]})
        promises.append(Promise(measure.strip(), day))
    return promises, wrong


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


def read_files(files: MultiValueDict[str, UploadedFile], parts: Iterable[str]) -> tuple[list[Upload], list[str]]:
    """The files of each part's field (`files_<part>`) and of those of its points (`files_<part>-<number>`), and in the reader's words what is wrong with those that cannot be taken."""
    chosen = _placed(files, parts)
    if len(chosen) > MOST_FILES:
        return [], [_("Please attach at most %(count)d files at once. You chose %(chosen)d.") % {"count": MOST_FILES, "chosen": len(chosen)}]
    uploads, wrong = [], []
    for part, file in chosen:
        name = clean_name(file.name or "")
        if (file.size or 0) > settings.EVIDENCE_MAX_BYTES:
            sizes = {"name": name, "size": filesizeformat(file.size or 0), "most": filesizeformat(settings.EVIDENCE_MAX_BYTES)}
            wrong.append(_("“%(name)s” is too large: %(size)s. A file may have at most %(most)s.") % sizes)
            continue
        data = file.read()
        if unfit := unfit_for(name, data):
            wrong.append(say_file(name, unfit.trouble))
        else:
            uploads.append(Upload(name, data, part))
    return uploads, wrong
