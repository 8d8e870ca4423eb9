"""Evidence: files a holder attaches, taken by what they are, kept byte for byte under their digest (requirement F5).

The bytes reach the disk before the transaction that names them commits, so a crash leaves at most a file that nobody names and never
a row without its file.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from goodstanding.core.appeals import evidence as rules
from goodstanding.core.errors import NotFound, NotPermitted, RefusedFiles, UnusableInput
from goodstanding.core.file_terms import FileTrouble, ScanState
from goodstanding.core.terms import Role
from goodstanding.core.values import OUTSIDE, Actor
from goodstanding.server.services.call import Call
from goodstanding.server.services.gate import HARMFUL, unfit_for
from goodstanding.server.store.models import Appeal, Evidence, FileScan, InformationRequest, SolveWindow
from goodstanding.server.vault.stores import digest_of, store, whole

READERS = frozenset({Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.AUDITOR})
"""Who of the staff may open what holders attach."""

UNSENT = Q(appeal=None, window=None, erased_at=None)
"""Files that wait to be named by an appeal or an answer. Staff never see them."""

KEPT_UNSENT = timedelta(days=30)
"""How long a file waits for its appeal; ours."""

CASE_FULL = rules.Unfit(FileTrouble.CASE_FULL, "would make more files than one case may hold")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was sent. `name` and its suffix are the sender's word; `part` is the part of the answer that it proves."""

    name: str
    data: bytes
    part: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that was handed in before, by its id, and the part of the answer, or point of a part, that it proves."""

    evidence_id: str
    part: str = ""


def check_uploads(uploads: Sequence[Upload]) -> None:
    """Raise RefusedFiles, with a finding for every file that cannot be taken."""
    if refused := [rules.refuse(upload.name, unfit) for upload in uploads if (unfit := unfit_for(upload.name, upload.data))]:
        raise RefusedFiles(refused)


def store_bytes(uploads: Sequence[Upload]) -> None:
    """Put checked files on the disk, safe against a crash. Call it before a transaction, so that no lock waits for a disk."""
    check_uploads(uploads)
    for upload in uploads:
        store().put(digest_of(upload.data), upload.data)


def store_original(data: bytes) -> str:
    """Put bytes of whatever kind on the disk as `store_bytes` does, to be handed out as evidence never; gives their digest."""
    sha256 = digest_of(data)
    store().put(sha256, data)
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


def attach(*, call: Call, to: Appeal | SolveWindow, proofs: Sequence[Proof], request: InformationRequest | None = None) -> list[Evidence]:
    """Inside the transaction of what they are sent with: give unsent files of the locked case to an appeal or a plan. One that proves two things is there twice.

    Raises UnusableInput for a file that is not there, or was sent before; RefusedFiles for one in which the scanner has found something since.
    """
    # Locked, so that what is taken away for its age is not sent at the same moment.
    unsent = find_unsent(case_id=to.case_id, proofs=proofs, is_locked=True)
    if harmful := [one for one in unsent.values() if is_harmful(one)]:
        raise RefusedFiles([rules.refuse(one.name, HARMFUL) for one in harmful])
    kept = []
    for proof in dict.fromkeys(proofs):
        row = unsent[proof.evidence_id]
        is_named_twice = row.appeal_id is not None or row.window_id is not None
        if is_named_twice:
            row = copy(row)
            row.pk = call.new_id("F")
        row.appeal, row.window = (to, None) if isinstance(to, Appeal) else (None, to)
        row.request, row.part = request, proof.part
        if is_named_twice:
            row.save(force_insert=True)
        else:
            row.save(update_fields=["appeal", "window", "request", "part"])
        kept.append(row)
    return kept


def find_unsent(*, case_id: str, proofs: Sequence[Proof], is_locked: bool = False) -> dict[str, Evidence]:
    """The named files by their ids. Raises UnusableInput for one that is not there, or was sent before."""
    ids = {one.evidence_id for one in proofs}
    if not ids:
        return {}
    rows = unsent_files(case_id=case_id).filter(pk__in=ids)
    found = {row.pk: row for row in (rows.select_for_update(of=("self",), no_key=True) if is_locked else rows)}
    if missing := sorted(ids - found.keys()):
        raise UnusableInput(f"this case has no unsent file {missing[0]}; hand it in first, and name each in one appeal or answer only")
    return found


def unsent_files(*, case_id: str) -> QuerySet[Evidence]:
    """The files of a case that were handed in and not sent with anything yet, oldest first."""
    return Evidence.objects.filter(UNSENT, case=case_id).select_related("scan").order_by("added_at", "evidence_id")


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


def evidence_row(*, actor: Actor, evidence_id: str) -> Evidence:
    """What is kept about a file for somebody who may know of it: the holder of its account and delegates, reviewers and auditors.

    Raises NotFound where there is none, also for another account's holder, and once it was erased; NotPermitted for staff who do not read evidence.
    """
    found = Evidence.objects.select_related("case", "scan").filter(pk=evidence_id).first()
    is_unsent = found is not None and found.appeal_id is None and found.window_id is None
    if found is None or not actor.reaches(found.case.account_id) or (is_unsent and not actor.is_outside):
        raise NotFound(f"there is no file {evidence_id}")
    if not actor.is_outside and actor.role not in READERS:
        raise NotPermitted("opening what a holder attached", sorted(READERS))
    if found.erased_at is not None:
        raise NotFound(f"the file {evidence_id} was erased on {found.erased_at:%Y-%m-%d}, when the time to keep it was over")
    return found


def evidence_bytes(*, actor: Actor, evidence_id: str) -> tuple[Evidence, bytes]:
    """A file for somebody who may see it. While a scanner is set, staff get what it has found clean; what it found harmful nobody gets.

    Hand it out only as an attachment, under `core.appeals.evidence.download_name`, with its `content_type` and `nosniff`. Raises as
    `evidence_row`, and NotFound where the scanner keeps it closed or the stored bytes are no longer those that were sent.
    """
    found = evidence_row(actor=actor, evidence_id=evidence_id)
    if why := closed_because(found, actor.role):
        raise NotFound(f"the file {evidence_id} {why}")
    data = whole(found.sha256)
    if data is None:
        raise NotFound(f"the file {evidence_id} is missing or damaged where evidence is stored; bring it back from a backup")
    return found, data


def closed_because(evidence: Evidence, role: Role) -> str:
    """Why a file cannot be opened by somebody of a role for what the scanner said, or did not say yet; empty where it can."""
    if is_harmful(evidence):
        return "holds something harmful and is opened by nobody"
    if role in OUTSIDE or not settings.SCANNER or (evidence.scan and evidence.scan.state == ScanState.CLEAN):
        return ""
    return "is not scanned yet; it opens when the virus scanner has found it clean"


def is_harmful(evidence: Evidence) -> bool:
    """Whether the scanner found something in it."""
    return evidence.scan is not None and evidence.scan.state == ScanState.FOUND


def _scan_of(call: Call, sha256: str) -> FileScan | None:
    """What a scanner says or will say of bytes; None where none is set and none was asked before."""
    if not settings.SCANNER:
        return FileScan.objects.filter(pk=sha256).first()
    scan, _ = FileScan.objects.get_or_create(sha256=sha256, defaults={"state": ScanState.WAITING, "next_at": call.now})
    if scan.state == ScanState.WAITING and scan.next_at is None:
        FileScan.objects.filter(pk=sha256).update(next_at=call.now)
    return scan


def _keep(call: Call, to: Appeal | SolveWindow, upload: Upload, request: InformationRequest | None) -> Evidence:
    kind_of = {"appeal": to, "window": None} if isinstance(to, Appeal) else {"appeal": None, "window": to}
    kept, _ = Evidence.objects.get_or_create(
        case_id=to.case_id, request=request, part=upload.part, sha256=digest_of(upload.data), defaults=fresh_row(call=call, upload=upload), **kind_of
    )
    return kept


def fresh_row(*, call: Call, upload: Upload) -> dict[str, Any]:
    """What is written of a file that was checked, but for the case and what it goes with."""
    kind = rules.recognise(upload.name, upload.data)
    assert isinstance(kind, rules.FileKind), "checked before"
    return {
        "evidence_id": call.new_id("F"),
        "name": rules.clean_name(upload.name),
        "content_type": kind.content_type,
        "size": len(upload.data),
        "added_at": call.now,
        "added_by": call.actor.id,
        "scan": _scan_of(call, digest_of(upload.data)),
    }
