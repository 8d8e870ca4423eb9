"""Limits are a set with owners (requirement A7)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.enforcement.limits import Limit, check_may_lift, forbidding
from goodstanding.core.errors import NotPermitted
from goodstanding.core.standing import may, stand
from goodstanding.core.terms import AccountStatus, Act, ActionKind, Band, OwnerKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def limit(act: Act = Act.SELL, action: str = "A-1", **more: object) -> Limit:
    values: dict[str, object] = {"owner_kind": OwnerKind.PERSON, "owner": "user:1", "since": NOW - timedelta(days=1)}
    return Limit(id=f"{action}:{act}", act=act, action_id=action, **(values | more))  # type: ignore[arg-type]


def test_lifting_one_of_two_limits_on_the_same_act_still_leaves_it_forbidden() -> None:
    lifted, kept = limit(action="A-1", lifted_at=NOW), limit(action="A-2")
    answer = may(Act.SELL, [lifted, kept], closed=False, now=NOW)
    assert not answer.allowed
    assert answer.because == (kept,)


def test_a_limit_ends_at_its_end_and_not_a_second_earlier() -> None:
    ending = limit(ends_at=NOW)
    assert not may(Act.SELL, [ending], closed=False, now=NOW - timedelta(seconds=1)).allowed
    assert may(Act.SELL, [ending], closed=False, now=NOW).allowed


@pytest.mark.parametrize("act", Act)
def test_an_appeal_is_never_forbidden_by_anything(act: Act) -> None:
    assert may(Act.APPEAL, [limit(act)], closed=True, now=NOW).allowed


@pytest.mark.parametrize(
    ("owner", "lifter"), [(OwnerKind.PERSON, OwnerKind.AUTOMATION), (OwnerKind.PERSON, OwnerKind.POLICY), (OwnerKind.POLICY, OwnerKind.AUTOMATION)]
)
def test_automation_never_lifts_what_somebody_above_it_set(owner: OwnerKind, lifter: OwnerKind) -> None:
    with pytest.raises(NotPermitted, match=f"that a {owner} set"):
        check_may_lift(limit(owner_kind=owner), lifter)
    check_may_lift(limit(owner_kind=owner), OwnerKind.PERSON)


limits = st.builds(
    limit,
    act=st.sampled_from(Act),
    action=st.sampled_from(["A-1", "A-2", "A-3"]),
    since=st.datetimes(datetime(2026, 2, 1), datetime(2026, 4, 1), timezones=st.just(UTC)),
    lifted_at=st.none() | st.just(NOW),
    ends_at=st.none() | st.datetimes(datetime(2026, 2, 1), datetime(2026, 4, 1), timezones=st.just(UTC)),
)


@given(st.lists(limits), st.booleans())
def test_what_an_account_may_do_is_exactly_what_no_active_limit_forbids(held: list[Limit], closed: bool) -> None:
    standing = stand("S-1", limits=held, actions_in_force=[], closed=closed, rating=300, band=Band.HEALTHY, has_open_violations=False, now=NOW)
    for act, permission in standing.permissions.items():
        if act == Act.APPEAL:
            continue
        assert permission.because == forbidding(act, held, NOW)
        if not closed:
            assert permission.allowed is not any(one.act == act and one.is_active(NOW) for one in held)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, AccountStatus.NORMAL),
        ({"has_open_violations": True}, AccountStatus.AT_RISK),
        ({"band": Band.UNHEALTHY}, AccountStatus.AT_RISK),
        ({"limits": [limit()]}, AccountStatus.RESTRICTED),
        ({"actions_in_force": [ActionKind.DEACTIVATE], "limits": [limit()]}, AccountStatus.DEACTIVATED),
        ({"closed": True, "actions_in_force": [ActionKind.DEACTIVATE]}, AccountStatus.CLOSED),
    ],
)
def test_the_status_follows_from_what_is_in_force(more: dict[str, object], status: AccountStatus) -> None:
    values: dict[str, object] = {
        "limits": [],
        "actions_in_force": [],
        "closed": False,
        "rating": 300,
        "band": Band.HEALTHY,
        "has_open_violations": False,
    }
    assert stand("S-1", now=NOW, **(values | more)).status == status  # type: ignore[arg-type]


def test_the_holder_of_a_closed_account_may_still_see_orders_and_withdraw_but_not_sell() -> None:
    """A3: closing is not erasing."""
    standing = stand("S-1", limits=[], actions_in_force=[], closed=True, rating=None, band=None, has_open_violations=False, now=NOW)
    allowed = {act for act, permission in standing.permissions.items() if permission.allowed}
    assert {Act.SIGN_IN, Act.SEE_ORDERS, Act.WITHDRAW, Act.APPEAL} == allowed
