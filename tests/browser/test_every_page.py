"""Every page in a real browser: axe finds nothing, nothing scrolls sideways on a small phone, no rule of the CSP is broken."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import LANGUAGES, Enter
from tests.server.showcase import Showcase
from tests.server.visits import Visit, visits

pytestmark = pytest.mark.browser


def complaints(page: Page, visit: Visit) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page).response["violations"]
    return [f"{visit.name}: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(show: Showcase, enter: Enter, scheme: str) -> None:
    found: list[str] = []
    for visit in visits(show):
        page = enter(visit, width=1280, color_scheme=scheme, bypass_csp=True).new_page()
        page.goto(visit.path)
        found += complaints(page, visit)
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_scrolls_sideways_on_a_small_phone(show: Showcase, enter: Enter, language: str) -> None:
    wide: list[str] = []
    for visit in visits(show):
        page = enter(visit, width=360, language=language).new_page()
        page.goto(visit.path)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(visit.name)
    assert wide == []


def test_no_page_breaks_its_own_security_policy_or_asks_another_server(show: Showcase, enter: Enter) -> None:
    wrong: list[str] = []
    for visit in visits(show):
        context = enter(visit)
        page = context.new_page()
        page.on("console", lambda message, name=visit.name: wrong.append(f"{name}: {message.text}") if "Security" in message.text else None)
        page.on("pageerror", lambda error, name=visit.name: wrong.append(f"{name}: {error}"))
        page.on("requestfailed", lambda request, name=visit.name: wrong.append(f"{name}: {request.url} failed"))
        answer = page.goto(visit.path)
        assert answer is not None
        if answer.status != visit.status:
            wrong.append(f"{visit.name}: {answer.status}")
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
