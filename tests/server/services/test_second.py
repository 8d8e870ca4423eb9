"""Two pairs of eyes: what is grave happens only once a second person agrees (requirement H1)."""

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.terms import ActionKind, DecisionOutcome, NoticeKind
from goodstanding.server.services.actions import rescind_action
from goodstanding.server.services.second import agree, disagree
from goodstanding.server.store.models import FirstDecision, Notice, ViolationDecision
from tests.server.factories import make_action_in_force, senior, specialist
from tests.server.histories import pack_with_everything
from tests.server.services.appealing import appealed, at, claim, decide, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack():
    return pack_with_everything()


@pytest.fixture
def waiting(pack):
    """A deactivation that user:1 would uphold; two people have to."""
    case = appealed(make_action_in_force(ActionKind.DEACTIVATE), pack)
    assert decide(case, pack, DecisionOutcome.UPHELD).outcome == ""
    case.refresh_from_db()
    return case


def test_nothing_of_a_grave_decision_happens_before_a_second_person_agrees(waiting):
    assert (waiting.state, waiting.assignee) == (CaseState.SECOND_REVIEW, "user:1")
    assert not ViolationDecision.objects.exists()
    assert not Notice.objects.filter(kind=NoticeKind.UPHELD).exists()


def test_neither_the_first_nor_who_took_the_action_is_the_second(waiting, pack):
    for who in ("user:1", "user:9"):
        with pytest.raises(NotPermitted, match="your own decision"):
            agree(call=senior(who, now=at(9)), pack=pack, case_id=waiting.pk)


def test_once_agreed_it_is_decided_and_told_once(waiting, pack):
    agree(call=specialist("user:5", now=at(9)), pack=pack, case_id=waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.assignee) == (CaseState.UPHELD, "")
    assert Notice.objects.filter(kind=NoticeKind.UPHELD).count() == 1
    first = FirstDecision.objects.get()
    assert (first.agreed, first.decided_by, first.answered_by) == (True, "user:1", "user:5")
    with pytest.raises(IllegalTransition):
        agree(call=specialist("user:6", now=at(10)), pack=pack, case_id=waiting.pk)


def test_neither_of_the_two_reviews_the_next_appeal(waiting, pack):

    agree(call=specialist("user:5", now=at(9)), pack=pack, case_id=waiting.pk)
    submit(waiting, pack, key="two", minutes=20)
    for who in ("user:1", "user:5"):
        with pytest.raises(NotPermitted):
            claim(waiting, pack, call=specialist(who, now=at(21)))


def test_who_disagrees_gives_it_back_to_the_first_with_the_reason(waiting, pack):
    disagree(call=specialist("user:5", now=at(9)), pack=pack, case_id=waiting.pk, because="the invoice is genuine")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.assignee) == (CaseState.IN_REVIEW, "user:1")
    decide(waiting, pack, DecisionOutcome.OVERTURNED, minutes=30)
    waiting.refresh_from_db()
    assert waiting.state == CaseState.REINSTATED, "what frees the holder needs no second person"


def test_an_action_taken_back_leaves_no_decision_waiting(waiting, pack):
    rescind_action(call=senior("user:8", now=at(9)), pack=pack, case_id=waiting.pk, because="our mistake")
    assert FirstDecision.objects.get().agreed is None
    assert FirstDecision.objects.get().answered_at == at(9)
