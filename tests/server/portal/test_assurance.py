"""The holder's pages of the programme, of a window, of commitments and of the data that is kept: what they show, what their buttons do."""

from collections.abc import Callable
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from goodstanding.server.store.models import Account, Case, Commitment, ContactAttempt, ErasureRequest
from tests.server.showcase import Showcase

Enter = Callable[[Case], Client]


def test_a_member_sees_every_condition_with_its_dates_and_the_open_window(show: Showcase, holder_of: Enter) -> None:
    """J1, J3."""
    text = holder_of(show.cases["solving"]).get("/account/S-1011/assurance/").content.decode()
    assert "Your account is in the programme" in text
    assert text.count(">met<") == 4
    assert "Contact me now" in text
    assert "555" not in text, "the number is shown masked"


def test_who_is_not_in_it_sees_what_is_missing_and_what_to_do(show: Showcase, holder_of: Enter) -> None:
    """J1."""
    text = holder_of(show.cases["in_force"]).get("/account/S-1001/assurance/").content.decode()
    assert "Your account is not in the programme yet" in text
    assert "Bring the rating back to 250 or more" in text
    assert "Add an emergency contact number" in text


def test_contact_me_now_puts_a_call_on_the_list_once(show: Showcase, holder_of: Enter) -> None:
    """J3."""
    case = show.cases["solving"]
    client = holder_of(case)
    for _ in range(2):
        assert client.post(f"/case/{case.pk}/contact-me/")["Location"] == f"/case/{case.pk}/solve/"
    assert ContactAttempt.objects.filter(window=case.pk, wish="holder").count() == 1
    assert "A call to you is on our list" in client.get(f"/case/{case.pk}/solve/").content.decode()


def test_a_plan_is_handed_in_and_can_be_bettered(show: Showcase, holder_of: Enter) -> None:
    """J3."""
    case = show.cases["solving"]
    client = holder_of(case)
    assert "you can still improve it" in client.get(f"/case/{case.pk}/solve/").content.decode()
    pages = [client.get(path).content.decode() for path in (f"/case/{case.pk}/", f"/case/{case.pk}/solve/", f"/account/{case.account_id}/assurance/")]
    assert all("Next: us." in page and "the time does not run out for you" in page and "You have until" not in page for page in pages)
    plan = {"root_cause": "A new cause.", "corrective": "Done.", "preventive": "From now on."}
    assert client.post(f"/case/{case.pk}/solve/", plan).status_code == 302
    case.window.refresh_from_db()
    assert case.window.root_cause == "A new cause."
    empty = client.post(f"/case/{case.pk}/solve/", {"root_cause": " "})
    assert empty.status_code == 422
    assert "Please write something here" in empty.content.decode()


def test_a_plan_brings_files_and_measures_with_own_days(show: Showcase, holder_of: Enter) -> None:
    """J3, I2: what cannot be taken is said in a sentence, and the text stays."""
    case = show.cases["solving"]
    client, path = holder_of(case), f"/case/{case.pk}/solve/"
    due = (timezone.now() + timedelta(days=9)).date().isoformat()
    plan = {"root_cause": "A new cause.", "measure-1": "Every supplier shows an authorisation"}
    refused = client.post(path, plan)
    assert (refused.status_code, "Please give a day for" in refused.content.decode()) == (422, True)
    past = client.post(path, plan | {"due-1": "2020-01-01"})
    assert (past.status_code, "has gone by" in past.content.decode()) == (422, True)
    broken = client.post(path, plan | {"due-1": due, "files_corrective": SimpleUploadedFile("run.exe", b"MZ")})
    assert (broken.status_code, "A new cause." in broken.content.decode()) == (422, True)
    sent = plan | {"due-1": due, "files_corrective": SimpleUploadedFile("refunds.csv", b"order,refunded\r\n1,yes\r\n")}
    assert client.post(path, sent).status_code == 302
    text = client.get(path).content.decode()
    assert "refunds.csv" in text
    assert "Every supplier shows an authorisation" in text
    kept = case.evidence.get()
    assert client.get(f"/case/{case.pk}/files/{kept.pk}/").status_code == 200
    staff = Client()
    staff.force_login(show.specialist)
    page = staff.get(f"/console/case/{case.pk}/window/").content.decode()
    assert "refunds.csv" in page
    assert f'name="due-1" value="{due}"' in page, "the settlement begins with the holder's own measures"


def test_commitments_show_their_progress_and_are_ticked(show: Showcase, holder_of: Enter) -> None:
    """I2."""
    case = show.cases["monitored"]
    client = holder_of(case)
    page = f"/case/{case.pk}/commitments/"
    text = client.get(page).content.decode()
    assert text.count("现已落实") == 2
    commitment = Commitment.objects.get(case=case, metric="")
    client.post(f"{page}{commitment.pk}/", {"note": "自周一起"})
    commitment.refresh_from_db()
    assert (commitment.state, commitment.done_note) == ("kept", "自周一起")
    assert client.post(f"{page}M-NONE/").status_code == 404


def test_what_is_kept_is_told_and_erasure_is_answered_at_once(show: Showcase, holder_of: Enter) -> None:
    """A3."""
    client = holder_of(show.cases["in_force"])
    Account.objects.filter(pk="S-1001").update(closed_at=timezone.now())
    text = client.get("/account/S-1001/data/").content.decode()
    assert "tax law obliges marketplaces" in text
    assert "Kept until your open case has ended" in text
    client.post("/account/S-1001/data/")
    assert ErasureRequest.objects.get().account_id == "S-1001"
    assert "the answer is in our letter" in client.get("/account/S-1001/data/").content.decode()


def test_another_holders_pages_do_not_exist(show: Showcase, holder_of: Enter) -> None:
    """K5."""
    client, case = holder_of(show.cases["in_force"]), show.cases["solving"]
    for path in ("/account/S-1011/assurance/", "/account/S-1011/data/", f"/case/{case.pk}/solve/", f"/case/{case.pk}/commitments/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/case/{case.pk}/contact-me/").status_code == 404
    assert client.post("/account/S-1011/data/").status_code == 404
