"""Evidence: files a holder attaches, taken by what they are, kept byte for byte under their digest (requirement F5).

The bytes reach the disk before the transaction that names them commits, so a crash leaves at most a file that nobody names and never
a row without its file.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from goodstanding.core.appeals import evidence as rules
from goodstanding.core.errors import NotFound, NotPermitted, RefusedFiles
from goodstanding.core.file_terms import FileTrouble
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.gate import unfit_for
from goodstanding.server.store.models import Appeal, Evidence, InformationRequest, SolveWindow

READERS = frozenset({Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.AUDITOR})
"""Who of the staff may open what holders attach."""

CASE_FULL = rules.Unfit(FileTrouble.CASE_FULL, "would make more files than one case may hold")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was sent. `name` and its suffix are the sender's word; `part` is the part of the answer that it proves."""

    name: str
    data: bytes
    part: str = ""


def check_uploads(uploads: Sequence[Upload]) -> None:
    """Raise RefusedFiles, with a finding for every file that cannot be taken."""
    if refused := [rules.refuse(upload.name, unfit) for upload in uploads if (unfit := unfit_for(upload.name, upload.data))]:
        raise RefusedFiles(refused)


def store_bytes(uploads: Sequence[Upload]) -> None:
    """Put checked files on the disk, safe against a crash. Call it before a transaction, so that no lock waits for a disk."""
    check_uploads(uploads)
    for upload in uploads:
        _store(digest_of(upload.data), upload.data)


def store_original(data: bytes) -> str:
    """Put bytes of whatever kind on the disk as `store_bytes` does, to be handed out as evidence never; gives their digest."""
    sha256 = digest_of(data)
    _store(sha256, data)
    return sha256


def keep_evidence(*, call: Call, to: Appeal | SolveWindow, uploads: Sequence[Upload], request: InformationRequest | None = None) -> list[Evidence]:
    """Keep files with an appeal, with the answer to a request of it, or with the plan of a solve window. The same file for the same part is kept once.

    Raises RefusedFiles where one of them cannot be taken, or all would be too much for the case; then none is.
    """
    if not uploads:
        return []
    store_bytes(uploads)
    with transaction.atomic():
        if over := over_room(to.case_id, uploads):
            raise RefusedFiles([rules.refuse(one.name, CASE_FULL) for one in over])
        return [_keep(call, to, upload, request) for upload in uploads]


def over_room(case_id: str, uploads: Sequence[Upload]) -> list[Upload]:
    """The files for which a case has no room any more, in the order they came. A file that the case has already costs nothing."""
    held = dict(Evidence.objects.filter(case_id=case_id, erased_at=None).values_list("sha256", "size"))
    over = []
    for upload in uploads:
        with_it = held | {digest_of(upload.data): len(upload.data)}
        if sum(with_it.values()) > settings.EVIDENCE_MAX_CASE_BYTES:
            over.append(upload)
        else:
            held = with_it
    return over


def describe(kept: Sequence[Evidence]) -> list[Mapping[str, object]]:
    """Files as the ledger names them: by id, digest, size and real type."""
    return [{"id": one.evidence_id, "sha256": one.sha256, "size": one.size, "type": one.content_type} for one in kept]


def evidence_bytes(*, actor: Actor, evidence_id: str) -> tuple[Evidence, Path]:
    """A file for somebody who may see it: the holder of its account and delegates, reviewers and auditors.

    Hand it out only as an attachment, under `core.appeals.evidence.download_name`, with its `content_type` and `nosniff`. Raises
    NotFound where there is none, also for another account's holder, and where the stored bytes are no longer those that were sent;
    NotPermitted for staff who do not read evidence.
    """
    found = Evidence.objects.select_related("case").filter(pk=evidence_id).first()
    if found is None or not actor.reaches(found.case.account_id):
        raise NotFound(f"there is no file {evidence_id}")
    if not actor.is_outside and actor.role not in READERS:
        raise NotPermitted("opening what a holder attached", sorted(READERS))
    if found.erased_at is not None:
        raise NotFound(f"the file {evidence_id} was erased on {found.erased_at:%Y-%m-%d}, when the time to keep it was over")
    path = path_of(found.sha256)
    if not path.is_file() or digest_of(path.read_bytes()) != found.sha256:
        raise NotFound(f"the file {evidence_id} is missing or damaged where evidence is stored; bring it back from a backup")
    return found, path


def path_of(sha256: str) -> Path:
    """Where the bytes with a digest lie."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256


def digest_of(data: bytes) -> str:
    """The SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def _keep(call: Call, to: Appeal | SolveWindow, upload: Upload, request: InformationRequest | None) -> Evidence:
    kind = rules.recognise(upload.name, upload.data)
    assert isinstance(kind, rules.FileKind), "checked before"
    fresh = {
        "evidence_id": call.new_id("F"),
        "name": rules.clean_name(upload.name),
        "content_type": kind.content_type,
        "size": len(upload.data),
        "added_at": call.now,
    }
    kind_of = {"appeal": to, "window": None} if isinstance(to, Appeal) else {"appeal": None, "window": to}
    kept, _ = Evidence.objects.get_or_create(
        case_id=to.case_id, request=request, part=upload.part, sha256=digest_of(upload.data), defaults=fresh, **kind_of
    )
    return kept


def _store(sha256: str, data: bytes) -> None:
    """Write once under the digest: a whole file or none, whatever moment the power fails."""
    path = path_of(sha256)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """A rename is only as safe as the folder that holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
