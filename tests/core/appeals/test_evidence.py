"""What a file is, told by its bytes (requirement F5)."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.appeals import evidence
from goodstanding.core.appeals.evidence import ALLOWED, KINDS, LONGEST_NAME, Unfit, clean_name, download_name, recognise, refusal


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return file.getvalue()


PNG = png()
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\0\0\x01\0\x01\0\0" + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34" * 20 + b"\xff\xd9"
GIF = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
WEBP = b"RIFF" + struct.pack("<I", 12) + b"WEBPVP8 \0\0\0\0"
MAIL = b"Received: from x\r\nFrom: a@b.example\r\nTo: c@d.example\r\nSubject: invoice\r\n\r\n<html><script>1</script></html>"
DOCX = zipped("[Content_Types].xml", "word/document.xml")
XLSX = zipped("[Content_Types].xml", "xl/workbook.xml")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("invoice.pdf", PDF, evidence.PDF),
        ("invoice.pdf", PNG, evidence.PNG),
        ("photo.jpg", JPEG, evidence.JPEG),
        ("photo.gif", GIF, evidence.GIF),
        ("photo.webp", WEBP, evidence.WEBP),
        ("letter.docx", DOCX, evidence.DOCX),
        ("orders.xlsx", XLSX, evidence.XLSX),
        ("reply.eml", MAIL, evidence.EMAIL),
        ("orders.csv", "订单,日期\n1,2026-11-01\n".encode("gb18030"), evidence.CSV),
        ("catalogue.csv", b"sku;text\n1;" + b"x" * 3000 + b"<body >\n", evidence.CSV),
        ("root cause.txt", "根本原因：供应商".encode(), evidence.TEXT),
        ("root cause.txt", "根本原因".encode("utf-16"), evidence.TEXT),
    ],
    ids=lambda value: value if isinstance(value, str) else "bytes",
)
def test_a_file_is_taken_for_what_its_bytes_say(name: str, data: bytes, kind: evidence.FileKind) -> None:
    assert recognise(name, data) == kind
    assert refusal(name, data, 10_000) is None


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("photo.jpg", b"<html><script>alert(1)</script></html>", "a web page"),
        ("photo.png", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "an SVG drawing"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "an SVG drawing"),
        ("invoice.pdf", b"MZ" + b"\0" * 200, "a Windows program"),
        ("invoice.pdf", b"#!/bin/sh\nrm -rf /\n", "a script"),
        ("photo.gif", b"GIF89a/*" + b"\0" * 100 + b"*/=1;alert(1);", "a damaged or incomplete GIF"),
        ("photo.jpg", JPEG[:12] + b"<script>alert(1)</script>", "a damaged or incomplete JPG"),
        ("photo.png", PNG[:40], "a damaged or incomplete PNG"),
        ("scan.pdf", PDF[:20], "a damaged or incomplete PDF"),
        ("all.zip", zipped("a.pdf"), "an archive"),
        ("broken.docx", DOCX[:60], "a damaged archive"),
        ("orders.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "an Office document with macros"),
        ("old.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 100, "an old Office document"),
        ("x.bin", bytes(range(256)), "not known"),
        ("x.pdf", b"", "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "bytes",
)
def test_a_file_that_is_not_what_may_be_sent_is_refused_with_a_clear_word(name: str, data: bytes, word: str) -> None:
    finding = refusal(name, data, 10_000)
    assert finding is not None
    assert word in finding.message
    assert name in finding.where
    assert ALLOWED in finding.hint


def test_a_file_over_the_limit_is_told_both_sizes() -> None:
    finding = refusal("scan.pdf", PDF + b" " * 3 * 2**20, 2 * 2**20)
    assert finding is not None
    assert finding.message == "has 3.0 MB; at most 2 MB are taken"


def test_no_folder_control_sign_or_turned_direction_survives_in_a_name() -> None:
    assert clean_name("..\\..\\etc/passwd") == "passwd"
    assert clean_name("inv\u202efdp.exe\r\n") == "invfdp.exe"
    assert clean_name("///") == "file"


def test_a_picture_named_pdf_is_handed_out_as_a_picture() -> None:
    assert download_name("invoice.pdf", "image/png") == "invoice.pdf.png"
    assert download_name("run.bat", "text/plain") == "run.bat.txt"
    assert download_name("Photo.JPEG", "image/jpeg") == "Photo.JPEG"


@given(st.text(max_size=500))
def test_every_name_stays_within_its_column(name: str) -> None:
    assert 0 < len(clean_name(name)) <= LONGEST_NAME


@given(st.binary(max_size=300), st.sampled_from([PDF, PNG, JPEG, GIF, WEBP, MAIL, DOCX, b"", b"PK\x03\x04", b"GIF89a", b"\xff\xd8\xff"]))
def test_whatever_bytes_come_the_answer_is_a_kind_or_a_word(tail: bytes, head: bytes) -> None:
    for data in (head + tail, tail, head[: len(tail)]):
        found = recognise("x.txt", data)
        assert found in KINDS or (isinstance(found, Unfit) and str(found))
