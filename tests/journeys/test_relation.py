"""A specialist denies a relation in a browser, and no later night holds it against the account (requirements B16, I1)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import Act, Role
from goodstanding.core.values import AUTOMATION
from goodstanding.engines.base import FactSource
from goodstanding.server.jobs.nightly import run_assessment
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Case, Judgement, Violation
from tests.journeys.conftest import hire, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OLD, NEW = "S-700", "S-701"


def marketplace(folder: Path) -> FactSource:
    """A shop that was deactivated, and the one that bought its stock, its bank account and its computer with it."""
    struck_on = (timezone.now() - timedelta(days=20)).date().isoformat()
    tables = {
        "accounts": [
            "account_id,holder_kind,marketplace,opened_at,display_name",
            f"{OLD},seller,US,2024-01-01,Old Mill",
            f"{NEW},seller,US,2024-02-01,New Mill",
        ],
        "identifiers": [
            "account_id,kind,value,first_seen",
            *(f"{name},{kind},{kind}-000001,2025-01-01" for name in (OLD, NEW) for kind in ("bank_account", "device")),
        ],
        "actions": ["action_id,account_id,kind,at", f"X-1,{OLD},deactivate,{struck_on}"],
    }
    folder.mkdir()
    for kind, lines in tables.items():
        (folder / f"{kind}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return FactSource(folder)


def test_a_relation_denied_on_its_page_stays_denied_through_the_next_night(desk: BrowserContext, live_server: Any, tmp_path: Path) -> None:
    base, facts = live_server.url, marketplace(tmp_path / "facts")

    def night(days: int) -> None:
        now = timezone.now() + timedelta(days=days)
        run_assessment(call=Call(AUTOMATION, now), pack=current_pack(), source=facts, as_of=now.date())

    night(0)
    case = Case.objects.get(account=NEW)
    rowan = hire("Rowan", Role.SENIOR_SPECIALIST)
    page = sign_in(desk, base, rowan)
    page.goto(f"{base}/console/case/{case.case_id}/")
    page.get_by_role("link", name="Judge this relation").first.click()
    expect(page.get_by_role("cell", name="…0001").first).to_be_visible()

    # Without a ground nothing is kept; what was typed stays.
    page.get_by_label("What it rests on").fill("The contract of 3 May and the buyer's own bank statement are on file.")
    page.get_by_label("Does it count, and why?").select_option("denied:sold_business")
    page.get_by_role("button", name="Keep this judgement").click()
    expect(page.get_by_text("Your judgement is kept.")).to_be_visible()
    expect(page.get_by_text("sold", exact=False).first).to_be_visible()
    case.refresh_from_db()
    assert case.state == CaseState.DISMISSED

    night(1)
    assert Judgement.objects.get().verdict == "denied"
    assert not Violation.objects.filter(account=NEW, closed=None).exclude(decided="overturned").exists()
    assert list(Case.objects.filter(account=NEW)) == [case], "nothing is proposed again"
    assert standing_of(account_id=NEW, now=timezone.now()).permissions[Act.SELL].allowed
    shown = page.url
    page = sign_in(desk, base, rowan)  # her session ran out over night
    page.goto(shown)
    expect(page.get_by_text("Denied", exact=False).first).to_be_visible()
