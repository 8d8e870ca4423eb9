"""What is kept of a closed account, why and until when, and what is erased (requirement A3; regulation.md, section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from goodstanding.core.policy.pack import Retention
from goodstanding.core.terms import ClockStart, RecordKind


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of record in the answer to its holder. `until` None: as long as the account is open. `basis`: why, a key of the words' terms.

    `is_erased` tells that it goes now; `held_by_case` that an open case still needs it, whatever the clock says.
    """

    kind: RecordKind
    basis: str
    until: datetime | None
    is_erased: bool = False
    held_by_case: bool = False


def keep_until(rule: Retention, closed_at: datetime) -> datetime:
    """When a kind of record of an account closed at that moment is to be erased; the moment itself where nothing asks for keeping it."""
    if rule.keep is None:
        return closed_at
    start = closed_at
    if rule.starts is ClockStart.END_OF_YEAR:
        start = datetime(closed_at.year + 1, 1, 1, tzinfo=closed_at.tzinfo or UTC)
    return rule.keep.after(start)


def due_kinds(rules: Mapping[RecordKind, Retention], closed_at: datetime, now: datetime) -> tuple[RecordKind, ...]:
    """The kinds of record whose time is over."""
    return tuple(kind for kind in RecordKind if kind in rules and keep_until(rules[kind], closed_at) <= now)


def answer_erasure(rules: Mapping[RecordKind, Retention], closed_at: datetime | None, now: datetime, *, has_open_case: bool) -> tuple[Kept, ...]:
    """What becomes of each kind of record on a holder's request for erasure.

    What no law asks for goes at once, unless the account is open or a case needs it: who can still appeal must not lose what the appeal
    rests on (GDPR art. 17(3)(e)).
    """
    answer = []
    for kind in RecordKind:
        rule = rules.get(kind)
        if rule is None:
            continue
        if closed_at is None:
            answer.append(Kept(kind, "basis_open" if rule.keep is None else rule.basis, None))
            continue
        until = keep_until(rule, closed_at)
        goes = until <= now and not has_open_case
        answer.append(Kept(kind, rule.basis, until, is_erased=goes, held_by_case=has_open_case and until <= now))
    return tuple(answer)
