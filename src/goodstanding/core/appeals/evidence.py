"""What a file really is, told by its bytes and never by its name or what the sender called it (requirement F5).

Only kinds on the allow-list are recognised. Everything else is refused with a clear word for what it looks like.
"""

import io
import re
import struct
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from goodstanding.core.appeals import file_shapes as shapes
from goodstanding.core.errors import Finding
from goodstanding.core.file_terms import FileTrouble
from goodstanding.core.terms import FindingSeverity


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that may be evidence. `suffixes`: what its names end in, the usual one first."""

    content_type: str
    suffixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why bytes are no evidence: the code that packs have a sentence for, and in English what they look like."""

    trouble: FileTrouble
    says: str

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not taken, by its name, and why. `most`: the limit that the sentence about it names, if it names one."""

    name: str
    trouble: FileTrouble
    most: str = ""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What one file may ask of the machines and people that look at it.

    `size`: bytes. `pages` of a PDF. `pixels` of a picture, width times height. `entries`, `unpacked`: files in an Office file and their
    bytes once unpacked. `nested`: mails within a mail.
    """

    size: int = 10 * 2**20
    pages: int = 200
    pixels: int = 64_000_000
    entries: int = 2_000
    unpacked: int = 100 * 2**20
    nested: int = 5


PDF = FileKind("application/pdf", (".pdf",))
PNG = FileKind("image/png", (".png",))
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg", ".jfif"))
GIF = FileKind("image/gif", (".gif",))
WEBP = FileKind("image/webp", (".webp",))
HEIC = FileKind("image/heic", (".heic", ".heif"))
TEXT = FileKind("text/plain", (".txt", ".text", ".log", ".md"))
CSV = FileKind("text/csv", (".csv",))
EMAIL = FileKind("message/rfc822", (".eml",))
DOCX = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
XLSX = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
ODT = FileKind("application/vnd.oasis.opendocument.text", (".odt",))
ODS = FileKind("application/vnd.oasis.opendocument.spreadsheet", (".ods",))

PICTURES = (PNG, JPEG, GIF, WEBP, HEIC)
OFFICE = (DOCX, XLSX, ODT, ODS)
KINDS = (PDF, *PICTURES, TEXT, CSV, EMAIL, *OFFICE)
"""The allow-list."""

ALLOWED = "PDF, PNG, JPG, GIF, WEBP, HEIC, TXT, CSV, EML, DOCX, XLSX, ODT, ODS"
"""The allow-list for people."""

LONGEST_NAME = 200
"""Characters of a file's name that are kept."""

_SIGNATURES = {PDF: b"%PDF-", PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff", GIF: b"GIF8", WEBP: b"RIFF"}
_A_PROGRAM, _AN_ARCHIVE = Unfit(FileTrouble.PROGRAM, "a program"), Unfit(FileTrouble.ARCHIVE, "an archive; attach its files one by one")
_REFUSED_STARTS = (
    (b"MZ", Unfit(FileTrouble.PROGRAM, "a Windows program")),
    (b"\x7fELF", _A_PROGRAM),
    (b"\xca\xfe\xba\xbe", _A_PROGRAM),
    (b"\xcf\xfa\xed\xfe", _A_PROGRAM),
    (b"#!", Unfit(FileTrouble.PROGRAM, "a script")),
    (b"L\0\0\0\x01\x14\x02\0", Unfit(FileTrouble.PROGRAM, "a Windows shortcut")),
    (b"{\\rtf", Unfit(FileTrouble.OLD_FORMAT, "a rich text document; save it as PDF or DOCX")),
    (b"%!PS", Unfit(FileTrouble.OLD_FORMAT, "a PostScript program; save it as PDF")),
    (
        b"\xd0\xcf\x11\xe0",
        Unfit(FileTrouble.OLD_FORMAT, "an old Office document, or one with a password; save it as PDF, DOCX or XLSX without a password"),
    ),
    (b"Rar!", _AN_ARCHIVE),
    (b"7z\xbc\xaf", _AN_ARCHIVE),
    (b"\x1f\x8b", _AN_ARCHIVE),
)
_MARKUP = (
    (re.compile(rb"<svg[\s>]"), Unfit(FileTrouble.MARKUP, "an SVG drawing, which can hold programs; attach a PNG or PDF instead")),
    (
        re.compile(rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>]|script[\s>]|iframe[\s>])"),
        Unfit(FileTrouble.MARKUP, "a web page; print it to PDF instead"),
    ),
    (re.compile(rb"^\s*<\?xml"), Unfit(FileTrouble.MARKUP, "an XML document; attach a PDF instead")),
)
_FOREIGN = re.compile(rb"<(?:!doctype\s+html|html[\s>]|script[\s>]|body[\s>]|iframe[\s>]|svg[\s>]|\?php)", re.IGNORECASE)
_ARCHIVE_END = b"PK\x05\x06"
_FARTHEST_ARCHIVE_END = 22 + 2**16
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_HEADER = re.compile(rb"^(from|to|subject|date|received|message-id|mime-version|return-path|delivered-to):", re.IGNORECASE | re.MULTILINE)
_HEADERS_OF_A_MAIL = 3
_WHERE_BROWSERS_LOOK = 2048
"""A browser that guesses a type reads no further; markup deeper in a list of products is just text."""


def recognise(name: str, data: bytes) -> FileKind | Unfit:
    """The kind of a file, or what is wrong with it where it is none of the allowed ones.

    The name only tells a CSV from other text: no other byte does.
    """
    if not data:
        return Unfit(FileTrouble.EMPTY, "empty")
    for start, what in _REFUSED_STARTS:
        if data.startswith(start):
            return what
    if data.startswith(b"PK"):
        return _office_kind(data)
    kind = _binary_kind(data)
    if kind is None:
        return _text_kind(name, data)
    return kind if isinstance(kind, Unfit) else _not_two(kind, data)


def refusal(name: str, data: bytes, most_bytes: int) -> Finding | None:
    """Why a file cannot be taken as far as its first look tells, or None where it can."""
    if len(data) > most_bytes:
        return refuse(name, too_large(len(data), most_bytes))
    found = recognise(name, data)
    return None if isinstance(found, FileKind) else refuse(name, found)


def too_large(size: int, most_bytes: int) -> Unfit:
    """What to say of a file over the limit."""
    return Unfit(FileTrouble.TOO_LARGE, f"has {size / 2**20:.1f} MB; at most {most_bytes / 2**20:.0f} MB are taken")


def refuse(name: str, unfit: Unfit) -> Finding:
    """The refusal of one file, by its name."""
    whole_sentence = unfit.trouble in _SENTENCES
    hint = _HINTS.get(unfit.trouble, f"allowed are {ALLOWED}")
    return Finding(unfit.trouble, FindingSeverity.ERROR, unfit.says if whole_sentence else f"is {unfit.says}", hint, f"'{clean_name(name)}'")


_SENTENCES = frozenset(
    {
        FileTrouble.TOO_LARGE,
        FileTrouble.CASE_FULL,
        FileTrouble.TWO_IN_ONE,
        FileTrouble.ACTIVE,
        FileTrouble.HOLDS_FILES,
        FileTrouble.REMOTE,
        FileTrouble.TOO_MANY_PAGES,
        FileTrouble.TOO_MANY_PIXELS,
        FileTrouble.UNPACKS,
        FileTrouble.NESTED,
        FileTrouble.UNSAFE,
    }
)
"""Troubles whose words say more than what the file is."""

_HINTS = {
    FileTrouble.TOO_LARGE: "make it smaller or split it",
    FileTrouble.CASE_FULL: "send what proves most",
    FileTrouble.LOCKED: "save it without a password",
    FileTrouble.ACTIVE: "print it to a new PDF",
    FileTrouble.HOLDS_FILES: "attach that file on its own",
    FileTrouble.REMOTE: "save it as PDF",
    FileTrouble.TOO_MANY_PAGES: "send the pages that prove it",
    FileTrouble.TOO_MANY_PIXELS: "make the picture smaller",
    FileTrouble.UNSAFE: "print it to a new PDF",
}


def clean_name(name: str) -> str:
    """A file's name without folders, control signs and signs that turn the reading direction, cut to LONGEST_NAME."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip()
    stem, dot, suffix = shown.rpartition(".")
    if not dot or len(suffix) > 10:
        return shown[:LONGEST_NAME] or "file"
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"


def download_name(name: str, content_type: str) -> str:
    """The name under which a file is handed out: its suffix is one of its real kind, so `invoice.pdf` that is a PNG ends in `.png`."""
    kind = next((kind for kind in KINDS if kind.content_type == content_type), None)
    if kind is None or PurePosixPath(name).suffix.lower() in kind.suffixes:
        return name
    return name + kind.suffixes[0]


def damaged(kind: FileKind) -> Unfit:
    """What to say of a file that begins as its kind does and does not go on so."""
    return Unfit(FileTrouble.DAMAGED, f"a damaged or incomplete {kind.suffixes[0][1:].upper()}; export it again")


def _binary_kind(data: bytes) -> FileKind | Unfit | None:
    for kind, is_whole in ((PDF, shapes.is_pdf), (PNG, shapes.is_png), (JPEG, shapes.is_jpeg), (GIF, shapes.is_gif), (WEBP, shapes.is_webp)):
        if data.startswith(_SIGNATURES[kind]):
            return kind if is_whole(data) else damaged(kind)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return HEIC if shapes.is_heic(data) else damaged(HEIC)
    return None


def _not_two(kind: FileKind, data: bytes) -> FileKind | Unfit:
    """A page at the start or the end, or an archive at the end, that another program would open instead. Cameras may append what they like otherwise."""
    edges = data[:_WHERE_BROWSERS_LOOK] + data[-_WHERE_BROWSERS_LOOK:]
    if _FOREIGN.search(edges) or _ends_as_archive(data):
        return Unfit(FileTrouble.TWO_IN_ONE, f"is a {kind.suffixes[0][1:].upper()} and something else in one; export it again")
    return kind


def _ends_as_archive(data: bytes) -> bool:
    if _ARCHIVE_END not in data[-_FARTHEST_ARCHIVE_END:]:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return bool(archive.namelist())
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError, OSError):
        return False


def _office_kind(data: bytes) -> FileKind | Unfit:
    """Looks only at the names inside: nothing is unpacked, so nothing can blow up."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError, OSError):
        return Unfit(FileTrouble.DAMAGED, "a damaged archive; attach its files one by one")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return WITH_MACROS
    for kind, member in ((DOCX, "word/document.xml"), (XLSX, "xl/workbook.xml")):
        if {"[Content_Types].xml", member} <= names:
            return kind
    # An OpenDocument file says what it is in its first entry, unpacked, so that nobody has to unpack anything.
    for kind in (ODT, ODS):
        if "content.xml" in names and data[30:200].startswith(b"mimetype" + kind.content_type.encode() + b"PK"):
            return kind
    return _AN_ARCHIVE


WITH_MACROS = Unfit(FileTrouble.MACROS, "an Office document with macros; save it without them")
"""What to say of an Office file that holds programs."""


def _text_kind(name: str, data: bytes) -> FileKind | Unfit:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", errors="replace").encode()
    elif not _is_readable(data):
        return Unfit(FileTrouble.NOT_ALLOWED, "of a kind that is not known here")
    if _is_mail(data):
        return EMAIL
    start = data[:_WHERE_BROWSERS_LOOK].lower()
    for pattern, what in _MARKUP:
        if pattern.search(start):
            return what
    return CSV if clean_name(name).lower().endswith(CSV.suffixes) else TEXT


def _is_readable(data: bytes) -> bool:
    """Text has no control signs and fits one of the encodings in which holders' programs write."""
    return not _CONTROL.search(data) and any(_decodes(data, encoding) for encoding in ("utf-8", "gb18030", "big5", "cp1252"))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_mail(data: bytes) -> bool:
    """A block of mail headers before the first empty line. What follows may hold HTML, as mails do."""
    head = re.split(rb"\r?\n\r?\n", data.lstrip(), maxsplit=1)[0]
    starts_as_header = re.match(rb"[A-Za-z][A-Za-z0-9-]*:", head) is not None
    return starts_as_header and len({found.lower() for found in _header_names(head)}) >= _HEADERS_OF_A_MAIL


def _header_names(head: bytes) -> Iterator[bytes]:
    return (match.group(1) for match in _HEADER.finditer(head))
