"""Violations that a person found: what no fact table can show, entered by a reviewer with the items it rests on."""

import json
from collections.abc import Mapping, Sequence

from django.db import transaction

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.errors import MissingFacts, NotFound, NotPermitted, UnusableInput
from goodstanding.core.health.explaining import BY_PERSON
from goodstanding.core.health.violations import violation_id
from goodstanding.core.policy.pack import PolicyPack, Reason
from goodstanding.core.policy.tables import nearest
from goodstanding.core.terms import FoundBy
from goodstanding.core.values import day_of
from goodstanding.server.services import ledger
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.ratings import refresh_rating
from goodstanding.server.store.models import Account, Violation

LONGEST_BECAUSE = 2000
"""Characters; the holder is told these words."""


def record_violation(*, call: Call, pack: PolicyPack, account_id: str, reason: str, items: Sequence[Mapping[str, object]], because: str) -> Violation:
    """Record that an account breached a reason which people find. The pack's rules say what follows, at the next proposal.

    `items`: what it rests on, each with `id` and perhaps `kind` and `facts`. `because`: in words the holder may read. It is entered
    in a chain of the ledger of its own, under its id, because no case rests on it yet. Recording the same again on the same day gives the violation that is there. Raises NotPermitted, NotFound, MissingFacts or UnusableInput.
    """
    if call.actor.role not in REVIEWERS:
        raise NotPermitted("recording a violation", sorted(REVIEWERS))
    said = because.strip()
    if not said or len(said) > LONGEST_BECAUSE:
        raise UnusableInput(f"say in 1 to {LONGEST_BECAUSE} characters what was found; the holder reads it")
    with transaction.atomic():
        account = lock_account(account_id=account_id)
        breached = _reason_for(pack, reason, account)
        kept = [_item(item, breached) for item in items]
        if not kept:
            raise MissingFacts(f"a violation of {reason} needs at least one item it rests on; nobody could answer it otherwise")
        opened = day_of(call.now, pack.zone(account.marketplace))
        origin = f"{FoundBy.PERSON}\x1f" + "\x1f".join(sorted(str(item["id"]) for item in kept))
        violation, is_new = Violation.objects.get_or_create(
            violation_id=violation_id(account_id, reason, origin, opened),
            defaults={
                "account": account,
                "reason": reason,
                "found_by": FoundBy.PERSON,
                "opened": opened,
                "severity": breached.severity,
                "points": pack.rating.points[breached.severity],
                "explanation": json.dumps({"rule": BY_PERSON, "because": said, "by": call.actor.id}, ensure_ascii=False, sort_keys=True),
                "subject_kind": breached.subject,
                "items": kept,
                "recorded_at": call.now,
            },
        )
        if is_new:
            body = {"account_id": account_id, "reason": reason, "because": said, "items": [item["id"] for item in kept]}
            ledger.append(call=call, case_id=violation.pk, kind="ViolationRecorded", body=body)
            refresh_rating(call=call, pack=pack, account_id=account_id)
    return violation


def _reason_for(pack: PolicyPack, code: str, account: Account) -> Reason:
    by_people = {name: reason for name, reason in pack.reasons.items() if reason.is_found_by(FoundBy.PERSON)}
    reason = pack.reasons.get(code)
    if reason is None:
        raise NotFound(f"pack {pack.name} has no reason {code} ({nearest(code, by_people)})")
    if code not in by_people:
        raise UnusableInput(f"{code} is found by {reason.found_by}, not by a person; correct the facts instead")
    if reason.holder_kind != account.holder_kind:
        raise UnusableInput(f"{code} is a reason for a {reason.holder_kind}; {account.account_id} is a {account.holder_kind}")
    return reason


def _item(item: Mapping[str, object], reason: Reason) -> dict[str, object]:
    identity = item.get("id")
    if not isinstance(identity, str) or not identity.strip():
        raise UnusableInput("each item needs an id")
    facts = item.get("facts") or {}
    if not isinstance(facts, Mapping):
        raise UnusableInput(f"the facts of item {identity} should be columns with texts")
    return {"id": identity, "kind": item.get("kind") or reason.subject, "facts": {str(key): str(value) for key, value in facts.items()}}
