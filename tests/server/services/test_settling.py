"""A settlement gives the points back from its day on, a breach takes them again; plans bring files and measures (requirements J3, I2)."""

from datetime import timedelta

import pytest

from goodstanding.core.errors import NotFound, RefusedFiles, UnusableInput
from goodstanding.core.terms import CallOutcome
from goodstanding.server.services.afterwards import reopen_case
from goodstanding.server.services.commitments import Promise
from goodstanding.server.services.endings import settle_window
from goodstanding.server.services.evidence import Upload, evidence_bytes
from goodstanding.server.services.ratings import refresh_rating
from goodstanding.server.services.standing import open_violations
from goodstanding.server.services.windows import hand_in_plan, proposed_measures
from goodstanding.server.store.models import Evidence, LedgerEntry, RatingReading, Violation
from tests.server.factories import TODAY, automation, holder, make_account, make_metric_reading, specialist
from tests.server.services.appealing import INVOICE
from tests.server.services.assuring import PLAN, ask_for_call, assured_pack, at, call_holder, make_window

pytestmark = pytest.mark.django_db
PACK = assured_pack()
PROMISE = Promise("Every supplier shows an authorisation", TODAY + timedelta(days=20))


@pytest.fixture
def case():
    """A window in which the plan is in and the holder was reached."""
    case = make_window(PACK)
    hand_in(case)
    ask_for_call(PACK, case, hours=1)
    call_holder(PACK, case, CallOutcome.REACHED, hours=2)
    return case


def hand_in(case, *, uploads=(), promises=(), hours=1.0):
    call = holder(case.account_id, now=at(hours))
    return hand_in_plan(call=call, pack=PACK, case_id=case.pk, answer=PLAN, uploads=uploads, promises=promises)


def settle(case, promises=(), hours=3.0):
    return settle_window(call=specialist(now=at(hours)), pack=PACK, case_id=case.pk, because="the invoices are genuine", promises=promises)


def points(case):
    return RatingReading.objects.filter(account=case.account_id).order_by("-as_of").first().points


def test_what_is_settled_counts_no_more_from_that_day_on_and_gives_its_points_back(case):
    make_metric_reading(case.account)
    refresh_rating(call=automation(now=at(2)), pack=PACK, account_id=case.account_id)
    assert points(case) > 0
    settle(case)
    assert not open_violations().filter(account=case.account_id).exists()
    assert set(Violation.objects.values_list("closed", "settled_on")) == {(TODAY, TODAY)}
    assert points(case) == 0


def test_what_a_settlement_rests_on_and_is_not_kept_counts_again(case):
    make_metric_reading(case.account)
    settle(case, promises=[PROMISE])
    reopen_case(call=automation(now=at(50)), pack=PACK, case_id=case.pk, broken=[("authorisation", "0 of 3")])
    assert set(Violation.objects.values_list("closed", "settled_on")) == {(None, None)}
    assert points(case) > 0


def test_a_plan_brings_files_that_its_holder_and_staff_may_open_and_nobody_else(case):
    """K5."""
    hand_in(case, uploads=[INVOICE])
    hand_in(case, uploads=[INVOICE])
    kept = Evidence.objects.get()
    assert (kept.case_id, kept.appeal_id, kept.window_id, kept.part) == (case.pk, None, case.pk, "corrective")
    assert evidence_bytes(actor=holder(case.account_id).actor, evidence_id=kept.pk)[0] == kept
    assert evidence_bytes(actor=specialist().actor, evidence_id=kept.pk)[0] == kept
    with pytest.raises(NotFound, match="there is no file"):
        evidence_bytes(actor=holder(make_account()).actor, evidence_id=kept.pk)


def test_a_file_that_cannot_be_taken_keeps_the_whole_plan_out():
    case = make_window(PACK)
    with pytest.raises(RefusedFiles):
        hand_in(case, uploads=[Upload("run.exe", b"MZ\x90\x00", "corrective")])
    case.window.refresh_from_db()
    assert case.window.plan_at is None


def test_the_holder_proposes_measures_with_own_days_and_nothing_is_promised_before_it_is_settled(case):
    """I2."""
    hand_in(case, promises=[PROMISE], hours=2.5)
    hand_in(case, promises=[PROMISE], hours=2.6)
    case.window.refresh_from_db()
    assert proposed_measures(case.window) == [PROMISE]
    assert not case.commitments.exists()
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="PlanHandedIn").count() == 2, "the plan alone, and the plan with measures"
    with pytest.raises(UnusableInput, match="is over"):
        hand_in(case, promises=[Promise("too late", TODAY - timedelta(days=1))])
