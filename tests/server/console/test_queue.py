"""The queue (requirement H1)."""

import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from goodstanding.server.console import queue
from goodstanding.server.store.models import User
from tests.server.showcase import Showcase

Enter = Callable[[User], Client]


def test_a_specialist_sees_the_proposals_a_specialist_may_decide(show: Showcase, browser_of: Enter) -> None:
    text = browser_of(show.specialist).get("/console/?tab=proposals").content.decode()
    assert "纸鸢文具" in text
    assert "Atlas Cameras" not in text


def test_a_senior_sees_the_grave_ones_too(show: Showcase, browser_of: Enter) -> None:
    assert "Atlas Cameras" in browser_of(show.senior).get("/console/?tab=proposals").content.decode()


def test_a_waiting_appeal_names_reason_account_and_the_overdue_clock(show: Showcase, browser_of: Enter) -> None:
    text = browser_of(show.specialist).get("/console/?tab=appeals").content.decode()
    assert "Mill Street Prints" in text
    assert 'class="overdue"' in text
    assert "7 hours overdue" in text


def test_ones_own_cases_have_their_own_tab(show: Showcase, browser_of: Enter) -> None:
    text = browser_of(show.specialist).get("/console/?tab=mine").content.decode()
    assert "深圳云帆家居" in text
    assert "Mill Street Prints" not in text
    assert "You hold no case" in browser_of(show.senior).get("/console/?tab=mine").content.decode()


def test_filters_live_in_the_address(show: Showcase, browser_of: Enter) -> None:
    browser = browser_of(show.auditor)
    text = browser.get("/console/?tab=all&language=zh-Hant").content.decode()
    assert "大稻埕選物" in text
    assert "Fjord" not in text
    assert "No case fits this filter." in browser.get("/console/?tab=all&language=zh-Hant&state=final").content.decode()


def test_the_way_back_from_a_case_finds_the_filters_again(show: Showcase, browser_of: Enter) -> None:
    """H1: whoever works down a narrowed list does not narrow it anew after each case."""
    browser, path = browser_of(show.auditor), f"/console/case/{show.cases['in_review'].pk}/"
    assert 'href="/console/">←' in browser.get(path).content.decode(), "nothing is kept yet"
    browser.get("/console/?tab=all&language=zh-Hans&severity=high")
    assert 'href="/console/?tab=all&amp;language=zh-Hans&amp;severity=high">←' in browser.get(path).content.decode()
    browser.cookies["queue"] = '"><script>x</script>=1'
    assert "<script>x" not in browser.get(path).content.decode()


def test_the_queue_is_narrowed_to_what_is_due_and_the_address_keeps_it(show: Showcase, browser_of: Enter) -> None:
    """H1."""
    browser = browser_of(show.specialist)
    overdue = browser.get("/console/?tab=appeals&due=over").content.decode()
    assert "Mill Street Prints" in overdue
    assert "Orchard Audio" not in overdue
    assert '<option value="over" selected>' in overdue
    day = browser.get("/console/?tab=appeals&due=24h").content.decode()
    assert day.index("Mill Street Prints") < day.index("Orchard Audio"), "the soonest first"
    assert "Fjord" not in browser.get("/console/?tab=all&due=today").content.decode()
    assert "Orchard Audio" in browser.get("/console/?tab=appeals&due=soon").content.decode(), "a mistyped address shows everything"
    assert 'id="due"' not in browser.get("/console/?tab=proposals&due=over").content.decode(), "a proposal has no clock"


def test_a_long_queue_comes_in_pages(show: Showcase, browser_of: Enter, monkeypatch: object) -> None:
    monkeypatch.setattr(queue, "PAGE", 4)  # type: ignore[attr-defined]
    browser = browser_of(show.auditor)
    first = browser.get("/console/?tab=all").content.decode()
    later = re.search(r'href="([^"]+after=[^"]+)" rel="next"', first)
    assert later, "the first page leads to the next one"
    second = browser.get(f"/console/{unescape(later.group(1))}").content.decode()
    assert "First page" in second
    shown, shown_next = (set(re.findall(r"/console/case/(C-[0-9A-Z]{12})/", page)) for page in (first, second))
    assert (len(shown), len(shown_next), shown & shown_next) == (4, 4, set())
    assert browser.get("/console/?tab=all&after=nonsense").status_code == 200


def test_the_next_case_is_claimed_with_one_button(show: Showcase, browser_of: Enter) -> None:
    """H1."""
    browser = browser_of(show.specialist)
    assert "Next case for me" in browser.get("/console/?tab=appeals").content.decode()
    page = browser.post("/console/", follow=True)
    assert b"The case is yours." in page.content
    assert show.cases["submitted"].pk in page.redirect_chain[0][0]
    assert b"No appeal waits" in browser.post("/console/", follow=True).content
    assert "Next case for me" not in browser_of(show.auditor).get("/console/?tab=appeals").content.decode()


def test_a_case_id_leads_straight_to_the_case(show: Showcase, browser_of: Enter) -> None:
    case = show.cases["submitted"]
    answer = browser_of(show.specialist).get("/console/search/", {"q": f" {case.pk.lower()} "})
    assert answer["Location"] == f"/console/case/{case.pk}/"


def test_part_of_a_name_finds_the_account(show: Showcase, browser_of: Enter) -> None:
    browser = browser_of(show.specialist)
    assert b"S-1004" in browser.get("/console/search/?q=mill").content
    assert b"Nothing found" in browser.get("/console/search/?q=zzz").content
    assert browser.get("/console/search/?q=S-1004")["Location"] == "/console/account/S-1004/"
