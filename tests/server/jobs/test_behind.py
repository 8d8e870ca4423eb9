"""What lies behind a metric after a night: the very orders, for who misses a target, and nothing for the others (requirement A5)."""

import pytest

from goodstanding.core.errors import NotFound
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.jobs import behind
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.services.metric_items import items_behind
from goodstanding.server.store.models import MetricItems, MetricReading
from tests.server.factories import TODAY, automation
from tests.server.jobs.night import FINE, LATE, make_night

pytestmark = pytest.mark.django_db


def test_the_orders_behind_a_missed_metric_are_kept_with_their_facts(pack, tmp_path, monkeypatch):
    source = make_night(tmp_path / "facts")
    for _ in range(2):
        run_assessment(call=automation(), pack=pack, source=source, as_of=TODAY)
    reading = MetricReading.objects.get(account=LATE, met=False)
    holder = Actor(f"holder:{LATE}", Role.HOLDER, frozenset({LATE}))
    found = items_behind(actor=holder, account_id=LATE, metric=reading.metric)
    assert found.count == reading.numerator == len(found.items)
    assert sorted(item["id"] for item in found.items) == [f"O-{LATE}-{n:02}" for n in range(3)]
    assert found.items[0]["facts"]["ship_by"] == "2026-11-18 12:00 UTC"
    assert not MetricItems.objects.filter(account=FINE).exists()
    with pytest.raises(NotFound):
        items_behind(actor=holder, account_id=FINE, metric=reading.metric)
    with pytest.raises(NotFound):
        items_behind(actor=Actor("holder:X", Role.HOLDER, frozenset({FINE})), account_id=LATE, metric=reading.metric)
    monkeypatch.setattr(behind, "MOST_KEPT", 2)
    run_assessment(call=automation(), pack=pack, source=source, as_of=TODAY)
    found = items_behind(actor=holder, account_id=LATE, metric=reading.metric)
    assert (found.count, len(found.items)) == (3, 2)
