"""What is said of files that somebody sent: every enumeration about them, once, as `terms` has the others."""

from enum import StrEnum


class FileTrouble(StrEnum):
    """Why a file is not taken as evidence. Packs have a sentence for each, `file_<value>` of their templates."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    CASE_FULL = "case_full"
    NOT_ALLOWED = "not_allowed"
    PROGRAM = "program"
    MARKUP = "markup"
    ARCHIVE = "archive"
    OLD_FORMAT = "old_format"
    DAMAGED = "damaged"
    TWO_IN_ONE = "two_in_one"
    LOCKED = "locked"
    ACTIVE = "active"
    MACROS = "macros"
    HOLDS_FILES = "holds_files"
    REMOTE = "remote"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    UNPACKS = "unpacks"
    NESTED = "nested"
    UNSAFE = "unsafe"
    HARMFUL = "harmful"


class ScanState(StrEnum):
    """What a virus scanner said of a file's bytes. TOO_LARGE: more than it takes; both it and WAITING are asked again."""

    WAITING = "waiting"
    CLEAN = "clean"
    FOUND = "found"
    TOO_LARGE = "too_large"


class FileNote(StrEnum):
    """What a reviewer should know of a file before trusting or opening it; none of it refuses the file."""

    PLACE = "place"
    EDITED = "edited"
    FORMULAS = "formulas"
    INVOICE_DATA = "invoice_data"
    CUT = "cut"
