"""The policy pages in a real browser: axe finds nothing, and a small phone scrolls nothing sideways; also the page of a trial."""

from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from goodstanding.core.enforcement.replay import PastAction
from goodstanding.core.enforcement.trial import PastOutcome, try_on
from goodstanding.core.terms import DecisionOutcome, Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.packs.parcels import parcel_of
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.packs import hand_in, pack_of
from goodstanding.server.services.trials import TrialResult, ask_trial, claim_trial, finish_trial
from goodstanding.telling.trial_report import as_document, report_on
from goodstanding.telling.try_page import body
from goodstanding.telling.wording import LANGUAGES, wording
from tests.browser.conftest import Enter
from tests.server.showcase import Showcase
from tests.server.visits import Visit

pytestmark = pytest.mark.browser


def tried(show: Showcase) -> str:
    """A trial that has ended, with accounts of every verdict; gives its address."""
    manager = Call(Actor("user:1", Role.POLICY_MANAGER), timezone.now())
    version = hand_in(call=manager, parcel=parcel_of("minimal"))
    trial = ask_trial(call=manager, digest=version.pk)
    claim_trial(call=Call(AUTOMATION, timezone.now()))
    trial.refresh_from_db()
    old, new, first = current_pack(), pack_of(version), date(2026, 10, 1)
    rule = next(rule for rule in old.rules if rule.limits)
    acted = {f"S-{n}": (PastAction(first + timedelta(days=n), None, rule, (f"V-{n}",), rule.reasons[:1]),) for n in range(3)}
    trial_of = try_on(dict(list(acted.items())[:2]), dict(list(acted.items())[1:]), first, date(2026, 10, 31), 900)
    outcomes = [PastOutcome("S-0", rule.reasons[0], DecisionOutcome.OVERTURNED, timezone.now().replace(tzinfo=None))]
    reports = {language: report_on(old, new, trial_of, outcomes, language) for language in LANGUAGES}
    pages = {language: body(report, wording(language), "/console/account/{}/") for language, report in reports.items()}
    finish_trial(call=manager, trial=trial, result=TrialResult(as_document(reports["en"], wording("en")), pages))
    return f"/console/policy/trial/{trial.pk}/"


def test_the_policy_pages_are_readable_by_everybody(show: Showcase, enter: Enter) -> None:
    told = tried(show)
    visits = [Visit(name, path, as_staff="specialist") for name, path in (("policy", "/console/policy/"), ("trial", told))]
    wrong = []
    for visit in visits:
        for width, language in ((1280, "en"), (360, "zh-hans")):
            page = enter(visit, width=width, language=language, bypass_csp=True).new_page()
            page.goto(visit.path)
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append(f"{visit.name} scrolls sideways at {width} px")
            found = Axe().run(page).response["violations"]
            wrong += [f"{visit.name} at {width} px: {one['id']}: {one['nodes'][0]['html'][:150]}" for one in found]
    assert wrong == []
