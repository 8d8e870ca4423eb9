"""Measures with their days as two forms of the console take them: a reinstatement on conditions, and the settlement of a solve window (I2)."""

from collections.abc import Sequence
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.server.services.commitments import Promise
from goodstanding.server.store.models import Case

MOST_MEASURES = 6
"""Measures that one form takes."""

Row = tuple[int, str, str, str]
"""One row of the form: its number, the measure, its day as typed, the metric that follows it."""


def read_measures(data: QueryDict) -> list[Promise]:
    """What was typed, rows without a measure left out. Raises UnusableInput for a measure without a day."""
    promises = []
    for _number, measure, due, metric in rows_of(data):
        if not measure.strip():
            continue
        try:
            promises.append(Promise(measure.strip(), date.fromisoformat(due), metric))
        except ValueError:
            raise UnusableInput(_("give each measure a day")) from None
    return promises


def rows_of(data: QueryDict | None, ready: Sequence[Promise] = ()) -> list[Row]:
    """The rows to show: what was typed, or else what is ready to be taken over, and empty ones up to the most."""
    if data is None:
        filled = [(one.measure, one.due.isoformat(), one.metric) for one in ready[:MOST_MEASURES]]
        filled += [("", "", "")] * (MOST_MEASURES - len(filled))
        return [(number, *row) for number, row in enumerate(filled, 1)]
    numbers = range(1, MOST_MEASURES + 1)
    return [(n, data.get(f"measure-{n}", ""), data.get(f"due-{n}", ""), data.get(f"metric-{n}", "")) for n in numbers]


def metrics_for(case: Case, pack: PolicyPack, words: Words) -> list[tuple[str, str]]:
    """The metrics that the reasons of a case are found by: a measure against one of these can be followed by what is counted."""
    reasons = set(case.action.violations.values_list("reason", flat=True))
    return [(metric.name, words.metrics.get(metric.name, metric.name)) for metric in pack.metrics.values() if metric.reason in reasons]
