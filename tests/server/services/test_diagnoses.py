"""Diagnoses are kept by violation and read as they were (requirements D2, E1)."""

from datetime import timedelta

import pytest

from goodstanding.core.appeals.tasks import Tick, TickState
from goodstanding.core.terms import ActionKind
from goodstanding.server.services.actions import rescind_action
from goodstanding.server.services.diagnoses import Diagnosed, diagnosed, record_diagnoses, violations_to_diagnose
from goodstanding.server.store.models import DiagnosisRecord, Violation
from tests.core.appeals.diagnosis.made import diagnosis_of
from tests.server.factories import TODAY, automation, make_account, make_action_in_force, make_proposed, make_violation, senior

pytestmark = pytest.mark.django_db

WHY = diagnosis_of(lambda n: 380 <= n < 450 and n % 2 == 0)
TICKS = (Tick("refund_affected_buyers", TickState.OPEN, 1, 2, ("o2",)), Tick("change_password", TickState.UNKNOWN))


def test_what_a_night_found_is_read_as_it_was_and_replaced_by_the_next():
    violation = make_violation(make_account(), "order_defects")
    assert diagnosed(violation) is None
    for ticks in (TICKS, TICKS[:1]):
        for _ in range(2):
            assert record_diagnoses(call=automation(), as_of=TODAY, found={violation.pk: Diagnosed(WHY, ticks)}) == 1
        kept = Violation.objects.select_related("diagnosed").get()
        assert diagnosed(kept) == Diagnosed(WHY, ticks)
    assert DiagnosisRecord.objects.count() == 1


def test_a_violation_without_a_metric_keeps_its_tasks_alone():
    violation = make_violation(make_account(), "counterfeit")
    record_diagnoses(call=automation(), as_of=TODAY, found={violation.pk: Diagnosed(None, TICKS)})
    assert diagnosed(Violation.objects.get()) == Diagnosed(None, TICKS)


def test_only_what_an_action_rests_on_is_looked_at(pack):
    make_violation(make_account(), "late_shipment")
    assert list(violations_to_diagnose()) == []
    case = make_action_in_force(ActionKind.RESTRICT, pack=pack)
    proposed = make_proposed(ActionKind.DEACTIVATE, pack=pack)
    looked_at = {violation.account_id for violation in violations_to_diagnose()}
    assert {case.account_id, proposed.account_id} <= looked_at
    rescind_action(call=senior("user:7"), pack=pack, case_id=case.pk, because="a mistake of ours")
    assert case.account_id not in {violation.account_id for violation in violations_to_diagnose()}


def test_a_closed_violation_keeps_its_last_diagnosis(pack):
    case = make_action_in_force(ActionKind.RESTRICT, pack=pack)
    violation = Violation.objects.get(account=case.account)
    record_diagnoses(call=automation(), as_of=TODAY, found={violation.pk: Diagnosed(WHY, TICKS)})
    Violation.objects.update(closed=TODAY - timedelta(days=1))
    assert list(violations_to_diagnose()) == []
    assert DiagnosisRecord.objects.get().violation_id == violation.pk
