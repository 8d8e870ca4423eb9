"""A delegate is invited, accepts, appeals in the own name, is withdrawn and sees nothing more (requirements A1, K5)."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from goodstanding.core.terms import Role
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger, outbox
from goodstanding.server.store.models import Account
from tests.journeys.conftest import body_of, come_in, hire, mails, newest_code, sign_in
from tests.server.showcase import build_showcase

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def newest(folder: Path, to: str) -> Any:
    """The newest mail to somebody, after the worker has sent what waits."""
    outbox.send_due(now=timezone.now())
    return [mail for mail in mails(folder) if mail["To"] == to][-1]


def test_a_delegate_is_invited_appeals_and_is_withdrawn(phone: BrowserContext, desk: BrowserContext, live_server: Any) -> None:
    base, folder = live_server.url, Path(settings.EMAIL_FILE_PATH)
    case = build_showcase(current_pack(), timezone.now()).cases["in_force"]
    account = Account.objects.get(pk=case.account_id)

    # The holder, on the phone, invites a lawyer who may write and send appeals.
    pocket = phone.new_page()
    outbox.send_due(now=timezone.now())
    come_in(pocket, base, [mail for mail in mails(folder) if mail["To"] == account.email and case.pk in body_of(mail)][-1])
    pocket.get_by_role("link", name="Your account").click()
    pocket.get_by_role("link", name="Who may act for you").click()
    pocket.get_by_label("Name of the delegate").fill("Jun Li, Bright Desk")
    pocket.get_by_label("E-mail address").fill("jun@agency.example")
    pocket.get_by_role("button", name="Send the invitation").click()
    expect(pocket.get_by_text("The invitation is on its way to jun@agency.example.")).to_be_visible()
    assert pocket.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page must not scroll sideways"

    # The lawyer opens the invitation from the mail, types the code and accepts.
    invitation = body_of(newest(folder, "jun@agency.example"))
    link = next(word for word in invitation.split() if "/delegate/" in word).removeprefix(settings.BASE_URL)
    firm = desk.new_page()
    firm.goto(base + link)
    firm.get_by_role("button", name="Send me the code").click()
    firm.get_by_label("Code").fill(newest_code())
    firm.get_by_role("button", name="Continue").click()
    firm.get_by_role("button", name="Accept").click()
    assert "has accepted" in body_of(newest(folder, account.email))

    # An appeal, under the lawyer's own name.
    firm.get_by_role("link", name=case.pk).click()
    expect(firm.get_by_text("Jun Li, Bright Desk, you act for")).to_be_visible()
    firm.get_by_role("link", name="Appeal this decision").click()
    firm.get_by_text("It happened, and I have put it right").click()
    firm.get_by_role("button", name="Continue").click()
    firm.get_by_label("What caused it").fill("The Reno warehouse lost its Saturday pick-up on 12 October.")
    firm.get_by_role("button", name="Continue").click()
    firm.get_by_role("button", name="Send the appeal").click()
    expect(firm.get_by_role("heading", name="We have your appeal")).to_be_visible()
    assert "Copy:" in newest(folder, "jun@agency.example")["Subject"], "the receipt comes to the delegate as a copy too"

    # The holder sees who sent it, and takes the delegation back.
    pocket.goto(f"{base}/case/{case.pk}/")
    expect(pocket.get_by_text("sent by Jun Li, Bright Desk (delegate)")).to_be_visible()
    pocket.goto(f"{base}/account/{account.pk}/delegates/")
    pocket.get_by_text("Change or withdraw").click()
    pocket.get_by_role("button", name="Withdraw at once").click()
    expect(pocket.get_by_text("Nobody but you acts for this account.")).to_be_visible()

    # Nothing more is there for the lawyer; the reviewer still reads who wrote.
    assert firm.goto(f"{base}/case/{case.pk}/").status == 404  # type: ignore[union-attr]
    firm.goto(f"{base}/delegate/accounts/")
    expect(firm.get_by_text("You act for no account at the moment.")).to_be_visible()
    desk.clear_cookies()
    office = sign_in(desk, base, hire("Ana", Role.SPECIALIST))
    office.goto(f"{base}/console/case/{case.pk}/")
    expect(office.get_by_text("Jun Li, Bright Desk (delegate)").first).to_be_attached()
    assert list(ledger.verify()) == []
