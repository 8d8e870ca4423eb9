"""What people type wrongly, too late or twice into the forms of the console: one clear line beside the field, and what was typed stays (H1, G2)."""

from collections.abc import Callable
from html import escape

from django.test import Client

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.values import AUTOMATION
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.leases import lapse_lease
from goodstanding.server.store.models import Case, User
from tests.server.showcase import Showcase
from tests.server.showcase_waiting import held_mail, reopening

Enter = Callable[[User], Client]
HTML = "<script>alert('x')</script> \"No\" & never"
LONG = "云" * 4001


def path_of(case: Case) -> str:
    return f"/console/case/{case.pk}/"


def beside(text: str, field: str) -> str:
    """What stands between the label of a field and the field."""
    return text.split(f'for="{field}"')[1].split(f'id="{field}"')[0]


def test_each_form_of_a_case_says_what_is_wrong_beside_its_field_and_keeps_what_was_typed(show: Showcase, browser_of: Enter) -> None:
    """Empty and too long in every form with a reason; HTML stays text."""
    maya, samuel, ines = browser_of(show.specialist), browser_of(show.senior), browser_of(show.colleague)
    forms = (
        (maya, "proposed", "dismiss", "dismiss"),
        (maya, "in_review", "escalate", "escalate"),
        (maya, "in_review", "release_money", ""),
        (maya, "to_release", "keep", "keep"),
        (samuel, "in_force", "rescind", "rescind"),
        (ines, "second", "disagree", "disagree"),
    )
    for browser, which, do, field in forms:
        path = path_of(show.cases[which])
        for typed, said in (("  ", "say why"), (LONG, "at most 4000 characters; these are 4001")):
            page = browser.post(path, {"do": do, "because": typed})
            text = page.content.decode()
            assert page.status_code == 422, do
            if not field:  # not offered here: said above the page, with what was typed
                assert "Not done" in text
                assert (LONG in text) == (typed == LONG)
                continue
            assert said in beside(text, field), do
            assert "Not done" not in text, "it is said once"
            assert typed.strip() in text.split(f'id="{field}"')[1].split("</textarea>")[0]
        # A reason in HTML is kept as it was written, where something else is wrong.
    held = {"do": "hold_money", "amount": "much", "currency": "EUR", "until": "2030-01-01", "because": HTML}
    text = maya.post(path_of(show.cases["in_review"]), held).content.decode()
    assert "write the amount in digits" in text.split('name="amount"')[0].rsplit("<form", 1)[1]
    assert escape(HTML) in text
    assert "<script>alert" not in text


def test_a_decision_says_which_reason_lacks_its_answer(show: Showcase, browser_of: Enter) -> None:
    """H2."""
    case, maya = show.cases["in_review"], browser_of(show.specialist)
    [violation] = case.action.violations.all()
    text = maya.post(path_of(case), {"do": "decide", "violation": violation.pk, f"because-{violation.pk}": HTML}).content.decode()
    fieldset = text.split(f'name="violation" value="{violation.pk}"')[1].split("</fieldset>")[0]
    assert "Choose an outcome, and say why." in fieldset
    assert escape(HTML) in fieldset


def test_what_was_written_for_a_case_that_has_moved_on_can_be_copied(show: Showcase, browser_of: Enter) -> None:
    """Somebody else decided meanwhile; the lease was lost in the middle."""
    proposed, held, maya = show.cases["proposed"], show.cases["in_review"], browser_of(show.specialist)
    browser_of(show.senior).post(path_of(proposed), {"do": "approve"})
    page = maya.post(path_of(proposed), {"do": "dismiss", "because": HTML})
    assert page.status_code == 409
    assert "the case has moved on" in page.content.decode()
    assert escape(HTML) in page.content.decode().split("What you typed is not lost")[1]
    [violation] = held.action.violations.all()
    lapse_lease(call=Call(AUTOMATION, held.changed_at), pack=current_pack(), case=Case.objects.select_related("action").get(pk=held.pk))
    sent = {"do": "decide", "violation": violation.pk, f"outcome-{violation.pk}": "upheld", f"because-{violation.pk}": "第 704-4402817-6180 号订单。"}
    text = maya.post(path_of(held), sent).content.decode()
    assert "Possible now: Claim the case" in text
    assert "第 704-4402817-6180 号订单。" in text.split("What you typed is not lost")[1]
    assert Case.objects.get(pk=held.pk).state == CaseState.SUBMITTED


def test_who_was_signed_out_meanwhile_keeps_what_was_typed_and_comes_back_to_the_case(show: Showcase) -> None:
    path, stranger = path_of(show.cases["in_review"]), Client()
    page = stranger.post(path, {"do": "escalate", "because": HTML})
    text = page.content.decode()
    assert page.status_code == 403
    assert "You are signed out" in text
    assert escape(HTML) in text
    assert f"?next={path}" in text
    assert stranger.post(path, {"do": "claim"})["Location"].startswith("/console/sign-in/"), "nothing was typed, nothing is to be kept"
    careful = Client(enforce_csrf_checks=True)
    assert escape(HTML) in careful.post(path, {"do": "escalate", "because": HTML}).content.decode(), "the same for a form that lay open too long"
    said = Client().post(f"{path}messages/", {"text": HTML, "key": "k"})
    assert escape(HTML) in said.content.decode(), "a message to the holder too"
    assert "secret" not in Client().post(path, {"do": "x", "because": "x", "password": "secret"}).content.decode()


def test_a_character_that_no_database_keeps_reaches_no_service(show: Showcase, browser_of: Enter) -> None:
    """NUL comes with pasted text; PostgreSQL refuses it, and nobody could know why."""
    case, maya = show.cases["proposed"], browser_of(show.specialist)
    assert maya.post(path_of(case), {"do": "dismiss", "because": "It came\0 by post."}).status_code == 302
    case.action.refresh_from_db()
    assert case.action.dismissed_because == "It came by post."
    assert maya.get("/console/?tab=all&severity=%00&after=1~%00").status_code == 200
    assert maya.get("/console/search/?q=%00").status_code == 200
    assert maya.get("/console/case/%00/").status_code == 404


def test_the_other_forms_hold_their_texts_to_the_same(show: Showcase, browser_of: Enter) -> None:
    maya = browser_of(show.specialist)
    mail, asked = held_mail(show.cases["in_force"]), reopening()
    window = f"{path_of(show.cases['solving'])}window/"
    for path, data, said in (
        (window, {"do": "ask", "question": " "}, "write what the plan still needs"),
        (window, {"do": "ask", "question": LONG}, "at most 4000"),
        (window, {"do": "settle", "because": LONG}, "at most 4000"),
        (f"/console/mail/{mail}/", {"do": "reject", "because": LONG}, "at most 4000"),
        ("/console/relations/S-1004/S-2031/", {"judgement": "denied:former_employee", "note": LONG}, "at most 4000"),
        (f"/console/account/S-1013/reopening/{asked.pk}/", {"do": "refuse", "because": LONG}, "at most 4000"),
    ):
        page = maya.post(path, data)
        text = page.content.decode()
        assert page.status_code == 422, path
        assert said in text, path
        assert (LONG in text) == (LONG in data.values()), path
