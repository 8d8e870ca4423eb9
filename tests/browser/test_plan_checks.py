"""The checks while somebody writes, in a real browser: under the CSP, with nothing to press, and without a script by the button."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Enter
from tests.server.showcase import Showcase
from tests.server.visits import Visit

pytestmark = pytest.mark.browser

TEXT = {
    "root_cause": "Sometimes orders left late. Our late shipment rate was 0.1 %.",
    "corrective": "We will refund the buyers.",
    "preventive": "Soon.",
}


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh-hans", 360)])
def test_findings_come_while_somebody_writes(show: Showcase, enter: Enter, language: str, width: int) -> None:
    """F2, F3."""
    visit = Visit("plan", f"/case/{show.cases['in_force'].pk}/appeal/?route=plan", as_holder_of="in_force")
    page = enter(visit, width=width, language=language).new_page()
    page.goto(visit.path)
    page.click("button[value=review]")
    page.wait_for_selector("#wrong:focus")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#part-root_cause:focus")
    for part, text in TEXT.items():
        page.fill(f"#part-{part}", text)
    page.wait_for_selector("#checks .findings li")
    page.wait_for_function("document.querySelector('[data-checks-said]').textContent === document.querySelector('[data-said]').dataset.said")
    assert {"en": "“Sometimes” is vague", "zh-hans": "“Sometimes”含糊"}[language] in page.inner_text("#checks")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert Axe().run(page).response["violations"] == [] if language == "en" else True
    if folder := os.environ.get("GOODSTANDING_PICTURES"):
        page.screenshot(path=Path(folder) / f"checks-{language}-{width}.png", full_page=True)


def test_the_button_does_the_same_without_a_script(show: Showcase, enter: Enter) -> None:
    visit = Visit("plan", f"/case/{show.cases['in_force'].pk}/appeal/?route=plan&draft=1", as_holder_of="in_force")
    page = enter(visit, java_script_enabled=False).new_page()
    page.goto(visit.path)
    page.get_by_role("button", name="Check my text").click()
    assert "a gap of the draft is still open" in page.inner_text("#checks")
    assert "[[" in page.input_value("#part-root_cause")


@pytest.mark.parametrize("language", ["zh-hans"])
def test_files_are_looked_at_before_sending(show: Showcase, enter: Enter, language: str) -> None:
    """F5: a sentence for each thing amiss, and the send button stays."""
    visit = Visit("plan", f"/case/{show.cases['in_force'].pk}/appeal/?route=plan", as_holder_of="in_force")
    page = enter(visit, width=360, language=language).new_page()
    page.goto(visit.path)
    for part, text in TEXT.items():
        page.fill(f"#part-{part}", text)
    page.click("button[value=review]")
    page.set_input_files("#files-corrective", [{"name": "tool.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00"}])
    page.click("button[value=files]")
    assert "tool.exe" in page.inner_text("#files-looked")
    assert page.is_enabled("button[value=send]")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert Axe().run(page).response["violations"] == []
    if folder := os.environ.get("GOODSTANDING_PICTURES"):
        page.screenshot(path=Path(folder) / f"files-{language}-360.png", full_page=True)


def test_a_deadline_is_told_on_the_readers_own_clock_too(show: Showcase, enter: Enter) -> None:
    """G2: early on a day in UTC is the evening before it in New York."""
    case = show.cases["in_force"]
    case.appeal_until = datetime(2027, 5, 15, 1, 45, tzinfo=UTC)
    case.save(update_fields=["appeal_until"])
    visit = Visit("case", f"/case/{case.pk}/", as_holder_of="in_force")
    page = enter(visit, language="zh-hans", timezone_id="America/New_York").new_page()
    page.goto(visit.path)
    assert page.inner_text("main .hero [data-local]") == "您当地时间：2027年5月14日 21:45"
    assert page.is_visible("main .hero [data-local]")
    page = enter(visit, language="zh-hans", timezone_id="UTC").new_page()
    page.goto(visit.path)
    assert not page.is_visible("main .hero [data-local]"), "nothing is said twice"
