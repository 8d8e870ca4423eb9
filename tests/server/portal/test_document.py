"""Add document: the short way for a buyer whose orders are on hold (requirement G1)."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodstanding.core.terms import Right, Route
from goodstanding.server.policy import current_pack
from goodstanding.server.store.models import Case
from tests.server.acting import appointed, browser_of
from tests.server.showcase import PDF, Showcase
from tests.server.showcase_buyer import hold_of_a_buyer

Enter = Callable[[Case], Client]


@pytest.fixture
def case(show: Showcase) -> Case:
    return hold_of_a_buyer(show)


def statement() -> SimpleUploadedFile:
    return SimpleUploadedFile("statement.pdf", PDF, "application/pdf")


def test_the_document_of_a_locked_buyer_is_an_appeal_once(case: Case, holder_of: Enter) -> None:
    browser, path = holder_of(case), f"/case/{case.pk}/document/"
    assert f'href="{path}"' in browser.get(f"/case/{case.pk}/").content.decode()
    page = browser.get(path).content.decode()
    assert "Proof that the payment method is yours" in page
    for _ in range(2):
        data = {"submission_key": "one", "said": "My card ends in 4242.", "files_corrective": statement()}
        assert browser.post(path, data)["Location"] == f"/case/{case.pk}/sent/"
    appeal = case.appeals.get()
    assert (appeal.route, appeal.corrective) == (Route.PLAN, "My card ends in 4242.")
    assert [one.name for one in appeal.evidence.all()] == ["statement.pdf"]
    assert browser.get(path)["Location"] == f"/case/{case.pk}/", "what was sent waits; the page of the case says so"


def test_without_a_document_nothing_is_sent_and_the_words_stay(case: Case, holder_of: Enter) -> None:
    refused = holder_of(case).post(f"/case/{case.pk}/document/", {"submission_key": "one", "said": "My card ends in 4242."})
    assert refused.status_code == 422
    assert "Please choose at least one document." in refused.content.decode()
    assert "My card ends in 4242." in refused.content.decode()
    assert not case.appeals.exists()


def test_a_seller_is_not_offered_the_short_way(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    assert holder_of(case).get(f"/case/{case.pk}/document/")["Location"] == f"/case/{case.pk}/"


def test_a_delegate_needs_the_right_to_appeal_for_it(case: Case) -> None:
    reader = browser_of(appointed(case.account, current_pack(), now=case.opened_at, rights={Right.READ}))
    assert reader.get(f"/case/{case.pk}/document/").status_code == 403
    assert reader.post(f"/case/{case.pk}/document/", {"submission_key": "one", "said": "x", "files_corrective": statement()}).status_code == 403
