"""A buyer whose orders are on hold adds a document by phone, and the reviewer opens it (requirements A2, A4, C2, G1)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from goodstanding.core.terms import Act, Role
from goodstanding.core.values import AUTOMATION
from goodstanding.engines.base import FactSource
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger, outbox
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.store.models import Case
from tests.journeys.conftest import come_in, hire, mails, sign_in
from tests.server.showcase import PDF

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STATEMENT = {"name": "statement.pdf", "mimeType": "application/pdf", "buffer": PDF}


def marketplace(folder: Path) -> FactSource:
    """One buyer whose payment details nobody could verify."""
    folder.mkdir()
    lines = [
        "account_id,holder_kind,marketplace,opened_at,language,email,display_name,information_complete",
        "B-7,buyer,US,2024-01-01,en,ben@home.example,Ben,false",
    ]
    (folder / "accounts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return FactSource(folder)


def test_a_locked_buyer_adds_a_document_and_the_reviewer_opens_it(
    phone: BrowserContext, desk: BrowserContext, live_server: Any, tmp_path: Path, client: Client
) -> None:
    base, now = live_server.url, timezone.now
    key = make_key(call=Call(AUTOMATION, now()), name="check-out", scopes=[Scope.STANDING_READ])
    run_assessment(call=Call(AUTOMATION, now()), pack=current_pack(), source=marketplace(tmp_path / "facts"), as_of=date(2026, 10, 31))
    case = Case.objects.get(account="B-7")

    # At the check-out the marketplace hears that orders are on hold, and where a document can be added.
    told = client.get(f"/api/v1/accounts/B-7/may/{Act.BUY}", headers={"authorization": f"Bearer {key}"}).json()
    assert (told["allowed"], told["act_on_it"]) == (False, f"{settings.BASE_URL}/case/{case.pk}/")

    # The buyer opens the letter on the phone; no sign-in anywhere, only the code.
    outbox.send_due(now=now())
    pocket = phone.new_page()
    come_in(pocket, base, mails(Path(settings.EMAIL_FILE_PATH))[-1])
    expect(pocket.get_by_role("heading", name="Your account is on hold")).to_be_visible()
    pocket.get_by_role("link", name="Add document").click()
    expect(pocket.get_by_text("Proof that the payment method is yours").first).to_be_visible()
    assert pocket.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page must not scroll sideways"
    pocket.get_by_label("Documents").set_input_files(STATEMENT)
    pocket.get_by_label("A word about them").fill("My card ends in 4242; the statement shows my name.")
    pocket.get_by_role("button", name="Send the documents").click()
    expect(pocket.get_by_role("heading", name="We have your appeal")).to_be_visible()
    expect(pocket.get_by_text("statement.pdf")).to_be_visible()

    # The reviewer reads the sentence and opens the very bytes.
    office = sign_in(desk, base, hire("Ana", Role.SPECIALIST))
    office.goto(f"{base}/console/case/{case.pk}/")
    expect(office.get_by_text("My card ends in 4242").first).to_be_visible()
    sent = case.evidence.get()
    link = office.locator(f"a[href*='{sent.pk}']").first
    office.goto(base + str(link.get_attribute("href")))
    original = office.get_by_role("link", name="Save the original")
    assert desk.request.get(base + str(original.get_attribute("href"))).body() == STATEMENT["buffer"]
    assert list(ledger.verify()) == []
