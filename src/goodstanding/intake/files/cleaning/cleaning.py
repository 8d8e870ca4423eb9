"""One question for every kind of file: the same file without what its program wrote into it."""

from goodstanding.core.appeals.evidence import OFFICE, PDF, PICTURES, FileKind, Unfit, recognise
from goodstanding.intake.files.cleaning.office import clean_office
from goodstanding.intake.files.cleaning.pdf import clean_pdf
from goodstanding.intake.files.cleaning.pictures import clean_picture
from goodstanding.intake.files.cleaning.refusals import CannotClean

CLEANED = (PDF, *OFFICE)
"""Kinds of which others get a cleaned copy as a file. Pictures are drawn anew; text and tables say nothing of their maker."""

DEEPEST = 2
"""Files within files that are cleaned; a table in a letter is one."""


def clean(kind: FileKind, data: bytes, depth: int = 0) -> bytes:
    """The cleaned copy. Raises CannotClean, and whatever the libraries raise: call it where a crash does no harm."""
    if kind is PDF:
        return clean_pdf(data)
    if kind in OFFICE and depth <= DEEPEST:
        return clean_office(data, lambda name, inner: _clean_inner(name, inner, depth + 1))
    if kind in PICTURES and depth:
        return clean_picture(data)
    raise CannotClean("a file of a kind that is not cleaned")


def _clean_inner(name: str, data: bytes, depth: int) -> bytes:
    kind = recognise(name, data)
    if isinstance(kind, Unfit):
        raise CannotClean("holds a file of an unknown kind")
    return clean(kind, data, depth)
