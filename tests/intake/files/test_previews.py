"""What people look at instead of opening a file (requirement F5)."""

import io

import pytest
from PIL import Image

from goodstanding.core.appeals import evidence as kinds
from goodstanding.core.file_terms import FileNote
from goodstanding.intake.files.previews import LONGEST_TEXT, page, preview
from goodstanding.server.demo.texts import invoice_pdf
from tests import made_files as made

INVOICE = invoice_pdf("Acme Ltd", ("Invoice 4711", "12 kettles"))


def test_a_pdf_is_drawn_and_its_text_is_text() -> None:
    shown = preview(kinds.PDF, INVOICE)
    assert (shown.pages, shown.text) == (1, "Acme Ltd\nInvoice 4711\n12 kettles")
    content_type, picture = page(kinds.PDF, INVOICE, 1)
    with Image.open(io.BytesIO(picture)) as drawn:
        assert (content_type, drawn.format, drawn.size) == ("image/png", "PNG", (1100, 1557))
        assert len(drawn.convert("L").getcolors()) > 2, "something is drawn on it"
    with pytest.raises(IndexError):
        page(kinds.PDF, INVOICE, 51)


def test_a_photo_is_turned_upright_and_tells_reviewers_camera_time_and_place_while_its_copy_tells_nothing() -> None:
    data = made.photo("Adobe Photoshop 27")
    shown = preview(kinds.JPEG, data)
    facts = dict(shown.facts)
    assert (facts["camera"], facts["taken"], facts["place"]) == ("Acme Phone 7", "2026-11-02 09:30:00", "31.23500, 121.47000")
    assert shown.notes == (FileNote.PLACE, FileNote.EDITED)
    content_type, copy = page(kinds.JPEG, data, 1)
    assert content_type == "image/jpeg"
    with Image.open(io.BytesIO(copy)) as drawn:
        assert drawn.size == (40, 60), "sixty by forty, held upright"
        assert not drawn.getexif()
        assert set(drawn.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for word in (b"Acme", b"2026:11:02", b"Photoshop", b"Exif"):
        assert word in data
        assert word not in copy


@pytest.mark.parametrize(("kind", "form"), [(kinds.PNG, "PNG"), (kinds.WEBP, "WEBP"), (kinds.GIF, "GIF")])
def test_other_pictures_are_written_anew_too(kind: kinds.FileKind, form: str) -> None:
    content_type, copy = page(kind, made.picture(form), 1)
    assert content_type in ("image/jpeg", "image/png")
    with Image.open(io.BytesIO(copy)) as drawn:
        assert drawn.size == (60, 40)


def test_a_large_picture_comes_smaller() -> None:
    with Image.open(io.BytesIO(page(kinds.PNG, made.picture("PNG", (4000, 100)), 1)[1])) as drawn:
        assert drawn.size == (1600, 40)


def test_an_iphones_picture_is_shown_where_its_reader_is_there() -> None:
    heif = pytest.importorskip("pillow_heif", reason="no pillow-heif; install the extra heic")
    heif.register_heif_opener()
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "HEIF")
    data = out.getvalue()
    assert kinds.recognise("photo.heic", data) is kinds.HEIC
    assert preview(kinds.HEIC, data).pages == 1
    assert page(kinds.HEIC, data, 1)[0] == "image/jpeg"


def test_office_files_are_their_text_and_formulas_their_last_values() -> None:
    assert preview(kinds.DOCX, made.docx("Our supplier is Acme.")).text == "Our supplier is Acme."
    assert preview(kinds.XLSX, made.xlsx()).text == "Invoice\t2"
    assert preview(kinds.ODT, made.odt("Unser Lieferant")).text == "Unser Lieferant"


def test_a_table_that_a_spreadsheet_would_run_is_text_with_a_warning() -> None:
    formulas = b'id,name\n1,=HYPERLINK("http://evil.example")\n'
    shown = preview(kinds.CSV, formulas)
    assert shown.notes == (FileNote.FORMULAS,)
    assert shown.text.encode() == formulas
    assert preview(kinds.CSV, b"id;change\n1;-12,50\n2;+3 %\n").notes == (), "a number with a sign is none"


def test_a_mail_shows_who_wrote_when_and_what_it_holds() -> None:
    shown = preview(kinds.EMAIL, made.mail(("invoice.pdf", made.pdf())))
    assert dict(shown.facts)["from"] == "sales@acme.example"
    assert (shown.text, shown.files) == ("Please see the invoice.", ("invoice.pdf",))


def test_an_electronic_invoice_says_that_it_is_one_and_long_texts_that_they_go_on() -> None:
    assert FileNote.INVOICE_DATA in preview(kinds.PDF, made.pdf_with_file("factur-x.xml", b"<?xml version='1.0'?><x/>")).notes
    shown = preview(kinds.TEXT, "根".encode() * (LONGEST_TEXT + 5))
    assert (len(shown.text), shown.notes) == (LONGEST_TEXT, (FileNote.CUT,))
