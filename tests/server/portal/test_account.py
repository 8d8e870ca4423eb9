"""The holder's page of an account (requirement A5)."""

from collections.abc import Callable

from django.test import Client

from goodstanding.server.store.models import Case
from tests.server.showcase import PASSWORD, Showcase

Enter = Callable[[Case], Client]


def test_the_only_account_opens_at_once(show: Showcase, holder_of: Enter) -> None:
    assert holder_of(show.cases["in_force"]).get("/account/")["Location"] == "/account/S-1001/"


def test_the_page_shows_rating_metrics_violations_and_cases(show: Showcase, holder_of: Enter) -> None:
    text = holder_of(show.cases["in_force"]).get("/account/S-1001/").content.decode()
    assert "<b>168</b>" in text or "<b>160</b>" in text
    assert "<svg" in text
    assert "Target missed" in text
    assert "−16 points" in text
    assert "What lifts it:" in text
    assert show.cases["in_force"].pk in text


def test_a_holder_with_two_accounts_chooses(client: Client, show: Showcase) -> None:
    """A1."""
    show.holder.accounts.add(show.cases["submitted"].account)
    client.login(username=show.holder.email, password=PASSWORD)
    text = client.get("/account/").content.decode()
    assert "Harbour Lane Goods" in text
    assert "Mill Street Prints" in text


def test_another_account_does_not_exist(show: Showcase, holder_of: Enter) -> None:
    """K5."""
    assert holder_of(show.cases["in_force"]).get("/account/S-1004/").status_code == 404


def test_staff_are_told_that_the_page_is_the_holders(client: Client, show: Showcase) -> None:
    client.login(username=show.senior.email, password=PASSWORD)
    page = client.get("/account/")
    assert page.status_code == 403
    assert b"belongs to the holder" in page.content
