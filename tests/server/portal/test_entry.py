"""How holders come in, and who does not."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.links import withdraw_links
from goodstanding.server.store.models import AccessLink, Case
from tests.server.showcase import Showcase

Link = Callable[[Case], str]
Enter = Callable[[Case], Client]


def test_the_start_page_says_what_this_is_and_offers_to_sign_in(client: Client, db: None) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert b"A person reads every appeal" in page.content
    assert b"/console/sign-in/" in page.content


def test_opening_a_link_shows_a_button_and_lets_nobody_in_yet(client: Client, show: Showcase, link_of: Link) -> None:
    """C2: a mail scanner that fetches the link changes nothing."""
    case = show.cases["in_force"]
    page = client.get(link_of(case))
    assert page.status_code == 200
    assert b"Continue to your case" in page.content
    assert client.get(f"/case/{case.pk}/").status_code == 403


def test_the_button_of_a_link_opens_its_case(client: Client, show: Showcase, link_of: Link) -> None:
    """C2: a holder who cannot sign in reaches the case."""
    case = show.cases["in_force"]
    entered = client.post(link_of(case))
    assert (entered.status_code, entered["Location"]) == (302, f"/case/{case.pk}/")
    assert client.get(f"/case/{case.pk}/").status_code == 200


def test_a_link_speaks_the_holders_language_until_another_is_chosen(client: Client, show: Showcase, link_of: Link) -> None:
    """C3."""
    assert "进入您的案件" in client.get(link_of(show.cases["in_review"])).content.decode()
    client.cookies["django_language"] = "en"
    assert "Continue to your case" in client.get(link_of(show.cases["in_review"])).content.decode()


def test_a_link_that_never_was_says_to_copy_the_whole_of_it(client: Client, db: None) -> None:
    page = client.get("/n/made-up/")
    assert page.status_code == 404
    assert b"Copy the whole link from the notice" in page.content


@pytest.mark.parametrize("how", ["expired", "withdrawn"])
def test_a_link_that_is_over_opens_nothing_and_says_what_to_do(client: Client, show: Showcase, link_of: Link, how: str) -> None:
    """C2."""
    case = show.cases["in_force"]
    path = link_of(case)
    if how == "expired":
        AccessLink.objects.update(expires_at=timezone.now())
    else:
        withdraw_links(call=Call(Actor("user:1", Role.SPECIALIST), timezone.now()), case_id=case.pk)
    for page in (client.get(path), client.post(path)):
        assert page.status_code == 410
        assert b"newest notice" in page.content
    assert client.get(f"/case/{case.pk}/").status_code == 403


def test_a_visit_ends_when_its_link_is_withdrawn(show: Showcase, holder_of: Enter) -> None:
    """C2: whoever came in by a link is out as soon as it is withdrawn."""
    case = show.cases["in_force"]
    browser = holder_of(case)
    withdraw_links(call=Call(Actor("user:1", Role.SPECIALIST), timezone.now()), case_id=case.pk)
    assert browser.get(f"/case/{case.pk}/").status_code == 403


def test_leaving_ends_the_visit(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    browser = holder_of(case)
    assert browser.post("/leave/")["Location"] == "/"
    assert browser.get(f"/case/{case.pk}/").status_code == 403


def test_the_demonstrations_ways_in_do_not_exist_for_a_real_marketplace(client: Client, show: Showcase) -> None:
    assert client.post("/demo/sign-in/", {"user": show.senior.pk}).status_code == 404
    assert b"demonstration" not in client.get("/").content


def test_a_demonstration_signs_in_with_one_click(client: Client, show: Showcase, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    assert b"Samuel Okafor" in client.get("/").content
    page = client.post("/demo/sign-in/", {"user": show.senior.pk}, follow=True)
    assert page.redirect_chain[-1][0] == "/console/"


def test_a_demonstration_opens_a_case_as_its_holder(client: Client, show: Showcase, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    page = client.post("/demo/sign-in/", {"case": show.cases["in_force"].pk}, follow=True)
    assert b"Continue to your case" in page.content
