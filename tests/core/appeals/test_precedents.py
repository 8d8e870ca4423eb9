"""Precedents: what is alike, and what must not be held against anybody twice (requirement H7)."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.appeals.precedents import Likeness, Precedent, is_settled_before, nearest_precedents, nearness
from goodstanding.core.terms import DecisionOutcome

HERE = Likeness("late", "restrict", 9, 80, frozenset({"carrier=Nordpost", "warehouse=Reno"}))
likeness = st.builds(
    Likeness, st.sampled_from(["late", "fraud"]), st.sampled_from(["a", "b"]), st.integers(0, 50), st.none() | st.integers(0, 1000),
    st.frozensets(st.sampled_from("xyz")),
)  # fmt: skip


def past(number: int, like: Likeness) -> Precedent:
    return Precedent(f"C-{number}", like, DecisionOutcome.OVERTURNED, "because", date(2026, 1, number))


def test_the_same_rule_share_and_carrier_come_before_the_same_reason_alone() -> None:
    twin = past(1, HERE)
    cousin = past(2, Likeness("late", "restrict", 9, 160, frozenset({"carrier=Nordpost"})))
    distant = past(3, Likeness("late", "warn", 900, 900))
    stranger = past(4, Likeness("fraud", "restrict", 9, 80, HERE.values))
    found = nearest_precedents(HERE, [stranger, distant, cousin, twin], 5)
    assert [one.case_id for _, one in found] == ["C-1", "C-2"]
    assert found[0][0] == 100
    assert len(nearest_precedents(HERE, [twin, cousin], 1)) == 1


@given(likeness, likeness)
def test_nearness_is_the_same_both_ways_and_within_its_bounds(one: Likeness, other: Likeness) -> None:
    assert 0 <= nearness(one, other) == nearness(other, one) <= 100


def test_only_facts_that_were_all_found_wrong_are_settled() -> None:
    overturned = [{"O-1", "O-2"}, {"O-3"}]
    assert is_settled_before({"O-1", "O-3"}, overturned)
    assert not is_settled_before({"O-1", "O-4"}, overturned), "one new order is a new fact"
    assert not is_settled_before(set(), overturned)
    assert not is_settled_before({"O-1"}, [])
