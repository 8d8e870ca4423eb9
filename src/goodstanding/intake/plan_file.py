"""A plan as a file (Markdown, text, Word) as the text that checks read, with its lines kept so that every place is one of the writer's own file."""

import io
import re
import zipfile
from pathlib import PurePath
from xml.etree import ElementTree

from goodstanding.core.appeals.checks.reading import Source
from goodstanding.core.appeals.evidence import DOCX, TEXT, FileKind, recognise
from goodstanding.core.errors import UnusableInput

LARGEST = 2 * 1024 * 1024
"""Bytes of a plan; some thousand pages of text."""

LARGEST_UNPACKED = 16 * 1024 * 1024
"""Bytes of the one part of a Word file that is read, unpacked."""

_ENCODINGS = ("utf-8-sig", "gb18030", "big5", "cp1252")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


def read_plan_file(name: str, data: bytes) -> Source:
    """The text of a plan. In a Word file each paragraph is a line. Raises UnusableInput where it is empty, too large or no such file."""
    shown = PurePath(name).name or "plan"
    if len(data) > LARGEST:
        raise UnusableInput(f"{shown} has {len(data) / 2**20:.1f} MB; a plan is text of at most {LARGEST / 2**20:.0f} MB, attach documents beside it")
    if not data.strip():
        raise UnusableInput(f"{shown} is empty; write the plan into it first")
    kind = recognise(shown, data)
    if kind is DOCX:
        return _read_docx(shown, data)
    if not isinstance(kind, FileKind):
        raise UnusableInput(f"{shown} is no text but {kind}; give the plan as Markdown, text or .docx")
    if kind is not TEXT and kind.content_type.partition("/")[0] not in ("text", "message"):
        raise UnusableInput(f"{shown} is {kind.content_type}; give the plan as Markdown, text or .docx")
    return Source(_decode(shown, data).replace("\r\n", "\n").replace("\r", "\n"), shown)


def _decode(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnusableInput(f"{name} is in no encoding that is known here; save it as UTF-8")


def _read_docx(name: str, data: bytes) -> Source:
    lines: list[str] = []
    headings, items = set(), set()
    for number, paragraph in enumerate(_body(name, data).iter(f"{_WORD}p"), 1):
        lines.append(_text(paragraph).replace("\n", " "))
        style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
        styled = (style.get(f"{_WORD}val") or "").lower() if style is not None else ""
        if styled.startswith(("heading", "title", "berschrift", "标题", "標題")):
            headings.add(number)
        elif paragraph.find(f"{_WORD}pPr/{_WORD}numPr") is not None or styled.startswith("list"):
            items.add(number)
    text = "\n".join(lines)
    if not text.strip():
        raise UnusableInput(f"{name} holds no text; write the plan into it first")
    return Source(text, name, frozenset(headings), frozenset(items))


def _body(name: str, data: bytes) -> ElementTree.Element:
    """The document part, read with bounds and without entities: what Word writes has none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("word/document.xml") as part:
            xml = part.read(LARGEST_UNPACKED + 1)
        if len(xml) > LARGEST_UNPACKED or _ENTITIES.search(xml[:4096]):
            raise UnusableInput(f"{name} holds more than a plan; save its text as a new document")
        return ElementTree.fromstring(xml)  # noqa: S314 - bounded, and refused above where it declares anything
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnusableInput(f"{name} is a damaged Word file; save it again, or as text") from error


def _text(paragraph: ElementTree.Element) -> str:
    """The runs of a paragraph; breaks and tabs are spaces, deleted text of tracked changes is left out."""
    parts = []
    for node in paragraph.iter():
        if node.tag == f"{_WORD}t":
            parts.append(node.text or "")
        elif node.tag in (f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr"):
            parts.append(" ")
    return "".join(parts)
