"""Trials of a policy pack on history: asked for on a page, run by a worker, kept with their result. No account is touched (requirement K2)."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from goodstanding.core.enforcement.trial import PastOutcome
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.terms import DecisionOutcome
from goodstanding.core.values import Actor
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.packs import CHAIN, MAY_HAND_IN, check_reads, keep_in_force, version_of
from goodstanding.server.store.models import PolicyTrial, ViolationDecision

LEASE = timedelta(minutes=10)
"""How long a worker may be silent before another one begins the trial anew."""

MOST_ATTEMPTS = 3
"""How often a trial is begun; a worker that dies of it each time is not killed a fourth time."""

MOST_WAITING = 5
"""Trials that may wait at once: each reads the whole history."""

MOST_LISTED = 50


class TrialCancelled(Exception):
    """Somebody cancelled the trial, or another worker has it."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What came of a trial: the report as one document, and its page for each language."""

    document: Mapping[str, Any]
    pages: Mapping[str, str]


def ask_trial(*, call: Call, digest: str, first: date | None = None, last: date | None = None) -> PolicyTrial:
    """Ask that a kept version be tried against the one in force; asked again while it waits, it is the same trial.

    Raises NotPermitted, NotFound, and UnusableInput where the days are the wrong way round, the version is in force, or too many wait.
    """
    if call.actor.role not in MAY_HAND_IN:
        raise NotPermitted("trying a policy pack", sorted(MAY_HAND_IN))
    if first and last and first > last:
        raise UnusableInput(f"the first day {first} is after the last day {last}; swap them")
    old, new = keep_in_force(call=call), version_of(actor=call.actor, digest=digest)
    if old.pk == new.pk:
        raise UnusableInput("this version is in force; hand in one that differs, and try that")
    with transaction.atomic():
        # The row of the version is the lock: the same button pressed twice asks once.
        type(new).objects.select_for_update().get(pk=new.pk)
        waiting = PolicyTrial.objects.filter(ended_at=None)
        if same := waiting.filter(old=old, new=new, first=first, last=last).first():
            return same
        if waiting.count() >= MOST_WAITING:
            raise UnusableInput(f"{MOST_WAITING} trials wait already; wait for one to end, or cancel one")
        trial = PolicyTrial.objects.create(
            trial_id=call.new_id("T"), old=old, new=new, first=first, last=last, asked_at=call.now, asked_by=call.actor.id
        )
        body = {"trial_id": trial.pk, "old": old.pk, "new": new.pk, "first": str(first or ""), "last": str(last or "")}
        ledger.append(call=call, case_id=CHAIN, kind="TrialAsked", body=body)
    return trial


def cancel_trial(*, call: Call, trial_id: str) -> PolicyTrial:
    """Stop a trial that has not ended. Raises NotPermitted, NotFound, IllegalTransition."""
    if call.actor.role not in MAY_HAND_IN:
        raise NotPermitted("cancelling a trial", sorted(MAY_HAND_IN))
    with transaction.atomic():
        trial = PolicyTrial.objects.select_for_update().filter(pk=trial_id).first()
        if trial is None:
            raise NotFound(f"there is no trial {trial_id}")
        if trial.ended_at is not None:
            raise IllegalTransition("ended", "cancel", [])
        trial.ended_at, trial.cancelled_by = call.now, call.actor.id
        trial.save(update_fields=["ended_at", "cancelled_by"])
    return trial


def trial_of(*, actor: Actor, trial_id: str) -> PolicyTrial:
    """One trial. Raises NotFound, NotPermitted."""
    check_reads(actor)
    trial = PolicyTrial.objects.select_related("old", "new").filter(pk=trial_id).first()
    if trial is None:
        raise NotFound(f"there is no trial {trial_id}")
    return trial


def trials(*, actor: Actor) -> list[PolicyTrial]:
    """The latest trials, newest first, without their results."""
    check_reads(actor)
    rows = PolicyTrial.objects.select_related("old", "new").defer("result", "old__files", "new__files")
    return list(rows.order_by("-asked_at", "trial_id")[:MOST_LISTED])


def claim_trial(*, call: Call) -> PolicyTrial | None:
    """The trial that waits longest, leased to this worker; None where none waits. One that was begun too often ends with a clear word."""
    free = Q(leased_until=None) | Q(leased_until__lte=call.now)
    with transaction.atomic():
        waiting = PolicyTrial.objects.filter(free, ended_at=None).order_by("asked_at", "trial_id")
        trial = waiting.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()
        if trial is None:
            return None
        if trial.attempts >= MOST_ATTEMPTS:
            end = {"ended_at": call.now, "error": f"the worker stopped {MOST_ATTEMPTS} times while it ran; is there enough memory for these facts?"}
            PolicyTrial.objects.filter(pk=trial.pk).update(**end)
            return None
        PolicyTrial.objects.filter(pk=trial.pk).update(attempts=F("attempts") + 1, leased_until=call.now + LEASE)
    return PolicyTrial.objects.select_related("old", "new").get(pk=trial.pk)


def note_progress(*, call: Call, trial: PolicyTrial, stage: str, done: int, of: int) -> None:
    """Say how far a trial is, and keep it leased. Raises TrialCancelled where it is no longer this worker's."""
    said = {"stage": stage[:100], "done": done, "of": of, "leased_until": call.now + LEASE}
    if not _mine(trial).update(**said):
        raise TrialCancelled(f"trial {trial.pk} is cancelled")


def finish_trial(*, call: Call, trial: PolicyTrial, result: TrialResult) -> None:
    """Keep what came of a trial; nothing where it was cancelled meanwhile."""
    packed = gzip.compress(json.dumps({"document": result.document, "pages": result.pages}, ensure_ascii=False).encode(), mtime=0)
    counts = {str(name): number for name, number in result.document["counts"].items()}
    _mine(trial).update(ended_at=call.now, leased_until=None, result=packed, counts=counts, error="")


def fail_trial(*, call: Call, trial: PolicyTrial, error: str) -> None:
    """End a trial that cannot be run, with the reason for who asked."""
    _mine(trial).update(ended_at=call.now, leased_until=None, error=error[:2000])


def result_of(trial: PolicyTrial) -> TrialResult | None:
    """The kept result; None where there is none."""
    if trial.result is None:
        return None
    read = json.loads(gzip.decompress(bytes(trial.result)))
    return TrialResult(read["document"], read["pages"])


def own_outcomes() -> tuple[PastOutcome, ...]:
    """How the appeals of this server were decided, violation by violation: what a trial is held against."""
    rows = ViolationDecision.objects.values_list("violation__account_id", "violation__reason", "outcome", "decided_at").order_by("decided_at", "pk")
    return tuple(
        PastOutcome(account, reason, DecisionOutcome(outcome), at.astimezone(UTC).replace(tzinfo=None)) for account, reason, outcome, at in rows
    )


def _mine(trial: PolicyTrial) -> Any:
    return PolicyTrial.objects.filter(pk=trial.pk, attempts=trial.attempts, ended_at=None)
