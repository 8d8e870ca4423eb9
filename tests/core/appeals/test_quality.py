"""The blind sample (requirement H8)."""

from goodstanding.core.appeals.quality import Tally, agrees, degree_of, is_drawn
from goodstanding.core.terms import Automation, DecisionOutcome, FoundBy


def test_the_draw_takes_its_share_and_always_the_same() -> None:
    drawn = [number for number in range(20_000) if is_drawn(f"AP-{number}", 50)]
    assert 900 <= len(drawn) <= 1100
    assert all(is_drawn(f"AP-{number}", 50) for number in drawn)
    assert all(is_drawn(f"AP-{number}", 200) for number in drawn), "a larger share keeps who was in the smaller one"
    assert not any(is_drawn(f"AP-{number}", 0) for number in range(1000))
    assert all(is_drawn(f"AP-{number}", 1000) for number in range(1000))


def test_how_much_a_machine_decided() -> None:
    assert degree_of(approved_by_machine=True, found_by=[FoundBy.METRIC]) == Automation.FULLY
    assert degree_of(approved_by_machine=False, found_by=[FoundBy.PERSON, FoundBy.METRIC]) == Automation.PARTIALLY
    assert degree_of(approved_by_machine=False, found_by=[FoundBy.PERSON]) == Automation.NOT
    assert degree_of(approved_by_machine=False, found_by=[]) == Automation.NOT, "where no machine found anything, none decided anything"


def test_agreement_is_about_every_violation() -> None:
    up, over = DecisionOutcome.UPHELD, DecisionOutcome.OVERTURNED
    assert agrees({"a": up, "b": over}, {"b": over, "a": up})
    assert not agrees({"a": up, "b": over}, {"a": up, "b": up})
    assert (Tally(2, 3).percent, Tally().percent) == ("66.7 %", "–")
