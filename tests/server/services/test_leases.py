"""Who holds a case, for how long, and who gets it next (requirements H1, H4)."""

from datetime import timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotPermitted, UnusableInput
from goodstanding.core.terms import ActionKind, DecisionOutcome
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.leases import escalate_case, extend_lease, hand_over
from goodstanding.server.services.reviews import claim_case, decide_appeal
from goodstanding.server.store.models import Deadline, LedgerEntry
from tests.server.factories import NOW, automation, make_action_in_force, senior, specialist
from tests.server.histories import pack_with_everything
from tests.server.services.appealing import appealed, at, claim, decide, submit, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack():
    return pack_with_everything()


@pytest.fixture
def held(pack):
    """A case that user:1 holds since two minutes after NOW."""
    return appealed(make_action_in_force(ActionKind.RESTRICT), pack)


def test_a_reviewer_who_goes_home_gives_the_case_back_at_its_place(held, pack):
    due = held.due_at
    assert held.lease_until == at(2) + timedelta(hours=8)
    for _ in range(2):
        fire_due(call=automation(now=held.lease_until), pack=pack)
    held.refresh_from_db()
    assert (held.state, held.assignee, held.due_at, held.lease_until) == (CaseState.SUBMITTED, "", due, None)
    assert LedgerEntry.objects.filter(case_id=held.pk, kind="LeaseLapsed").count() == 1


def test_who_still_works_on_it_holds_it_longer(held, pack):
    extend_lease(call=specialist(now=at(400)), pack=pack, case_id=held.pk)
    fire_due(call=automation(now=held.lease_until), pack=pack)
    held.refresh_from_db()
    assert (held.state, held.lease_until) == (CaseState.IN_REVIEW, at(400) + timedelta(hours=8))
    assert Deadline.objects.filter(clock="review_lease", cancelled_at=None, done_at=None).count() == 1
    with pytest.raises(NotPermitted):
        extend_lease(call=specialist("user:5", now=at(401)), pack=pack, case_id=held.pk)


def test_a_case_is_handed_over_to_somebody_who_may_decide_it(held, pack):
    other, decider = specialist("user:5", now=at(9)), senior("user:9")
    with pytest.raises(NotPermitted, match="your own decision"):
        hand_over(call=specialist(now=at(8)), pack=pack, case_id=held.pk, to=decider.actor)
    with pytest.raises(NotPermitted):
        hand_over(call=other, pack=pack, case_id=held.pk, to=other.actor)
    hand_over(call=specialist(now=at(8)), pack=pack, case_id=held.pk, to=other.actor)
    with pytest.raises(NotPermitted):
        decide(held, pack, DecisionOutcome.UPHELD)
    assert decide(held, pack, DecisionOutcome.UPHELD, call=other).decided_by == "user:5"


def test_a_hard_case_goes_to_a_senior_and_no_specialist_decides_it(held, pack):
    with pytest.raises(UnusableInput):
        escalate_case(call=specialist(now=at(5)), pack=pack, case_id=held.pk, because=" ")
    escalate_case(call=specialist(now=at(5)), pack=pack, case_id=held.pk, because="a new kind of evidence")
    with pytest.raises(NotPermitted):
        claim_case(call=specialist("user:5", now=at(6)), pack=pack, case_id=held.pk)
    head = senior("user:2", now=at(7))
    claim_case(call=head, pack=pack, case_id=held.pk)
    with pytest.raises(IllegalTransition, match="holds case"):
        claim_case(call=senior("user:3", now=at(8)), pack=pack, case_id=held.pk)
    decide(held, pack, DecisionOutcome.OVERTURNED, call=head)
    held.refresh_from_db()
    assert held.state == CaseState.REINSTATED


def test_after_the_packs_number_of_appeals_a_senior_looks_once_more_and_nobody_after(pack):
    """H4: the test pack has two appeals."""
    case = make_action_in_force(ActionKind.RESTRICT)
    for attempt in (1, 2):
        start = attempt * 100
        submit(case, pack, key=f"try {attempt}", minutes=start)
        reviewer = specialist(f"user:{attempt}", now=at(start + 1))
        claim(case, pack, call=reviewer)
        decide(case, pack, DecisionOutcome.UPHELD, call=reviewer)
    last = submit(case, pack, key="try 3", minutes=300)
    case.refresh_from_db()
    assert (last.is_last_instance, case.state) == (True, CaseState.ESCALATED)
    head = senior("user:3", now=at(301))
    claim_case(call=head, pack=pack, case_id=case.pk)
    decide_appeal(call=head, pack=pack, case_id=case.pk, verdicts=verdicts(case, DecisionOutcome.UPHELD))
    with pytest.raises(IllegalTransition, match="all 3 appeals of this case are used"):
        submit(case, pack, key="try 4", minutes=400)


def test_a_time_zone_with_summer_time_shifts_no_lease(held):
    assert held.lease_until is not None
    assert held.lease_until.utcoffset() == NOW.utcoffset()
