"""The one answer of how an account stands (requirement A2)."""

from datetime import timedelta

import pytest

from goodstanding.core.errors import NotFound
from goodstanding.core.terms import AccountStatus, Act, ActionKind, Band
from goodstanding.server.services.standing import cases_behind, standing_of
from goodstanding.server.store.models import Violation
from tests.server.factories import NOW, TODAY, make_account, make_action_in_force, make_rating, make_violation

pytestmark = pytest.mark.django_db


def standing(account, now=NOW):
    return standing_of(account_id=account.account_id, now=now)


def test_nobody_of_that_name_has_no_standing():
    with pytest.raises(NotFound, match="nobody"):
        standing_of(account_id="nobody", now=NOW)


def test_an_account_nothing_is_known_of_may_do_everything():
    found = standing(make_account())
    assert (found.status, found.rating, found.band) == (AccountStatus.NORMAL, None, None)
    assert all(permission.allowed for permission in found.permissions.values())


def test_the_newest_rating_counts():
    account = make_account()
    make_rating(account, 300, as_of=TODAY - timedelta(days=9))
    make_rating(account, 150, as_of=TODAY)
    found = standing(account)
    assert (found.rating, found.band, found.status) == (150, Band.AT_RISK, AccountStatus.AT_RISK)


def test_an_open_violation_puts_an_account_at_risk_and_an_overturned_one_does_not():
    account = make_account()
    make_violation(account)
    assert standing(account).status == AccountStatus.AT_RISK
    Violation.objects.update(decided="overturned")
    assert standing(account).status == AccountStatus.NORMAL


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (ActionKind.RESTRICT, AccountStatus.RESTRICTED),
        (ActionKind.DEACTIVATE, AccountStatus.DEACTIVATED),
        (ActionKind.CLOSE, AccountStatus.CLOSED),
    ],
)
def test_the_gravest_action_in_force_names_the_status(kind, status):
    account = make_account()
    make_action_in_force(kind, account=account)
    assert standing(account).status == status


def test_an_action_counts_from_its_moment_on_and_not_before():
    account = make_account()
    make_action_in_force(ActionKind.DEACTIVATE, account=account)
    before = standing(account, NOW - timedelta(seconds=1))
    assert before.status == AccountStatus.AT_RISK
    assert before.permissions[Act.SELL].allowed


def test_what_stands_in_the_way_leads_to_its_case():
    account = make_account()
    case = make_action_in_force(ActionKind.DEACTIVATE, account=account)
    permissions = standing(account).permissions
    assert cases_behind(permissions[Act.WITHDRAW]) == [case]
    assert cases_behind(permissions[Act.SEE_ORDERS]) == []
    assert permissions[Act.APPEAL].allowed


def test_an_account_its_holder_closed_may_still_see_its_orders():
    found = standing(make_account(closed_at=NOW - timedelta(days=1)))
    assert found.status == AccountStatus.CLOSED
    assert not found.permissions[Act.SELL].allowed
    assert found.permissions[Act.SEE_ORDERS].allowed


def test_the_answer_takes_two_queries_however_much_has_happened(django_assert_num_queries):
    account = make_account()
    for kind in (ActionKind.WARN, ActionKind.RESTRICT, ActionKind.DEACTIVATE):
        make_action_in_force(kind, account=account)
    for days in range(20):
        make_rating(account, 250, as_of=TODAY - timedelta(days=days))
    with django_assert_num_queries(2):
        standing(account)
