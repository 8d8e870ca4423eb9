"""Saving and coming back by buttons alone, as somebody does whose browser runs no script (requirements F1, G2)."""

from collections.abc import Callable

import pytest
from django.test import Client

from goodstanding.server.store.models import AccessLink, Case, Draft
from tests.server.showcase import Showcase

Enter = Callable[[Case], Client]
PLAN = {"root_cause": "No Saturday pick-up.\r\nSince May.", "corrective": "", "preventive": "<b>Dana</b>"}


@pytest.fixture
def case(show: Showcase) -> Case:
    """A case that may be appealed."""
    return show.cases["in_force"]


def save(browser: Client, case: Case, form: str = "plan", **more: object) -> str:
    return browser.post(f"/case/{case.pk}/draft/{form}/", PLAN | more, follow=True).content.decode()


def test_a_saved_draft_stands_in_the_editor_and_on_the_page_of_the_case(case: Case, holder_of: Enter) -> None:
    browser = holder_of(case)
    text = save(browser, case)
    assert "Saved. You can leave this page and come back" in text
    assert "No Saturday pick-up.\nSince May.</textarea>" in text
    assert "&lt;b&gt;Dana&lt;/b&gt;" in text
    assert "Go on with the text you began" in browser.get(f"/case/{case.pk}/").content.decode()
    assert "You have begun already" in browser.get(f"/case/{case.pk}/appeal/").content.decode()
    assert "Start from a first draft" not in browser.get(f"/case/{case.pk}/appeal/?route=plan").content.decode()


def test_an_old_window_of_the_browser_overwrites_nothing_and_every_step_saves(case: Case, holder_of: Enter) -> None:
    browser = holder_of(case)
    browser.post(f"/case/{case.pk}/appeal/", PLAN | {"route": "plan", "step": "review"})
    assert Draft.objects.get().texts["root_cause"] == "No Saturday pick-up.\nSince May."
    text = save(browser, case, root_cause="From an old tab.", draft_seen="0")
    assert "There is another text of this" in text
    assert "From an old tab." in text
    assert "No Saturday pick-up.\nSince May.</textarea>" in text
    text = save(browser, case, draft_seen="1", do="take:")
    assert "From an old tab.</textarea>" in text
    assert case.drafts.get().version == 2
    browser.post(f"/case/{case.pk}/appeal/", PLAN | {"route": "plan", "step": "send", "submission_key": "k"})
    assert not Draft.objects.exists()
    answer = browser.post(f"/case/{case.pk}/draft/plan/", PLAN, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer["Draft-State"]) == (409, "closed")
    assert "This was sent already" in answer.content.decode()
    assert "no longer possible" in save(browser, case)
    assert not Draft.objects.exists()


def test_a_signed_out_form_is_refused_with_the_text_that_it_brought(case: Case, holder_of: Enter) -> None:
    """C2: the link ended while somebody wrote; the refusal shows the text so that it can be copied."""
    browser = holder_of(case)
    AccessLink.objects.update(withdrawn_at=case.opened_at)
    page = browser.post(f"/case/{case.pk}/appeal/", PLAN | {"route": "plan", "step": "review"})
    assert page.status_code == 403
    assert "No Saturday pick-up." in page.content.decode()
    assert "&lt;b&gt;Dana" in page.content.decode()


def test_another_seller_neither_saves_nor_sees_a_draft(case: Case, show: Showcase, holder_of: Enter) -> None:
    """K5."""
    save(holder_of(case), case)
    browser = holder_of(show.cases["in_review"])
    assert browser.post(f"/case/{case.pk}/draft/plan/", PLAN).status_code == 404
    assert browser.post(f"/case/{case.pk}/draft/nonsense/", PLAN).status_code == 404
    assert "Saturday" not in browser.get(f"/case/{case.pk}/").content.decode()
