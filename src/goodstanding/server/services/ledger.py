"""The ledger: what happened to a case, appended in the transaction that did it, each entry chained to the one before."""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from goodstanding.server.services.call import Call
from goodstanding.server.services.together import Order, put_aside
from goodstanding.server.store import compiled
from goodstanding.server.store.models import LedgerBody, LedgerEntry, LedgerHead


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a case's chain does not hold."""

    case_id: str
    sequence: int
    what: str


@dataclass(frozen=True, slots=True)
class _Said:
    """An entry before it has its place in the chain; `text` is what it says, as it is digested and kept."""

    call: Call
    case_id: str
    kind: str
    salt: str
    text: str


def append(*, call: Call, case_id: str, kind: str, body: Mapping[str, object]) -> None:
    """Add an entry to a case's chain. `kind` is a past tense like `AppealSubmitted`; `body` must be JSON.

    Must run inside the transaction of the change that it records; written with all other entries of that transaction, in the order of the calls.
    """
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    put_aside(Order.LEDGER, _write, _Said(call, case_id, kind, call.new_secret()[:32], text))


def _write(said: Sequence[_Said]) -> None:
    """Write entries: each chain's tip is locked once and moved on once, however many entries it gets."""
    heads = _locked_heads({one.case_id for one in said})
    entries = [_chained(one, heads[one.case_id]) for one in said]
    compiled.insert(entries)
    compiled.insert([compiled.new(LedgerBody, entry_id=entry.pk, salt=one.salt, text=one.text) for entry, one in zip(entries, said, strict=True)])
    if len(heads) == 1:
        compiled.update(next(iter(heads.values())), ["sequence", "digest"])
    else:
        LedgerHead.objects.bulk_create(heads.values(), update_conflicts=True, unique_fields=["case_id"], update_fields=["sequence", "digest"])


def _chained(said: _Said, head: LedgerHead) -> LedgerEntry:
    """The entry that comes next after the tip, which is now this one."""
    entry = compiled.new(
        LedgerEntry,
        case_id=said.case_id,
        sequence=head.sequence + 1,
        at=said.call.now.isoformat(),
        actor=said.call.actor.id,
        role=said.call.actor.role,
        kind=said.kind,
        body_digest=_commit(said.salt, said.text),
        previous=head.digest,
    )
    entry.digest = digest_of(entry)
    head.sequence, head.digest = entry.sequence, entry.digest
    return entry


def _locked_heads(case_ids: AbstractSet[str]) -> dict[str, LedgerHead]:
    """The tips of chains, locked. Of two who begin one at once each gets the same tip, one after the other."""
    found = _lock(case_ids)
    if new := case_ids - found.keys():
        LedgerHead.objects.bulk_create([LedgerHead(case_id=case_id) for case_id in sorted(new)], ignore_conflicts=True)
        found |= _lock(new)
    return found


def _lock(case_ids: Collection[str]) -> dict[str, LedgerHead]:
    if len(case_ids) == 1:
        return {head.case_id: head for case_id in case_ids for head in _locked_head(case_id=case_id)}
    # In one order for all, so that nobody waits in a ring.
    heads = LedgerHead.objects.select_for_update(no_key=True).filter(pk__in=sorted(case_ids)).order_by("pk")
    return {head.case_id: head for head in heads}


_locked_head = compiled.Query(lambda case_id: LedgerHead.objects.select_for_update(no_key=True).filter(pk=case_id), texts=["case_id"])


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
