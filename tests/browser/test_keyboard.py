"""From the queue to a decision by keyboard alone, the help, and the switch that turns single keys off (requirement H1, WCAG 2.1.1 and 2.1.4)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.server.showcase import Showcase
from tests.server.visits import Visit

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))


def test_a_case_is_found_claimed_and_decided_without_a_mouse(show: Showcase, enter: Enter) -> None:
    case = show.cases["submitted"]
    page = enter(Visit("queue", "/console/?tab=appeals", as_staff="specialist"), width=1280).new_page()
    page.goto("/console/?tab=appeals")
    keys = page.keyboard

    # The help says what the keys do, and gives the focus back when it closes.
    keys.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("next and previous case of the list")
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    # Down the list to the case, in, claim it.
    for _ in range(60):
        keys.press("j")
        if case.pk in page.evaluate("document.activeElement.href || ''"):
            break
    keys.press("Enter")
    page.wait_for_url(f"**/case/{case.pk}/")
    keys.press("c")
    assert focused(page) == "Claim this case"
    keys.press("Enter")
    expect(page.get_by_text("The case is yours.")).to_be_visible()
    page.wait_for_load_state()  # the text is there before the script that hears keys

    # To the decision: the verdict, its reason, the ground, and send. Only Tab, Space, arrows, letters and Enter.
    keys.press("d")
    assert page.evaluate("document.activeElement.id") == "decide"
    keys.press("Tab")
    keys.press("Space")
    assert page.evaluate("document.activeElement.value") == "upheld"
    keys.press("Tab")
    keys.type("The contract names you for both № 1 and № 2.")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA", "letters typed into a field go nowhere else"
    for _ in range(40):
        if focused(page) == "Decide the appeal":
            break
        keys.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "the focus is seen"
    keys.press("Enter")
    expect(page.get_by_text("Your decision waits for a second person.")).to_be_visible()

    # Switched off, a letter does nothing any more, also on the next page.
    keys.press("?")
    page.get_by_label("Use single keys on this device").press("Space")
    keys.press("Escape")
    page.reload()
    keys.press("l")
    assert page.evaluate("document.activeElement.id") != "ledger"
