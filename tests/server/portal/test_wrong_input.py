"""What people type by mistake, or on purpose: one clear line beside the field, everything kept, nothing doubled, never a page of ours that fails (A5, G1, G2)."""

import re
from collections.abc import Callable, Mapping

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodstanding.server.store.models import Case, CaseMessage, Commitment, Delegation, Draft
from tests.server.showcase import Showcase
from tests.server.showcase_buyer import hold_of_a_buyer

Enter = Callable[[Case], Client]

ODD = {
    "emoji": "😀👨‍👩‍👧",
    "markup": "<script>alert(1)</script>{{ 7 }}",
    "turned": "\u202eمرحبا\u202c",
    "nul": "before\x00after",
    "control": "\x07\x1b[31m",
}
"""Texts that are odd and none the less somebody's own: each is taken, and shown as text."""

LONG = "长" * 20_001
EMPTY_FILE = ("leer.pdf", b"")


def complaint(page: str, field: str) -> str:
    """What stands beside a field, once it is clear that the summary leads there and that the field says it is wrong."""
    summary = page[page.index('id="wrong"') : page.index("</ul>", page.index('id="wrong"'))]
    assert "autofocus" in page[page.index('id="wrong"') - 60 : page.index('id="wrong"') + 60], "the page begins there"
    assert f'href="#{field}"' in summary
    shown = re.search(rf'<[a-z]+[^>]* id="{field}"[^>]*>', page)
    assert shown is not None, f"there is no field {field}"
    assert 'aria-invalid="true"' in shown[0]
    assert re.search(rf'aria-describedby="[^"]*error-{field}"', shown[0])
    beside = re.search(rf'id="error-{field}">([^<]+)<', page)
    assert beside is not None
    return beside[1]


def post(browser: Client, path: str, data: Mapping[str, object], status: int = 422) -> str:
    """The page that answers a form."""
    answer = browser.post(path, data)
    assert answer.status_code == status, answer.headers.get("Location", answer.status_code)
    return answer.content.decode()


def file(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_an_appeal_of_nothing_or_of_too_much_says_so_beside_the_part(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    browser, path = holder_of(case), f"/case/{case.pk}/appeal/"
    for step in ("review", "check", "files", "send"):
        assert "write something" in complaint(post(browser, path, {"route": "plan", "root_cause": "  ", "step": step}), "part-root_cause")
    page = post(browser, path, {"route": "plan", "corrective": LONG, "preventive": "kept", "step": "review"})
    assert "has 20001 characters, and at most 20000" in complaint(page, "part-corrective")
    assert LONG in page
    assert ">kept</textarea>" in page
    assert case.appeals.count() == 0


def test_a_text_is_as_long_as_the_browser_counted_it(show: Showcase, holder_of: Enter) -> None:
    """A line end is one character in the browser's counting and two on the way."""
    case = show.cases["in_force"]
    page = post(holder_of(case), f"/case/{case.pk}/appeal/", {"route": "plan", "root_cause": "ab\r\n" * 6_666, "step": "review"}, 200)
    assert 'id="wrong"' not in page


def test_files_that_cannot_be_taken_are_told_beside_the_point_they_should_prove(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    browser, path = holder_of(case), f"/case/{case.pk}/appeal/"
    text = {"route": "plan", "root_cause": "why", "corrective": "- one\n- two", "step": "send", "submission_key": "k" * 30}
    page = post(browser, path, text | {"files_corrective-2": file(*EMPTY_FILE), "files_root_cause": file("run.exe", b"MZ\x90\x00")})
    assert "empty" in complaint(page, "files-corrective-2")
    assert "run.exe" in complaint(page, "files-root_cause")
    assert re.search(r"<details open><summary[^>]*>Attach proof of point 2", page), "what is folded opens where something is wrong inside"
    assert 'value="- one\n- two"' in page
    assert case.appeals.count() == 0
    answer = browser.post(path, text | {"files_corrective-2": file("fine.txt", b"fine")})
    assert answer.status_code == 302
    browser.post(path, text | {"files_corrective-2": file("fine.txt", b"fine")})
    assert case.appeals.count() == 1, "the button pressed twice sends once"


def test_an_answer_without_words_or_with_an_empty_file_is_not_sent(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["information_asked"]
    browser, path = holder_of(case), f"/case/{case.pk}/information/"
    browser.cookies["django_language"] = "en"
    assert "write an answer" in complaint(post(browser, path, {"answer": " "}), "answer")
    page = post(browser, path, {"answer": "kept", "files_answer": file(*EMPTY_FILE)})
    assert "empty" in complaint(page, "files-answer")
    assert ">kept</textarea>" in page
    assert "20001" in complaint(post(browser, path, {"answer": LONG}), "answer")


def test_a_buyers_documents_need_a_file_and_a_word(show: Showcase, holder_of: Enter) -> None:
    case = hold_of_a_buyer(show)
    browser, path = holder_of(case), f"/case/{case.pk}/document/"
    page = post(browser, path, {"said": ""})
    assert "at least one document" in complaint(page, "files-corrective")
    assert "a sentence" in complaint(page, "said")
    page = post(browser, path, {"said": LONG, "files_corrective": file("bill.txt", b"bill"), "submission_key": "k" * 30})
    assert "20001" in complaint(page, "said"), "a text is never cut without a word"
    assert LONG in page


@pytest.mark.parametrize(
    ("measure", "day", "field", "told"),
    [
        ("y", "", "due-1", "give a day"),
        ("y", "31/12/2026", "due-1", "“31/12/2026” is not a day"),
        ("y", "2026-02-30", "due-1", "is not a day"),
        ("y", "2020-01-01", "due-1", "gone by"),
        ("y", "9999-12-31", "due-1", "more than ten years"),
        ("y" * 501, "2027-01-01", "measure-1", "501"),
        ("", "2027-01-01", "measure-1", "what is to be in place"),
    ],
)
def test_a_measure_needs_words_and_a_day_that_can_come(show: Showcase, holder_of: Enter, measure: str, day: str, field: str, told: str) -> None:
    case = show.cases["solving"]
    page = post(holder_of(case), f"/case/{case.pk}/solve/", {"root_cause": "because", "measure-1": measure, "due-1": day})
    assert told in complaint(page, field)
    assert f'value="{day}"' in page
    assert ">because</textarea>" in page


def test_an_invitation_says_beside_each_field_what_it_lacks(show: Showcase, holder_of: Enter) -> None:
    account = show.cases["in_force"].account
    browser, path = holder_of(show.cases["in_force"]), f"/account/{account.pk}/delegates/"
    page = post(browser, path, {"name": " ", "email": "no address", "last_day": "2020-01-01"})
    assert "name" in complaint(page, "name")
    assert "like name@example.com" in complaint(page, "email")
    assert "gone by" in complaint(page, "last_day")
    assert 'value="no address"' in page
    assert "own address" in complaint(post(browser, path, {"name": "Jo", "email": account.email.upper()}), "email")
    assert "201 characters" in complaint(post(browser, path, {"name": "J" * 201, "email": "a@b.example"}), "name")
    assert "ten years" in complaint(post(browser, path, {"name": "Jo", "email": "a@b.example", "last_day": "9999-12-31"}), "last_day")
    assert not Delegation.objects.filter(account=account).exists()
    assert browser.post(path, {"name": "Jo", "email": "a@b.example", "last_day": ""}).status_code == 302
    one = Delegation.objects.get(account=account)
    assert "already" in complaint(post(browser, path, {"name": "Jo", "email": "A@b.example", "rights": ["solve"]}), "email")
    assert Delegation.objects.filter(account=account).count() == 1
    page = post(browser, f"{path}{one.pk}/", {"rights": ["solve"], "last_day": "31.12."})
    assert "is not a day" in complaint(page, f"last-{one.pk}")
    assert 'value="31.12."' in page


def test_a_name_cannot_turn_the_line_in_which_reviewers_read_it(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["in_force"]
    holder_of(case).post(f"/account/{case.account_id}/delegates/", {"name": "Jo\u202e\x07 Li 👨‍👩‍👧", "email": "a@b.example"})
    assert Delegation.objects.get(account=case.account_id).delegate.name == "Jo Li 👨‍👩‍👧"


def test_a_message_of_nothing_or_of_too_much_stays_in_its_box(show: Showcase, holder_of: Enter) -> None:
    case = show.cases["information_asked"]
    browser, path, before = holder_of(case), f"/case/{case.pk}/messages/", CaseMessage.objects.count()
    browser.cookies["django_language"] = "en"
    assert "write a message" in complaint(post(browser, path, {"text": " ", "key": "k"}), "message-text")
    page = post(browser, path, {"text": "m" * 4001, "key": "k"})
    assert "4001 characters" in complaint(page, "message-text")
    assert "m" * 4001 in page
    assert CaseMessage.objects.count() == before


def test_a_draft_too_long_to_be_kept_is_given_back(show: Showcase, holder_of: Enter) -> None:
    """Without a script the button saves; what it cannot save must not be gone."""
    case = show.cases["in_force"]
    page = post(holder_of(case), f"/case/{case.pk}/draft/plan/", {"root_cause": LONG})
    assert "Your draft is not saved" in page
    assert LONG in page


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_text_is_taken_and_shown_as_text_on_every_form(show: Showcase, holder_of: Enter, client: Client, odd: str) -> None:
    """On PostgreSQL a NUL cannot be kept as text: it is dropped, and the rest stays."""
    force, monitored, solving = show.cases["in_force"], show.cases["monitored"], show.cases["solving"]
    browser = holder_of(force)
    page = post(browser, f"/case/{force.pk}/appeal/", {"route": "plan", "root_cause": odd, "step": "check"}, 200)
    assert "<script>alert" not in page
    assert Draft.objects.get(case=force).texts["root_cause"] == odd.replace("\x00", "")
    assert browser.post(f"/case/{force.pk}/messages/", {"text": odd, "key": odd}).status_code == 302
    assert "<script>alert" not in browser.get(f"/case/{force.pk}/messages/").content.decode()
    assert browser.get(f"/account/{force.account_id}/notices/", {"kind": odd, "show": odd, "page": odd}).status_code == 200
    sent = {"route": "plan", "root_cause": f"x{odd}", "step": "send", "submission_key": f"k{odd}"}
    assert browser.post(f"/case/{force.pk}/appeal/", sent).status_code == 302
    assert Client().post("/delegate/", {"email": odd}).status_code == 200
    assert Client().post("/delegate/", {"email": "x@y.example", "code": odd}).status_code == 422
    browser = holder_of(solving)
    assert browser.post(f"/case/{solving.pk}/solve/", {"root_cause": f"x{odd}", "measure-1": f"x{odd}", "due-1": odd}).status_code == 422
    commitment, browser = Commitment.objects.filter(case=monitored).order_by("pk")[0], holder_of(monitored)
    assert browser.post(f"/case/{monitored.pk}/commitments/{commitment.pk}/", {"note": odd}).status_code == 302
    assert "<script>alert" not in browser.get(f"/case/{monitored.pk}/commitments/").content.decode()
