"""Enforcement replayed over a past: the days on which actions would have come and gone (requirement K2)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.enforcement.evaluation import OpenViolation, evaluate
from goodstanding.core.enforcement.replay import PastAction, PastViolation, limited_spans, replay
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, ActionKind, Approval, Band, FoundBy
from goodstanding.core.values import Span
from tests.factories import make_pack, make_rating, make_reason
from tests.rules import make_rule

DAY = date(2026, 3, 1)
REASONS = {r.code: r for r in (make_reason("late"), make_reason("fake", found_by=FoundBy.COMPLAINT, subject="complaints"))}
RULES = (
    make_rule("warn", ["late"], ActionKind.WARN, Approval.NONE, open_days=3),
    make_rule("restrict", ["late"], ActionKind.RESTRICT, Approval.PERSON, open_days=7, limits={Act.LIST}),
    make_rule("fakes", ["fake"], ActionKind.DEACTIVATE, Approval.SENIOR, limits={Act.SELL}, least_open=2),
    make_rule("unhealthy", ["late", "fake"], ActionKind.DEACTIVATE, Approval.SENIOR, limits={Act.SELL}, bands={Band.UNHEALTHY}),
)


def pack(*rules, window_days: int = 20) -> PolicyPack:
    return make_pack(reasons=REASONS, metrics={}, rules=rules or RULES, rating=make_rating(window_days=window_days))


def on(number: int) -> date:
    return DAY + timedelta(days=number)


def late(opened: int, closed: int | None = None, id: str = "V-1", known: int | None = None) -> PastViolation:
    return PastViolation(id, "late", on(opened), None if closed is None else on(closed), None if known is None else on(known))


def told(actions: tuple[PastAction, ...]) -> list[tuple[str, int, int | None]]:
    return [(a.rule.id, (a.day - DAY).days, None if a.until is None else (a.until - DAY).days) for a in actions]


@pytest.mark.parametrize(
    ("violations", "expected"),
    [
        ([late(0, 3)], []),
        ([late(0, 4)], [("warn", 3, 4)]),
        ([late(0, 10)], [("warn", 3, 10), ("restrict", 7, 10)]),
        ([late(0)], [("warn", 3, None), ("restrict", 7, None)]),
        ([late(0, 10, known=8)], [("restrict", 8, 10)]),  # word came late, so there was no warning first
        ([late(0, 10), late(5, 30, "V-2")], [("warn", 3, 10), ("restrict", 7, 10), ("warn", 8, 30), ("restrict", 12, 30)]),
    ],
)
def test_actions_climb_and_end_with_what_they_rest_on(violations, expected) -> None:
    assert told(replay("S-1", violations, (), pack(), on(60))) == expected


def test_two_complaints_are_needed_together_and_the_action_holds_while_either_is_open() -> None:
    fakes = [PastViolation("A", "fake", on(0), on(9)), PastViolation("B", "fake", on(5), on(12))]
    assert told(replay("S-1", fakes, (), pack(), on(60))) == [("fakes", 5, 12)]


def test_a_band_calls_for_its_rule_on_the_day_it_is_reached() -> None:
    bands = ((on(-5), Band.HEALTHY), (on(2), Band.UNHEALTHY), (on(4), Band.HEALTHY))
    assert told(replay("S-1", [late(0, 6)], bands, pack(), on(60))) == [("unhealthy", 2, 6)]


def test_an_action_that_lasts_a_set_time_ends_before_its_violation() -> None:
    rule = make_rule("short", ["late"], ActionKind.HOLD, Approval.NONE, limits={Act.LIST}, lasts=Span(days=2))
    assert told(replay("S-1", [late(0, 30)], (), pack(rule), on(60))) == [("short", 0, 2)]


def test_limited_days_are_counted_once_and_cut_to_the_period() -> None:
    actions = replay("S-1", [late(0, 10), late(2, 20, "V-2")], (), pack(), on(60))
    assert limited_spans(actions, on(0), on(60)) == ((on(7), on(20)),)
    assert limited_spans(actions, on(8), on(9)) == ((on(8), on(10)),)
    assert limited_spans(actions, on(30), on(60)) == ()


numbers = st.integers(0, 30)
pasts = st.lists(
    st.builds(
        lambda n, reason, opened, length, later: PastViolation(
            f"V-{n}", reason, on(opened), None if length is None else on(opened + later + length), on(opened + later)
        ),
        st.integers(0, 20), st.sampled_from(["late", "fake"]), numbers, st.none() | st.integers(1, 25), st.integers(0, 4),
    ),
    max_size=6, unique_by=lambda v: v.id,
)  # fmt: skip
some_bands = st.lists(st.tuples(numbers.map(on), st.sampled_from(Band)), max_size=4, unique_by=lambda b: b[0]).map(lambda b: tuple(sorted(b)))


def every_day(violations, bands, rules: PolicyPack, last: date) -> list[tuple[date, str, tuple[str, ...]]]:
    """The same by evaluating each single day, as the nightly run does."""
    acted: dict[str, frozenset[ActionKind]] = {}
    actions = []
    for n in range((last - DAY).days + 1):
        day = on(n)
        band = next((band for start, band in reversed(bands) if start <= day), None)
        seen = [OpenViolation(v.id, v.reason, v.opened, acted.get(v.id, frozenset())) for v in violations if v.is_open(day)]
        for proposal in evaluate("S-1", seen, band, rules, day):
            actions.append((day, proposal.rule.id, tuple(v.id for v in proposal.violations)))
            acted |= {v.id: v.acted_on | {proposal.rule.action} for v in proposal.violations}
    return actions


@given(pasts, some_bands)
def test_skipping_days_without_change_loses_nothing(violations, bands) -> None:
    found = replay("S-1", violations, bands, pack(), on(70))
    assert [(a.day, a.rule.id, a.violations) for a in found] == every_day(violations, bands, pack(), on(70))
