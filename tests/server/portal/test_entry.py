"""How holders come in, and who does not."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.policy import current_pack
from goodstanding.server.services import outbox
from goodstanding.server.services.call import Call
from goodstanding.server.services.codes import digits_of
from goodstanding.server.services.links import withdraw_links
from goodstanding.server.store.models import AccessLink, Account, Case, EntryCode
from tests.server.acting import appointed
from tests.server.showcase import Showcase

Link = Callable[[Case], str]
Enter = Callable[[Case], Client]


def test_the_start_page_says_what_this_is_and_offers_to_sign_in(client: Client, db: None) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert b"A person reads every appeal" in page.content
    assert b"/console/sign-in/" in page.content


def test_opening_a_link_shows_a_button_and_lets_nobody_in_yet(client: Client, show: Showcase, link_of: Link) -> None:
    """C2: a mail scanner that fetches the link changes nothing, and reads neither whose account it is nor the whole address."""
    case = show.cases["in_force"]
    page = client.get(link_of(case)).content.decode()
    assert "Send me the code" in page
    assert f"{case.account.email[0]}•••@s•••.example" in page
    assert case.account.email not in page
    assert case.account.display_name not in page
    assert not EntryCode.objects.exists()
    assert client.get(f"/case/{case.pk}/").status_code == 403


def test_the_code_of_a_link_opens_its_case(client: Client, show: Showcase, link_of: Link) -> None:
    """C2: a holder who cannot sign in reaches the case, by what the letter brings and what the address gets."""
    case = show.cases["in_force"]
    path = link_of(case)
    assert client.post(path)["Location"] == path
    assert client.get(f"/case/{case.pk}/").status_code == 403
    page = client.get(path).content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    code = EntryCode.objects.get()
    assert digits_of(code) not in page
    outbox.send_due(now=timezone.now())
    entered = client.post(path, {"code": f" {digits_of(code)[:3]} {digits_of(code)[3:]} "})
    assert (entered.status_code, entered["Location"]) == (302, f"/case/{case.pk}/")
    assert client.get(f"/case/{case.pk}/").status_code == 200
    assert client.session.get_expire_at_browser_close(), "nothing is remembered beyond the visit"


def test_a_code_that_was_asked_for_in_one_browser_works_in_another(show: Showcase, link_of: Link) -> None:
    """C2: the mail program opens the link in its own browser, and the phone's own one is where it is typed."""
    case, first, second = show.cases["in_force"], Client(), Client()
    path = link_of(case)
    first.post(path)
    assert b"Type the code from our e-mail" in second.get(path).content
    assert second.post(path, {"code": digits_of(EntryCode.objects.get())}).status_code == 302
    assert second.get(f"/case/{case.pk}/").status_code == 200
    assert first.get(f"/case/{case.pk}/").status_code == 403
    assert b"Send me the code" in first.get(path).content, "a code works once"


def test_wrong_codes_are_counted_and_then_a_new_one_is_needed(client: Client, show: Showcase, link_of: Link) -> None:
    """C2: also the right code does not help any more then."""
    case = show.cases["in_force"]
    path = link_of(case)
    client.post(path)
    right = digits_of(EntryCode.objects.get())
    wrong = "000000" if right != "000000" else "111111"
    said = [client.post(path, {"code": wrong}).content.decode() for _ in range(5)]
    assert "You can try 4 more times" in said[0]
    assert "You can try 1 more time." in said[3]
    assert "This code works no more" in said[4]
    assert "Send me the code" in said[4]
    assert client.post(path, {"code": right}).status_code == 422
    assert client.get(f"/case/{case.pk}/").status_code == 403


def test_who_is_in_needs_no_second_code_for_another_letter_of_the_account(show: Showcase, holder_of: Enter, link_of: Link) -> None:
    """C2: and for another account's letter, one is needed."""
    case, other = show.cases["in_force"], show.cases["in_review"]
    browser = holder_of(case)
    assert b"Continue to your case" in browser.get(link_of(case)).content
    assert browser.post(link_of(case))["Location"] == f"/case/{case.pk}/"
    browser.post(link_of(other))
    assert browser.get(f"/case/{other.pk}/").status_code == 404


def test_too_many_codes_are_not_sent_and_the_page_says_when_the_next_can_be(client: Client, show: Showcase, link_of: Link) -> None:
    case = show.cases["in_force"]
    for _ in range(5):
        client.post(link_of(case))
    refused = client.post(link_of(case))
    assert refused.status_code == 429
    assert b"You have asked for several codes already" in refused.content
    assert EntryCode.objects.count() == 5
    assert client.post(link_of(show.cases["upheld"])).status_code == 302, "another account's holder is not held up by it"


def test_a_code_that_was_not_sent_again_does_not_make_the_one_that_was_wrong(client: Client, show: Showcase, link_of: Link) -> None:
    path = link_of(show.cases["in_force"])
    for _ in range(5):
        client.post(path)
    page = client.post(path).content.decode()
    assert "The newest code we sent still works." in page
    assert "aria-invalid" not in page
    assert client.post(path, {"code": digits_of(EntryCode.objects.latest("sent_at", "pk"))}).status_code == 302


def test_without_a_usable_address_the_page_says_what_to_do(client: Client, show: Showcase, link_of: Link) -> None:
    case = show.cases["in_force"]
    Account.objects.filter(pk=case.account_id).update(email="")
    for page in (client.get(link_of(case)), client.post(link_of(case))):
        assert "We cannot send you a code" in page.content.decode()
        assert "ask the marketplace" in page.content.decode()
    assert not EntryCode.objects.exists()


def test_a_link_speaks_the_holders_language_until_another_is_chosen(client: Client, show: Showcase, link_of: Link) -> None:
    """C3."""
    assert "给我发送验证码" in client.get(link_of(show.cases["in_review"])).content.decode()
    client.cookies["django_language"] = "en"
    assert "Send me the code" in client.get(link_of(show.cases["in_review"])).content.decode()


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


def test_a_demonstration_lets_a_delegate_in_with_one_click(client: Client, show: Showcase, settings: object) -> None:
    account = show.cases["in_force"].account
    one = appointed(account, current_pack(), now=timezone.now())
    assert client.post("/demo/sign-in/", {"delegate": one.delegate_id}).status_code == 404
    settings.DEMO = True  # type: ignore[attr-defined]
    assert f"{one.delegate.name} · " in client.get("/").content.decode()
    page = client.post("/demo/sign-in/", {"delegate": one.delegate_id}, follow=True).content.decode()
    assert "Accounts you act for" in page
    assert account.display_name in page


def test_a_demonstration_opens_a_case_as_its_holder(client: Client, show: Showcase, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    page = client.post("/demo/sign-in/", {"case": show.cases["in_force"].pk}, follow=True)
    assert b"Send me the code" in page.content
    path = page.redirect_chain[-1][0]
    page = client.post(path, follow=True)
    assert digits_of(EntryCode.objects.get()) in page.content.decode(), "nobody reads mails of a demonstration"
