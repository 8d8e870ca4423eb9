"""Who may be in the assurance programme: each number of the pack at its edge, with the dates a holder is told (requirements J1, J2)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.assurance.eligibility import Candidate, ends_membership, judge, lost, runs_below
from goodstanding.core.assurance.sentences import say_criterion, say_to_do
from goodstanding.core.terms import Criterion, CriterionState
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
RULES = PACK.assurance
TODAY = date(2026, 11, 22)
FIRST = date(2026, 5, 23)  # six calendar months that end today
GOOD = Candidate("US", "professional", date(2020, 1, 1), ((date(2026, 1, 1), 300),), "+1 206 555 0123", datetime(2026, 3, 1, tzinfo=UTC))


def days(count, since=date(2026, 8, 1)):
    """A rating of 300 that is 240 for so many days."""
    return ((date(2026, 1, 1), 300), (since, 240), (since + timedelta(days=count), 300))


def state(candidate, criterion, as_of=TODAY):
    return next(one for one in judge(RULES, candidate, as_of).criteria if one.criterion is criterion)


def test_one_who_meets_everything_is_eligible_and_sees_since_when():
    found = judge(RULES, GOOD, TODAY)
    assert found.is_eligible
    assert [one.since for one in found.criteria] == [date(2022, 11, 1), None, date(2026, 1, 1), date(2026, 3, 1)]


@pytest.mark.parametrize(("below", "is_met"), [(0, True), (10, True), (11, False)])
def test_ten_days_below_the_floor_are_allowed_and_eleven_are_not(below, is_met):
    found = state(replace(GOOD, ratings=days(below)), Criterion.RATING)
    assert (found.is_met, found.details["days"]) == (is_met, below)


def test_days_below_count_together_however_they_lie():
    ratings = ((date(2026, 1, 1), 300), (date(2026, 6, 1), 249), (date(2026, 6, 7), 250), (date(2026, 9, 1), 100), (date(2026, 9, 6), 260))
    found = state(replace(GOOD, ratings=ratings), Criterion.RATING)
    assert (found.state, found.details["days"], found.since) == (CriterionState.NOT_MET, 11, date(2026, 9, 5))


def test_the_day_on_which_it_will_be_met_is_when_enough_bad_days_have_left_the_period():
    candidate = replace(GOOD, ratings=days(11))
    found = state(candidate, Criterion.RATING)
    assert found.met_on == date(2027, 2, 1)
    assert state(candidate, Criterion.RATING, found.met_on).is_met
    assert not state(candidate, Criterion.RATING, found.met_on - timedelta(days=1)).is_met


def test_while_the_rating_is_below_no_day_is_promised():
    found = state(replace(GOOD, ratings=((date(2026, 1, 1), 300), (date(2026, 11, 1), 240))), Criterion.RATING)
    assert (found.state, found.met_on) == (CriterionState.NOT_MET, None)


def test_days_before_the_period_count_no_more():
    ratings = ((date(2026, 1, 1), 100), (FIRST, 300))
    assert state(replace(GOOD, ratings=ratings), Criterion.RATING).is_met


def test_an_account_younger_than_the_period_is_told_from_when_it_may_join():
    found = state(replace(GOOD, opened=date(2026, 9, 1), ratings=((date(2026, 9, 1), 300),)), Criterion.RATING)
    assert (found.state, found.met_on) == (CriterionState.NOT_MET, date(2027, 3, 1))
    assert "2026-09-01" in say_criterion(PACK.words["en"], RULES, found)


def test_what_nobody_knows_of_old_days_is_never_taken_for_good():
    found = state(replace(GOOD, ratings=((date(2026, 9, 1), 300),)), Criterion.RATING)
    assert (found.state, found.since) == (CriterionState.UNKNOWN, date(2026, 9, 1))
    assert state(replace(GOOD, ratings=()), Criterion.RATING).state is CriterionState.UNKNOWN


@pytest.mark.parametrize(
    ("change", "criterion", "expected"),
    [
        ({"marketplace": "XX"}, Criterion.MARKETPLACE, CriterionState.NOT_MET),
        ({"plan": "individual"}, Criterion.PLAN, CriterionState.NOT_MET),
        ({"plan": ""}, Criterion.PLAN, CriterionState.UNKNOWN),
        ({"contact_number": ""}, Criterion.CONTACT, CriterionState.NOT_MET),
        ({"contact_number": "call me"}, Criterion.CONTACT, CriterionState.NOT_MET),
        ({"contact_verified_at": None}, Criterion.CONTACT, CriterionState.NOT_MET),
    ],
)
def test_each_missing_criterion_is_the_only_one_named(change, criterion, expected):
    found = judge(RULES, replace(GOOD, **change), TODAY)
    assert [(one.criterion, one.state) for one in found.criteria if not one.is_met] == [(criterion, expected)]
    assert found.lacks_only_contact is (criterion is Criterion.CONTACT)


def test_a_store_opens_on_its_day():
    before = state(GOOD, Criterion.MARKETPLACE, date(2022, 10, 31))
    assert (before.state, before.met_on) == (CriterionState.NOT_MET, date(2022, 11, 1))


@pytest.mark.parametrize(("below", "stays"), [(10, True), (11, False)])
def test_a_member_may_be_below_for_ten_days_in_a_row(below, stays):
    """amazon.md 2.4: joining counts days in all, staying counts days in a row."""
    member = replace(GOOD, ratings=((date(2026, 1, 1), 300), (TODAY - timedelta(days=below - 1), 240)))
    gone = lost(RULES, member, TODAY)
    assert [one.criterion for one in gone] == ([] if stays else [Criterion.RATING])


def test_a_member_with_many_single_days_below_stays():
    ratings = [(date(2026, 1, 1), 300)]
    for week in range(20):
        bad = date(2026, 6, 1) + timedelta(days=7 * week)
        ratings += [(bad, 240), (bad + timedelta(days=1), 300)]
    member = replace(GOOD, ratings=tuple(ratings))
    assert not judge(RULES, member, TODAY).is_eligible
    assert lost(RULES, member, TODAY) == ()


def test_a_member_without_a_contact_any_more_leaves():
    assert [one.criterion for one in lost(RULES, replace(GOOD, contact_number=""), TODAY)] == [Criterion.CONTACT]


def test_fraud_and_harm_end_a_membership_and_late_shipment_does_not():
    """Requirement J4."""
    assert ends_membership(RULES, ["PERF_ODR", "DECEPTIVE_ACTIVITY"])
    assert not ends_membership(RULES, ["PERF_ODR"])


@given(st.lists(st.tuples(st.integers(0, 325), st.integers(230, 270)), min_size=1, max_size=12, unique_by=lambda one: one[0]))
def test_the_days_below_agree_with_counting_day_by_day(steps):
    start = date(2026, 1, 1)
    ratings = tuple(sorted((start + timedelta(days=offset), rating) for offset, rating in steps))

    def rating_on(day):
        return max(((since, rating) for since, rating in ratings if since <= day), default=(None, None))[1]

    period = [FIRST + timedelta(days=n) for n in range((TODAY - FIRST).days + 1)]
    below = sum(rating_on(day) is not None and rating_on(day) < RULES.floor for day in period)
    found = state(replace(GOOD, ratings=ratings), Criterion.RATING)
    assert found.details["days"] == below
    if found.met_on:
        assert state(replace(GOOD, ratings=ratings), Criterion.RATING, found.met_on).is_met
        assert not state(replace(GOOD, ratings=ratings), Criterion.RATING, found.met_on - timedelta(days=1)).is_met
    runs = runs_below(ratings, RULES.floor, TODAY)
    assert all(earlier[1] + timedelta(days=1) < later[0] for earlier, later in pairwise(runs)), "runs are whole"


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize(
    "change",
    [{}, {"marketplace": "XX"}, {"plan": "individual"}, {"plan": ""}, {"contact_number": ""}, {"contact_verified_at": None}, {"ratings": ()},
     {"ratings": days(11)}, {"ratings": ((date(2026, 11, 1), 100),)}, {"opened": date(2026, 9, 1)}, {"opened": date(2026, 9, 1), "ratings": ()}],
)  # fmt: skip
def test_every_criterion_has_a_sentence_and_what_is_missing_says_what_to_do(language, change):
    words = PACK.words[language]
    for one in judge(RULES, replace(GOOD, **change), TODAY).criteria:
        said = say_criterion(words, RULES, one)
        assert "${" not in said
        assert "None" not in said
        if not one.is_met and one.criterion in (Criterion.CONTACT,):
            assert say_to_do(words, RULES, one)
        assert not (one.is_met and say_to_do(words, RULES, one))
