"""Commitments are followed against the facts: kept, overdue or broken, and what re-opens a case (requirement I2)."""

from datetime import date

import pytest

from goodstanding.core.cases.commitments import Commitment, Counted, Recurrence, find_breach, follow_commitment
from goodstanding.core.terms import CommitmentState, MetricRule
from tests.factories import make_metric

METRICS = {"late_shipment_rate": make_metric(MetricRule.LATE_SHIPMENT_RATE, minimum_volume=20)}  # < 4 %
DUE = date(2026, 12, 1)


def made(**values):
    return Commitment("M-1", "Check open orders every day", date(2026, 11, 20), DUE, **values)


def stands(commitment, counted=None, as_of=DUE):
    counts = {"late_shipment_rate": counted} if counted else {}
    return follow_commitment(commitment, METRICS, counts, as_of).state


def test_a_measure_without_a_metric_is_open_overdue_or_done():
    assert stands(made(), as_of=DUE) is CommitmentState.OPEN
    assert stands(made(), as_of=date(2026, 12, 2)) is CommitmentState.OVERDUE
    assert stands(made(done_on=date(2026, 12, 3)), as_of=date(2026, 12, 5)) is CommitmentState.KEPT


@pytest.mark.parametrize(
    ("counted", "state"),
    [
        (None, CommitmentState.OPEN),
        (Counted(date(2026, 11, 30), 50, 100), CommitmentState.OPEN),
        (Counted(DUE, 50, 100), CommitmentState.BROKEN),
        (Counted(DUE, 3, 100), CommitmentState.KEPT),
        (Counted(DUE, 4, 100), CommitmentState.BROKEN),
        (Counted(DUE, 19, 19), CommitmentState.KEPT),
    ],
)
def test_a_metric_is_held_to_its_target_from_the_due_day_on_and_on_enough_volume_only(counted, state):
    assert stands(made(metric="late_shipment_rate"), counted, as_of=date(2026, 12, 3)) is state


def test_nothing_broken_and_nothing_new_is_no_breach():
    followed = [follow_commitment(made(), METRICS, {}, date(2026, 12, 9))]
    old = Recurrence("V-1", "late_shipment", date(2026, 11, 20))
    other = Recurrence("V-2", "counterfeit", date(2026, 11, 25))
    assert find_breach(followed, [old, other], ["late_shipment"], date(2026, 11, 20)) is None, "overdue words are for a person to judge"


def test_a_broken_metric_or_the_same_reason_again_is_a_breach():
    counts = {"late_shipment_rate": Counted(DUE, 9, 100)}
    followed = [follow_commitment(made(metric="late_shipment_rate"), METRICS, counts, DUE)]
    again = Recurrence("V-3", "late_shipment", date(2026, 11, 21))
    assert find_breach(followed, [], ["late_shipment"], date(2026, 11, 20)).broken == tuple(followed)
    assert find_breach([], [again], ["late_shipment"], date(2026, 11, 20)).again == (again,)
