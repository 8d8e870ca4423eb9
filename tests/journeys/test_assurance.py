"""The assurance programme from end to end: solved in time by telephone and plan; not solved; ended by fraud (requirements J1-J4, I2)."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import Act, NoticeKind, Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.engines.base import FactSource
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.policy import current_pack
from goodstanding.server.services import ledger, outbox
from goodstanding.server.services.actions import approve_action, propose_actions
from goodstanding.server.services.call import Call
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.standing import standing_of
from goodstanding.server.services.violations import record_violation
from goodstanding.server.store.models import Account, Case, ContactAttempt, Enrollment
from tests.journeys.conftest import body_of, come_in, hire, mails, sign_in

pytestmark = [pytest.mark.django_db(transaction=True)]

SELLER, PHONE = "S-900", "+1 206 555 0177"
DAY = date(2026, 10, 31)
HOUR = timedelta(hours=1)


def marketplace(folder: Path, *, complaints: int) -> FactSource:
    """A seller with fifteen orders a day for a year, so that the rating has been 250 and more for long; reports of goods that are not genuine."""
    folder.mkdir(exist_ok=True)
    orders = [
        f"O-{day}-{n},{SELLER},{at:%Y-%m-%d},{at + timedelta(days=2):%Y-%m-%d},{at + timedelta(days=1):%Y-%m-%d},P-LAMP"
        for day in range(400)
        for at in [DAY - timedelta(days=day)]
        for n in range(15)
    ]
    tables = {
        "accounts": [
            "account_id,holder_kind,marketplace,plan,opened_at,language,email,display_name,emergency_phone,emergency_phone_verified_at",
            f"{SELLER},seller,US,professional,2024-01-01,en,ada@shop.example,Ada's Lamps,{PHONE},2026-01-01",
        ],
        "orders": ["order_id,account_id,placed_at,ship_by,shipped_at,product_id", *orders],
        "complaints": [
            "complaint_id,account_id,reason,at,source,order_id,product_id,text",
            *(f"K-{n},{SELLER},AUTH_INAUTHENTIC,{DAY + timedelta(days=1)},buyer,O-3-{n},P-LAMP,Not the real brand" for n in range(complaints)),
        ],
    }
    for kind, lines in tables.items():
        (folder / f"{kind}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return FactSource(folder)


def night(folder: Path, day: date, *, complaints: int) -> None:
    run_assessment(call=Call(AUTOMATION, timezone.now()), pack=current_pack(), source=marketplace(folder, complaints=complaints), as_of=day)


def deliver() -> list[Any]:
    outbox.send_due(now=timezone.now())
    return mails(Path(settings.EMAIL_FILE_PATH))


def approved(folder: Path) -> Case:
    """Two nights and a senior's word: the member's window is open."""
    night(folder, DAY, complaints=0)
    night(folder, DAY + timedelta(days=1), complaints=2)
    case = Case.objects.get(action__kind="deactivate")
    call = Call(Actor("user:77", Role.SENIOR_SPECIALIST), timezone.now())
    return approve_action(call=call, pack=current_pack(), case_id=case.pk)


def worker(hours: float) -> int:
    """The worker, so many hours from now."""
    return fire_due(call=Call(AUTOMATION, timezone.now() + hours * HOUR), pack=current_pack())


@pytest.mark.browser
def test_a_member_solves_by_telephone_and_plan_what_would_have_deactivated_the_account(
    phone: BrowserContext, desk: BrowserContext, live_server: Any, tmp_path: Path
) -> None:
    base = live_server.url
    rowan, ana = hire("Rowan", Role.SENIOR_SPECIALIST), hire("Ana", Role.SPECIALIST)

    # The rating has stayed high: the night enrols the account and writes so.
    night(tmp_path / "facts", DAY, complaints=0)
    (enrolled,) = deliver()
    assert "assurance programme" in enrolled["Subject"]
    assert Enrollment.objects.get().account_id == SELLER

    # Two complaints call for a deactivation; a person agrees; a window opens instead.
    night(tmp_path / "facts", DAY + timedelta(days=1), complaints=2)
    case = Case.objects.get(action__kind="deactivate")
    office = sign_in(desk, base, rowan)
    office.goto(f"{base}/console/case/{case.pk}/")
    office.get_by_role("button", name="Approve the action").click()
    assert Case.objects.get(pk=case.pk).state == CaseState.SOLVING
    assert standing_of(account_id=SELLER, now=timezone.now()).permissions[Act.SELL].allowed
    opened = deliver()[-1]
    assert "…0177" in body_of(opened)

    # The first call finds nobody; the letter says when the next one comes.
    worker(0)
    desk.clear_cookies()
    office = sign_in(desk, base, ana)
    office.goto(f"{base}/console/calls/")
    office.get_by_role("button", name="Take this call").click()
    expect(office.get_by_text(PHONE)).to_be_visible()
    office.get_by_text("No answer").click()
    office.get_by_role("button", name="Record the call").click()
    expect(office.get_by_text("Nobody waits for a call.")).to_be_visible()
    missed = deliver()[-1]
    assert "could not reach you" in missed["Subject"]

    # The holder opens the letter's link on a phone and asks to be called now.
    pocket = phone.new_page()
    come_in(pocket, base, missed)
    pocket.get_by_role("link", name="Open the page to solve it").click()
    assert pocket.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page must not scroll sideways"
    pocket.get_by_role("button", name="Contact me now").click()
    expect(pocket.get_by_text("A call to you is on our list")).to_be_visible()
    office.goto(f"{base}/console/calls/")
    office.get_by_role("button", name="Take this call").click()
    office.get_by_text("We spoke with the holder").click()
    office.get_by_label("Note").fill("Sends the plan within the hour.")
    office.get_by_role("button", name="Record the call").click()

    # The plan comes in, the case is settled on a commitment, and nothing was ever limited.
    pocket.reload()
    pocket.get_by_label("What caused it", exact=True).fill("Two batches came from a reseller whom we had not checked.")
    pocket.get_by_label("What keeps it from happening again", exact=True).fill("Every new supplier shows the maker's authorisation first.")
    pocket.get_by_role("button", name="Send the plan").click()
    expect(pocket.get_by_text("we have your plan")).to_be_visible()
    office.goto(f"{base}/console/case/{case.pk}/window/")
    office.get_by_label("Why this settles it; the holder reads this").fill("The listings are gone and the maker's papers are here.")
    office.get_by_text("What the holder commits to").click()
    office.get_by_label("Measure", exact=True).first.fill("Check every new supplier")
    office.get_by_label("In place by").first.fill(f"{timezone.now() + timedelta(days=10):%Y-%m-%d}")
    office.get_by_role("button", name="Settle the case").click()
    expect(office.get_by_text("The case is settled and the holder is told.")).to_be_visible()
    assert "Settled" in deliver()[-1]["Subject"]
    pocket.goto(f"{base}/case/{case.pk}/commitments/")
    pocket.get_by_role("button", name="This is in place now").click()
    expect(pocket.get_by_text("In place since")).to_be_visible()
    worker(24 * 91)
    assert Case.objects.get(pk=case.pk).state == CaseState.SETTLED
    assert not Account.objects.get(pk=SELLER).limits.exists()
    assert list(ledger.verify()) == []


def test_a_member_who_never_answers_is_deactivated_once_at_the_end(tmp_path: Path) -> None:
    """J3."""
    case = approved(tmp_path / "facts")
    worker(71)
    assert standing_of(account_id=SELLER, now=timezone.now()).permissions[Act.SELL].allowed
    assert [worker(72.1), worker(72.1), worker(100)] == [1, 0, 0]
    case.refresh_from_db()
    assert case.state == CaseState.IN_FORCE
    assert not standing_of(account_id=SELLER, now=timezone.now() + 73 * HOUR).permissions[Act.SELL].allowed
    assert list(case.notices.order_by("created_at").values_list("kind", flat=True)) == [NoticeKind.WINDOW_OPENED, NoticeKind.ACTION]
    assert list(ledger.verify()) == []


def test_fraud_found_meanwhile_ends_membership_and_window_at_once(tmp_path: Path) -> None:
    """J4."""
    case, pack = approved(tmp_path / "facts"), current_pack()
    finder, decider = Actor("user:78", Role.SPECIALIST), Actor("user:79", Role.SENIOR_SPECIALIST)
    items = [{"id": "K-0", "kind": "accounts"}]
    call = Call(finder, timezone.now())
    record_violation(call=call, pack=pack, account_id=SELLER, reason="FORGED_DOCUMENTS", items=items, because="The invoice is forged.")
    propose_actions(call=Call(AUTOMATION, timezone.now()), pack=pack, as_of=timezone.now().date())
    forged = Case.objects.get(account=SELLER, action__rule="deception-deactivation")
    approve_action(call=Call(decider, timezone.now()), pack=pack, case_id=forged.pk)
    case.refresh_from_db()
    forged.refresh_from_db()
    assert (case.state, forged.state) == (CaseState.IN_FORCE, CaseState.IN_FORCE)
    assert case.window.outcome == "excluded"
    assert Enrollment.objects.get().ended_because == ["harm"]
    assert not ContactAttempt.objects.filter(window=case.pk, called_at=None, dropped_at=None).exists()
    assert worker(80) == 0
    assert list(ledger.verify()) == []
