"""Commitments after a decision: followed night by night, a breach re-opens the case once (requirement I2)."""

from datetime import date, timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, UnusableInput
from goodstanding.core.terms import CallOutcome, CommitmentState, NoticeKind
from goodstanding.server.services.commitments import Promise, follow_commitments, mark_done
from goodstanding.server.services.endings import settle_window
from goodstanding.server.store.models import Case, Commitment
from tests.server.factories import TODAY, automation, holder, make_metric_reading, make_violation, specialist
from tests.server.services.assuring import ask_for_call, assured_pack, at, call_holder, make_assured, make_window, send_plan

pytestmark = pytest.mark.django_db
PACK = assured_pack()
DUE = TODAY + timedelta(days=5)
WORDS, METRIC = Promise("Test every delivery", DUE), Promise("Ship within two days", DUE, "late_shipment_rate")


def settled(*promises):
    case = make_window(PACK)
    send_plan(PACK, case, hours=1)
    ask_for_call(PACK, case, hours=1)
    call_holder(PACK, case, CallOutcome.REACHED, hours=2)
    return settle_window(call=specialist(now=at(3)), pack=PACK, case_id=case.pk, because="Mended.", promises=promises)


def night(days):
    return follow_commitments(call=automation(now=at(24 * days)), pack=PACK, as_of=TODAY + timedelta(days=days))


def states():
    return list(Commitment.objects.order_by("measure").values_list("state", flat=True))


def test_a_measure_is_ticked_by_its_holder_once_and_overdue_without():
    case = settled(WORDS)
    night(6)
    assert states() == [CommitmentState.OVERDUE]
    commitment = Commitment.objects.get()
    for hours in (150, 160):
        mark_done(call=holder(case.account_id, now=at(hours)), pack=PACK, commitment_id=commitment.pk, note="since Monday")
    assert night(8).reopened == 0
    assert states() == [CommitmentState.KEPT]
    assert Commitment.objects.get().done_on == at(150).date()


def test_another_holder_does_not_even_learn_of_it():
    settled(WORDS)
    with pytest.raises(NotFound):
        mark_done(call=holder(make_assured()), pack=PACK, commitment_id=Commitment.objects.get().pk)


def test_a_metric_within_its_target_keeps_and_one_out_of_it_re_opens_once():
    case = settled(METRIC, WORDS)
    reading = make_metric_reading(case.account, numerator=1, as_of=DUE)
    assert night(5).reopened == 0
    assert states() == [CommitmentState.KEPT, CommitmentState.OPEN]
    reading.numerator, reading.as_of = 6, DUE + timedelta(days=1)
    reading.save()
    assert night(6).reopened == 1
    assert night(6).reopened == 0
    case = Case.objects.get(pk=case.pk)
    assert case.state == CaseState.PROPOSED
    letter = case.notices.get(kind=NoticeKind.REOPENED)
    assert "measure=Ship within two days" in letter.body
    assert "numerator=6" in letter.body
    with pytest.raises(IllegalTransition):
        mark_done(call=holder(case.account_id, now=at(200)), pack=PACK, commitment_id=Commitment.objects.get(metric="").pk)


def test_the_same_reason_violated_anew_re_opens_and_another_does_not():
    case = settled(WORDS)
    make_violation(case.account, "late_shipment", opened=TODAY + timedelta(days=2))
    assert night(3).reopened == 0
    make_violation(case.account, "counterfeit", opened=TODAY + timedelta(days=3))
    assert night(3).reopened == 1
    assert "reason=counterfeit" in Case.objects.get(pk=case.pk).notices.get(kind=NoticeKind.REOPENED).body


@pytest.mark.parametrize("promise", [Promise(" ", DUE), Promise("x", date(2026, 1, 1)), Promise("x", DUE, "no_metric"), Promise("x" * 501, DUE)])
def test_a_measure_without_words_or_with_a_past_day_or_an_unknown_metric_is_refused(promise):
    with pytest.raises(UnusableInput):
        settled(promise)
    assert not Commitment.objects.exists()
