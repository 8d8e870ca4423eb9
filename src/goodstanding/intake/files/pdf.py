"""PDFs: what in them would run, start or hide something when a reviewer's program opens them."""

import io
from collections.abc import Iterator

import pikepdf

from goodstanding.core.appeals.evidence import FileKind, FileLimits, Unfit, damaged
from goodstanding.core.file_terms import FileTrouble

RUNS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition"})
"""Kinds of actions that do more than go to a page or a web address (ISO 32000-2, 12.6.4)."""

PLAYS = frozenset({"/RichMedia", "/3D", "/Movie", "/Screen", "/Sound"})
"""Annotations with contents of their own that a program plays."""

DEEPEST = 40
"""Levels of arrays and dictionaries within one object; generators write fewer than ten."""


def look(kind: FileKind, data: bytes, limits: FileLimits) -> Unfit | None:
    """Why a PDF cannot be taken. Every object is looked at, also those that no page refers to any more.

    One that opens without a password is taken whatever its rights say: banks and tax offices send such. Invoice data in XML beside the page
    (ZUGFeRD, Factur-X) may stay, since law asks for it; any other file within is one that nobody would see.
    """
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            pages = len(document.pages)
            if pages > limits.pages:
                return Unfit(FileTrouble.TOO_MANY_PAGES, f"has {pages} pages; at most {limits.pages} are taken")
            return damaged(kind) if not pages else next(_troubles(document), None)
    except pikepdf.PasswordError:
        return Unfit(FileTrouble.LOCKED, "locked with a password; save it without one")
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, RuntimeError):
        return damaged(kind)


def invoice_data(document: pikepdf.Pdf) -> bool:
    """Whether it brings its contents for machines, as electronic invoices do."""
    return any(_is_attached_file(one) for one in document.objects)


def _troubles(document: pikepdf.Pdf) -> Iterator[Unfit]:
    for one in document.objects:
        yield from _within(one, 0)


def _within(one: pikepdf.Object, depth: int) -> Iterator[Unfit]:
    if depth > DEEPEST:
        yield Unfit(FileTrouble.DAMAGED, "nested deeper than any PDF program writes; print it to a new PDF")
    elif isinstance(one, pikepdf.Array):
        for inner in _direct(list(one)):
            yield from _within(inner, depth + 1)
    elif isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
        yield from _of_dictionary(one)
        for inner in _direct([one.get(key) for key in one.keys()]):  # noqa: SIM118 - a stream's own iterator is not its keys
            yield from _within(inner, depth + 1)


def _direct(found: list[object]) -> list[pikepdf.Object]:
    """Values that are written here. Those that are referred to come by themselves, so that a circle is walked once."""
    return [one for one in found if isinstance(one, pikepdf.Object) and not one.is_indirect]


def _of_dictionary(one: pikepdf.Object) -> Iterator[Unfit]:
    if str(one.get("/S", "")) in RUNS or "/JS" in one or "/XFA" in one:
        yield Unfit(FileTrouble.ACTIVE, "holds a program or starts one when it is opened")
    if str(one.get("/Subtype", "")) in PLAYS:
        yield Unfit(FileTrouble.ACTIVE, "holds film, sound or a model that a program plays")
    if _is_attached_file(one) and not _is_xml(one):
        yield Unfit(FileTrouble.HOLDS_FILES, "holds another file")


def _is_attached_file(one: pikepdf.Object) -> bool:
    return isinstance(one, pikepdf.Dictionary) and isinstance(one.get("/EF"), pikepdf.Dictionary)


def _is_xml(one: pikepdf.Object) -> bool:
    streams = [one.EF.get(key) for key in one.EF.keys()]  # noqa: SIM118 - as above
    return all(isinstance(stream, pikepdf.Stream) and _begins_as_xml(stream.read_bytes()) for stream in streams)


def _begins_as_xml(content: bytes) -> bool:
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"<?xml") and b"<!DOCTYPE" not in content[:2000]
