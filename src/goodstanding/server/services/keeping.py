"""Whether everything that was sent still lies where it was put: missing and damaged bytes, and bytes that nobody names (requirement F5)."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodstanding.server.store.models import Evidence, IncomingMail
from goodstanding.server.vault.stores import Store, Stored, digest_of, store

YOUNG = timedelta(days=1)
"""Bytes reach the store before the row that names them; so long they are nobody's fault."""

AT_ONCE = 8
"""Files copied at the same time: a bucket answers one request in tens of milliseconds, and many at once."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. `what`: missing, damaged, orphaned. `who`: the rows that name the bytes; `stored`: where they lie, for orphans."""

    what: str
    sha256: str
    who: tuple[str, ...] = ()
    stored: Stored | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of looking at everything: how many digests are named, and every trouble."""

    named: int
    troubles: tuple[Trouble, ...]

    def of(self, what: str) -> list[Trouble]:
        """The troubles of one kind."""
        return [one for one in self.troubles if one.what == what]


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of copying: how many files came anew, how many were there, and each that is missing or damaged where it was copied from."""

    copied: int
    there: int
    troubles: tuple[Trouble, ...]


def check_evidence(*, now: datetime, where: Store | None = None) -> Checked:
    """Read every stored file and mail and hold it against its digest; then look for bytes that no row names. Changes nothing.

    `where`: a copy, instead of the store in use.
    """
    named, looked_at = _named(), where or store()
    troubles = [*_unreadable(named, looked_at), *_orphans(frozenset(named), now, looked_at)]
    return Checked(len(named), tuple(troubles))


def copy_evidence(*, source: Store, target: Store) -> Copied:
    """Copy what the target does not have, each file only if it is still what was kept. What lies whole in the target stays, so damage never spreads.

    Raises what either store raises that is away or full; what was copied by then counts, and is not copied again.
    """
    there = {one.sha256: one.size for one in target.walk() if one.sha256}
    found = [one for one in source.walk() if one.sha256]
    wanted = [one.sha256 for one in found if there.get(one.sha256) != one.size]
    damaged = set(_copy_all(source, target, wanted))
    named, lies = _named(), {one.sha256 for one in found}
    missing = [Trouble("missing", sha256, tuple(rows)) for sha256, rows in sorted(named.items()) if sha256 not in lies | there.keys()]
    troubles = [*missing, *(Trouble("damaged", sha256, tuple(named.get(sha256, ()))) for sha256 in sorted(damaged))]
    return Copied(len(wanted) - len(damaged), len(found) - len(wanted), tuple(troubles))


def _copy_all(source: Store, target: Store, wanted: Sequence[str]) -> Iterator[str]:
    """Copy, and give what is damaged. One store that is away ends it, without trying the rest."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for sha256, is_whole in zip(wanted, pool.map(lambda sha256: _copy(source, target, sha256), wanted), strict=True):
            if not is_whole:
                yield sha256
    finally:
        pool.shutdown(cancel_futures=True)


def _copy(source: Store, target: Store, sha256: str) -> bool:
    data = source.get(sha256)
    if data is None or digest_of(data) != sha256:
        return False
    target.put(sha256, data)
    return True


def remove_orphans(*, now: datetime, where: Store | None = None) -> int:
    """Remove what nobody names and is older than a day, asking again for each whether it is still nobody's; gives how many went.

    `where`: a copy, instead of the store in use; what was erased here goes there too.
    """
    removed, looked_at = 0, where or store()
    for one in list(_orphans(frozenset(_named()), now, looked_at)):
        if one.stored is not None and not (one.sha256 and _is_named(one.sha256)):
            looked_at.remove(one.stored.name)
            removed += 1
    return removed


def _named() -> dict[str, list[str]]:
    """Digest -> the rows that still name it."""
    named: dict[str, list[str]] = {}
    for model in (Evidence, IncomingMail):
        for key, sha256 in model.objects.filter(erased_at=None).order_by("pk").values_list("pk", "sha256"):
            named.setdefault(sha256, []).append(key)
    return named


def _is_named(sha256: str) -> bool:
    return any(model.objects.filter(sha256=sha256, erased_at=None).exists() for model in (Evidence, IncomingMail))


def _unreadable(named: dict[str, list[str]], where: Store) -> Iterator[Trouble]:
    for sha256, rows in sorted(named.items()):
        data = where.get(sha256)
        if data is None:
            yield Trouble("missing", sha256, tuple(rows))
        elif digest_of(data) != sha256:
            yield Trouble("damaged", sha256, tuple(rows))


def _orphans(named: frozenset[str], now: datetime, where: Store) -> Iterator[Trouble]:
    for one in where.walk():
        if one.sha256 not in named and one.changed_at < now - YOUNG:
            yield Trouble("orphaned", one.sha256, stored=one)
