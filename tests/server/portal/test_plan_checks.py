"""The checks beside the text while it is written, and the first draft (requirements F2, F3, F4)."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodstanding.core.appeals.tasks import Tick, TickState
from goodstanding.server.services.diagnoses import Diagnosed, record_diagnoses
from goodstanding.server.store.models import Case
from tests.core.appeals.diagnosis.made import diagnosis_of, values_of
from tests.server.factories import TODAY, automation
from tests.server.showcase import Showcase

Enter = Callable[[Case], Client]
VAGUE = {"route": "plan", "root_cause": "Sometimes orders left late.", "corrective": "We will refund the buyers.", "preventive": ""}


WHY = diagnosis_of(lambda n: (values_of(n)["carrier"] == "Heron" and n * 37 % 5 == 0) or n * 37 % 97 == 0)
TICKED = (Tick("ship_overdue_orders", TickState.OPEN, 9, 12, ("o-1", "o-2", "o-3")),)


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


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "含糊"), ("zh-hant", "含糊"), ("en", "is vague")])
@pytest.mark.parametrize("written", ["有时候订单晚发。[<b>日期</b>]", "Sometimes orders left late. [<b>date</b>]"])
def test_the_checks_speak_the_language_of_the_page_whatever_the_text_is_written_in(
    case: Case, holder_of: Enter, language: str, word: str, written: str
) -> None:
    """Many write to a marketplace in English and read its page in Chinese."""
    told = {"route": "plan", "root_cause": written, "corrective": "", "preventive": ""}
    browser = holder_of(case)
    browser.cookies["django_language"] = language
    text = browser.post(f"/case/{case.pk}/appeal/check/", told).content.decode()
    assert word in text
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


def test_the_draft_takes_up_what_the_last_night_found(case: Case, holder_of: Enter) -> None:
    violation = case.action.violations.first()
    record_diagnoses(call=automation(), as_of=TODAY, found={violation.pk: Diagnosed(WHY, TICKED)})
    text = holder_of(case).get(f"/case/{case.pk}/appeal/?route=plan&draft=1").content.decode()
    assert str(WHY.causes[0].value) in text
    assert "9 of 12" in text


def test_a_claim_against_a_ticked_task_is_shown(case: Case, holder_of: Enter) -> None:
    violation = case.action.violations.first()
    record_diagnoses(call=automation(), as_of=TODAY, found={violation.pk: Diagnosed(None, TICKED)})
    told = VAGUE | {"corrective": "We shipped all 12 orders."}
    text = holder_of(case).post(f"/case/{case.pk}/appeal/check/", told).content.decode()
    assert "you claim 12 shipped; the facts show 9 of 12" in text
    told["corrective"] = "We shipped 9 of the 12 orders."
    assert "you claim" not in holder_of(case).post(f"/case/{case.pk}/appeal/check/", told).content.decode()


def test_the_last_step_says_what_is_amiss_with_files_and_sends_all_the_same(case: Case, holder_of: Enter) -> None:
    browser = holder_of(case)
    plan = {"route": "plan", "root_cause": "The rota had a gap on 3 May.", "corrective": "We filled it on 4 May.", "preventive": "A second packer."}
    page = browser.post(f"/case/{case.pk}/appeal/", plan | {"step": "files"})
    assert "no attached file seems to be it" in page.content.decode()
    scan = SimpleUploadedFile("shipping records 2019-01-01.txt", b"dispatched on 2019-01-01", "text/plain")
    text = browser.post(f"/case/{case.pk}/appeal/", plan | {"step": "files", "files_corrective": scan}).content.decode()
    assert "We looked at 1 file" in text
    assert "Advice only" in text
    assert "The rota had a gap on 3 May." in text
    assert not case.appeals.exists()
    odd = SimpleUploadedFile("tool.exe", b"MZ\x90\x00")
    text = browser.post(f"/case/{case.pk}/appeal/", plan | {"step": "files", "files_corrective": odd}).content.decode()
    assert "tool.exe is of a kind that is not taken here" in text
