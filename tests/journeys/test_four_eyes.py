"""Two people uphold what is grave: a specialist decides, nothing happens; a senior agrees, and the holder is told (requirement H1)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.terms import NoticeKind, Role, Route
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger, outbox
from goodstanding.server.services.actions import approve_action, propose_actions
from goodstanding.server.services.appeals import submit_appeal
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import Account, Case, Violation
from tests.journeys.conftest import body_of, come_in, hire, mails, sign_in

SELLER = "S-77"
WHY = "The maker says in writing that the serial numbers of complaints K-1 and K-2 are false."


def counterfeit_appealed() -> Case:
    """A deactivation for counterfeits, approved by a senior, and the holder's appeal."""
    now, pack = timezone.now(), current_pack()
    opened = now - timedelta(days=400)
    Account.objects.create(
        account_id=SELLER,
        holder_kind="seller",
        marketplace="US",
        language="en",
        display_name="Ada's Lamps",
        email="ada@shop.example",
        opened_at=opened,
    )
    senior = Call(Actor("user:70", Role.SENIOR_SPECIALIST), now)
    reason = pack.reasons["AUTH_COUNTERFEIT"]
    Violation.objects.create(
        violation_id="V-77",
        account_id=SELLER,
        reason="AUTH_COUNTERFEIT",
        found_by=reason.found_by,
        opened=now.date(),
        severity=reason.severity,
        points=pack.rating.points[reason.severity],
        subject_kind=reason.subject,
        items=[{"id": one, "kind": reason.subject, "facts": {"text": "Both stamps are false."}} for one in ("K-1", "K-2")],
        recorded_at=now,
    )
    propose_actions(call=Call(AUTOMATION, now), pack=pack, as_of=now.date())
    case = Case.objects.get(account=SELLER)
    approve_action(call=senior, pack=pack, case_id=case.pk)
    call = Call(Actor(f"holder:{SELLER}", Role.HOLDER, frozenset({SELLER})), now)
    answer = Answer(Route.DISPUTE, grounds="We bought both lamps from the maker's own shop.")
    submit_appeal(call=call, pack=pack, case_id=case.pk, submission_key="one", answer=answer, language="en")
    return case


@pytest.mark.browser
def test_a_grave_decision_stands_only_once_a_second_person_agrees(
    phone: BrowserContext, desk: BrowserContext, live_server: Any, tmp_path: Path
) -> None:
    base, case = live_server.url, counterfeit_appealed()
    ana, rowan = hire("Ana", Role.SPECIALIST), hire("Rowan", Role.SENIOR_SPECIALIST)

    # The specialist decides, reason by reason. The page says that a second person is needed, and the holder hears nothing yet.
    office = sign_in(desk, base, ana)
    office.goto(f"{base}/console/case/{case.pk}/")
    office.get_by_role("button", name="Claim this case").click()
    office.locator("input[type=radio][value=upheld]").check()
    office.locator("textarea[name^=because-V]").fill(WHY)
    office.get_by_role("button", name="Decide the appeal").click()
    expect(office.get_by_text("Your decision waits for a second person.")).to_be_visible()
    expect(office.get_by_role("button", name="I agree")).to_have_count(0)
    assert not case.notices.filter(kind=NoticeKind.UPHELD).exists()

    # The senior reads the reason and agrees, by keyboard.
    desk.clear_cookies()
    office = sign_in(desk, base, rowan)
    office.goto(f"{base}/console/case/{case.pk}/")
    expect(office.get_by_text("Ana would decide")).to_be_visible()
    expect(office.locator("aside").get_by_text(WHY)).to_be_visible()
    office.get_by_role("button", name="I agree").focus()
    office.keyboard.press("Enter")
    expect(office.get_by_text("You agreed. The appeal is decided and the holder is told.")).to_be_visible()

    # The holder is told once, with the reason, and finds it on the page.
    outbox.send_due(now=timezone.now())
    told = [mail for mail in mails(Path(settings.EMAIL_FILE_PATH)) if WHY in body_of(mail)]
    assert len(told) == 1
    pocket = phone.new_page()
    come_in(pocket, base, told[0])
    expect(pocket.get_by_role("heading", name="The decision stands")).to_be_visible()
    assert list(ledger.verify()) == []
