"""Whether an approved action may take effect is looked at when it does (requirements A7, C6)."""

import pytest

from goodstanding.core.enforcement.approval import covers, is_still_called_for, needed_now, needs_time_of_notice
from goodstanding.core.enforcement.limits import check_may_shorten
from goodstanding.core.errors import NotPermitted
from goodstanding.core.terms import Act, ActionKind, Approval, Band, HolderKind, NoticeException, OwnerKind, Role
from tests.core.enforcement.test_limits import NOW, limit, timedelta
from tests.rules import make_rule

RULE = make_rule("two-fakes", ["counterfeit"], ActionKind.DEACTIVATE, Approval.SENIOR, limits=[Act.SELL], least_open=2)


def test_the_stricter_of_then_and_now_is_needed() -> None:
    assert needed_now(Approval.PERSON, RULE) == Approval.SENIOR
    assert needed_now(Approval.SENIOR, make_rule("x", ["counterfeit"], ActionKind.WARN, Approval.NONE)) == Approval.SENIOR
    assert needed_now(Approval.PERSON, None) == Approval.PERSON


@pytest.mark.parametrize(
    ("needed", "who"), [(Approval.SENIOR, [Role.SENIOR_SPECIALIST]), (Approval.PERSON, [Role.SPECIALIST, Role.SENIOR_SPECIALIST])]
)
def test_a_machine_never_gives_the_approval_of_a_person(needed: Approval, who: list[Role]) -> None:
    assert [role for role in Role if covers(needed, role)] == who
    assert not covers(needed, "")


def test_an_action_is_called_for_only_by_what_still_holds() -> None:
    assert is_still_called_for(RULE, ["counterfeit", "counterfeit"], None)
    assert not is_still_called_for(RULE, ["counterfeit"], None), "one of two is no longer open"
    assert not is_still_called_for(None, ["counterfeit", "counterfeit"], Band.UNHEALTHY), "the policy has dropped the rule"


def test_only_the_closing_of_a_business_account_is_announced_ahead() -> None:
    """C6, P2B art. 4(2): termination, not suspension; and art. 4(4), its exceptions."""
    assert [kind for kind in ActionKind if needs_time_of_notice(kind, HolderKind.SELLER, None)] == [ActionKind.CLOSE]
    assert not needs_time_of_notice(ActionKind.CLOSE, HolderKind.BUYER, None)
    assert not any(needs_time_of_notice(ActionKind.CLOSE, HolderKind.SELLER, one) for one in NoticeException)


def test_nobody_shortens_what_somebody_above_has_set() -> None:
    """A7: not lifting a limit, but letting it end tomorrow, comes to the same."""
    ending = limit(ends_at=NOW + timedelta(days=9))
    for sooner in (NOW, NOW + timedelta(days=8)):
        with pytest.raises(NotPermitted):
            check_may_shorten(ending, sooner, OwnerKind.AUTOMATION)
    check_may_shorten(ending, sooner, OwnerKind.PERSON)
    check_may_shorten(ending, NOW + timedelta(days=10), OwnerKind.AUTOMATION)
    with pytest.raises(NotPermitted):
        check_may_shorten(limit(), NOW + timedelta(days=900), OwnerKind.POLICY)
