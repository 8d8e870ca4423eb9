"""What a person looks at instead of opening a file: pages as pictures, its text, and what it says of itself. No script runs and nothing is fetched."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

import pikepdf
import pypdfium2

from goodstanding.core.appeals.evidence import CSV, DOCX, EMAIL, ODT, OFFICE, PDF, PICTURES, XLSX, FileKind
from goodstanding.core.file_terms import FileNote
from goodstanding.intake.charsets import decode
from goodstanding.intake.files import pictures
from goodstanding.intake.files.office import read_xml
from goodstanding.intake.files.pdf import invoice_data
from goodstanding.intake.mail import read_mail

LONGEST_TEXT = 100_000
"""Characters of a file's text that are shown."""

MOST_PAGES = 50
"""Pages of a PDF that are shown as pictures; the text goes on to its end."""

PAGE_WIDTH = 1100
"""Pixels across a page: small print can be read on it."""

_EDITORS = (
    "photoshop",
    "gimp",
    "snapseed",
    "lightroom",
    "canva",
    "picsart",
    "meitu",
    "美图",
    "pixelmator",
    "affinity",
    "facetune",
    "ilovepdf",
    "sejda",
    "smallpdf",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_PDF_FACTS = {"Title": "title", "Author": "author", "Creator": "software", "Producer": "producer", "CreationDate": "made", "ModDate": "changed"}


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as it is shown. `pages`: how many pictures there are; `facts`: (fact, value); `files`: names within it."""

    pages: int = 0
    facts: tuple[tuple[str, str], ...] = ()
    text: str = ""
    notes: tuple[FileNote, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class _Gathered:
    """Text up to as much as is shown."""

    text: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str) -> None:
        """Take a piece, unless there is enough."""
        if self.length <= LONGEST_TEXT:
            self.text.append(text)
            self.length += len(text)


def preview(kind: FileKind, data: bytes) -> Preview:
    """A file as it is shown. Raises whatever the libraries raise where they cannot read it: call it where a crash does no harm."""
    if kind in PICTURES:
        return _of_picture(kind, data)
    if kind is PDF:
        return _of_pdf(data)
    if kind is EMAIL:
        return _of_mail(data)
    if kind in OFFICE:
        return _shortened(_office_text(kind, data))
    text = decode(data)[0]
    return _shortened(text, (FileNote.FORMULAS,) if kind is CSV and _has_formulas(text) else ())


def page(kind: FileKind, data: bytes, number: int) -> tuple[str, bytes]:
    """One page (from 1 on) as a picture: its type and bytes. Raises IndexError where there is no such page, else as `preview`."""
    if kind in PICTURES and number == 1:
        return pictures.shown(kind, data)
    if kind is not PDF or not 1 <= number <= MOST_PAGES:
        raise IndexError(f"there is no page {number}")
    with pypdfium2.PdfDocument(data) as document:
        one = document[number - 1]
        width, height = one.get_size()
        drawn = one.render(scale=PAGE_WIDTH / max(width, height / 2, 1), may_draw_forms=False).to_pil()
    out = io.BytesIO()
    drawn.convert("RGB").save(out, "PNG", optimize=False, compress_level=6)
    return "image/png", out.getvalue()


def _of_picture(kind: FileKind, data: bytes) -> Preview:
    if not pictures.can_open(kind):
        return Preview()
    facts = tuple((name, value) for name, value in pictures.told(kind, data) if value)
    return Preview(pages=1, facts=facts, notes=tuple(_noted(dict(facts))))


def _noted(facts: Mapping[str, str]) -> Iterator[FileNote]:
    if "place" in facts:
        yield FileNote.PLACE
    if any(editor in facts.get(name, "").lower() for name in ("software", "producer") for editor in _EDITORS):
        yield FileNote.EDITED


def _of_pdf(data: bytes) -> Preview:
    gathered = _Gathered()
    with pypdfium2.PdfDocument(data) as document:
        count = len(document)
        said = document.get_metadata_dict(skip_empty=True)
        for number in range(count):
            if gathered.length > LONGEST_TEXT:
                break
            gathered.add(document[number].get_textpage().get_text_bounded().replace("\r\n", "\n") + "\n\n")
    facts = {"pages": str(count)} | {_PDF_FACTS[name]: _plain(value) for name, value in said.items() if name in _PDF_FACTS}
    with pikepdf.open(io.BytesIO(data)) as parsed:
        invoice = (FileNote.INVOICE_DATA,) if invoice_data(parsed) else ()
    shown = _shortened("".join(gathered.text).strip())
    return Preview(min(count, MOST_PAGES), tuple(facts.items()), shown.text, (*_noted(facts), *invoice, *shown.notes))


def _of_mail(data: bytes) -> Preview:
    mail = read_mail(data)
    named = {"from": mail.sender, "to": ", ".join(mail.to), "sent": mail.date, "subject": mail.subject}
    text = mail.text + (f"\n\n> {mail.quoted}" if mail.quoted else "")
    facts = tuple((name, _plain(value)) for name, value in named.items() if value)
    shown = _shortened(text)
    return Preview(facts=facts, text=shown.text, notes=shown.notes, files=tuple(_plain(one.name) for one in mail.attachments))


def _shortened(text: str, notes: tuple[FileNote, ...] = ()) -> Preview:
    clean = text.replace("\0", "")
    return Preview(text=clean[:LONGEST_TEXT], notes=(*notes, FileNote.CUT) if len(clean) > LONGEST_TEXT else notes)


def _plain(value: str) -> str:
    return "".join(sign for sign in value if sign.isprintable()).strip()[:300]


def _has_formulas(text: str) -> bool:
    """Whether a spreadsheet program would run a cell instead of showing it. A number with its sign is a number."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return any(cell.startswith(_FORMULA_STARTS) and not _is_number(cell) for row in rows for cell in row)
    except csv.Error:
        return True


def _is_number(cell: str) -> bool:
    return cell.lstrip("+-").replace(".", "").replace(",", "").replace(" ", "").rstrip("%").isdigit() or cell.strip() in ("-", "+")


def _office_text(kind: FileKind, data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if kind is XLSX:
            return _sheets(archive)
        names = {DOCX: "word/document.xml"}
        with archive.open(names.get(kind, "content.xml")) as part:
            return _flowing(part, cells=kind is not ODT)


def _flowing(part: IO[bytes], *, cells: bool) -> str:
    """The text of a document: a line for each paragraph, a tab between the cells of a table."""
    gathered, ends = _Gathered(), {"p": "\n", "h": "\n", "tab": "\t", "br": "\n", "line-break": "\n", "tc": "\t"}
    if cells:
        ends |= {"table-cell": "\t", "table-row": "\n"}
    read_xml(part, lambda _name, _attributes: None, gathered.add, lambda name: gathered.add(ends.get(name, "")))
    return "".join(gathered.text).strip()


def _sheets(archive: zipfile.ZipFile) -> str:
    """The cells of every sheet with the values that were last worked out; formulas are never run."""
    shared = _shared_strings(archive)
    sheets = sorted(
        (name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")), key=lambda name: (len(name), name)
    )
    gathered = _Gathered()
    for name in sheets:
        with archive.open(name) as part:
            _Sheet(shared, gathered).read(part)
        gathered.add("\n")
    return "".join(gathered.text).strip()


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    strings: list[list[str]] = []
    inside = [""]

    def begin(name: str, _attributes: Mapping[str, str]) -> None:
        inside[0] = name
        if name == "si":
            strings.append([])

    def say(text: str) -> None:
        if inside[0] == "t" and strings:
            strings[-1].append(text)

    with archive.open("xl/sharedStrings.xml") as part:
        read_xml(part, begin, say, lambda _name: inside.__setitem__(0, ""))
    return ["".join(one) for one in strings]


class _Sheet:
    """One sheet, a line for each row."""

    def __init__(self, shared: list[str], gathered: _Gathered) -> None:
        self.shared, self.gathered = shared, gathered
        self.kind = self.within = self.value = ""

    def read(self, part: IO[bytes]) -> None:
        read_xml(part, self.begin, self.say, self.end)

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self.within = name
        if name == "c":
            self.kind, self.value = attributes.get("t", ""), ""

    def say(self, text: str) -> None:
        if self.within in ("v", "t"):
            self.value += text

    def end(self, name: str) -> None:
        self.within = ""
        if name == "c":
            is_shared = self.kind == "s" and self.value.isdigit() and int(self.value) < len(self.shared)
            self.gathered.add((self.shared[int(self.value)] if is_shared else self.value) + "\t")
        elif name == "row":
            self.gathered.add("\n")
