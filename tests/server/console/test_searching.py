"""The search: what finds a case or an account, page by page, who may find by an address, and that it is kept (requirements H5, H8, K5)."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.searching import CHAIN, look_up
from goodstanding.server.store.models import Account, LedgerBody, User
from tests.server.showcase import Showcase

Enter = Callable[[User], Client]


def call(role: Role) -> Call:
    return Call(Actor("user:7", role), timezone.now())


def test_a_case_and_an_account_are_opened_by_their_id(show: Showcase, browser_of: Enter) -> None:
    case, browser = show.cases["in_force"], browser_of(show.specialist)
    assert browser.get("/console/search/", {"q": case.pk.lower()})["Location"] == f"/console/case/{case.pk}/"
    assert browser.get("/console/search/", {"q": case.account_id})["Location"] == f"/console/account/{case.account_id}/"


def test_an_order_is_found_by_the_cases_that_rest_on_it(show: Showcase, browser_of: Enter) -> None:
    """Whether an item is in any queue is one question."""
    case = show.cases["in_force"]
    order = case.action.violations.first().items[0]["id"]
    text = browser_of(show.specialist).get("/console/search/", {"q": order}).content.decode()
    assert case.pk in text
    assert [one.pk for one in look_up(call=call(Role.AUDITOR), text=order).cases] == [case.pk]
    for strange in (f"{order[:-1]}%", order[:-1], 'x"}', "%%%%"):
        assert look_up(call=call(Role.AUDITOR), text=strange).cases == ()


def test_an_address_is_found_whole_and_by_who_may_and_kept_as_a_digest(show: Showcase) -> None:
    account = Account.objects.get(pk="S-1001")
    for role, found in ((Role.SPECIALIST, ["S-1001"]), (Role.AUDITOR, ["S-1001"]), (Role.POLICY_MANAGER, [])):
        assert [one.pk for one in look_up(call=call(role), text=account.email.upper()).accounts] == found, role
    assert look_up(call=call(Role.SPECIALIST), text=account.email[:-1]).is_empty
    kept = list(LedgerBody.objects.filter(entry__case_id=CHAIN).values_list("text", flat=True))
    assert len(kept) == 4
    assert not any(account.email in text.lower() for text in kept)


def test_pages_repeat_and_hide_nothing_while_accounts_come_and_go(show: Showcase) -> None:
    given = {"holder_kind": "seller", "marketplace": "US", "language": "en", "opened_at": timezone.now()}
    Account.objects.bulk_create(Account(account_id=f"Z-{n:03}", display_name=f"Zebra {n // 2}", **given) for n in range(25))
    seen, after = [], ""
    while True:
        page = look_up(call=call(Role.SPECIALIST), text="zebra", after=after, size=10)
        seen += [one.pk for one in page.accounts]
        Account.objects.filter(pk="Z-000").delete()
        if not page.later:
            break
        after = page.later
    assert sorted(seen) == [f"Z-{n:03}" for n in range(25)]
    assert LedgerBody.objects.filter(entry__case_id=CHAIN).count() == 1, "further pages are the same look-up"


def test_an_auditor_sees_who_looked_for_what_and_others_do_not(show: Showcase, browser_of: Enter) -> None:
    """H8."""
    browser_of(show.specialist).get("/console/search/", {"q": "Harbour"})
    seen = browser_of(show.auditor).get("/console/search/").content.decode()
    assert "What was looked up" in seen
    assert "Harbour" in seen
    assert "Maya Lindqvist" in seen
    assert "What was looked up" not in browser_of(show.specialist).get("/console/search/").content.decode()
