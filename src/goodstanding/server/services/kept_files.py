"""Whether every file that the tables know is where files are kept, byte for byte: what to ask after a restore."""

from collections.abc import Iterator
from dataclasses import dataclass

from goodstanding.server.store.models import Evidence, IncomingMail
from goodstanding.server.vault.stores import digest_of, store


@dataclass(frozen=True, slots=True)
class Lost:
    """A file that is not as it was sent. `what`: `missing` or `damaged`."""

    row: str
    sha256: str
    what: str


def count_files() -> int:
    """How many rows have a file that must be there."""
    return len(list(_known()))


def lost_files() -> Iterator[Lost]:
    """Evidence and mails whose bytes are missing or changed; nothing where all are there. What was erased is not missed."""
    for row, sha256 in _known():
        data = store().get(sha256)
        if data is None:
            yield Lost(row, sha256, "missing")
        elif digest_of(data) != sha256:
            yield Lost(row, sha256, "damaged")


def _known() -> Iterator[tuple[str, str]]:
    for model in (Evidence, IncomingMail):
        rows = model._default_manager.filter(erased_at=None).order_by("pk")
        yield from rows.values_list("pk", "sha256").iterator()
