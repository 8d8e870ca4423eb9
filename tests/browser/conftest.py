"""A real browser before a real server with the showcase behind it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext
from pytest_django.live_server_helper import LiveServer

from goodstanding.server.policy import current_pack
from tests.patience import MILLISECONDS
from tests.server.acting import browser_of
from tests.server.entering import let_in
from tests.server.showcase import Showcase, build_showcase
from tests.server.visits import Visit, acting_for

LANGUAGES = ("en", "zh-hans", "zh-hant")

Enter = Callable[..., BrowserContext]


@pytest.fixture
def show(transactional_db: None) -> Showcase:
    """Cases in every state that a page shows differently."""
    return build_showcase(current_pack(), timezone.now())


@pytest.fixture
def enter(chromium_browser: Browser, live_server: LiveServer, show: Showcase) -> Iterator[Enter]:
    """Opens a browser window of a width in a language, in which the visitor of a page is already in."""
    opened: list[BrowserContext] = []

    def make(visit: Visit, *, width: int = 390, language: str = "en", **options: Any) -> BrowserContext:
        context = chromium_browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 844}, **options)
        context.set_default_timeout(MILLISECONDS)
        opened.append(context)
        cookies = {"django_language": language} | _session(show, visit)
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        return context

    yield make
    for context in opened:
        context.close()


def _session(show: Showcase, visit: Visit) -> dict[str, str]:
    client = Client()
    if visit.as_staff:
        client.force_login(getattr(show, visit.as_staff))
    elif visit.as_holder_of:
        let_in(client, show.cases[visit.as_holder_of])
    elif visit.as_delegate:
        client = browser_of(acting_for(show.cases["in_force"].account))
    return {"sessionid": client.cookies["sessionid"].value} if "sessionid" in client.cookies else {}
