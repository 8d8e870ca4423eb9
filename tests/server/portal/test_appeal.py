"""Appealing and answering, step by step."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.server.store.models import Case
from tests.server.showcase import PDF, Showcase

Enter = Callable[[Case], Client]
PLAN = {"route": "plan", "root_cause": "No Saturday pick-up.", "corrective": "Refunded 12 buyers.", "preventive": "Dana checks daily."}


@pytest.fixture
def case(show: Showcase) -> Case:
    """A case that may be appealed."""
    return show.cases["in_force"]


def send(browser: Client, case: Case, **more: object) -> object:
    return browser.post(f"/case/{case.pk}/appeal/", PLAN | {"step": "send", "submission_key": "key-1"} | more)


def test_the_two_ways_are_chosen_first_in_human_words(case: Case, holder_of: Enter) -> None:
    """F0."""
    text = holder_of(case).get(f"/case/{case.pk}/appeal/").content.decode()
    assert "It happened, and I have put it right" in text
    assert "It did not happen, or it was not me" in text
    assert "<textarea" not in text


def test_the_plan_asks_for_three_parts_and_names_what_to_answer(case: Case, holder_of: Enter) -> None:
    """F1."""
    text = holder_of(case).get(f"/case/{case.pk}/appeal/?route=plan").content.decode()
    assert [f'name="{part}"' in text for part in ("root_cause", "corrective", "preventive", "grounds")] == [True, True, True, False]
    assert "Late shipment" in text
    assert "carrier records of the affected shipments" in text


def test_a_dispute_asks_for_its_own_part_only(case: Case, holder_of: Enter) -> None:
    """F0."""
    text = holder_of(case).get(f"/case/{case.pk}/appeal/?route=dispute").content.decode()
    assert 'name="grounds"' in text
    assert 'name="root_cause"' not in text


def test_an_empty_plan_goes_no_further(case: Case, holder_of: Enter) -> None:
    page = holder_of(case).post(f"/case/{case.pk}/appeal/", {"route": "plan", "step": "review", "root_cause": "  "})
    assert page.status_code == 422
    assert b"Please write something here" in page.content


def test_the_last_step_shows_the_text_and_advises_on_a_missing_part(case: Case, holder_of: Enter) -> None:
    """F2: checks advise and never block."""
    page = holder_of(case).post(f"/case/{case.pk}/appeal/", PLAN | {"step": "review", "preventive": ""})
    text = page.content.decode()
    assert page.status_code == 200
    assert "No Saturday pick-up." in text
    assert "This part is empty" in text
    assert 'name="submission_key"' in text


def test_going_back_to_the_text_loses_nothing(case: Case, holder_of: Enter) -> None:
    page = holder_of(case).post(f"/case/{case.pk}/appeal/", PLAN | {"step": "edit"})
    assert b"No Saturday pick-up.</textarea>" in page.content


def test_sending_leads_to_a_receipt_with_files_and_date(case: Case, holder_of: Enter) -> None:
    """G1, G2, F5."""
    browser = holder_of(case)
    sent = send(browser, case, files_corrective=[SimpleUploadedFile("refunds.pdf", PDF)])
    assert (sent.status_code, sent["Location"]) == (302, f"/case/{case.pk}/sent/")  # type: ignore[attr-defined]
    text = browser.get(f"/case/{case.pk}/sent/").content.decode()
    assert "We have your appeal" in text
    assert "refunds.pdf" in text
    assert "Our answer" in text
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED
    assert case.appeals.get().evidence.get().part == "corrective"


def test_pressing_send_twice_is_one_appeal(case: Case, holder_of: Enter) -> None:
    """G2: nothing sent is ever taken twice."""
    browser = holder_of(case)
    assert [send(browser, case).status_code for _ in range(2)] == [302, 302]  # type: ignore[attr-defined]
    assert case.appeals.count() == 1


def test_a_program_is_refused_and_the_text_is_still_there(case: Case, holder_of: Enter) -> None:
    """F5, G2."""
    page = send(holder_of(case), case, files_corrective=[SimpleUploadedFile("invoice.pdf", b"MZ\x90\x00")])
    text = page.content.decode()  # type: ignore[attr-defined]
    assert page.status_code == 422  # type: ignore[attr-defined]
    assert "Your appeal is not sent yet" in text
    assert "“invoice.pdf”: a program or script" in text
    assert "No Saturday pick-up." in text
    assert case.appeals.count() == 0


def test_a_file_too_large_is_refused_by_name_and_size(case: Case, holder_of: Enter, settings: object) -> None:
    settings.EVIDENCE_MAX_BYTES = 40  # type: ignore[attr-defined]
    text = send(holder_of(case), case, files_corrective=[SimpleUploadedFile("scan.pdf", PDF)]).content.decode()  # type: ignore[attr-defined]
    assert "“scan.pdf” is too large" in text


def test_a_second_appeal_while_the_first_waits_is_explained(case: Case, holder_of: Enter) -> None:
    browser = holder_of(case)
    send(browser, case)
    page = send(browser, case, submission_key="key-2")
    assert page.status_code == 409  # type: ignore[attr-defined]
    assert b"Possible now: Withdraw the appeal" in page.content  # type: ignore[attr-defined]
    assert case.appeals.count() == 1


@pytest.mark.parametrize("which", ["submitted", "reinstated"])
def test_where_no_appeal_is_open_the_case_page_says_why(show: Showcase, holder_of: Enter, which: str) -> None:
    case = show.cases[which]
    assert holder_of(case).get(f"/case/{case.pk}/appeal/")["Location"] == f"/case/{case.pk}/"


def test_the_questions_are_listed_by_name_with_the_date(show: Showcase, holder_of: Enter) -> None:
    """H2."""
    case = show.cases["information_asked"]
    browser = holder_of(case)
    browser.cookies["django_language"] = "zh-hant"
    text = browser.get(f"/case/{case.pk}/information/").content.decode()
    assert "倉庫與供應商之間的合約" in text
    assert "我們需要您提供什麼" in text


def test_an_answer_goes_back_to_the_reviewer(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["information_asked"]
    files = [SimpleUploadedFile("invoice.pdf", PDF)]
    page = holder_of(case).post(f"/case/{case.pk}/information/", {"answer": "Attached.", "files_answer": files}, follow=True)
    assert page.redirect_chain[-1][0] == f"/case/{case.pk}/"
    case.refresh_from_db()
    assert case.state == CaseState.IN_REVIEW
    assert case.appeals.get().information_requests.get().answer == "Attached."


def test_an_empty_answer_is_not_sent(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["information_asked"]
    browser = holder_of(case)
    browser.cookies["django_language"] = "en"
    page = browser.post(f"/case/{case.pk}/information/", {"answer": " "})
    assert page.status_code == 422
    assert b"Please write an answer or attach a file." in page.content


def test_where_nothing_is_asked_the_case_page_opens(case: Case, holder_of: Enter) -> None:
    assert holder_of(case).get(f"/case/{case.pk}/information/")["Location"] == f"/case/{case.pk}/"
