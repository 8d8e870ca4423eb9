"""A site of its own for tests that kill it: `python -m tests.server.crashing_site seed N` fills its database, `... count` says what is in it.

Run as processes of their own, with the settings of the site in the environment: a test's Django is bound to the test's database.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

FACTS_KEY = "facts"


def seed(number: int, hooks: str) -> dict[str, Any]:
    """Cases in force for appeals, half as many whose reviewer asked for something, each with a session of its holder; and a key for facts."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from goodstanding.core.values import AUTOMATION
    from goodstanding.server.pages.asking import LINK
    from goodstanding.server.policy import current_pack
    from goodstanding.server.services.call import Call
    from goodstanding.server.services.keys import Scope, make_key
    from goodstanding.server.store.models import AccessLink, WebhookEndpoint
    from goodstanding.server.store.sealing import Purpose, seal

    now, pack = timezone.now(), current_pack()
    WebhookEndpoint.objects.create(url=hooks, secret=seal("a secret that both sides know", Purpose.WEBHOOKS), created_at=now)
    cases = [_case(pack, f"A{one:04}", now, asked=one % 3 == 2) for one in range(number)]
    sessions = {}
    for case in cases:
        session = SessionStore()
        session[LINK] = AccessLink.objects.filter(case=case).latest("pk").pk
        session.create()
        sessions[case.pk] = session.session_key
    key = make_key(call=Call(AUTOMATION, now), name="warehouse", scopes=[Scope.FACTS_WRITE])
    return {"sessions": sessions, "asked": [case.pk for case in cases[2::3]], FACTS_KEY: key}


def _case(pack: Any, key: str, now: Any, *, asked: bool) -> Any:
    from goodstanding.core.appeals.plan import Answer
    from goodstanding.core.terms import Role, Route
    from goodstanding.core.values import AUTOMATION, Actor
    from goodstanding.server.services.actions import approve_action, propose_actions
    from goodstanding.server.services.appeals import submit_appeal
    from goodstanding.server.services.call import Call
    from goodstanding.server.services.reviews import ask_information, claim_case
    from goodstanding.server.store.models import Account, Case, Violation

    reason = pack.reasons["DECEPTIVE_ACTIVITY"]
    account = Account.objects.create(
        account_id=key,
        email=f"{key.lower()}@seller.example",
        display_name=f"Seller {key}",
        holder_kind="seller",
        marketplace="DE",
        language="en",
        opened_at=now - timedelta(days=900),
    )
    Violation.objects.create(
        violation_id=f"V-{key}",
        account=account,
        reason=reason.code,
        found_by=reason.found_by,
        opened=now.date() - timedelta(days=5),
        severity=reason.severity,
        points=pack.rating.points[reason.severity],
        subject_kind=reason.subject,
        items=[{"id": f"{key}-1", "kind": reason.subject, "facts": {"at": "2026-11-14 08:00 UTC", "text": "not what was pictured"}}],
        recorded_at=now,
    )
    propose_actions(call=Call(AUTOMATION, now - timedelta(hours=3)), pack=pack, as_of=now.date(), accounts=[key])
    case = Case.objects.get(account=account)
    approve_action(call=Call(Actor("user:2", Role.SENIOR_SPECIALIST), now - timedelta(hours=2)), pack=pack, case_id=case.pk)
    if asked:
        holder, reviewer = Call(Actor(f"holder:{key}", Role.HOLDER, frozenset({key})), now), Call(Actor("user:1", Role.SPECIALIST), now)
        answer = Answer(Route.PLAN, root_cause="One supplier sent us fakes.", corrective="We removed 12 listings.", preventive="We test deliveries.")
        submit_appeal(call=holder, pack=pack, case_id=case.pk, submission_key="seed", answer=answer, language="en")
        claim_case(call=reviewer, pack=pack, case_id=case.pk)
        ask_information(call=reviewer, pack=pack, case_id=case.pk, items=["The invoices of these items."])
    return case


def count() -> dict[str, Any]:
    """What is in the database once everything that waits has been sent, also what a killed worker still had a lease on."""
    from django.conf import settings
    from django.utils import timezone

    from goodstanding.server.services import ledger
    from goodstanding.server.services.outbox import LEASE, send_due
    from goodstanding.server.store.models import Appeal, FactBatch, InformationRequest, LedgerEntry, Notice, OutboxMessage

    send_due(now=timezone.now() + 2 * LEASE, limit=100_000)
    entries: Mapping[tuple[str, str], int] = Counter(LedgerEntry.objects.values_list("kind", "case_id"))
    letters: Mapping[tuple[str, str], int] = Counter(Notice.objects.values_list("kind", "case_id"))
    events: Mapping[tuple[str, str], int] = Counter(OutboxMessage.objects.filter(channel="webhook").values_list("payload__type", "payload__case_id"))
    return {
        "appeals": list(Appeal.objects.exclude(submission_key="seed").values_list("case_id", "submission_key", "root_cause")),
        "answers": list(InformationRequest.objects.exclude(answered_at=None).values_list("appeal__case_id", "answer")),
        "batches": list(FactBatch.objects.values_list("digest", "rows")),
        "orders": _orders(Path(settings.FACTS)),
        "messages": [(one.payload.get("id", one.key), one.attempts, one.sent_at is None) for one in OutboxMessage.objects.all()],
        "unbroken": not list(ledger.verify()),
        "submitted": {case: entries["AppealSubmitted", case] for kind, case in entries if kind == "AppealSubmitted"},
        "given": {case: entries["InformationGiven", case] for kind, case in entries if kind == "InformationGiven"},
        "acknowledged": {case: letters["acknowledgement", case] for kind, case in letters if kind == "acknowledgement"},
        "told": {case: events["appeal.submitted", case] for kind, case in events if kind == "appeal.submitted"},
    }


def _orders(folder: Path) -> list[str]:
    """The id of every row of every file of orders, as often as it is there."""
    import pyarrow.parquet as pq

    return [one for path in sorted((folder / "orders").glob("*.parquet")) for one in pq.read_table(path)["order_id"].to_pylist()]


if __name__ == "__main__":
    django.setup()
    what, *more = sys.argv[1:]
    sys.stdout.write(json.dumps(seed(int(more[0]), more[1]) if what == "seed" else count(), default=str))
