"""From a marketplace's facts to a reinstated account, through the pages that people use (requirements B3, C1, C2, F0, F5, G2, H2, H6, I1)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from goodstanding.core.terms import Act, Role
from goodstanding.core.values import AUTOMATION
from goodstanding.engines.base import FactSource
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger, outbox
from goodstanding.server.services.call import Call
from goodstanding.server.services.keys import Scope, make_key
from goodstanding.server.store.models import Case, Violation
from tests import made_files
from tests.journeys.conftest import body_of, come_in, hire, mails, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SELLER = "S-500"
ORDERS = [f"204-{n:07}-0000001" for n in range(4)]
INVOICE = {
    "name": "invoice.pdf",
    "mimeType": "application/pdf",
    "buffer": made_files.pdf(),
}


def marketplace(folder: Path) -> FactSource:
    """One seller, four orders, and two reports of goods that are not genuine."""
    tables = {
        "accounts": [
            "account_id,holder_kind,marketplace,opened_at,language,email,display_name",
            f"{SELLER},seller,US,2024-01-01,en,ada@shop.example,Ada's Lamps",
        ],
        "orders": ["order_id,account_id,placed_at,product_id", *(f"{order},{SELLER},2026-10-{10 + n},P-LAMP" for n, order in enumerate(ORDERS))],
        "complaints": [
            "complaint_id,account_id,reason,at,source,order_id,product_id,text",
            f"K-1,{SELLER},AUTH_INAUTHENTIC,2026-10-20,buyer,{ORDERS[0]},P-LAMP,The stamp is missing",
            f"K-2,{SELLER},AUTH_INAUTHENTIC,2026-10-22,buyer,{ORDERS[1]},P-LAMP,Not the real brand",
        ],
    }
    for kind, lines in tables.items():
        (folder / f"{kind}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return FactSource(folder)


def deliver() -> list[Any]:
    """Let the worker send what waits, and read the mail folder."""
    outbox.send_due(now=timezone.now())
    return mails(Path(settings.EMAIL_FILE_PATH))


def may_sell(client: Client, key: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/accounts/{SELLER}/may/{Act.SELL}", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def open_case(page: Page, base: str, case: Case) -> None:
    page.goto(f"{base}/console/case/{case.case_id}/")


def test_a_seller_is_suspended_appeals_by_phone_and_may_sell_again(
    phone: BrowserContext, desk: BrowserContext, live_server: Any, tmp_path: Path, client: Client
) -> None:
    base, now = live_server.url, timezone.now
    key = make_key(call=Call(AUTOMATION, now()), name="shop front", scopes=[Scope.STANDING_READ])
    rowan, ana = hire("Rowan", Role.SPECIALIST), hire("Ana", Role.SPECIALIST)
    facts = tmp_path / "facts"
    facts.mkdir()

    # The night: facts are assessed, and the pack calls for a deactivation that waits for a person.
    run_assessment(call=Call(AUTOMATION, now()), pack=current_pack(), source=marketplace(facts), as_of=date(2026, 10, 31))
    case = Case.objects.get()
    assert may_sell(client, key)["allowed"] is True, "a proposal limits nobody"

    # A specialist reads the facts and approves.
    office = sign_in(desk, base, rowan)
    open_case(office, base, case)
    expect(office.get_by_text("K-1").first).to_be_visible()
    office.get_by_role("button", name="Approve the action").click()
    expect(office.get_by_text("In force").first).to_be_visible()
    refused = may_sell(client, key)
    assert refused["allowed"] is False
    assert refused["act_on_it"].endswith(f"/case/{case.case_id}/")

    # The notice names the rule and the orders, and brings the way in.
    (notice,) = deliver()
    assert notice["To"] == "ada@shop.example"
    assert all(order in body_of(notice) for order in ORDERS[:2])

    # The holder opens the link on a phone, disputes, and attaches an invoice.
    pocket = phone.new_page()
    come_in(pocket, base, notice)
    expect(pocket.get_by_text(ORDERS[0]).first).to_be_attached()
    assert pocket.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page must not scroll sideways"
    pocket.get_by_role("link", name="Appeal", exact=False).first.click()
    pocket.get_by_text("It did not happen, or it was not me").click()
    pocket.get_by_role("button", name="Continue").click()
    pocket.locator("textarea[name=grounds]").fill("Both lamps came from the maker. The invoice is attached; 12 bought, 4 sold.")
    pocket.get_by_role("button", name="Continue").click()
    pocket.locator("input[type=file]").set_input_files(INVOICE)
    pocket.get_by_role("button", name="Send the appeal").click()
    expect(pocket.get_by_role("heading", name="We have your appeal")).to_be_visible()

    # Whoever comes back to write again is told that the appeal is here already.
    pocket.goto(f"{base}/case/{case.case_id}/appeal/")
    expect(pocket.locator("textarea[name=grounds]")).to_have_count(0)

    # Who approved may not review; somebody else claims and asks for one thing.
    open_case(office, base, case)
    expect(office.get_by_role("button", name="Claim this case")).to_have_count(0)
    desk.clear_cookies()
    office = sign_in(desk, base, ana)
    open_case(office, base, case)
    expect(office.get_by_text("Both lamps came from the maker").first).to_be_visible()
    office.get_by_role("button", name="Claim this case").click()
    office.get_by_text("Ask for information").first.click()
    office.locator("textarea[name=items]").fill("The maker's phone number")
    office.get_by_role("button", name="Send the question").click()
    expect(office.get_by_text("The maker's phone number").first).to_be_attached()

    # The holder answers by the newest mail.
    question = deliver()[-1]
    assert "The maker's phone number" in body_of(question)
    come_in(pocket, base, question)
    pocket.get_by_role("link", name="Answer", exact=False).first.click()
    pocket.get_by_label("Your answer").fill("Maker: +44 20 7946 0123, ask for Mr Lund.")
    pocket.get_by_role("button", name="Send the answer").click()

    # Both violations are overturned; limits are gone, points are back, the ledger holds.
    open_case(office, base, case)
    expect(office.get_by_text("ask for Mr Lund").first).to_be_visible()
    for choice in office.locator("input[type=radio][value=overturned]").all():
        choice.check()
    for why in office.locator("textarea[name^=because-V]").all():
        item = Violation.objects.get(pk=str(why.get_attribute("name")).removeprefix("because-")).items[0]["id"]
        why.fill(f"The maker confirmed the invoice for {item}; the lamps are genuine.")
    office.get_by_role("button", name="Decide the appeal").click()
    expect(office.get_by_text("Reinstated").first).to_be_visible()
    assert may_sell(client, key)["allowed"] is True
    pocket.goto(f"{base}/case/{case.case_id}/")
    expect(pocket.get_by_text("The maker confirmed the invoice").first).to_be_visible()
    last = deliver()[-1]
    assert "The maker confirmed the invoice" in body_of(last)
    assert list(ledger.verify()) == []
    assert case.account.rating_readings.order_by("as_of").last().points == 0
