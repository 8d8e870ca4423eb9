"""The gate for files, the same for forms, mails and programs: what a file is by its bytes, within our limits, with nothing harmful inside (requirement F5)."""

from django.conf import settings

from goodstanding.core.appeals.evidence import FileLimits, RefusedFile, Unfit, clean_name, recognise, too_large
from goodstanding.core.file_terms import FileTrouble, ScanState
from goodstanding.server.store.models import FileScan
from goodstanding.server.vault import sandbox
from goodstanding.server.vault.stores import digest_of

HARMFUL = Unfit(FileTrouble.HARMFUL, "known to the virus scanner as harmful")
"""What to say of bytes in which the scanner has found something before."""


def limits() -> FileLimits:
    """What a file may ask of us, by the settings."""
    return FileLimits(
        size=settings.EVIDENCE_MAX_BYTES,
        pages=settings.EVIDENCE_MAX_PAGES,
        pixels=settings.EVIDENCE_MAX_PIXELS,
        entries=settings.EVIDENCE_MAX_ENTRIES,
        unpacked=settings.EVIDENCE_MAX_UNPACKED_BYTES,
        nested=settings.EVIDENCE_MAX_NESTED_MAILS,
    )


def unfit_for(name: str, data: bytes) -> Unfit | None:
    """Why a file cannot be evidence, or None where it can. Takes up to half a minute for a hostile one: never call it while a lock is held."""
    most = limits()
    if len(data) > most.size:
        return too_large(len(data), most.size)
    kind, sha256 = recognise(name, data), digest_of(data)
    if isinstance(kind, Unfit):
        return kind
    if FileScan.objects.filter(pk=sha256, state=ScanState.FOUND).exists():
        return HARMFUL
    return sandbox.look(kind, data, sha256, most)


def refused(name: str, trouble: FileTrouble) -> RefusedFile:
    """A file that is not taken, with the limit that the sentence about it names: megabytes, pages, million pixels or mails."""
    bounds = {
        FileTrouble.TOO_LARGE: settings.EVIDENCE_MAX_BYTES // 2**20,
        FileTrouble.CASE_FULL: settings.EVIDENCE_MAX_CASE_BYTES // 2**20,
        FileTrouble.TOO_MANY_PAGES: settings.EVIDENCE_MAX_PAGES,
        FileTrouble.TOO_MANY_PIXELS: settings.EVIDENCE_MAX_PIXELS // 1_000_000,
        FileTrouble.NESTED: settings.EVIDENCE_MAX_NESTED_MAILS,
    }
    return RefusedFile(clean_name(name), trouble, str(bounds.get(trouble, "")))
