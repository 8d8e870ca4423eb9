"""Notes among colleagues on the pages: asked, found in the queue, answered, and before no holder's, delegate's or program's eyes (H1, H8, K5)."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.test import Client

from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.packs.loader import load_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.services.quality import open_blind
from goodstanding.server.store.models import Case, CaseNote, Notice, OutboxMessage, User
from tests.server.acting import appointed
from tests.server.acting import browser_of as delegate_in
from tests.server.addresses import addresses
from tests.server.entering import let_in
from tests.server.showcase import Showcase

Enter = Callable[[User], Client]
WORDS = "Between us: the stamp looks drawn."


def path_of(case: Case) -> str:
    return f"/console/case/{case.pk}/"


def ask(browser: Client, case: Case, whom: User, *, text: str = WORDS, key: str = "k1") -> None:
    browser.post(path_of(case), {"do": "note", "note": text, "note_key": key, "ask": str(whom.pk)})


def test_a_colleague_finds_the_question_in_the_queue_answers_it_and_it_is_gone(show: Showcase, browser_of: Enter) -> None:
    """H1: ask a colleague, and nothing is lost or said twice, whatever is pressed again."""
    case, maya, ines = show.cases["in_review"], browser_of(show.specialist), browser_of(show.colleague)
    assert "No colleague waits for a word of yours." in ines.get("/console/?tab=asked").content.decode()
    ask(maya, case, show.colleague)
    ask(maya, case, show.colleague)
    assert CaseNote.objects.count() == 1, "sent twice it is one note"
    assert "waits for Ines Moreau" in maya.get(path_of(case)).content.decode()
    queue = ines.get("/console/?tab=asked").content.decode()
    assert "Maya Lindqvist asks" in queue
    assert WORDS in queue
    page = ines.get(path_of(case)).content.decode()
    assert "Maya Lindqvist asks you" in page
    answer = {"do": "note", "note": "It is drawn.", "note_key": "k2", "answers": "1"}
    assert ines.post(path_of(case), answer)["Location"].endswith("#notes")
    assert "asks you" not in ines.get(path_of(case)).content.decode()
    assert "Ines Moreau answers" in maya.get("/console/?tab=asked").content.decode()
    maya.post(path_of(case), {"do": "set_aside", "number": "2"})
    assert "Ines Moreau answers" not in maya.get("/console/?tab=asked").content.decode()
    assert WORDS in browser_of(show.auditor).get(path_of(case)).content.decode(), "auditors read what was said"
    assert 'value="note"' not in browser_of(show.auditor).get(path_of(case)).content.decode()


def test_a_note_that_cannot_be_kept_says_why_beside_what_was_typed(show: Showcase, browser_of: Enter) -> None:
    case, maya = show.cases["in_review"], browser_of(show.specialist)
    long = "<b>x</b>" * 600
    page = maya.post(path_of(case), {"do": "note", "note": long, "note_key": "k", "ask": str(show.colleague.pk)})
    assert page.status_code == 422
    text = page.content.decode().split('id="notes"')[1]
    assert "at most 4000 characters; this one has 4800" in text
    assert "&lt;b&gt;x&lt;/b&gt;" * 600 in text
    assert f'value="{show.colleague.pk}" selected' in text
    assert maya.post(path_of(case), {"do": "set_aside", "number": "nine"}).status_code == 404
    assert CaseNote.objects.count() == 0


def test_who_may_still_review_blind_sees_that_somebody_asks_and_not_what(show: Showcase, browser_of: Enter) -> None:
    """H8: the words may tell the outcome; the case itself is opened at the price of reviewing it blind no more."""
    case, maya, ines = show.cases["upheld"], browser_of(show.specialist), browser_of(show.colleague)
    ask(maya, case, show.colleague, text="I upheld it, do you agree?")
    queue = ines.get("/console/?tab=asked").content.decode()
    assert "Maya Lindqvist asks" in queue
    assert "I upheld it" not in queue
    appeal = case.appeals.get()
    open_blind(call=Call(Actor(f"user:{show.colleague.pk}", Role.SENIOR_SPECIALIST), datetime.now(UTC)), appeal_id=appeal.pk)
    assert ines.get(path_of(case))["Location"] == f"/console/quality/{appeal.pk}/"
    assert "I upheld it" not in ines.get(f"/console/quality/{appeal.pk}/").content.decode()
    assert ines.post(path_of(case), {"do": "note", "note": "x", "note_key": "k"})["Location"] == f"/console/quality/{appeal.pk}/"


def test_no_page_letter_event_or_program_shows_a_note_to_anybody_outside(show: Showcase, browser_of: Enter) -> None:
    """K5: every address of the portal as holder and as delegate with all rights, every operation of the API with all scopes, every letter and event."""
    case, now = show.cases["in_review"], datetime.now(UTC)
    ask(browser_of(show.specialist), case, show.colleague)
    ask(browser_of(show.colleague), case, show.specialist, text=f"{WORDS} Really.", key="k2")
    browser_of(show.specialist).post(path_of(case), {"do": "set_aside", "number": "2"})
    key = make_key(call=Call(AUTOMATION, now), name="all", scopes=list(Scope))
    outside = {
        "holder": let_in(Client(), case),
        "delegate": delegate_in(appointed(case.account, load_pack("amazon"), now=now)),
        "program": Client(HTTP_AUTHORIZATION=f"Bearer {key}"),
    }
    asked, wrong = 0, []
    # A stream carries no text, and needs an event loop of its own, which a browser's test in the same process has taken.
    for address in (one for one in addresses(case) if not one.route.startswith("live/")):
        for who, client in outside.items():
            response = client.get(address.path, follow=True)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            asked += response.status_code == 200
            if b"Between us" in body or b"stamp looks" in body:
                wrong.append(f"{who} {address.path}")
    assert wrong == []
    assert asked > 20
    assert not any("Between us" in f"{one.subject}{one.body}{one.message!r}" for one in Notice.objects.all())
    assert "Between us" not in str(list(OutboxMessage.objects.values_list("payload", flat=True)))
