"""What the pack calls for: proposals, never twice, never milder than what already rests (requirements B*, A7)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.enforcement.evaluation import OpenViolation, action_stands, evaluate
from goodstanding.core.policy.pack import Rule
from goodstanding.core.terms import Act, ActionKind, Approval, Band, FoundBy
from tests.factories import make_pack, make_reason
from tests.rules import make_rule

DAY = date(2026, 3, 1)
WARN = make_rule("late-warn", ["PERF_LATE_SHIPMENT"], ActionKind.WARN, Approval.NONE, open_days=3)
RESTRICT = make_rule("late-restrict", ["PERF_LATE_SHIPMENT"], ActionKind.RESTRICT, Approval.PERSON, open_days=14, limits={Act.LIST})
FAKE = make_rule("fake", ["AUTH_COUNTERFEIT"], ActionKind.DEACTIVATE, Approval.SENIOR, limits={Act.SELL}, least_open=2)
REASONS = {
    reason.code: reason
    for reason in (
        make_reason("PERF_LATE_SHIPMENT"),
        make_reason("PERF_ODR"),
        make_reason("AUTH_COUNTERFEIT", found_by=FoundBy.COMPLAINT, subject="complaints"),
    )
}
PACK = make_pack(rules=(WARN, RESTRICT, FAKE), reasons=REASONS, metrics={})


def late(days: int, *acted_on: ActionKind) -> OpenViolation:
    return OpenViolation("V-late", "PERF_LATE_SHIPMENT", DAY - timedelta(days=days), frozenset(acted_on))


def called_for(*violations: OpenViolation, band: Band | None = None) -> list[tuple[str, tuple[str, ...]]]:
    return [(p.rule.id, tuple(v.id for v in p.violations)) for p in evaluate("S-1", violations, band, PACK, DAY)]


@pytest.mark.parametrize(("days", "rule"), [(2, []), (3, ["late-warn"]), (13, ["late-warn"]), (14, ["late-restrict"])])
def test_a_breach_is_acted_on_only_once_it_lasted_as_long_as_the_rule_says(days: int, rule: list[str]) -> None:
    assert [name for name, _ in called_for(late(days))] == rule


def test_a_lasting_breach_climbs_from_warning_to_restriction_and_never_back() -> None:
    assert [name for name, _ in called_for(late(20, ActionKind.WARN))] == ["late-restrict"]
    assert called_for(late(20, ActionKind.WARN, ActionKind.RESTRICT)) == []
    assert called_for(late(20, ActionKind.DEACTIVATE)) == []


def test_a_rule_that_asks_for_two_is_not_met_by_one() -> None:
    one, two = (OpenViolation(f"V-{n}", "AUTH_COUNTERFEIT", DAY) for n in (1, 2))
    assert called_for(one) == []
    assert called_for(one, two) == [("fake", ("V-1", "V-2"))]


@pytest.mark.parametrize(("age", "called"), [(179, ["fake"]), (180, [])])
def test_no_action_starts_from_a_complaint_that_no_longer_counts(age: int, called: list[str]) -> None:
    old = [OpenViolation(f"V-{n}", "AUTH_COUNTERFEIT", DAY - timedelta(days=age)) for n in (1, 2)]
    assert [name for name, _ in called_for(*old)] == called
    assert [name for name, _ in called_for(late(400))] == ["late-restrict"], "a rate that is still over target is acted on however long it lasts"


def test_a_rule_bound_to_a_band_waits_for_it() -> None:
    bound = make_rule("unhealthy", ["PERF_LATE_SHIPMENT"], ActionKind.DEACTIVATE, Approval.SENIOR, bands={Band.UNHEALTHY})
    pack = make_pack(rules=(bound,), reasons=REASONS, metrics={})
    assert evaluate("S-1", [late(1)], Band.AT_RISK, pack, DAY) == ()
    assert [p.rule for p in evaluate("S-1", [late(1)], Band.UNHEALTHY, pack, DAY)] == [bound]


violations = st.builds(
    OpenViolation,
    id=st.integers(0, 30).map(lambda n: f"V-{n}"),
    reason=st.sampled_from(["PERF_LATE_SHIPMENT", "AUTH_COUNTERFEIT", "PERF_ODR"]),
    opened=st.dates(DAY - timedelta(days=40), DAY),
    acted_on=st.frozensets(st.sampled_from(ActionKind)),
)


@given(st.lists(violations, max_size=8, unique_by=lambda v: v.id))
def test_every_violation_rests_under_one_proposal_at_most_and_order_does_not_matter(found: list[OpenViolation]) -> None:
    proposals = evaluate("S-1", found, None, PACK, DAY)
    used = [v.id for proposal in proposals for v in proposal.violations]
    assert len(used) == len(set(used))
    assert all(proposal.violations for proposal in proposals)
    assert evaluate("S-1", found[::-1], None, PACK, DAY) == proposals


@pytest.mark.parametrize(
    ("rule", "left", "band", "stands"),
    [
        (FAKE, ["AUTH_COUNTERFEIT"] * 2, None, True),
        (FAKE, ["AUTH_COUNTERFEIT"], None, False),
        (FAKE, [], None, False),
        (WARN, ["PERF_LATE_SHIPMENT"], None, True),
    ],
)
def test_an_action_stands_only_while_its_own_rule_still_calls_for_it(rule: Rule, left: list[str], band: Band | None, stands: bool) -> None:
    """H6: what is left after an overturned violation may no longer carry the action."""
    assert action_stands(rule, left, band) is stands
