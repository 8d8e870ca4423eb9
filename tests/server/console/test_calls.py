"""The call list, the page of a window, dead letters and the export: the staff's doors to what comes beside and after a case."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from goodstanding.server.services.outbox import send_due
from goodstanding.server.store.models import Case, Commitment, ContactAttempt, OutboxMessage, User
from tests.server.showcase import Showcase

Enter = Callable[[User], Client]
CALLS, OUTBOX = "/console/calls/", "/console/outbox/"


def test_a_call_is_taken_shown_with_its_number_and_recorded(show: Showcase, browser_of: Enter) -> None:
    """J3."""
    client, attempt = browser_of(show.specialist), ContactAttempt.objects.get(wish="holder")
    assert "206 555 0147" not in client.get(CALLS).content.decode()
    client.post(CALLS, {"do": "take", "call": attempt.pk})
    assert "+1 206 555 0147" in client.get(CALLS).content.decode()
    assert "206 555 0147" not in browser_of(show.senior).get(CALLS).content.decode()
    unsaid = client.post(CALLS, {"do": "record", "call": attempt.pk, "note": "rang"})
    assert unsaid.status_code == 422
    assert ">rang</textarea>" in unsaid.content.decode(), "what was typed stays"
    client.post(CALLS, {"do": "record", "call": attempt.pk, "outcome": "reached", "note": "Agreed on the plan."})
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.called_by) == ("reached", f"user:{show.specialist.pk}")
    assert "Nobody waits for a call" in client.get(CALLS).content.decode()


def test_the_call_list_is_for_those_who_call(show: Showcase, browser_of: Enter) -> None:
    assert browser_of(show.auditor).get(CALLS).status_code == 403
    assert Client().get(CALLS).status_code == 302


def test_a_window_is_settled_on_commitments_from_its_page(show: Showcase, browser_of: Enter) -> None:
    """J3, I2."""
    case, client = show.cases["solving"], browser_of(show.specialist)
    page = f"/console/case/{case.pk}/window/"
    assert "call missing" in client.get(page).content.decode()
    settle = {
        "do": "settle",
        "because": "The papers are right.",
        "measure-1": "Check every supplier",
        "due-1": f"{timezone.now() + timedelta(days=30):%Y-%m-%d}",
    }
    early = client.post(page, settle)
    assert early.status_code == 409
    assert "Check every supplier" in early.content.decode(), "what was typed stays"
    attempt = ContactAttempt.objects.get(wish="holder")
    for step in ({"do": "take"}, {"do": "record", "outcome": "reached"}):
        client.post(CALLS, step | {"call": attempt.pk})
    assert client.post(page, settle | {"due-1": "soon"}).status_code == 422
    assert client.post(page, settle).status_code == 302
    assert Case.objects.get(pk=case.pk).state == "monitoring"
    assert Commitment.objects.filter(case=case).count() == 1
    text = client.get(page).content.decode()
    assert "Check every supplier" in text
    client.post(page, {"do": "done", "commitment": Commitment.objects.get(case=case).pk})
    assert Commitment.objects.get(case=case).state == "kept"


def test_more_is_asked_about_a_plan(show: Showcase, browser_of: Enter) -> None:
    case = show.cases["solving"]
    client = browser_of(show.specialist)
    client.post(f"/console/case/{case.pk}/window/", {"do": "ask", "question": "Which reseller?"})
    case.window.refresh_from_db()
    assert case.window.question == "Which reseller?"
    assert case.notices.order_by("created_at").last().kind == "information_asked"


def test_a_dead_letter_is_shown_with_its_error_and_tried_again_by_hand(show: Showcase, browser_of: Enter) -> None:
    def refuse(message, now):
        error = RuntimeError("mailbox does not exist")
        error.permanent = True
        raise error

    send_due(now=timezone.now(), limit=1, deliver=refuse)
    dead = OutboxMessage.objects.exclude(dead_at=None).get()
    client = browser_of(show.specialist)
    text = client.get(OUTBOX).content.decode()
    assert "mailbox does not exist" in text
    assert dead.notice.recipient in text
    assert "Try again" not in browser_of(show.auditor).get(OUTBOX).content.decode()
    client.post(OUTBOX, {"message": dead.pk})
    dead.refresh_from_db()
    assert (dead.dead_at, dead.attempts) == (None, 0)
    assert client.post(OUTBOX, {"message": "x"}).status_code == 302
    assert browser_of(show.auditor).post(OUTBOX, {"message": dead.pk}).status_code == 403


def test_a_case_is_taken_out_as_a_file(show: Showcase, browser_of: Enter) -> None:
    """K3."""
    case = show.cases["upheld"]
    client = browser_of(show.auditor)
    assert "export.zip" in client.get(f"/console/case/{case.pk}/").content.decode()
    answer = client.get(f"/console/case/{case.pk}/export.zip")
    assert "attachment" in answer["Content-Disposition"]
    assert "case.html" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
