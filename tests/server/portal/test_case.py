"""The holder's page of a case."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.server.store.models import Case
from tests.server.showcase import Showcase

Enter = Callable[[Case], Client]


@pytest.mark.parametrize(
    ("which", "title"),
    [
        ("in_force", "Your account is restricted"),
        ("in_review", "A specialist is reading your appeal"),
        ("information_asked", "We need something from you"),
        ("submitted", "Your appeal is waiting longer than it should"),
        ("upheld", "The decision stands"),
        ("reinstated", "The decision is lifted"),
    ],
)
def test_the_page_says_first_where_the_case_stands(show: Showcase, holder_of: Enter, which: str, title: str) -> None:
    """G2."""
    browser = holder_of(show.cases[which])
    browser.cookies["django_language"] = "en"
    page = browser.get(f"/case/{show.cases[which].pk}/")
    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.content.decode()


def test_the_page_names_who_acts_next_and_by_when(show: Showcase, holder_of: Enter) -> None:
    """G2."""
    text = holder_of(show.cases["in_force"]).get(f"/case/{show.cases['in_force'].pk}/").content.decode()
    assert "Next: you." in text
    assert "You have until" in text


def test_the_page_gives_every_reason_with_its_rule_counts_and_items(show: Showcase, holder_of: Enter) -> None:
    """C1."""
    case = show.cases["in_force"]
    text = holder_of(case).get(f"/case/{case.pk}/").content.decode()
    assert "Late shipment" in text
    assert "Missing or invalid tracking" in text
    assert "12 of 112 orders" in text
    for violation in case.action.violations.all():
        for item in violation.items:
            assert item["id"] in text


def test_the_page_says_what_is_limited_and_what_is_not(show: Showcase, holder_of: Enter) -> None:
    """A2."""
    text = holder_of(show.cases["in_force"]).get(f"/case/{show.cases['in_force'].pk}/").content.decode()
    forbidden, allowed = text.index("List products"), text.index("Withdraw funds")
    assert 'aria-label="Not allowed"' in text[forbidden - 400 : forbidden]
    assert 'aria-label="Allowed"' in text[allowed - 400 : allowed]


def test_a_decided_case_gives_the_reviewers_reason(show: Showcase, holder_of: Enter) -> None:
    """H2."""
    text = holder_of(show.cases["upheld"]).get(f"/case/{show.cases['upheld'].pk}/").content.decode()
    assert "the contract you attached starts in December" in text
    assert "With new information you can appeal 3 more times" in text


def test_the_items_come_as_a_file_for_a_spreadsheet(show: Showcase, holder_of: Enter) -> None:
    """C1."""
    case = show.cases["in_force"]
    answer = holder_of(case).get(f"/case/{case.pk}/facts.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer["Content-Disposition"].startswith("attachment")
    assert len(rows) == 1 + 12 + 5


def test_a_notice_can_be_kept_byte_for_byte(show: Showcase, holder_of: Enter) -> None:
    """C5."""
    case = show.cases["in_force"]
    notice = case.notices.get()
    answer = holder_of(case).get(f"/case/{case.pk}/notices/{notice.pk}.eml")
    assert answer.content == bytes(notice.message)
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_file_of_ones_own_can_be_fetched_again(show: Showcase, holder_of: Enter) -> None:
    """F5."""
    case = show.cases["submitted"]
    evidence = case.appeals.get().evidence.get(name="contract.pdf")
    answer = holder_of(case).get(f"/case/{case.pk}/files/{evidence.pk}/")
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"] == 'attachment; filename="contract.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize("path", ["", "facts.csv", "appeal/", "information/", "sent/", "notices/N-1.eml", "files/F-1/"])
def test_another_holders_case_does_not_exist(show: Showcase, holder_of: Enter, path: str) -> None:
    """K5."""
    browser = holder_of(show.cases["in_force"])
    assert browser.get(f"/case/{show.cases['submitted'].pk}/{path}").status_code == 404


def test_a_proposal_is_not_told_before_it_is_decided(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["proposed"]
    browser = holder_of(case)
    assert browser.get(f"/case/{case.pk}/").status_code == 404


def test_a_related_account_of_somebody_else_is_never_named(show: Showcase, holder_of: Enter) -> None:
    """K5: a seller never learns another account's data from a related-account case."""
    case = show.cases["submitted"]
    others = [item["for_staff"]["account_id"] for violation in case.action.violations.all() for item in violation.items]
    browser = holder_of(case)
    pages = [browser.get(f"/case/{case.pk}/{path}").content.decode() for path in ("", "facts.csv")]
    pages.append(browser.get(f"/account/{case.account_id}/").content.decode())
    assert others
    assert not [other for other in others for page in pages if other in page]
    assert "shared with your account" in pages[0], "but by what kinds of evidence it is related is told"
    assert "for_staff" not in "".join(pages)


def test_an_appeal_can_be_withdrawn_and_the_page_says_so(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["submitted"]
    page = holder_of(case).post(f"/case/{case.pk}/withdraw/", follow=True)
    assert b"Your appeal is withdrawn" in page.content
    case.refresh_from_db()
    assert case.state == CaseState.IN_FORCE


def test_withdrawing_nothing_is_explained_on_the_page(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    page = holder_of(case).post(f"/case/{case.pk}/withdraw/", follow=True)
    assert b"Possible now: Submit an appeal" in page.content


def test_pages_of_holders_are_kept_by_no_cache(show: Showcase, holder_of: Enter) -> None:
    answer = holder_of(show.cases["in_force"]).get(f"/case/{show.cases['in_force'].pk}/")
    assert "no-store" in answer["Cache-Control"]
    assert "script-src 'self'" in answer["Content-Security-Policy"]
