"""Every page in a real browser, each once: axe finds nothing in light and dark, nothing scrolls sideways, nothing shifts, the CSP holds.

The languages take turns from page to page. `GOODSTANDING_TURN=1` and `=2` begin with the second and third of them, so that three runs see each
page in each; it is no matter of the day, so that a run says the same tomorrow.
"""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import LANGUAGES, Enter
from tests.server.showcase import Showcase
from tests.server.visiting import open_visit
from tests.server.visits import Visit, visits

pytestmark = pytest.mark.browser

WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => { if (!one.hadRecentInput) window.shifted += one.value; })).observe({ type: "layout-shift", buffered: true });
"""
WIDER = "document.documentElement.scrollWidth > window.innerWidth"
MOST_SHIFTED = 0.01
"""A tenth of what counts as good: the columns of a long table settle by a point while a slow machine still sends its rows."""
SLIPS = ("dict_items(", "bound method", "object at 0x", "{{", "{%")
"""What a template shows where it names a thing wrongly."""
TURN = int(os.environ.get("GOODSTANDING_TURN", "0"))
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def complaints(page: Page, options: object = None) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page, options=options).response["violations"]  # type: ignore[arg-type]
    return [f"axe: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def look_at(context: BrowserContext, visit: Visit) -> list[str]:
    """Everything that is wrong with one page."""
    wrong: list[str] = []
    page = context.new_page()
    page.add_init_script(WATCH_SHIFTS)
    page.on("console", lambda message: wrong.append(message.text) if "Security" in message.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    # What the browser itself gives up, because it goes to another page, is no failure.
    page.on("requestfailed", lambda request: wrong.append(f"{request.url} failed") if request.failure != "net::ERR_ABORTED" else None)
    if (status := open_visit(page, visit)) != visit.status:
        wrong.append(f"status {status}")
    page.wait_for_load_state()
    wrong += [f"shows {slip}" for slip in SLIPS if slip in page.content()]
    if (shifted := page.evaluate("window.shifted")) > MOST_SHIFTED:
        wrong.append(f"shifted by {shifted}")
    wrong += complaints(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    if page.evaluate(WIDER):
        wrong.append("scrolls sideways at 360")
    page.emulate_media(color_scheme="dark")
    wrong += [f"dark: {one}" for one in complaints(page, COLOURS)]
    page.set_viewport_size({"width": 1280, "height": 900})
    if page.evaluate(WIDER):
        wrong.append("scrolls sideways at 1280")
    page.close()
    return wrong


def test_every_page_is_sound(show: Showcase, enter: Enter, live_server: LiveServer) -> None:
    """WCAG 2.2 AA, 360 px, no layout shift, no inline script: of every page of the site, each role signed in once."""
    contexts: dict[tuple[str, str, bool], BrowserContext] = {}
    wrong: list[str] = []
    for number, visit in enumerate(visits(show), TURN):
        who, language = visit.who, LANGUAGES[number % len(LANGUAGES)]
        context = contexts.get(who) or contexts.setdefault(who, enter(visit, width=360, reduced_motion="reduce"))
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        wrong += [f"{visit.name} ({language}): {one}" for one in look_at(context, visit)]
        if visit.press:
            contexts.pop(who).close()
    assert wrong == []


def test_a_page_can_be_used_by_keyboard_from_its_skip_link(show: Showcase, enter: Enter) -> None:
    page = enter(Visit("case", f"/case/{show.cases['in_force'].pk}/", as_holder_of="in_force")).new_page()
    page.goto(f"/case/{show.cases['in_force'].pk}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Appeal this decision"


def test_characters_are_counted_while_writing_and_leaving_loses_nothing(show: Showcase, enter: Enter) -> None:
    path = f"/case/{show.cases['in_force'].pk}/appeal/?route=plan"
    page = enter(Visit("plan", path, as_holder_of="in_force")).new_page()
    page.goto(path)
    page.fill("#part-root_cause", "云帆 late")
    assert page.locator("[data-counts=part-root_cause]").text_content() == "7 characters"
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/")
    assert asked == []
    page.goto(path)
    assert page.input_value("#part-root_cause") == "云帆 late"
    assert page.locator("[data-counts=part-root_cause]").text_content() == "7 characters"


def test_the_whole_way_works_without_a_script(show: Showcase, enter: Enter) -> None:
    """F1, G1: from the case to the receipt with JavaScript switched off."""
    case = show.cases["in_force"]
    page = enter(Visit("case", f"/case/{case.pk}/", as_holder_of="in_force"), java_script_enabled=False).new_page()
    page.goto(f"/case/{case.pk}/")
    page.get_by_role("link", name="Appeal this decision").click()
    page.get_by_label("It happened, and I have put it right").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("What caused it").fill("No pick-up on Saturdays.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send the appeal").click()
    assert page.get_by_role("heading", level=1).text_content() == "We have your appeal"
