"""What people hold of relations (requirements B16, H7, I1)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.enforcement.evaluation import OpenViolation, Proposal, approval_of
from goodstanding.core.errors import UnusableInput
from goodstanding.core.linkage.judgements import (
    GROUNDS,
    Against,
    Judgement,
    check_ground,
    counts_from,
    latest,
    pair_of,
    rests_on_relations_alone,
    speaks_against,
)
from goodstanding.core.linkage.signals import SharedIdentifier
from goodstanding.core.policy.pack import IdentifierWeight, Linkage, Rule
from goodstanding.core.terms import ActionKind, Approval, FoundBy, IdentifierKind, RelationGround, RelationVerdict
from tests.factories import CITED, make_pack, make_reason

CONFIRMED, DENIED = RelationVerdict.CONFIRMED, RelationVerdict.DENIED
DAY = date(2026, 3, 1)
START = datetime(2026, 1, 1, tzinfo=UTC)
WEIGHTS = {
    IdentifierKind.BANK_ACCOUNT: IdentifierWeight(120, household=False),
    IdentifierKind.DEVICE: IdentifierWeight(70, household=False),
    IdentifierKind.WIFI: IdentifierWeight(30, household=True),
}
LINKAGE = Linkage(WEIGHTS, hub=50, household_cap=30, relate_at=50, propose_at=120, citation=CITED)


def history(*said: tuple[RelationVerdict, int]) -> list[Judgement]:
    return [Judgement(("A", "B"), verdict, DAY + timedelta(days=days)) for verdict, days in said]


def use(kind: str, share: int, *, sharers: int = 2, a: tuple[int, int | None] = (0, None), b: tuple[int, int | None] = (0, None)) -> SharedIdentifier:
    days = [None if day is None else START + timedelta(days=day) for day in (*a, *b)]
    assert days[0]
    assert days[2]
    return SharedIdentifier(kind, "value", sharers, share, days[0], days[1], days[2], days[3])


def test_a_pair_has_one_order_and_two_accounts():
    assert pair_of("B", "A") == pair_of("A", "B") == ("A", "B")
    with pytest.raises(UnusableInput, match="two accounts; A is only one"):
        pair_of("A", "A")


def test_a_ground_that_says_the_opposite_is_refused_with_those_that_fit():
    with pytest.raises(UnusableInput, match="'same_owner' is no ground for 'denied'; choose one of: sold_business"):
        check_ground(DENIED, RelationGround.SAME_OWNER)
    assert {ground for grounds in GROUNDS.values() for ground in grounds} == set(RelationGround)


def test_a_later_judgement_supersedes_an_earlier_one():
    said = history((CONFIRMED, 0), (DENIED, 3))
    assert latest(said)["A", "B"].verdict == DENIED


def test_a_denied_relation_gives_no_violation_and_a_confirmed_one_the_same_as_before():
    assert counts_from(DAY, history((DENIED, 3))) is None
    assert counts_from(DAY, history((CONFIRMED, 3))) == DAY
    assert counts_from(DAY, []) == DAY


def test_what_was_taken_back_stays_taken_back_when_a_denial_is_superseded():
    """H7: it counts again from the day of the confirmation, and not from where it once began."""
    assert counts_from(DAY, history((DENIED, 3), (CONFIRMED, 9))) == DAY + timedelta(days=9)
    assert counts_from(DAY, history((DENIED, 3), (CONFIRMED, 9), (CONFIRMED, 20))) == DAY + timedelta(days=9)


@given(st.lists(st.tuples(st.sampled_from(RelationVerdict), st.integers(0, 50)), min_size=1), st.integers(0, 50))
def test_only_the_last_judgement_decides_whether_a_relation_counts_and_nothing_counts_earlier(said, opened):
    made = history(*sorted(said, key=lambda one: one[1]))
    day = DAY + timedelta(days=opened)
    counted = counts_from(day, made)
    assert (counted is None) == (made[-1].verdict == DENIED)
    assert counted is None or counted >= day


def test_strangers_in_one_room_have_everything_against_them_but_time():
    """The co-working look-alike: one Wi-Fi of many."""
    assert speaks_against(5, [use("wifi", 5, sharers=47)], LINKAGE) == (
        Against.BELOW_THRESHOLD,
        Against.ONE_PIECE,
        Against.SHARED_BY_MANY,
        Against.HOUSEHOLD_ONLY,
    )


def test_a_thing_handed_on_was_never_used_at_the_same_time():
    handed_on = use("bank_account", 120, a=(0, 20), b=(60, None))
    assert speaks_against(190, [handed_on, use("device", 70, a=(0, 20), b=(21, None))], LINKAGE) == (Against.NEVER_AT_ONCE,)
    back = use("device", 70, a=(21, None), b=(0, 20))
    assert speaks_against(190, [handed_on, back], LINKAGE) == (Against.NEVER_AT_ONCE,), "whichever of the two had it first"
    assert speaks_against(190, [handed_on, use("device", 70, a=(0, 30), b=(21, None))], LINKAGE) == ()


@pytest.mark.parametrize("action", [ActionKind.WARN, ActionKind.HOLD, ActionKind.RESTRICT, ActionKind.DEACTIVATE])
def test_nothing_follows_from_relations_alone_without_a_person(action):
    """B16: not even where a pack that was never validated says so."""
    reasons = (make_reason("related", requirement="B16", found_by=FoundBy.RELATION), make_reason("late_shipment"))
    pack = make_pack(reasons={reason.code: reason for reason in reasons})
    rule = Rule("r", ("related", "late_shipment"), action, Approval.NONE, CITED)
    alone = Proposal("S", rule, (OpenViolation("V-1", "related", DAY),))
    mixed = replace(alone, violations=(*alone.violations, OpenViolation("V-2", "late_shipment", DAY)))
    assert approval_of(alone, pack) == Approval.PERSON
    assert approval_of(mixed, pack) == (Approval.PERSON if action == ActionKind.DEACTIVATE else Approval.NONE)
    assert approval_of(replace(alone, rule=replace(rule, approval=Approval.SENIOR)), pack) == Approval.SENIOR
    assert rests_on_relations_alone(["related"], pack)
    assert not rests_on_relations_alone([], pack)
