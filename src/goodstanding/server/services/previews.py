"""What people look at instead of opening a file: made when somebody first looks, kept beside the originals, and as good as gone at any time (requirement F5)."""

import json
import shutil
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from goodstanding.core.appeals.evidence import KINDS, PICTURES, FileKind
from goodstanding.core.errors import GoodstandingError, NotFound
from goodstanding.core.file_terms import FileNote
from goodstanding.core.values import Actor
from goodstanding.intake.files.cleaning.cleaning import CLEANED
from goodstanding.intake.files.previews import MOST_PAGES, Preview
from goodstanding.server.services.evidence import evidence_bytes
from goodstanding.server.store.models import Evidence
from goodstanding.server.vault import sandbox
from goodstanding.server.vault.stores import write_whole

AGAIN_AFTER = timedelta(hours=1)
"""How long a file that could not be shown is not tried again: it may have been the machine's fault, and must not keep it busy."""

_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg"}


def preview_of(*, actor: Actor, evidence_id: str, now: datetime) -> Preview | None:
    """How a file is shown; None where it cannot be, and its original is all there is. Raises as `evidence_bytes`."""
    evidence, data = evidence_bytes(actor=actor, evidence_id=evidence_id)
    return _cached_preview(_kind_of(evidence), evidence.sha256, data, now)


def page_of(*, actor: Actor, evidence_id: str, number: int) -> tuple[str, bytes]:
    """One page of a file as a picture: its type and bytes. Raises as `evidence_bytes`, and NotFound where there is no such page to show."""
    evidence, data = evidence_bytes(actor=actor, evidence_id=evidence_id)
    return _page(evidence, data, number)


class NotCleaned(GoodstandingError):
    """A file that tells more than what it shows, and of which nobody but who sent it gets a copy."""


def copy_for(*, actor: Actor, evidence_id: str, now: datetime) -> tuple[str, bytes]:
    """A file for its account's side: its type and bytes. Who sent it gets it as it was sent.

    Others who act for the account get a picture without what the camera wrote, and a PDF or Office file without author, company, path and the
    like: a colleague's phone tells where that colleague lives. Raises as `evidence_bytes`, and NotCleaned where that cannot be taken out.
    """
    evidence, data = evidence_bytes(actor=actor, evidence_id=evidence_id)
    kind = _kind_of(evidence)
    if evidence.added_by == actor.id or kind not in (*PICTURES, *CLEANED):
        return evidence.content_type, data
    try:
        return _page(evidence, data, 1) if kind in PICTURES else (evidence.content_type, _cleaned(evidence, kind, data, now))
    except (NotFound, sandbox.NoAnswer):
        raise NotCleaned(f"what its program wrote into the file {evidence.pk} could not be taken out") from None


def _cleaned(evidence: Evidence, kind: FileKind, data: bytes, now: datetime) -> bytes:
    """The cleaned copy, made once. An empty one says that it could not be made, and is tried again after a while. Raises NoAnswer."""
    kept = _folder(evidence.sha256) / f"cleaned{kind.suffixes[0]}"
    made = kept.read_bytes() if kept.is_file() else b""
    if not made and (not kept.is_file() or _is_old(kept, now)):
        try:
            made = sandbox.clean(kind, data)
        except sandbox.NoAnswer:
            made = b""
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, made)
    if not made:
        raise sandbox.NoAnswer("it could not be cleaned")
    return made


def forget_preview(sha256: str) -> None:
    """Remove what was made of a file, with the file itself."""
    shutil.rmtree(_folder(sha256), ignore_errors=True)


def _kind_of(evidence: Evidence) -> FileKind:
    return next(kind for kind in KINDS if kind.content_type == evidence.content_type)


def _folder(sha256: str) -> Path:
    return Path(settings.PREVIEWS) / sha256[:2] / sha256


def _cached_preview(kind: FileKind, sha256: str, data: bytes, now: datetime) -> Preview | None:
    # The same bytes may be text by one name and a table by another.
    kept = _folder(sha256) / f"about{kind.suffixes[0]}.json"
    if kept.is_file() and (made := _read(kept, now)) is not _STALE:
        return made
    try:
        made = sandbox.preview(kind, data)
    except sandbox.NoAnswer:
        made = None
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_whole(kept, json.dumps(asdict(made) if made else None, ensure_ascii=False).encode("utf-8", "replace"))
    return made


_STALE = Preview()


def _read(kept: Path, now: datetime) -> Preview | None:
    said = json.loads(kept.read_bytes())
    if said is None:
        return _STALE if _is_old(kept, now) else None
    facts, notes = tuple((name, value) for name, value in said["facts"]), tuple(FileNote(one) for one in said["notes"])
    return Preview(said["pages"], facts, said["text"], notes, tuple(said["files"]))


def _is_old(kept: Path, now: datetime) -> bool:
    return datetime.fromtimestamp(kept.stat().st_mtime, UTC) < now - AGAIN_AFTER


def _page(evidence: Evidence, data: bytes, number: int) -> tuple[str, bytes]:
    folder = _folder(evidence.sha256)
    for content_type, ending in _ENDINGS.items():
        if (kept := folder / f"{number}{ending}").is_file():
            return content_type, kept.read_bytes()
    if not 1 <= number <= MOST_PAGES:
        raise NotFound(f"there is no page {number} to show of the file {evidence.pk}")
    try:
        content_type, picture = sandbox.page(_kind_of(evidence), data, number)
    except sandbox.NoAnswer:
        raise NotFound(f"there is no page {number} to show of the file {evidence.pk}") from None
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{number}{_ENDINGS[content_type]}", picture)
    return content_type, picture
