"""Office files (DOCX, XLSX, ODT, ODS): archives of XML in which programs, other files and calls for remote contents can hide.

Nothing is unpacked before its size is known, and XML is read by expat alone, which is told to refuse every document type: no entity is ever expanded.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import IO
from xml.parsers import expat

from goodstanding.core.appeals.evidence import WITH_MACROS, FileKind, FileLimits, Unfit, damaged
from goodstanding.core.file_terms import FileTrouble

MOST_RATIO = 200
"""How much smaller a packed file may be than its contents. Sheets of equal rows come to a hundred; DEFLATE's own end is 1,032."""

SMALL = 2**20
"""Bytes below which a file within may be packed as it likes."""

LOOKED_AT_ONCE = 2**16

Begin = Callable[[str, Mapping[str, str]], None]
Say = Callable[[str], None]

_ACTIVE_ELEMENTS = frozenset({"ddeLink", "oleLink", "dde-link", "dde-source", "dde-connection-decl", "event-listener", "applet", "plugin"})
_MACRO_NAMES = re.compile(r"(^|/)(vbaproject\.bin|vbadata\.xml)$|^(basic|scripts)/|(^|/)activex/|(^|/)macrosheets/", re.IGNORECASE)
_FILES_WITHIN = re.compile(r"(^|/)embeddings/[^/]+$|^Object [^/]+$|(^|/)oleobject[^/]*\.bin$", re.IGNORECASE)
_MACRO_TYPES = ("macroEnabled", "vnd.ms-office.vbaProject", "vnd.ms-office.activeX")
_FIELD = re.compile(r"\bDDE(AUTO)?\b")
_FIELD_REMOTE = re.compile(r"\b(INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK)\b")
_FORMULA_COMMAND = re.compile(r"^[^\"]*?[A-Za-z0-9_.]+\|[^!]*!")
_FORMULA_REMOTE = re.compile(r"\b(WEBSERVICE|RTD|IMPORTDATA|IMPORTXML|CALL|REGISTER)\s*\(", re.IGNORECASE)
_REMOTE = re.compile(r"^\s*(https?|ftp|file|smb|mhtml):|^\s*(\\\\|//)", re.IGNORECASE)
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError, EOFError, OSError, KeyError, expat.ExpatError)


class _Refused(Exception):
    """Something in the XML for which the file is not taken."""

    def __init__(self, unfit: Unfit) -> None:
        self.unfit = unfit


ACTIVE = Unfit(FileTrouble.ACTIVE, "runs a command when it is opened")
REMOTE = Unfit(FileTrouble.REMOTE, "takes contents from elsewhere when it is opened")
BOMB = Unfit(FileTrouble.UNPACKS, "grows beyond measure when it is unpacked")


def look(kind: FileKind, data: bytes, limits: FileLimits) -> Unfit | None:
    """Why an Office file cannot be taken. Links that a person clicks may stay; what is fetched, run or expanded by itself may not."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if found := _weigh(archive, len(data), limits):
                return found
            names = [one.filename for one in archive.infolist()]
            if any(_MACRO_NAMES.search(name) for name in names):
                return WITH_MACROS
            for name in names:
                _look_at_part(archive, name)
    except _Refused as refused:
        return refused.unfit
    except BROKEN:
        return damaged(kind)
    return None


def embedded(data: bytes) -> list[tuple[str, bytes]]:
    """The files that are packed into an Office file as files: (name, bytes). Call it after `look`, which tells that they are of bearable size."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist() if _FILES_WITHIN.search(name)]


def read_xml(source: IO[bytes], begin: Begin, say: Say | None = None, end: Say | None = None) -> None:
    """Read XML piece by piece: `begin(name, attributes)` and `end(name)` for elements, `say(text)` for text, names without their prefixes.

    Raises ExpatError, and the refusal of a file that declares a document type.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def doctype(*_: object) -> None:
        raise _Refused(BOMB)

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda name, attributes: begin(local(name), {local(key): value for key, value in attributes.items()})
    if say:
        parser.CharacterDataHandler = say
    if end:
        parser.EndElementHandler = lambda name: end(local(name))
    while piece := source.read(LOOKED_AT_ONCE):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def local(name: str) -> str:
    """An element's name without the prefix that stands for its namespace."""
    return name.rpartition(":")[2]


def _weigh(archive: zipfile.ZipFile, size: int, limits: FileLimits) -> Unfit | None:
    entries = archive.infolist()
    if any(one.flag_bits & 0x1 for one in entries):
        return Unfit(FileTrouble.LOCKED, "locked with a password; save it without one")
    if len(entries) > limits.entries or sum(one.file_size for one in entries) > limits.unpacked:
        return BOMB
    # Files that share the same packed bytes are how a small archive becomes a bomb without a high ratio.
    if sum(one.compress_size for one in entries) > size:
        return BOMB
    dense = (one for one in entries if one.file_size > SMALL)
    return BOMB if any(one.file_size > MOST_RATIO * max(1, one.compress_size) for one in dense) else None


def _look_at_part(archive: zipfile.ZipFile, name: str) -> None:
    lower = name.lower()
    if not lower.endswith((".xml", ".rels", ".vml")):
        return
    with archive.open(name) as part:
        if name == "[Content_Types].xml":
            read_xml(part, _content_type)
        elif lower.endswith(".rels"):
            read_xml(part, _relation)
        else:
            _Contents().read(part)


def _content_type(_name: str, attributes: Mapping[str, str]) -> None:
    if any(word in attributes.get("ContentType", "") for word in _MACRO_TYPES):
        raise _Refused(WITH_MACROS)


def _relation(_name: str, attributes: Mapping[str, str]) -> None:
    """A relation to something outside is loaded by itself, unless it is a link that somebody clicks."""
    if attributes.get("TargetMode", "") == "External" and not attributes.get("Type", "").endswith("/hyperlink"):
        raise _Refused(REMOTE)


class _Contents:
    """The part with the text: fields, formulas and drawings that fetch or run something."""

    def __init__(self) -> None:
        self.within = ""
        self.said: list[str] = []

    def read(self, part: IO[bytes]) -> None:
        read_xml(part, self.begin, self.say, self.end)
        self.judge()

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _ACTIVE_ELEMENTS:
            raise _Refused(ACTIVE)
        if name in ("fldSimple", "instrText"):
            self.said.append(attributes.get("instr", ""))
        for formula in (attributes.get("formula", ""), attributes.get("formula1", "")):
            _check_formula(formula)
        # Of a link to click (`text:a`) nothing is loaded; of a picture, an object or a section it is.
        if name in ("image", "object", "object-ole", "section-source", "floating-frame") and _REMOTE.search(attributes.get("href", "")):
            raise _Refused(REMOTE)
        self.within = name

    def say(self, text: str) -> None:
        if self.within == "instrText":
            self.said.append(text)
        elif self.within in ("f", "formula", "definedName"):
            _check_formula(text)

    def end(self, name: str) -> None:
        self.within = ""
        # A field may be cut into many pieces of text; it is whole where its paragraph ends.
        if name == "p":
            self.judge()

    def judge(self) -> None:
        field = "".join(self.said)
        self.said.clear()
        if _FIELD.search(field):
            raise _Refused(ACTIVE)
        if _FIELD_REMOTE.search(field):
            raise _Refused(REMOTE)


def _check_formula(text: str) -> None:
    if "|" in text and _FORMULA_COMMAND.search(text):
        raise _Refused(ACTIVE)
    if "(" in text and _FORMULA_REMOTE.search(text):
        raise _Refused(REMOTE)
