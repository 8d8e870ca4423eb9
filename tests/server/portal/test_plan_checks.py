"""The checks beside the text while it is written, and the first draft (requirements F2, F3, F4)."""

from collections.abc import Callable

import pytest
from django.test import Client

from goodstanding.server.store.models import Case
from tests.server.showcase import Showcase

Enter = Callable[[Case], Client]
VAGUE = {"route": "plan", "root_cause": "Sometimes orders left late.", "corrective": "We will refund the buyers.", "preventive": ""}


@pytest.fixture
def case(show: Showcase) -> Case:
    """A case that may be appealed."""
    return show.cases["in_force"]


def test_the_button_shows_the_checks_and_keeps_the_text(case: Case, holder_of: Enter) -> None:
    page = holder_of(case).post(f"/case/{case.pk}/appeal/", VAGUE | {"step": "check"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "Sometimes orders left late.</textarea>" in text
    assert "“Sometimes” is vague" in text
    assert "Advice only: you can send your appeal as it is." in text
    assert 'name="step" value="review"' in text, "nothing is blocked"


def test_findings_stand_under_the_part_they_are_about(case: Case, holder_of: Enter) -> None:
    text = holder_of(case).post(f"/case/{case.pk}/appeal/check/", VAGUE).content.decode()
    assert text.index("“Sometimes” is vague") < text.index("“will”: announced") < text.index("nothing stands under")
    assert "<html" not in text


def test_a_claim_against_the_facts_of_the_notice_is_told_first(case: Case, holder_of: Enter) -> None:
    told = VAGUE | {"root_cause": "Sometimes orders left late. Our late shipment rate was 0.1 %."}
    text = holder_of(case).post(f"/case/{case.pk}/appeal/check/", told).content.decode()
    assert "Against the facts" in text
    assert text.index("you write 0.1 %; the facts show") < text.index("“Sometimes” is vague")


def test_what_is_written_in_chinese_is_answered_in_chinese_and_never_as_markup(case: Case, holder_of: Enter) -> None:
    told = {"route": "plan", "root_cause": "有时候订单晚发。[<b>日期</b>]", "corrective": "", "preventive": ""}
    text = holder_of(case).post(f"/case/{case.pk}/appeal/check/", told).content.decode()
    assert "含糊" in text
    assert "<b>" not in text


def test_an_empty_text_has_no_checks_and_another_case_stays_unknown(case: Case, show: Showcase, holder_of: Enter) -> None:
    browser = holder_of(case)
    assert browser.post(f"/case/{case.pk}/appeal/check/", {"route": "plan"}).content.strip() == b""
    assert browser.get(f"/case/{case.pk}/appeal/check/").status_code == 405
    other = next(one for one in show.cases.values() if one.account_id != case.account_id)
    assert browser.post(f"/case/{other.pk}/appeal/check/", VAGUE).status_code == 404


@pytest.mark.parametrize(("route", "part"), [("plan", "root_cause"), ("dispute", "grounds")])
def test_a_first_draft_holds_the_known_counts_and_open_gaps(case: Case, holder_of: Enter, route: str, part: str) -> None:
    browser = holder_of(case)
    assert f"?route={route}&amp;draft=1" in browser.get(f"/case/{case.pk}/appeal/?route={route}").content.decode()
    text = browser.get(f"/case/{case.pk}/appeal/?route={route}&draft=1").content.decode()
    assert f'name="{part}"' in text
    assert "[[" in text
    assert "Nothing is sent yet." in text
    assert not case.appeals.exists()
