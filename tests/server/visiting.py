"""Coming to a page as a visit says: opening it, typing and pressing what leads there, as a demonstration, or while the server fails."""

from typing import TYPE_CHECKING

from django.test import RequestFactory, override_settings
from django.utils import translation

from goodstanding.server.pages.errors import our_fault
from tests.server.visits import CONFIRM, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Page


def open_visit(page: "Page", visit: Visit) -> int:
    """Bring a browser's page to what the visit shows; gives the status of the answer."""
    if visit.broken:
        language = next((cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "django_language"), "en")
        with translation.override(language):
            fault = our_fault(RequestFactory().get(visit.path))
        page.route(f"**{visit.path}", lambda route: route.fulfill(status=fault.status_code, content_type="text/html", body=fault.content))
    with override_settings(DEMO=visit.demo):
        answer = page.goto(visit.path)
    # Who has confirmed the password a moment ago in the same session is not asked again.
    asked = visit.press != CONFIRM or "/security/confirm/" in page.url
    for selector, text in visit.press if asked else ():
        if text:
            page.fill(selector, text)
            continue
        with page.expect_navigation() as there:
            page.click(selector)
        answer = there.value
    assert answer is not None, visit.path
    return answer.status
