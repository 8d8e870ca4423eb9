"""The nightly run, from a folder of facts to proposals with their facts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from goodstanding.core.terms import ActionKind
from goodstanding.packs.loader import load_pack
from goodstanding.server.jobs import diagnosing
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.services.actions import approve_action, rescind_action
from goodstanding.server.services.diagnoses import diagnosed
from goodstanding.server.store.models import Assessment, Case, DiagnosisRecord, EnforcementAction, MetricReading, Notice, RatingReading, Violation
from tests.server.factories import NOW, TODAY, automation, senior
from tests.server.jobs.night import ACCUSED, BUYER, FINE, LATE, RELATED, STRUCK, make_night

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(tmp_path):
    return make_night(tmp_path / "facts")


def run(pack, facts, **options):
    return run_assessment(call=automation(), pack=pack, source=facts, **{"as_of": TODAY} | options)


def test_a_night_proposes_what_the_pack_calls_for_and_no_more(pack, facts):
    night = run(pack, facts)
    assert (night.as_of, night.accounts, night.proposed, night.in_force) == (TODAY, 6, 3, 1)
    assert set(EnforcementAction.objects.values_list("account_id", "kind")) == {
        (LATE, ActionKind.WARN),
        (ACCUSED, ActionKind.DEACTIVATE),
        (RELATED, ActionKind.DEACTIVATE),
    }
    assert not Violation.objects.filter(account__in=[FINE, BUYER, STRUCK]).exists()


def test_the_notice_names_the_very_orders_with_their_facts(pack, facts):
    """Requirement C1."""
    run(pack, facts)
    found = Violation.objects.get(account=LATE)
    assert [item["id"] for item in found.items] == [f"O-{LATE}-{n:02}" for n in range(3)]
    assert found.items[0]["facts"] == {
        "placed_at": "2026-11-17 12:00 UTC",
        "ship_by": "2026-11-18 12:00 UTC",
        "shipped_at": "2026-11-20 12:00 UTC",
        "carrier": "SwiftParcel",
        "tracking_valid": "true",
    }
    body = Notice.objects.get(case__account=LATE).body
    assert all(f"O-{LATE}-{n:02}" in body for n in range(3))
    assert f"O-{LATE}-03" not in body


def test_a_night_says_why_and_what_is_put_right_of_everything_it_acts_on(pack, facts):
    """Requirements D2, E1."""
    with_rules = replace(pack, diagnosis=load_pack("amazon").diagnosis, ticking=load_pack("amazon").ticking)
    reasons = {**pack.reasons, "late_shipment": replace(pack.reasons["late_shipment"], tasks=("ship_overdue_orders", "change_password"))}
    for _ in range(2):
        run(replace(with_rules, reasons=reasons), facts)
    found = diagnosed(Violation.objects.select_related("diagnosed").get(account=LATE))
    assert found is not None
    assert found.diagnosis is not None
    assert (found.diagnosis.metric, found.diagnosis.numerator, found.diagnosis.denominator) == ("late_shipment_rate", 3, 20)
    assert sum(day.orders for day in found.diagnosis.timeline) == 20
    assert [(tick.task, tick.state, tick.done, tick.of) for tick in found.ticks] == [
        ("ship_overdue_orders", "done", 3, 3),
        ("change_password", "unknown", 0, 0),
    ]
    assert set(DiagnosisRecord.objects.values_list("violation__account", flat=True)) == {LATE, ACCUSED, RELATED}


def test_accounts_are_diagnosed_block_by_block_with_none_left_out(pack, facts, monkeypatch):
    monkeypatch.setattr(diagnosing, "ACCOUNTS_AT_ONCE", 1)
    run(pack, facts)
    assert DiagnosisRecord.objects.count() == 3


def test_a_complaint_comes_with_who_said_what(pack, facts):
    run(pack, facts)
    (item,) = Violation.objects.get(account=ACCUSED).items
    assert (item["id"], item["facts"]["source"], item["facts"]["text"]) == ("K-1", "rights_owner", "not made by us")
    case = approve_action(call=senior(), pack=pack, case_id=Case.objects.get(account=ACCUSED).case_id)
    assert Notice.objects.get(case=case).statement["source_type"] == "SOURCE_ARTICLE_16"


def test_a_holder_learns_what_is_shared_and_nothing_of_the_other_account(pack, facts):
    """Requirement K5."""
    run(pack, facts)
    case = approve_action(call=senior(), pack=pack, case_id=Case.objects.get(account=RELATED).case_id)
    notice = Notice.objects.get(case=case)
    shown = notice.body + str(notice.statement) + bytes(notice.message).decode()
    assert "tax" in shown
    assert "tax_id-1" not in shown
    assert f"{STRUCK}@example.com" not in shown


def test_a_second_run_of_a_day_proposes_nothing_and_keeps_every_number(pack, facts):
    run(pack, facts)
    before = list(RatingReading.objects.order_by("account_id", "as_of").values_list("account_id", "as_of", "rating"))
    night = run(pack, facts)
    assert (night.proposed, night.in_force) == (0, 0)
    assert list(RatingReading.objects.order_by("account_id", "as_of").values_list("account_id", "as_of", "rating")) == before
    assert Assessment.objects.count() == 2


def test_the_first_run_brings_the_history_of_ratings(pack, facts):
    run(pack, facts)
    days = list(RatingReading.objects.filter(account=LATE).order_by("as_of").values_list("as_of", flat=True))
    assert days[0] == TODAY - timedelta(days=pack.rating.window_days - 1)
    assert len(days) > 1
    assert MetricReading.objects.filter(account=LATE, metric="late_shipment_rate").values_list("numerator", "denominator").get() == (3, 20)


def test_without_a_day_the_last_day_with_an_order_is_assessed(pack, facts):
    assert run(pack, facts, as_of=None).as_of == TODAY - timedelta(days=3)


def test_what_a_reviewer_overturned_is_not_struck_again_the_next_night(pack, facts):
    """Requirement H7."""
    run(pack, facts)
    case = approve_action(call=senior(), pack=pack, case_id=Case.objects.get(account=ACCUSED).case_id)
    rescind_action(call=senior(), pack=pack, case_id=case.case_id, because="the complainant took it back")
    assert run(pack, facts, as_of=TODAY + timedelta(days=1)).proposed == 0


def test_an_account_related_to_one_that_this_server_struck_is_found(pack, tmp_path):
    facts = make_night(tmp_path / "facts")
    (facts.folder / "actions.csv").unlink()
    complaints = facts.folder / "complaints.csv"
    complaints.write_text(complaints.read_text().replace(ACCUSED, STRUCK))
    run(pack, facts)
    assert not Violation.objects.filter(account=RELATED).exists()
    approve_action(call=senior(), pack=pack, case_id=Case.objects.get(account=STRUCK).case_id)
    run(pack, facts, as_of=NOW.date())
    assert Violation.objects.get(account=RELATED).reason == "related_account"
    assert Case.objects.get(account=RELATED).state == "proposed"
    # An action that rests on a relation alone spreads no further: the first account gets nothing back from it.
    approve_action(call=senior(), pack=pack, case_id=Case.objects.get(account=RELATED).case_id)
    run(pack, facts, as_of=NOW.date() + timedelta(days=1))
    assert Violation.objects.filter(account=STRUCK, reason="related_account").count() == 0
