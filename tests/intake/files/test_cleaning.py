"""What others of the account get of a file says nothing of who made it, where and with what, and shows what it showed (requirements F5, K5)."""

import io
import zipfile
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Dictionary, Name, String
from PIL import Image

from goodstanding.core.appeals import evidence as kinds
from goodstanding.core.appeals.evidence import FileLimits, recognise
from goodstanding.intake.files.cleaning.cleaning import clean
from goodstanding.intake.files.cleaning.pictures import clean_jpeg, clean_picture
from goodstanding.intake.files.cleaning.refusals import CannotClean
from goodstanding.intake.files.looking import look
from goodstanding.intake.files.previews import preview
from tests import made_files as made

WORDS = (b"Nora Quist", b"Hidden Ltd", rb"D:\Work\nora", b"Acme", b"2026:11:02", b"WordPro 9", b"Exif", "Nora Quist".encode("utf-16-be"))
"""What must not be in a copy; of these, each file below holds some."""

DOC = {
    "docProps__core_dot_xml": "<cp><creator>Nora Quist</creator></cp>",
    "docProps__app_dot_xml": "<Properties><Company>Hidden Ltd</Company></Properties>",
    "docProps__thumbnail_dot_jpeg": made.photo(),
    "customXml__item1_dot_xml": "<x>Hidden Ltd</x>",
    "_rels___dot_rels": made.RELATIONS.format(
        '<Relationship Id="r1" Type="d" Target="word/document.xml"/><Relationship Id="r2" Type="c" Target="docProps/core.xml"/>'
    ),
    "word___rels__document_dot_xml_dot_rels": made.RELATIONS.format(
        '<Relationship Id="r1" Type="x" Target="../customXml/item1.xml"/><Relationship Id="r2" Type="i" Target="media/image1.jpg"/>'
    ),
    "word__media__image1_dot_jpg": made.photo("WordPro 9"),
    "word__comments_dot_xml": '<w:comments xmlns:w="w"><w:comment w:id="1" w:author="Nora Quist" w:initials="NQ" w:date="2026-11-02"/></w:comments>',
}


def docx_of_nora() -> bytes:
    body = (
        '<w:p><w:ins w:id="1" w:author="Nora Quist" w:date="2026-11-02T00:00:00Z"><w:r><w:t>Our supplier sent fakes.</w:t></w:r></w:ins></w:p>'
        '<pic xmlns="p" descr="D:\\Work\\nora\\photo.jpg"/>'
    )
    types = made.TYPES.format('<Override PartName="/docProps/core.xml" ContentType="c"/><Override PartName="/word/document.xml" ContentType="d"/>')
    data = made.docx(body=body, **DOC)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return made.zipped(files | {"[Content_Types].xml": types})


def xlsx_of_nora() -> bytes:
    return made.xlsx(
        docProps__app_dot_xml="<Properties><Company>Hidden Ltd</Company></Properties>",
        xl__workbook_dot_xml='<workbook xmlns:mc="m" xmlns:a="a"><mc:AlternateContent><mc:Choice><a:absPath url="D:\\Work\\nora\\"/></mc:Choice></mc:AlternateContent></workbook>',
        xl__comments1_dot_xml="<comments><authors><author>Nora Quist</author></authors></comments>",
        xl__persons__person_dot_xml='<personList><person displayName="Nora Quist" userId="Nora Quist"/></personList>',
        xl__printerSettings__printerSettings1_dot_bin=b"Hidden Ltd printer of Nora Quist",
        xl__media__image1_dot_png=png_of_nora(),
    )


def odt_of_nora() -> bytes:
    note = '<o:annotation xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Nora Quist</dc:creator><text:p>Look</text:p></o:annotation>'
    content = f'<o:document-content xmlns:o="o" xmlns:text="t"><o:body><text:p>Unser Lieferant</text:p>{note}</o:body></o:document-content>'
    manifest = '<m:manifest xmlns:m="m"><m:file-entry m:full-path="meta.xml"/><m:file-entry m:full-path="content.xml"/></m:manifest>'
    return made.odt(
        content_dot_xml=content,
        meta_dot_xml="<o><creator>Nora Quist</creator></o>",
        settings_dot_xml="<o>Hidden Ltd printer</o>",
        **{"META-INF__manifest_dot_xml": manifest},
        Pictures__a_dot_jpg=made.photo(),
    )


def png_of_nora() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Author", "Nora Quist")
    told.add_itxt("XML:com.adobe.xmp", "<x>Hidden Ltd</x>")
    return made.picture("PNG", pnginfo=told)


def pdf_of_nora() -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 280))
    document.docinfo["/Author"] = String("Nora Quist")
    with document.open_metadata() as told:
        told["pdf:Producer"] = "WordPro 9"
    photo = document.make_stream(made.photo("WordPro 9"), Type=Name.XObject, Subtype=Name.Image, Width=60, Height=40, BitsPerComponent=8)
    photo.ColorSpace, photo.Filter = Name.DeviceRGB, Name.DCTDecode
    page.Resources = Dictionary(XObject=Dictionary(P=photo))
    page.Contents = document.make_stream(b"q 180 0 0 120 10 10 cm /P Do Q")
    page.PieceInfo = Dictionary(App=Dictionary(Private=String("D:\\Work\\nora")))
    page.Annots = document.make_indirect(
        [Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], T=String("Nora Quist"), Contents=String("See here"))]
    )
    return made.saved(document)


def pdf_with_remains() -> bytes:
    """Words between the objects, as an earlier version leaves them."""
    first = pdf_of_nora()
    at = first.rfind(b"startxref")
    return first[:at] + b"% Hidden Ltd, version one\n" + first[at:]


NORAS: dict[str, tuple[kinds.FileKind, Callable[[], bytes]]] = {
    "letter.docx": (kinds.DOCX, docx_of_nora),
    "stock.xlsx": (kinds.XLSX, xlsx_of_nora),
    "brief.odt": (kinds.ODT, odt_of_nora),
    "invoice.pdf": (kinds.PDF, pdf_of_nora),
    "saved twice.pdf": (kinds.PDF, pdf_with_remains),
    "letter with a table.docx": (kinds.DOCX, lambda: made.docx("See the table.", word__embeddings__stock_dot_xlsx=xlsx_of_nora())),
}


def everything(data: bytes) -> bytes:
    """All bytes of a file, unpacked, also those of files within it."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return b"".join(one.filename.encode() + everything(archive.read(one)) for one in archive.infolist())
    if data.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(data)) as document:
            objects = list(document.objects)
            streams = [
                one.read_bytes() if "/DCTDecode" not in str(one.get("/Filter")) else one.read_raw_bytes()
                for one in objects
                if isinstance(one, pikepdf.Stream)
            ]
            return data + b"".join(
                [*(one.unparse() for one in objects if not isinstance(one, pikepdf.Stream)), *streams, repr(document.trailer).encode()]
            )
    return data


@pytest.mark.parametrize("name", NORAS)
def test_a_copy_says_nothing_of_who_made_it_and_shows_the_same(name: str) -> None:
    kind, make = NORAS[name]
    data = make()
    assert any(word in everything(data) for word in WORDS), "it said something before"
    copy = clean(kind, data)
    said = everything(copy)
    assert [word for word in WORDS if word in said] == []
    assert recognise(name, copy) is kind
    assert look(kind, copy, FileLimits()) is None, "a copy is as harmless as what was taken"
    before, after = preview(kind, data), preview(kind, copy)
    assert (after.pages, after.text) == (before.pages, before.text.replace("Nora Quist", "Author"))
    assert clean(kind, copy) == copy or kind is kinds.PDF


def test_a_picture_in_a_pdf_keeps_every_pixel() -> None:
    def pixels(data: bytes) -> bytes:
        with pikepdf.open(io.BytesIO(data)) as document:
            return pikepdf.PdfImage(document.pages[0].Resources.XObject.P).as_pil_image().tobytes()

    assert pixels(clean(kinds.PDF, pdf_of_nora())) == pixels(pdf_of_nora())


def test_what_leads_to_parts_that_are_left_out_goes_too() -> None:
    with zipfile.ZipFile(io.BytesIO(clean(kinds.DOCX, docx_of_nora()))) as archive:
        names = archive.namelist()
        relations = archive.read("word/_rels/document.xml.rels") + archive.read("_rels/.rels") + archive.read("[Content_Types].xml")
    assert not [name for name in names if name.startswith(("docProps", "customXml"))]
    assert b"docProps" not in relations
    assert b"customXml" not in relations
    assert b"media/image1.jpg" in relations
    assert b"/word/document.xml" in relations


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_picture_within_a_file_keeps_its_pixels_and_loses_its_words(form: str) -> None:
    data = made.picture(form)
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(clean_picture(data))) as after:
        assert (after.format, after.size) == (form, before.size)


def test_a_second_picture_behind_the_end_of_a_photo_goes() -> None:
    """Telephones append one, with words of its own."""
    assert clean_jpeg(made.photo() + made.photo()) == clean_jpeg(made.photo())
    assert b"Exif" not in clean_jpeg(made.photo() + made.photo())


def pdf_with_broken_photo() -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page()
    photo = document.make_stream(b"Nora Quist", Type=Name.XObject, Subtype=Name.Image, Width=6, Height=4, BitsPerComponent=8)
    photo.Filter = Name.DCTDecode
    page.Resources = Dictionary(XObject=Dictionary(P=photo))
    return made.saved(document)


HOSTILE: dict[str, tuple[kinds.FileKind, Callable[[], bytes]]] = {
    "a part of an unknown kind": (kinds.DOCX, lambda: made.docx(word__secret_dot_dat=b"Nora Quist")),
    "a picture of an unknown kind": (kinds.DOCX, lambda: made.docx(word__media__a_dot_png=b"Nora Quist")),
    "a photo whose parts do not add up": (kinds.DOCX, lambda: made.docx(word__media__a_dot_jpg=made.photo()[:40] + b"\xff\xe1\xff\xff")),
    "a photo without an end": (kinds.DOCX, lambda: made.docx(word__media__a_dot_jpg=made.photo()[:-2])),
    "a PNG without an end": (kinds.DOCX, lambda: made.docx(word__media__a_dot_png=made.picture("PNG")[:-6])),
    "a program as a file within": (kinds.DOCX, lambda: made.docx(word__embeddings__a_dot_bin=b"MZ" * 99)),
    "tables within tables within tables": (
        kinds.DOCX,
        lambda: made.docx(word__embeddings__a_dot_docx=made.docx(word__embeddings__b_dot_docx=made.docx(word__embeddings__c_dot_docx=made.docx()))),
    ),
    "a part that declares a document type": (kinds.DOCX, lambda: made.docx(word__styles_dot_xml=made.LAUGHS)),
    "a part that is no XML": (kinds.DOCX, lambda: made.docx(word__styles_dot_xml="<x")),
    "an archive cut off": (kinds.DOCX, lambda: made.docx()[:-30]),
    "a PDF cut to pieces": (kinds.PDF, lambda: b"%PDF-1.7\n" + b"1 0 obj <<"),
    "a PDF with a photo that is none": (kinds.PDF, pdf_with_broken_photo),
    "a kind that is not cleaned": (kinds.TEXT, lambda: b"text"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_cannot_be_cleaned_for_certain_is_not_handed_on(what: str) -> None:
    kind, make = HOSTILE[what]
    with pytest.raises(CannotClean):
        clean(kind, make())


@given(st.binary(max_size=200), st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_a_photo_with_anything_in_it_is_cleaned_or_refused(noise: bytes, at: int) -> None:
    data = made.photo()
    try:
        copy = clean_jpeg(data[:at] + noise + data[at:]) if at > 2 else clean_jpeg(data)
    except CannotClean:
        return
    assert copy.startswith(b"\xff\xd8")
    assert copy.endswith(b"\xff\xd9")
    assert clean_jpeg(copy) == copy
