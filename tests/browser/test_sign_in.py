"""Signing in with a second factor in a real browser: an app, then a passkey by a virtual authenticator, then the company's provider (K5)."""

import re

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from goodstanding.core.terms import Role
from goodstanding.server.store.models import AuditEntry
from tests.browser.test_every_page import complaints
from tests.server.identity.people import PASSWORD, code_of, person
from tests.server.identity.provider import provider, settings_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def by_password(page: Page, email: str) -> None:
    page.goto("/console/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")


def test_from_the_first_password_to_a_passkey_alone(chromium_browser: Browser, live_server: LiveServer, settings) -> None:
    settings.SECOND_FACTOR = True
    user = person("maya", Role.SPECIALIST)
    page = chromium_browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844}).new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if "Security" in message.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    by_password(page, user.email)
    page.get_by_text("You need a second factor").wait_for()
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("img", name="The key as a picture").wait_for()
    secret = page.locator("ol .id").inner_text()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Set up").click()
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="Done").click()

    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Telephone")
    page.wait_for_load_state()  # the field is there before the script that asks for the passkey
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="Remove Telephone").wait_for()
    page.goto("/security/confirm/passkey/?next=/security/")
    assert complaints(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/security/")
    sign_out(page)

    by_password(page, user.email)
    page.wait_for_url("**/sign-in/code/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/console/")
    page.goto("/security/")
    sign_out(page)

    page.goto("/console/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/console/")
    assert page.get_by_role("heading", name="Queue").count() == 1
    methods = AuditEntry.objects.filter(kind="signed_in").order_by("pk").values_list("method", flat=True)
    assert list(methods) == ["password", "password+webauthn", "webauthn"]
    assert wrong == []
    page.context.close()


def test_the_companys_provider_is_reached_through_the_policy_of_the_page(chromium_browser: Browser, live_server: LiveServer, settings) -> None:
    """A browser holds the redirect of a form against `form-action`: without the provider there, nobody would come through."""
    with provider() as company:
        for name, value in settings_for(company).items():
            setattr(settings, name, value)
        rules = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": rules | {"form-action": [*rules["form-action"], company.issuer]}}
        company.user = {"sub": "emp-7", "email": "boss@market.example", "email_verified": True, "name": "Bo", "groups": ["audit"]}
        page = chromium_browser.new_context(base_url=live_server.url).new_page()
        page.goto("/console/sign-in/?next=/console/audit/")
        page.get_by_role("button", name="Company").click()
        page.wait_for_url("**/console/audit/")
        assert re.search(r"Signed in\s+Bo", page.locator("table").inner_text())
        page.context.close()
