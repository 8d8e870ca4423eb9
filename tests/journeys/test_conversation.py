"""Holder and specialist talk, each sees the other's words at once, two reviewers see each other, and a dead line loses and doubles nothing.

The processes are those of `goodstanding serve`: pages, and beside them the one that tells open pages what has changed (requirements G1, G2, H1).
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.conftest import REPOSITORY
from tests.patience import MILLISECONDS, SECONDS
from tests.server.test_killed import Site, database  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser


@pytest.fixture
def site(tmp_path: Path, database: str) -> Iterator[Site]:  # noqa: F811 - the fixture
    made = Site(tmp_path, database, "")
    made.environment["GOODSTANDING_SECOND_FACTOR"] = "off"
    made.manage("migrate", "--verbosity", "0")
    made.start("server")
    yield made
    made.kill(*list(made.running))


def people(site: Site) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.server.talking_site"]
    done = subprocess.run(command, env=site.environment, cwd=REPOSITORY, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told: dict[str, str] = json.loads(done.stdout)
    return told


def wait_for(address: str) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            if httpx.get(address, timeout=SECONDS).status_code < 500:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {address}")


def test_holder_and_specialist_talk_live_and_a_dead_line_costs_nothing(site: Site, chromium_browser: Browser) -> None:
    told = people(site)
    base, live = f"http://localhost:{site.port}", f"http://localhost:{site.port + 1}"
    wait_for(f"{base}/healthz")
    wait_for(f"{live}/")
    case, opened = told["case"], []

    def come(name: str, **options: Any) -> BrowserContext:
        context = chromium_browser.new_context(base_url=base, locale="en-GB", **options)
        context.set_default_timeout(MILLISECONDS)
        context.add_cookies([{"name": "sessionid", "value": told[name], "url": base}])
        opened.append(context)
        return context

    phone = come("holder", viewport={"width": 390, "height": 844})
    pocket, maya, ines = phone.new_page(), come("maya").new_page(), come("ines").new_page()
    pocket.goto(f"/case/{case}/messages/")
    maya.goto(f"/console/case/{case}/")

    # The specialist writes; the holder's open page shows it, and the specialist sees that it was read.
    maya.get_by_label("Your message").fill("Which of the two invoices is for order 204-1?")
    maya.get_by_role("button", name="Send the message").click()
    expect(pocket.get_by_text("Which of the two invoices")).to_be_visible(timeout=4000)
    expect(maya.get_by_text("read by the holder")).to_be_visible(timeout=4000)
    expect(pocket.get_by_text("Somebody of our team has your case open now.")).to_be_visible(timeout=4000)
    assert "Maya" not in pocket.content(), "a holder learns no name of ours"

    # A second reviewer comes, and both see each other without a reload; she goes, and is gone.
    ines.goto(f"/console/case/{case}/")
    expect(maya.locator("[data-beside]")).to_contain_text("Ines Moreau")
    expect(ines.locator("[data-beside]")).to_contain_text("Maya Lindqvist")
    ines.goto("/console/")
    expect(maya.locator("[data-beside]")).to_be_hidden(timeout=4000)

    # In a tunnel: the message waits on the phone, also over a reload, and is sent once.
    phone.set_offline(True)
    pocket.get_by_label("Your message").fill("The one of 3 November.")
    pocket.get_by_role("button", name="Send the message").click()
    expect(pocket.get_by_text("No connection.")).to_be_visible()
    phone.set_offline(False)
    pocket.reload()
    expect(maya.get_by_text("The one of 3 November.")).to_be_visible(timeout=8000)
    maya.reload()
    assert maya.locator(".bubble", has_text="The one of 3 November.").count() == 1

    # A stranger's stream, and another page's: nothing.
    for path, cookies in ((f"/live/staff/{case}/", {"sessionid": told["holder"]}), (f"/live/holder/{case}/", {}), ("/console/", {})):
        assert httpx.get(f"{live}{path}", cookies=cookies, timeout=SECONDS).status_code in (403, 404)
    assert httpx.get(f"{base}/live/holder/{case}/", cookies={"sessionid": told["holder"]}, timeout=SECONDS).status_code == 404, (
        "no stream from a page's thread"
    )

    # Without a script the same works by form and reload.
    plain = come("holder", java_script_enabled=False).new_page()
    plain.goto(f"/case/{case}/messages/")
    plain.get_by_label("Your message").fill("And thank you.")
    plain.get_by_role("button", name="Send the message").click()
    expect(plain.get_by_text("Your message is with us.")).to_be_visible()
    for context in opened:
        context.close()
