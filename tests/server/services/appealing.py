"""The holder's and the reviewer's moves for tests, each a minute after the one before unless told otherwise."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import DecisionOutcome, Route
from goodstanding.server.services.appeals import submit_appeal
from goodstanding.server.services.call import Call
from goodstanding.server.services.evidence import Upload
from goodstanding.server.services.reviews import claim_case, contested_violations, decide_appeal
from goodstanding.server.store.models import Appeal, Case
from goodstanding.server.vault.stores import LocalStore
from tests import made_files
from tests.server.factories import NOW, holder, specialist

PLAN = Answer(Route.PLAN, "One supplier sent us fakes.", "We removed 12 listings on 2026-11-18.", "We test every delivery of a new supplier.")
PDF = made_files.pdf()
INVOICE = Upload("invoice.pdf", PDF, "corrective")


def at(minutes: int) -> datetime:
    """A moment some minutes after NOW."""
    return NOW + timedelta(minutes=minutes)


def submit(case: Case, pack: PolicyPack, *, minutes: int = 1, key: str = "one", uploads: Sequence[Upload] = (), **options: Any) -> Appeal:
    """The holder's appeal."""
    values: dict[str, Any] = {"answer": PLAN, "language": "en"} | options
    call = holder(case.account_id, now=at(minutes))
    return submit_appeal(call=call, pack=pack, case_id=case.case_id, submission_key=key, uploads=uploads, **values)


def claim(case: Case, pack: PolicyPack, *, minutes: int = 2, call: Call | None = None) -> Case:
    """A specialist takes the case."""
    return claim_case(call=call or specialist(now=at(minutes)), pack=pack, case_id=case.case_id)


def verdicts(case: Case, outcome: DecisionOutcome | Mapping[str, DecisionOutcome]) -> dict[str, tuple[DecisionOutcome, str]]:
    """One verdict for every violation of the case: the same, or by reason."""
    chosen = contested_violations(case.action)
    return {v.violation_id: (outcome if isinstance(outcome, DecisionOutcome) else outcome[v.reason], f"about {v.reason}") for v in chosen}


def decide(
    case: Case,
    pack: PolicyPack,
    outcome: DecisionOutcome | Mapping[str, DecisionOutcome],
    *,
    minutes: int = 3,
    call: Call | None = None,
) -> Appeal:
    """The specialist's decision."""
    return decide_appeal(call=call or specialist(now=at(minutes)), pack=pack, case_id=case.case_id, verdicts=verdicts(case, outcome))


def appealed(case: Case, pack: PolicyPack) -> Case:
    """The case with an appeal that a specialist holds."""
    submit(case, pack)
    return claim(case, pack)


def stored_at(sha256: str) -> Path:
    """Where the local store keeps the bytes with a digest."""
    return LocalStore(Path(settings.MEDIA_ROOT)).path(sha256)
