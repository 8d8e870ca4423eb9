"""The policy manager's part of the showcase: a pack that was handed in, and a trial of it with accounts of every verdict."""

from datetime import date, timedelta

from goodstanding.core.enforcement.replay import PastAction
from goodstanding.core.enforcement.trial import PastOutcome, try_on
from goodstanding.core.terms import DecisionOutcome, Role
from goodstanding.core.values import AUTOMATION, Actor
from goodstanding.packs.parcels import parcel_of
from goodstanding.server.policy import current_pack
from goodstanding.server.services.call import Call
from goodstanding.server.services.packs import hand_in, pack_of
from goodstanding.server.services.trials import TrialResult, ask_trial, claim_trial, finish_trial
from goodstanding.server.store.models import PolicyTrial, User
from goodstanding.telling.trial_report import as_document, report_on
from goodstanding.telling.try_page import body
from goodstanding.telling.wording import LANGUAGES, wording
from tests.server.showcase import Builder


def tried_policy(builder: Builder, manager: User) -> PolicyTrial:
    """A trial that has ended."""
    call = Call(Actor(f"user:{manager.pk}", Role.POLICY_MANAGER), builder.now)
    version = hand_in(call=call, parcel=parcel_of("minimal"))
    ask_trial(call=call, digest=version.pk)
    trial = claim_trial(call=Call(AUTOMATION, builder.now))
    assert trial is not None
    old, new, first = current_pack(), pack_of(version), date(2026, 10, 1)
    rule = next(rule for rule in old.rules if rule.limits)
    acted = [(f"S-{n}", (PastAction(first + timedelta(days=n), None, rule, (f"V-{n}",), rule.reasons[:1]),)) for n in range(3)]
    both = try_on(dict(acted[:2]), dict(acted[1:]), first, date(2026, 10, 31), 900)
    outcomes = [PastOutcome("S-0", rule.reasons[0], DecisionOutcome.OVERTURNED, builder.now.replace(tzinfo=None))]
    reports = {language: report_on(old, new, both, outcomes, language) for language in LANGUAGES}
    pages = {language: body(report, wording(language), "/console/account/{}/") for language, report in reports.items()}
    finish_trial(call=call, trial=trial, result=TrialResult(as_document(reports["en"], wording("en")), pages))
    return trial
