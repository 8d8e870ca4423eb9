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

from goodstanding.core.errors import Finding
from goodstanding.core.terms import FindingSeverity


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that may be evidence. `suffixes`: what its names end in, the usual one first."""

    content_type: str
    suffixes: tuple[str, ...]


PDF = FileKind("application/pdf", (".pdf",))
PNG = FileKind("image/png", (".png",))
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg", ".jfif"))
GIF = FileKind("image/gif", (".gif",))
WEBP = FileKind("image/webp", (".webp",))
TEXT = FileKind("text/plain", (".txt", ".text", ".log", ".md"))
CSV = FileKind("text/csv", (".csv",))
EMAIL = FileKind("message/rfc822", (".eml",))
DOCX = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
XLSX = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))

KINDS = (PDF, PNG, JPEG, GIF, WEBP, TEXT, CSV, EMAIL, DOCX, XLSX)
"""The allow-list."""

ALLOWED = "PDF, PNG, JPG, GIF, WEBP, TXT, CSV, EML, DOCX, XLSX"
"""The allow-list for people."""

LONGEST_NAME = 200
"""Characters of a file's name that are kept."""

_SIGNATURES = {PDF: b"%PDF-", PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff", GIF: b"GIF8", WEBP: b"RIFF"}
_REFUSED_STARTS = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"#!", "a script"),
    (b"{\\rtf", "a rich text document; save it as PDF or DOCX"),
    (b"%!PS", "a PostScript program; save it as PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as PDF, DOCX or XLSX"),
    (b"Rar!", "an archive; attach its files one by one"),
    (b"7z\xbc\xaf", "an archive; attach its files one by one"),
    (b"\x1f\x8b", "an archive; attach its files one by one"),
)
_MARKUP = (
    (re.compile(rb"<svg[\s>]"), "an SVG drawing, which can hold programs; attach a PNG or PDF instead"),
    (re.compile(rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>]|script[\s>]|iframe[\s>])"), "a web page; print it to PDF instead"),
    (re.compile(rb"^\s*<\?xml"), "an XML document; attach a PDF instead"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_HEADER = re.compile(rb"^(from|to|subject|date|received|message-id|mime-version|return-path|delivered-to):", re.IGNORECASE | re.MULTILINE)
_HEADERS_OF_A_MAIL = 3
_WHERE_BROWSERS_LOOK = 2048
"""A browser that guesses a type reads no further; markup deeper in a list of products is just text."""


def recognise(name: str, data: bytes) -> FileKind | str:
    """The kind of a file, or in words what is wrong with it where it is none of the allowed ones.

    The name only tells a CSV from other text: no other byte does.
    """
    if not data:
        return "empty"
    for start, what in _REFUSED_STARTS:
        if data.startswith(start):
            return what
    for kind, is_whole in ((PDF, _is_pdf), (PNG, _is_png), (JPEG, _is_jpeg), (GIF, _is_gif), (WEBP, _is_webp)):
        if data.startswith(_SIGNATURES[kind]):
            return kind if is_whole(data) else f"a damaged or incomplete {kind.suffixes[0][1:].upper()}; export it again"
    if data.startswith(b"PK"):
        return _office_kind(data)
    return _text_kind(name, data)


def refusal(name: str, data: bytes, most_bytes: int) -> Finding | None:
    """Why a file cannot be taken, or None where it can."""
    shown = clean_name(name)
    if len(data) > most_bytes:
        size, most = len(data) / 2**20, most_bytes / 2**20
        return _refuse("file-too-large", shown, f"has {size:.1f} MB; at most {most:.0f} MB are taken", "make it smaller or split it")
    found = recognise(name, data)
    if isinstance(found, FileKind):
        return None
    return _refuse("file-not-allowed", shown, f"is {found}", f"allowed are {ALLOWED}")


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


def _is_pdf(data: bytes) -> bool:
    return b"%%EOF" in data[-2048:]


def _is_png(data: bytes) -> bool:
    """Chunks one after the other, from IHDR to IEND."""
    at, first = 8, True
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if first and kind != b"IHDR":
            return False
        if kind == b"IEND":
            return True
        at, first = at + 12 + length, False
    return False


def _is_jpeg(data: bytes) -> bool:
    """Segments up to the start of the picture, and an end mark after it."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:
            return b"\xff\xd9" in data[at:]
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def _is_gif(data: bytes) -> bool:
    """Blocks from the screen descriptor to the trailer, with at least one picture."""
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 14:
        return False
    at, pictures = 13 + _colours(data[10]), 0
    while at < len(data):
        match data[at]:
            case 0x3B:
                return pictures > 0
            case 0x21:
                at = _after_blocks(data, at + 2)
            case 0x2C if at + 10 < len(data):
                pictures += 1
                at = _after_blocks(data, at + 11 + _colours(data[at + 9]))
            case _:
                return False
    return False


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1


def _is_webp(data: bytes) -> bool:
    return data[8:12] == b"WEBP" and int.from_bytes(data[4:8], "little") + 8 <= len(data)


def _office_kind(data: bytes) -> FileKind | str:
    """Looks only at the names inside: nothing is unpacked, so nothing can blow up."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError, OSError):
        return "a damaged archive; attach its files one by one"
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return "an Office document with macros; save it without them"
    for kind, member in ((DOCX, "word/document.xml"), (XLSX, "xl/workbook.xml")):
        if {"[Content_Types].xml", member} <= names:
            return kind
    return "an archive; attach its files one by one"


def _text_kind(name: str, data: bytes) -> FileKind | str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", errors="replace").encode()
    elif not _is_readable(data):
        return "of a kind that is not known here"
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


def _refuse(code: str, name: str, message: str, hint: str) -> Finding:
    return Finding(code, FindingSeverity.ERROR, message, hint, f"'{name}'")
