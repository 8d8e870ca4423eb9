"""Signing in and the roles (requirement K5)."""

from collections.abc import Callable

import pytest
from django.test import Client

from goodstanding.core.terms import Role
from goodstanding.server.store.models import User
from tests.server.showcase import PASSWORD, Showcase

Enter = Callable[[User], Client]
PAGES = ["/console/", "/console/search/?q=x", "/console/case/C-1/", "/console/account/S-1001/", "/console/evidence/F-1/"]


def test_staff_land_in_the_queue(client: Client, show: Showcase) -> None:
    page = client.post("/console/sign-in/", {"login": "Maya@Market.example", "password": PASSWORD}, follow=True)
    assert page.redirect_chain[-1][0] == "/console/"
    assert b"Maya Lindqvist" in page.content


def test_holders_land_on_their_account(client: Client, show: Showcase) -> None:
    page = client.post("/console/sign-in/", {"login": show.holder.email, "password": PASSWORD}, follow=True)
    assert page.redirect_chain[-1][0] == "/account/S-1001/"


def test_a_wrong_password_is_answered_plainly_and_keeps_the_address(client: Client, show: Showcase) -> None:
    page = client.post("/console/sign-in/", {"login": show.senior.email, "password": "wrong"})
    assert page.status_code == 200
    assert b"do not belong together" in page.content
    assert show.senior.email.encode() in page.content


def test_a_sign_in_goes_back_only_to_a_page_of_this_server(client: Client, show: Showcase) -> None:
    page = client.post("/console/sign-in/", {"login": show.senior.email, "password": PASSWORD, "next": "https://elsewhere.example/"})
    assert page["Location"] == "/console/enter/"


def test_signing_out_ends_it(show: Showcase, browser_of: Enter) -> None:
    browser = browser_of(show.specialist)
    browser.post("/console/sign-out/")
    assert browser.get("/console/").status_code == 302


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_sent_to_sign_in_and_then_back(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/console/sign-in/?next=/console/")


@pytest.mark.parametrize("path", PAGES)
def test_a_holder_is_refused_with_a_clear_word(show: Showcase, browser_of: Enter, path: str) -> None:
    page = browser_of(show.holder).get(path)
    assert page.status_code == 403
    assert b"The console is for the marketplace" in page.content


def test_a_policy_manager_reads_and_does_nothing(show: Showcase, browser_of: Enter) -> None:
    manager = User.objects.create_user("paul@market.example", PASSWORD, name="Paul", role=Role.POLICY_MANAGER)
    browser = browser_of(manager)
    assert browser.get("/console/").status_code == 200
    assert 'name="do"' not in browser.get(f"/console/case/{show.cases['submitted'].pk}/").content.decode()


def test_somebody_who_was_switched_off_is_out(show: Showcase, browser_of: Enter) -> None:
    browser = browser_of(show.specialist)
    User.objects.filter(pk=show.specialist.pk).update(is_active=False)
    assert browser.get("/console/").status_code == 302
