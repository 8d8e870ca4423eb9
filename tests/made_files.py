"""Files as holders attach them, honest and hostile, made here so that none of them lies in the repository."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import pikepdf
from PIL import Image

HTML = b"<html><script>alert(document.cookie)</script></html>"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""The file by which scanners are tested; it does nothing. Cut in two, so that no scanner stumbles over this source."""

TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def saved(document: pikepdf.Pdf, **options: Any) -> bytes:
    out = io.BytesIO()
    document.save(out, deterministic_id="encryption" not in options, **options)
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    """A PDF of empty pages."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(200, 280))
    return saved(document)


def pdf_with(**root: object) -> bytes:
    """A PDF of one page whose catalogue says more."""
    document = pikepdf.new()
    document.add_blank_page()
    for name, value in root.items():
        document.Root[f"/{name}"] = value
    return saved(document)


def pdf_with_script() -> bytes:
    return pdf_with(Names=pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["x", _action("JavaScript", JS="app.alert(1)")])))


def pdf_that_opens(kind: str, **more: object) -> bytes:
    return pdf_with(OpenAction=_action(kind, **more))


def pdf_at_page() -> bytes:
    """Opens at its first page, as many honest ones do."""
    document = pikepdf.new()
    page = document.add_blank_page()
    document.Root.OpenAction = pikepdf.Array([page.obj, pikepdf.Name.Fit])
    return saved(document)


def pdf_with_file(name: str, content: bytes) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    document.attachments[name] = content
    return saved(document)


def pdf_locked(*, user: str, owner: str = "owner") -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    return saved(document, encryption=pikepdf.Encryption(user=user, owner=owner))


def _action(kind: str, **more: object) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **more)


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **options)
    return out.getvalue()


def noise() -> bytes:
    """A JPEG that nothing compresses, so that most of it is picture."""
    out = io.BytesIO()
    Image.effect_noise((300, 300), 80).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def photo(software: str = "") -> bytes:
    """A photo with what a phone writes: camera, time, place, and that it was held upright."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Acme", "Phone 7", 6
    if software:
        exif[0x0131] = software
    exif.get_ifd(0x8769)[0x9003] = "2026:11:02 09:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 14.0, 6.0), 3: "E", 4: (121.0, 28.0, 12.0)})
    return picture(exif=exif)


def huge_picture(side: int = 60_000) -> bytes:
    """A few kilobytes that ask for gigabytes: a square picture of which the first rows are there."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(side * 30))) + chunk(b"IEND", b"")


def zipped(files: Mapping[str, bytes | str], *, compressed: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 22, 0, 0, 0)), content, archive.compression)
    return out.getvalue()


def docx(text: str = "Our supplier is Acme.", *, body: str = "", **more: bytes | str) -> bytes:
    """A letter. `more`: further files in it, `__` in a name for a slash and `_dot_` for a dot."""
    inner = body or f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
    document = f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{inner}</w:body></w:document>'
    return zipped({"[Content_Types].xml": TYPES.format(""), "word/document.xml": document} | _named(more))


def xlsx(cells: str = '<c r="A1" t="s"><v>0</v></c><c r="B1"><f>1+1</f><v>2</v></c>', **more: bytes | str) -> bytes:
    """A sheet of one row."""
    sheet = f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>"
    files = {
        "[Content_Types].xml": TYPES.format(""),
        "xl/workbook.xml": "<workbook/>",
        "xl/sharedStrings.xml": "<sst><si><t>Invoice</t></si></sst>",
        "xl/worksheets/sheet1.xml": sheet,
    }
    return zipped(files | _named(more))


def odt(text: str = "Unser Lieferant", **more: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", (2026, 11, 22, 0, 0, 0)), "application/vnd.oasis.opendocument.text")
        content = f'<o:document-content xmlns:o="o" xmlns:text="t"><o:body><text:p>{text}</text:p></o:body></o:document-content>'
        for name, part in ({"content.xml": content} | _named(more)).items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 22, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _named(files: Mapping[str, bytes | str]) -> dict[str, bytes | str]:
    return {name.replace("__", "/").replace("_dot_", "."): content for name, content in files.items()}


def relation(kind: str, target: str) -> str:
    """A file of relations with one that leads outside."""
    return RELATIONS.format(f'<Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="External"/>')


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><w>&i;</w>"
)
"""A billion laughs: an XML of a kilobyte that grows to gigabytes where entities are expanded."""


def mail(*attached: tuple[str, bytes], text: str = "Please see the invoice.") -> bytes:
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Date"] = (
        "sales@acme.example",
        "li@seller.example",
        "Invoice",
        "Mon, 2 Nov 2026 09:30:00 +0000",
    )
    message.set_content(text)
    for name, content in attached:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def nested_mail(depth: int) -> bytes:
    head = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: deep\r\n"
    return (head + b"Content-Type: message/rfc822\r\n\r\n") * depth + head + b"\r\ndeep\r\n"
