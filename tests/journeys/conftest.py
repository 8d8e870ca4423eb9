"""What journeys need: facts of a small marketplace, staff, a browser, and the mails that were sent."""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION
from goodstanding.server.services import outbox
from goodstanding.server.services.call import Call
from goodstanding.server.services.users import make_user
from tests.patience import MILLISECONDS

PASSWORD = "four calm words here"


@pytest.fixture
def phone(chromium_browser: Browser) -> Iterator[BrowserContext]:
    """A holder's phone."""
    context = chromium_browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.set_default_timeout(MILLISECONDS)
    yield context
    context.close()


@pytest.fixture
def desk(chromium_browser: Browser) -> Iterator[BrowserContext]:
    """A specialist's desk."""
    context = chromium_browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(MILLISECONDS)
    yield context
    context.close()


def hire(name: str, role: Role) -> str:
    """Make a member of staff; gives the address to sign in with."""
    address = f"{name.lower()}@market.example"
    make_user(call=Call(AUTOMATION, timezone.now()), email=address, name=name, role=role, password=PASSWORD)
    return address


def sign_in(context: BrowserContext, base: str, address: str) -> Page:
    """Sign in to the console with the keyboard alone."""
    page = context.new_page()
    page.goto(f"{base}/console/")
    page.get_by_label("E-mail").fill(address)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Queue").wait_for()
    return page


def mails(folder: Path) -> list[EmailMessage]:
    """The mails that were sent, oldest first, read as a mail client reads them."""
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
    return [message for message in read if isinstance(message, EmailMessage)]


def body_of(message: EmailMessage) -> str:
    """The text of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(message: EmailMessage) -> str:
    """The path of the link that the mail brings."""
    found = re.search(r"https?://\S+/n/\S+/", body_of(message))
    assert found, "the mail brings no link"
    return urlsplit(found.group()).path


def newest_code() -> str:
    """The code of the newest mail that brings one, read from its subject as a phone shows it, after the worker has sent what waits."""
    outbox.send_due(now=timezone.now())
    found = [code for mail in mails(Path(settings.EMAIL_FILE_PATH)) for code in re.findall(r"\b\d{6}\b", str(mail["Subject"]))]
    assert found, "no mail brings a code"
    return found[-1]


def come_in(page: Page, base: str, letter: EmailMessage) -> None:
    """Open a letter's link, have the code sent, read it in its mail and type it; where this browser is in already, the button is enough."""
    page.goto(base + link_in(letter))
    page.locator("main button.primary").click()
    field = page.locator("input[autocomplete=one-time-code]")
    if field.count():
        field.fill(newest_code())
        page.locator("main button.primary").click()
