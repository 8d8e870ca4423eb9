"""Every state of a case says a sensible sentence to its holder, in three languages (requirements A2, A4, G2, G3)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import Act, OwnerKind
from goodstanding.server.pages.turns import steps_of, turn_of
from goodstanding.server.policy import current_pack
from goodstanding.server.store.models import Case, Limit, ReopeningRequest
from tests.server.showcase import PASSWORD, Showcase

Enter = Callable[[Case], Client]


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_every_state_is_told_in_words_of_its_own(show: Showcase, language: str) -> None:
    case, pack, now, told = show.cases["in_force"], current_pack(), timezone.now(), set()
    with translation.override(language):
        for state in CaseState:
            case.state, case.due_at = state, now + timedelta(days=3)
            turn = turn_of(case, pack, now)
            assert turn.lead
            assert "%(" not in turn.lead + turn.title
            assert sum(step.state == "current" for step in steps_of(case)) == 1
            told.add((turn.title, turn.lead))
    # A second person and a senior are one thing to a holder; and nothing else says the same.
    assert len(told) == len(CaseState) - 1


def test_a_case_that_a_letter_told_of_never_disappears_from_its_holder(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    Case.objects.filter(pk=case.pk).update(state=CaseState.PROPOSED)
    page = holder_of(case).get(f"/case/{case.pk}/")
    assert "We are deciding what follows" in page.content.decode()


def test_a_holder_asks_after_an_appeal_that_waits_too_long(show: Showcase, holder_of: Enter) -> None:
    """G3."""
    case = show.cases["submitted"]
    browser = holder_of(case)
    Case.objects.filter(pk=case.pk).update(raised_at=None)
    assert "Ask where it stands" not in browser.get(f"/case/{case.pk}/").content.decode()
    Case.objects.filter(pk=case.pk).update(raised_at=timezone.now())
    assert "Ask where it stands" in browser.get(f"/case/{case.pk}/").content.decode()
    answer = browser.post(f"/case/{case.pk}/ask/", follow=True).content.decode()
    assert "Your appeal keeps its place in the queue" in answer


def test_a_self_closed_account_is_reopened_by_request_of_its_holder(show: Showcase, holder_of: Enter, client: Client) -> None:
    """A4: asked at one door, answered at the other."""
    case = show.cases["in_force"]
    account = case.account
    account.closed_at = timezone.now() - timedelta(days=1)
    account.save()
    browser = holder_of(case)
    page = f"/account/{account.pk}/"
    assert "You closed it yourself" in browser.get(page).content.decode()
    assert "A person looks at it" in browser.post(f"{page}reopen/", {"because": "I am back"}, follow=True).content.decode()
    asked = ReopeningRequest.objects.get(account=account)
    browser.logout()
    client.login(username=show.senior.email, password=PASSWORD)
    assert "I am back" in client.get(f"/console/account/{account.pk}/").content.decode()
    client.post(f"/console/account/{account.pk}/reopening/{asked.pk}/", {"do": "grant", "because": "nothing is open"})
    account.refresh_from_db()
    assert account.closed_at is None


def test_held_money_is_told_with_amount_reason_and_day(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    Limit.objects.create(
        limit_id="L-HELD",
        account=case.account,
        action=case.action,
        act=Act.WITHDRAW,
        owner_kind=OwnerKind.PERSON,
        owner="user:1",
        since=timezone.now() - timedelta(days=1),
        ends_at=timezone.now() + timedelta(days=30),
        held_amount=12_050,
        currency="EUR",
        held_because="12 claims are open",
    )
    text = holder_of(case).get(f"/account/{case.account_id}/").content.decode()
    assert "120.50 EUR" in text
    assert "12 claims are open" in text
