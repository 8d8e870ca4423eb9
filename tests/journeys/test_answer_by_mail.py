"""Appeal by answering the notice's e-mail, through a real SMTP listener, to the account given back (requirements C2, F5, G1, G2, H2, H6, I1)."""

import re
import smtplib
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from goodstanding.core.terms import Act, NoticeKind, Role
from goodstanding.core.values import AUTOMATION
from goodstanding.server.inbox.listener import listen
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.mailroom.proofs import Envelope
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger, outbox
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.call import Call
from goodstanding.server.services.incoming import Taken, take_mail
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Case, IncomingMail, Notice
from tests.journeys.conftest import body_of, hire, link_in, mails, sign_in
from tests.journeys.test_reinstatement import INVOICE, ORDERS, SELLER, marketplace
from tests.ports import free_port
from tests.server.entering import come_in
from tests.server.factories import senior
from tests.server.mailroom.mailing import PUBLIC, signed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESS = "ada@shop.example"
WORDS = "We never sold fakes: both lamps are genuine and came from the maker. The invoice is attached; 12 bought, 4 sold."


def resolver(name: str, kind: str) -> list[Any]:
    """The one name that the shop's mail provider keeps."""
    return [f"v=DKIM1; k=rsa; p={PUBLIC}".encode()] if (name, kind) == ("s1._domainkey.shop.example", "TXT") else []


def take(raw: bytes, envelope: Envelope) -> Taken:
    return take_mail(call=Call(AUTOMATION, timezone.now()), pack=current_pack(), raw=raw, envelope=envelope, resolver=resolver)


def answer(notice: EmailMessage, words: str, *, domain: str = "shop.example") -> tuple[str, bytes]:
    """The answer as a mail program writes it: to Reply-To, in the thread, the letter quoted, a file attached; signed by the provider."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Ada <{ADDRESS}>", notice["Reply-To"], f"Re: {notice['Subject']}"
    mail["Date"], mail["Message-ID"], mail["In-Reply-To"] = (
        "Fri, 20 Nov 2026 10:00:00 +0000",
        f"<{len(words)}.{domain}@shop.example>",
        notice["Message-ID"],
    )
    quoted = "\n".join(f"> {line}" for line in body_of(notice).splitlines())
    mail.set_content(f"{words}\n\nOn Fri, Nov 20, 2026, Account standing wrote:\n{quoted}\n\n-- \nAda's Lamps\n")
    mail.add_attachment(INVOICE["buffer"], maintype="application", subtype="pdf", filename="invoice.pdf")
    return str(notice["Reply-To"]), signed(mail.as_bytes(), domain)


def test_a_seller_answers_the_notice_by_mail_and_may_sell_again(
    desk: BrowserContext, live_server: Any, tmp_path: Path, client: Client, settings: Any
) -> None:
    settings.REPLY_DOMAIN = "reply.market.example"
    facts = tmp_path / "facts"
    facts.mkdir()
    run_assessment(call=Call(AUTOMATION, timezone.now()), pack=current_pack(), source=marketplace(facts), as_of=date(2026, 10, 31))
    case = Case.objects.get()
    approve_action(call=senior(now=timezone.now()), pack=current_pack(), case_id=case.case_id)
    outbox.send_due(now=timezone.now())
    (notice,) = mails(Path(configured.EMAIL_FILE_PATH))
    assert "You can also answer this e-mail" in body_of(notice)

    port = free_port()
    listening = listen(url=f"smtp://127.0.0.1:{port}", take=take)
    try:
        to, forged = answer(notice, WORDS, domain="evil.example")
        to, honest = answer(notice, WORDS)
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.sendmail("x@evil.example", [to], forged)
            server.sendmail(ADDRESS, [to], honest)
            server.sendmail(ADDRESS, [to], honest)
    finally:
        listening.stop()

    # The forged one waits for a person, the honest one is the appeal, and the second copy of it is nothing new.
    case.refresh_from_db()
    assert case.state == "submitted"
    assert sorted(IncomingMail.objects.values_list("verdict", flat=True)) == ["accepted", "held"]
    appeal = case.appeals.get()
    assert appeal.grounds == WORDS
    assert [one.name for one in appeal.evidence.all()] == ["invoice.pdf"]
    kinds = set(Notice.objects.values_list("kind", flat=True))
    assert kinds == {NoticeKind.ACTION, NoticeKind.MAIL_HELD, NoticeKind.ACKNOWLEDGEMENT}
    assert set(Notice.objects.values_list("recipient", flat=True)) == {ADDRESS}

    # The holder sees it on the page of the case; the reviewer sees words, file, proof and original, and frees the account.
    come_in(client, link_in(notice))
    page = client.get(f"/case/{case.pk}/").content.decode()
    assert WORDS in page
    assert "taken with your appeal" in page
    office = sign_in(desk, live_server.url, hire("Ana", Role.SPECIALIST))
    office.goto(f"{live_server.url}/console/mail/")
    expect(office.get_by_text("neither DKIM nor SPF proves the sender")).to_be_visible()
    office.goto(f"{live_server.url}/console/case/{case.pk}/")
    expect(office.get_by_text(WORDS).first).to_be_visible()
    office.get_by_role("button", name="Claim this case").click()
    for choice in office.locator("input[type=radio][value=overturned]").all():
        choice.check()
    for why in office.locator("textarea[name^=because-V]").all():
        why.fill(f"The invoice covers {ORDERS[0]} and {ORDERS[1]}, named by K-1 and K-2: the goods are genuine.")
    office.get_by_role("button", name="Decide the appeal").click()
    expect(office.get_by_text("Reinstated").first).to_be_visible()
    assert standing_of(account_id=SELLER, now=timezone.now()).permissions[Act.SELL].allowed
    outbox.send_due(now=timezone.now())
    assert re.search("genuine", body_of(mails(Path(configured.EMAIL_FILE_PATH))[-1]))
    assert list(ledger.verify()) == []
