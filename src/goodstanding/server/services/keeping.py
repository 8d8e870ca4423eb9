"""Whether everything that was sent still lies where it was put: missing and damaged bytes, and bytes that nobody names (requirement F5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodstanding.server.store.models import Evidence, IncomingMail
from goodstanding.server.vault.stores import Stored, digest_of, store

YOUNG = timedelta(days=1)
"""Bytes reach the store before the row that names them; so long they are nobody's fault."""


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


def check_evidence(*, now: datetime) -> Checked:
    """Read every stored file and mail and hold it against its digest; then look for bytes that no row names. Changes nothing."""
    named = _named()
    troubles = [*_unreadable(named), *_orphans(frozenset(named), now)]
    return Checked(len(named), tuple(troubles))


def remove_orphans(*, now: datetime) -> int:
    """Remove what nobody names and is older than a day, asking again for each whether it is still nobody's; gives how many went."""
    removed = 0
    for one in list(_orphans(frozenset(_named()), now)):
        if one.stored is not None and not (one.sha256 and _is_named(one.sha256)):
            store().remove(one.stored.name)
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


def _unreadable(named: dict[str, list[str]]) -> Iterator[Trouble]:
    for sha256, rows in sorted(named.items()):
        data = store().get(sha256)
        if data is None:
            yield Trouble("missing", sha256, tuple(rows))
        elif digest_of(data) != sha256:
            yield Trouble("damaged", sha256, tuple(rows))


def _orphans(named: frozenset[str], now: datetime) -> Iterator[Trouble]:
    for one in store().walk():
        if one.sha256 not in named and one.changed_at < now - YOUNG:
            yield Trouble("orphaned", one.sha256, stored=one)
