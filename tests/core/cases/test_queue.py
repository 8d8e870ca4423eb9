"""The order of the queue (requirements H1, G3)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.cases.lifecycle import UNDER_APPEAL, CaseState
from goodstanding.core.cases.queue import APPEALS, PROPOSALS, Lane, Weighed, lane_of, lanes_open_to, place_of
from goodstanding.core.policy.queueing import QueueOrder
from goodstanding.core.terms import Act, Approval, Role, Severity
from goodstanding.packs.loader import load_pack

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORDER = QueueOrder(
    severity={Severity.CRITICAL: 48, Severity.HIGH: 24},
    acts={Act.SELL: 24, Act.WITHDRAW: 12},
    money_held=12,
    money_large=24,
    large={"USD": 500_000},
    overdue=8760,
)
weighed = st.builds(
    Weighed,
    st.sampled_from(Severity),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.frozensets(st.sampled_from(Act)),
    st.dictionaries(st.sampled_from(["USD", "JPY"]), st.integers(1, 10**9), max_size=2),
)


def first(**cases: Weighed) -> list[str]:
    """The names of the cases in their order."""
    return sorted(cases, key=lambda name: place_of(ORDER, cases[name]))


def test_of_two_due_at_once_the_graver_comes_first() -> None:
    assert first(mild=Weighed(Severity.LOW, NOON), grave=Weighed(Severity.CRITICAL, NOON)) == ["grave", "mild"]


def test_what_the_holder_loses_and_money_that_is_held_count() -> None:
    assert first(
        warned=Weighed(Severity.HIGH, NOON),
        closed_shop=Weighed(Severity.HIGH, NOON, {Act.SELL}),
        held=Weighed(Severity.HIGH, NOON, {Act.SELL, Act.WITHDRAW}, {"USD": 499_999}),
        held_more=Weighed(Severity.HIGH, NOON, {Act.SELL, Act.WITHDRAW}, {"USD": 500_000}),
    ) == ["held_more", "held", "closed_shop", "warned"]


def test_an_act_that_two_limits_forbid_counts_once() -> None:
    once, twice = (place_of(ORDER, Weighed(Severity.HIGH, NOON, [Act.SELL] * times)) for times in (1, 2))
    assert once == twice


def test_a_mild_case_that_has_waited_long_enough_comes_before_a_grave_new_one() -> None:
    assert first(new=Weighed(Severity.CRITICAL, NOON), old=Weighed(Severity.LOW, NOON - timedelta(hours=49))) == ["old", "new"]


@given(weighed, weighed)
def test_who_has_waited_too_long_comes_before_everybody_who_has_not(one: Weighed, other: Weighed) -> None:
    """G3, by the weights of the reference pack and within the year that these dates span."""
    order = load_pack("amazon").queue
    late = Weighed(one.severity, min(one.due, other.due), one.forbidden, one.held, is_overdue=True)
    assert place_of(order, late) < place_of(order, other)


@given(weighed, st.integers(1, 1000))
def test_time_alone_never_changes_a_place_and_a_later_date_never_betters_it(case: Weighed, hours: int) -> None:
    later = Weighed(case.severity, case.due + timedelta(hours=hours), case.forbidden, case.held)
    assert place_of(ORDER, later) == place_of(ORDER, case) + 3600 * hours


def test_every_state_in_which_staff_must_act_has_a_lane_and_no_other() -> None:
    waiting = {CaseState.PROPOSED, *UNDER_APPEAL} - {CaseState.INFORMATION_ASKED}
    for state in CaseState:
        for is_held in (True, False):
            assert (lane_of(state, Approval.PERSON, is_held=is_held) is not None) == (state in waiting)
    assert {*PROPOSALS, *APPEALS} == set(Lane)


def test_a_specialist_takes_no_last_instance_and_an_auditor_takes_nothing() -> None:
    assert Lane.LAST_INSTANCE not in lanes_open_to(Role.SPECIALIST)
    assert Lane.LAST_INSTANCE in lanes_open_to(Role.SENIOR_SPECIALIST)
    assert lanes_open_to(Role.AUDITOR) == ()
