"""The ledger: what happened to a case, appended in the transaction that did it, each entry chained to the one before."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction

from goodstanding.server.services.call import Call
from goodstanding.server.store.models import LedgerBody, LedgerEntry, LedgerHead


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a case's chain does not hold."""

    case_id: str
    sequence: int
    what: str


def append(*, call: Call, case_id: str, kind: str, body: Mapping[str, object]) -> LedgerEntry:
    """Add an entry to a case's chain. `kind` is a past tense like `AppealSubmitted`; `body` must be JSON.

    Must run inside the transaction of the change that it records.
    """
    with transaction.atomic(savepoint=False):
        head = LedgerHead.objects.select_for_update().filter(pk=case_id).first() or _new_head(case_id)
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        salt = call.new_secret()[:32]
        entry = LedgerEntry(
            case_id=case_id,
            sequence=head.sequence + 1,
            at=call.now.isoformat(),
            actor=call.actor.id,
            role=call.actor.role,
            kind=kind,
            body_digest=_commit(salt, text),
            previous=head.digest,
        )
        entry.digest = digest_of(entry)
        entry.save(force_insert=True)
        LedgerBody.objects.create(entry=entry, salt=salt, text=text)
        LedgerHead.objects.filter(pk=case_id).update(sequence=entry.sequence, digest=entry.digest)
    return entry


def _new_head(case_id: str) -> LedgerHead:
    """The tip of a chain that begins; two who begin it at once get the same one, one after the other."""
    LedgerHead.objects.bulk_create([LedgerHead(case_id=case_id)], ignore_conflicts=True)
    return LedgerHead.objects.select_for_update().get(pk=case_id)


def digest_of(entry: LedgerEntry) -> str:
    """The digest of an entry over everything it says and the digest before it; each part is length-prefixed."""
    parts = (entry.case_id, str(entry.sequence), entry.at, entry.actor, entry.role, entry.kind, entry.body_digest, entry.previous)
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()


def verify() -> Iterator[Break]:
    """The first break of every case whose chain does not hold; nothing where all hold. An erased body is no break."""
    heads = {head.case_id: head for head in LedgerHead.objects.all()}
    cases = set(heads) | set(LedgerEntry.objects.values_list("case_id", flat=True).distinct())
    for case_id in sorted(cases):
        if found := _first_break(case_id, heads.get(case_id)):
            yield found


def _first_break(case_id: str, head: LedgerHead | None) -> Break | None:
    previous, sequence = "", 0
    bodies = {body.entry_id: body for body in LedgerBody.objects.filter(entry__case_id=case_id)}
    for entry in LedgerEntry.objects.filter(case_id=case_id).order_by("sequence"):
        sequence += 1
        if entry.sequence != sequence or entry.previous != previous:
            return Break(case_id, sequence, "an entry is missing or out of order")
        if entry.digest != digest_of(entry):
            return Break(case_id, sequence, "the entry was changed")
        body = bodies.get(entry.pk)
        if body is not None and _commit(body.salt, body.text) != entry.body_digest:
            return Break(case_id, sequence, "what the entry says was changed")
        previous = entry.digest
    if head is None or (head.sequence, head.digest) != (sequence, previous):
        return Break(case_id, sequence, "entries at the end are missing")
    return None


def _commit(salt: str, text: str) -> str:
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()
