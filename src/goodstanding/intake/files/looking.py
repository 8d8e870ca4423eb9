"""One question for every kind of file: is there anything inside for which it cannot be taken (requirement F5)."""

from collections.abc import Callable, Mapping

from goodstanding.core.appeals.evidence import EMAIL, OFFICE, PDF, PICTURES, FileKind, FileLimits, Unfit, recognise
from goodstanding.core.file_terms import FileTrouble
from goodstanding.intake.files import mails, office, pdf, pictures

LOOKED_INTO: Mapping[FileKind, Callable[[FileKind, bytes, FileLimits], Unfit | None]] = {
    PDF: pdf.look,
    EMAIL: mails.look,
    **dict.fromkeys(PICTURES, pictures.look),
    **dict.fromkeys(OFFICE, office.look),
}
"""Kinds with an inside. Text has none: its bytes are all there is."""


def look(kind: FileKind, data: bytes, limits: FileLimits) -> Unfit | None:
    """Why a file of a recognised kind cannot be taken for what it holds, or None where it can. Files within it are held to the same."""
    looks = LOOKED_INTO.get(kind)
    found = looks(kind, data, limits) if looks else None
    if found is not None:
        return found
    for name, inner in _inside(kind, data):
        what = recognise(name, inner)
        if _is_no_harm(what):
            continue
        if isinstance(what, Unfit) or look(what, inner, limits):
            return Unfit(FileTrouble.HOLDS_FILES, f"holds a file that is not taken ({name[:80]})")
    return None


def _inside(kind: FileKind, data: bytes) -> list[tuple[str, bytes]]:
    if kind is EMAIL:
        return mails.attached(data)
    return office.embedded(data) if kind in OFFICE else []


def _is_no_harm(what: FileKind | Unfit) -> bool:
    """Mails carry signatures, calendar entries and HTML of their own; what is no program and no container of others stays a part of the mail."""
    return isinstance(what, Unfit) and what.trouble in (FileTrouble.EMPTY, FileTrouble.NOT_ALLOWED, FileTrouble.MARKUP, FileTrouble.DAMAGED)
