"""What verdicts come to, one per violation (requirements H1, H6)."""

import pytest

from goodstanding.core.appeals.plan import Answer, missing_parts
from goodstanding.core.appeals.review import Conclusion, Verdict, check_reviewer, conclude, may_hear
from goodstanding.core.errors import NotPermitted, UnusableInput
from goodstanding.core.terms import Act, ActionKind, AppealOutcome, Approval, DecisionOutcome, Role, Route
from tests.rules import make_rule

UPHELD, OVERTURNED = DecisionOutcome.UPHELD, DecisionOutcome.OVERTURNED
ONE_IS_ENOUGH = make_rule("one", ["AUTH_INAUTHENTIC"], ActionKind.DEACTIVATE, Approval.SENIOR, limits={Act.SELL})
TAKES_TWO = make_rule("two", ["AUTH_INAUTHENTIC"], ActionKind.DEACTIVATE, Approval.SENIOR, limits={Act.SELL}, least_open=2)
CONTESTED = {"V-1": "AUTH_INAUTHENTIC", "V-2": "AUTH_INAUTHENTIC"}


def verdicts(first: DecisionOutcome, second: DecisionOutcome) -> dict[str, Verdict]:
    return {id: Verdict(id, "AUTH_INAUTHENTIC", outcome, "the invoice shows it") for id, outcome in (("V-1", first), ("V-2", second))}


@pytest.mark.parametrize(
    ("rule", "first", "second", "conclusion"),
    [
        (ONE_IS_ENOUGH, OVERTURNED, OVERTURNED, Conclusion(AppealOutcome.REVERSED, stands=False)),
        (ONE_IS_ENOUGH, UPHELD, OVERTURNED, Conclusion(AppealOutcome.PARTIALLY_REVERSED, stands=True)),
        (TAKES_TWO, UPHELD, OVERTURNED, Conclusion(AppealOutcome.PARTIALLY_REVERSED, stands=False)),
        (TAKES_TWO, UPHELD, UPHELD, Conclusion(AppealOutcome.UPHELD, stands=True)),
    ],
)
def test_each_violation_is_decided_by_itself_and_the_action_follows_its_rule(rule, first, second, conclusion) -> None:  # type: ignore[no-untyped-def]
    assert conclude(verdicts(first, second), CONTESTED, rule, None) == conclusion


def test_a_forgotten_violation_is_named() -> None:
    with pytest.raises(UnusableInput, match=r"missing: \['V-2'\]"):
        conclude({"V-1": Verdict("V-1", "AUTH_INAUTHENTIC", UPHELD, "no invoice")}, CONTESTED, ONE_IS_ENOUGH, None)


def test_a_verdict_without_a_reason_is_refused_because_the_holder_will_read_it() -> None:
    silent = verdicts(UPHELD, UPHELD) | {"V-2": Verdict("V-2", "AUTH_INAUTHENTIC", UPHELD, "  ")}
    with pytest.raises(UnusableInput, match="say why"):
        conclude(silent, CONTESTED, ONE_IS_ENOUGH, None)


def test_nobody_reviews_an_own_decision() -> None:
    with pytest.raises(NotPermitted, match="your own decision"):
        check_reviewer("user:1", {"user:1", "user:3"})
    check_reviewer("user:2", {"user:1", "user:3"})
    check_reviewer("user:2", set())


@pytest.mark.parametrize(
    ("reviewer", "last", "past", "is_last", "may"),
    [
        ("sam", {"ines"}, {"sam", "ines", "maya"}, False, True),
        ("sam", {"sam"}, {"sam", "ines", "maya"}, False, False),  # nobody reviews the latest decision of his own
        ("sam", {"ines"}, {"sam", "ines"}, False, False),  # Maya had no part in it
        ("sam", {"ines"}, {"sam", "ines"}, True, True),  # but a specialist is no last instance
        ("maya", {"ines"}, {"sam", "ines", "maya"}, False, False),
        ("otto", {"ines"}, {"sam", "ines", "maya"}, False, False),  # reviews nothing any more
    ],
)
def test_a_senior_hears_a_case_again_only_where_nobody_else_is_left(reviewer, last, past, is_last, may) -> None:  # type: ignore[no-untyped-def]
    """H4."""
    reviewers = {"sam": Role.SENIOR_SPECIALIST, "ines": Role.SENIOR_SPECIALIST, "maya": Role.SPECIALIST}
    role = reviewers.get(reviewer, Role.SENIOR_SPECIALIST)
    assert may_hear(reviewer, role, last=last, past=past, reviewers=reviewers, is_last_instance=is_last) is may


def test_missing_parts_are_advice_about_the_chosen_route_only() -> None:
    """F0, F2: the routes are never mixed, and checks never block."""
    plan = Answer(Route.PLAN, root_cause="The carrier came late on 12 of 14 days.", grounds="not looked at")
    assert [finding.where for finding in missing_parts(plan)] == ["corrective", "preventive"]
    assert missing_parts(Answer(Route.DISPUTE, grounds="These are not our parcels.")) == ()
    assert Answer(Route.DISPUTE, root_cause="x").is_empty
