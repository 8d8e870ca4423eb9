"""The console on a phone: what one works on begins near the top, and a list hides nothing beside its edge (requirement H1)."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.server.showcase import Showcase
from tests.server.visits import Visit

pytestmark = pytest.mark.browser

HIGHEST = 130
"""Points that the head of a page may take of a phone's 844."""


def test_a_phone_shows_the_work_first_and_the_way_back_keeps_the_list(show: Showcase, enter: Enter) -> None:
    page = enter(Visit("queue", "/console/", as_staff="specialist"), width=390).new_page()
    page.goto("/console/?tab=appeals&language=en")
    head = page.locator("header.top").bounding_box()
    assert head is not None
    assert head["height"] < HIGHEST
    for told in ("Mill Street Prints", "7 hours overdue", "Waiting too long", "Relation to an account under enforcement"):
        box = page.locator(".queue").get_by_text(told).first.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390, f"{told} stands within the screen"

    page.get_by_role("link", name="Relation to an account under enforcement").click()
    page.get_by_role("link", name="Queue", exact=False).first.click()
    expect(page).to_have_url("/console/?tab=appeals&language=en")

    # What is wrong is before the eyes when the page comes back, beside what was typed and far from the top.
    page.goto(f"/console/case/{show.cases['in_review'].pk}/")
    page.get_by_text("Ask for information", exact=True).click()
    page.get_by_label("Something else").fill(" ")
    page.get_by_role("button", name="Send the question").click()
    expect(page.locator(".error")).to_be_in_viewport()
    expect(page.locator(".error")).to_be_focused()

    page.goto("/console/?tab=all")
    expect(page.get_by_role("link", name="Quality")).to_be_hidden()
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("link", name="Quality").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Quality")
