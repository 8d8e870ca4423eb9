"""A diagnosis on a page: bars as long as the shares, columns as high as the days, tasks in words (requirements D2, D3, E1)."""

from datetime import date, timedelta

import pytest

from goodstanding.core.appeals.diagnosis.model import TimelineDay
from goodstanding.core.appeals.tasks import Tick, TickState
from goodstanding.server.pages.diagnosis import plot_timeline, show_diagnosis, show_tasks
from goodstanding.server.services.diagnoses import Diagnosed, record_diagnoses
from goodstanding.server.store.models import Violation
from tests.core.appeals.diagnosis.made import PACK, diagnosis_of, values_of
from tests.server.factories import TODAY, automation, make_account, make_violation

WORDS = PACK.words["en"]
FIRST = date(2026, 3, 1)


def kept(found: Diagnosed | None) -> Violation:
    violation = make_violation(make_account(), "late_shipment")
    Violation.objects.filter(pk=violation.pk).update(reason="PERF_LATE_SHIPMENT")
    if found:
        record_diagnoses(call=automation(), as_of=TODAY, found={violation.pk: found})
    return Violation.objects.select_related("diagnosed").get(pk=violation.pk)


@pytest.mark.django_db
def test_a_cause_has_its_name_its_facts_and_bars_of_its_shares():
    why = diagnosis_of(lambda n: (values_of(n)["carrier"] == "Heron" and n * 37 % 5 == 0) or n * 37 % 97 == 0)
    shown = show_diagnosis(kept(Diagnosed(why, ())), PACK, WORDS)
    assert shown is not None
    (cause,) = shown.causes
    assert cause.name == "carrier Heron"
    assert (cause.share_of_defects, cause.share_of_orders) == (round(100 * why.causes[0].share_of_defects), 33)
    assert any("of all others" in fact for fact in cause.facts)


@pytest.mark.django_db
def test_nothing_is_shown_where_no_night_has_looked_or_the_pack_has_lost_the_metric():
    assert show_diagnosis(kept(None), PACK, WORDS) is None
    assert [task.state for task in show_tasks(kept(None), PACK, WORDS)] == ["unknown", "unknown"]
    why = diagnosis_of(lambda n: n % 2 == 0)
    gone = kept(Diagnosed(why, ()))
    record = gone.diagnosed.diagnosis | {"metric": "of_old"}  # type: ignore[attr-defined]
    gone.diagnosed.diagnosis = record  # type: ignore[attr-defined]
    assert show_diagnosis(gone, PACK, WORDS) is None


@pytest.mark.django_db
def test_a_task_names_its_first_open_items_and_counts_the_rest():
    ids = tuple(f"o{n}" for n in range(8))
    (task,) = show_tasks(kept(Diagnosed(None, (Tick("ship_overdue_orders", TickState.OPEN, 2, 10, ids),))), PACK, WORDS)
    assert (task.name, task.done, task.of, task.open_ids, task.more) == ("Ship or settle every overdue order", 2, 10, ids[:5], 3)


def test_the_plot_gives_every_day_its_place_and_its_height():
    days = [TimelineDay(FIRST, 10, 0, False), TimelineDay(FIRST + timedelta(days=1), 5, 5, True), TimelineDay(FIRST + timedelta(days=9), 0, 0, True)]
    plot = plot_timeline(days)
    assert plot is not None
    full, half, none = plot.columns
    assert (half.height, half.bad_height) == (full.height / 2, full.height / 2)
    assert (full.bad_height, none.height) == (0, 0)
    assert full.x == plot.left
    assert none.x + none.width <= plot.right_edge + 1
    assert [one.is_unusual for one in plot.columns] == [False, True, True]
    assert plot_timeline([TimelineDay(FIRST, 0, 0, True)]) is None
