"""Flat files of marketplaces: tab-delimited (or with commas or semicolons), in the encodings they really come in, to rows by meaning."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.terms import FindingSeverity
from goodstanding.intake.charsets import decode
from goodstanding.packs.reports import TableForm, TableForms

MOST_ROWS = 2_000_000
"""Rows of one file that are read; a larger one is to be split by month."""

ENCODINGS = ("utf-8", "cp1252", "cp932", "gb18030", "big5hkscs")
"""The encodings that can be named; others are told from the bytes."""

_FILL = re.compile(r"[\s_\-.]+")
_NUMBERS = re.compile(r"^(\d{1,4})([./\-])(\d{1,2})\2(\d{1,4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(am|pm)?\s*(.*))?$", re.IGNORECASE)
_KANA = re.compile("[\u3040-\u30fa\u30fc]")
_FOREIGN = re.compile("[^\x00-\x7f]")
_OFFSETS = {
    "": 0,
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "jst": 9,
    "pst": -8,
    "pdt": -7,
    "est": -5,
    "edt": -4,
    "cet": 1,
    "cest": 2,
    "bst": 1,
    "met": 1,
    "mest": 2,
}


@dataclass(frozen=True, slots=True)
class FlatFile:
    """A file as rows: meaning -> cell. `encoding`: what it was read as; `findings`: the rows that were left out."""

    name: str
    form: TableForm
    encoding: str
    meanings: frozenset[str]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    findings: tuple[Finding, ...]


def read_table(content: bytes, name: str, forms: TableForms, encoding: str = "") -> FlatFile:
    """The rows of a flat file. Raises UnusableInput where it is empty, binary or of no kind that is known."""
    text, read_as = _text(content, name, encoding)
    lines = _lines(text)
    header = next(lines, (0, []))[1]
    form, places = _form_of(header, forms, name)
    rows, findings = [], []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            message = f"has {len(cells)} cells where the heading has {len(header)}"
            findings.append(left_out(name, number, message, "a tab inside a text; mend the line"))
            continue
        rows.append((number, {meaning: cells[place].strip() if place < len(cells) else "" for meaning, place in places.items()}))
        if len(rows) > MOST_ROWS:
            raise UnusableInput(f"{name} has more than {MOST_ROWS:,} rows; give it in parts, month by month")
    return FlatFile(name, form, read_as, frozenset(places), tuple(rows), tuple(findings))


def left_out(name: str, row: int, message: str, hint: str) -> Finding:
    """A row that was left out, with its reason."""
    return Finding("row-left-out", FindingSeverity.WARNING, message, hint, f"{name} row {row}")


def _text(content: bytes, name: str, encoding: str) -> tuple[str, str]:
    if not content.strip():
        raise UnusableInput(f"{name} is empty; a report that was CANCELLED has no data, request it again")
    if encoding:
        try:
            return content.decode("utf-8-sig" if encoding == "utf-8" else encoding), encoding
        except UnicodeDecodeError as error:
            raise UnusableInput(f"{name}: byte {error.start} is no {encoding}; leave --encoding out, or name another one") from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), "utf-16"
    if b"\0" in content[:4096]:
        raise UnusableInput(f"{name} is no text; give the report as it was downloaded (.txt, .tsv or .csv, not a spreadsheet)")
    for codec in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if codec == "utf-8-sig" or _is_japanese(text):
            return text, codec.removesuffix("-sig")
    text, trouble = decode(content)
    return text, trouble.rpartition(" ")[2] if trouble else "cp1252"


def _is_japanese(text: str) -> bool:
    """Reports from Japan are full of kana; other encodings misread as this one show none but half-width ones."""
    sample = text[:200_000]
    return len(_KANA.findall(sample)) > 0.2 * len(_FOREIGN.findall(sample))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line numbers from 1 and cells. Tab-delimited reports quote nothing; the others do."""
    first = text.split("\n", 1)[0]
    delimiter = max("\t,;", key=first.count)
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=delimiter, quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise UnusableInput(f"line {reader.line_num} cannot be read as a table ({error}); give the report as it was downloaded") from None


def _form_of(header: Sequence[str], forms: TableForms, name: str) -> tuple[TableForm, dict[str, int]]:
    have = {_plain(cell): place for place, cell in reversed(list(enumerate(header)))}
    for form in forms.tables:
        places = {}
        for meaning, headings in form.columns.items():
            found = next((have[_plain(heading)] for heading in headings if _plain(heading) in have), None)
            if found is not None:
                places[meaning] = found
        if all(meaning in places for meaning in form.known_by):
            return form, places
    shown = ", ".join(cell.strip() for cell in header[:4] if cell.strip()) or "nothing"
    wanted = "; ".join(f"{form.name}: {' and '.join(form.columns[meaning][0] for meaning in form.known_by)}" for form in forms.tables)
    raise UnusableInput(f"{name} is no report that is known here (its headings begin {shown[:80]}); known are {wanted}")


def _plain(heading: str) -> str:
    return _FILL.sub("", heading.strip().strip('\ufeff"').casefold())


def day_first(values: Sequence[str]) -> bool | None:
    """Whether dates like 03/04/26 are day/month, told from all of a column; None where no date tells."""
    for value in values:
        found = _NUMBERS.match(value)
        if not found or len(found[1]) == 4 or len(found[4]) not in (2, 4):
            continue
        if found[2] == "." or int(found[1]) > 12:
            return True
        if int(found[3]) > 12:
            return False
    return None


def moment_of(value: str, *, is_day_first: bool) -> datetime | None:
    """A moment as reports write them; UTC unless the cell names an offset. None where it is none."""
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        pass
    found = _NUMBERS.match(value)
    if not found:
        return None
    first, second, last = int(found[1]), int(found[3]), int(found[4])
    year, month, day = (first, second, last) if len(found[1]) == 4 else (last, second, first) if is_day_first else (last, first, second)
    hour = int(found[5] or 0) % 12 + (12 if found[8].lower() == "pm" else 0) if found[8] else int(found[5] or 0)
    zone = (found[9] or "").strip().lower()
    if zone not in _OFFSETS:
        return None
    try:
        moment = datetime(year + (2000 if year < 100 else 0), month, day, hour, int(found[6] or 0), int(found[7] or 0), tzinfo=UTC)
    except ValueError:
        return None
    return datetime.fromtimestamp(moment.timestamp() - 3600 * _OFFSETS[zone], UTC)
