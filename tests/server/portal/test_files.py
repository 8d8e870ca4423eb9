"""What the holder's side gets of its own files (requirements F5, K5)."""

import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from goodstanding.core.appeals.evidence import recognise
from goodstanding.core.file_terms import ScanState
from goodstanding.server.services.evidence import evidence_bytes
from goodstanding.server.store.models import Case, Evidence, FileScan
from tests import made_files as made
from tests.intake.files.test_cleaning import WORDS, docx_of_nora, everything, pdf_of_nora
from tests.server.factories import specialist
from tests.server.showcase import Showcase


def test_who_sent_a_photo_gets_it_back_and_others_of_the_account_get_it_without_the_place(
    show: Showcase, holder_of: Callable[[Case], Client]
) -> None:
    """K5: a colleague's phone tells where that colleague lives."""
    case = show.cases["in_force"]
    browser, photo = holder_of(case), made.photo()
    form = {"route": "plan", "root_cause": "A.", "corrective": "B.", "preventive": "C.", "step": "send", "submission_key": "k"}
    assert browser.post(f"/case/{case.pk}/appeal/", form | {"files_corrective": [SimpleUploadedFile("photo.jpg", photo)]}).status_code == 302
    evidence = case.evidence.get()
    path = f"/case/{case.pk}/files/{evidence.pk}/"
    assert browser.get(path).content == photo
    Evidence.objects.update(added_by="user:colleague")
    copy = browser.get(path)
    assert copy["Content-Disposition"] == 'attachment; filename="photo.jpg"'
    assert b"Acme" not in copy.content
    with Image.open(io.BytesIO(copy.content)) as drawn:
        assert not drawn.getexif()


def attach(browser: Client, case: Case, name: str, data: bytes) -> str:
    """Send a file with an appeal; gives its address, as that of somebody else's file."""
    form = {"route": "plan", "root_cause": "A.", "corrective": "B.", "preventive": "C.", "step": "send", "submission_key": "k"}
    assert browser.post(f"/case/{case.pk}/appeal/", form | {"files_corrective": [SimpleUploadedFile(name, data)]}).status_code == 302
    path = f"/case/{case.pk}/files/{case.evidence.get().pk}/"
    assert browser.get(path).content == data, "who sent it gets it as it was sent"
    Evidence.objects.update(added_by="user:colleague")
    return path


@pytest.mark.parametrize(("name", "make"), [("plan.pdf", pdf_of_nora), ("plan.docx", docx_of_nora)])
def test_others_of_the_account_get_a_document_without_its_author(
    name: str, make: Callable[[], bytes], show: Showcase, holder_of: Callable[[Case], Client]
) -> None:
    """K5: cleaned in the closed process, kept beside the previews, and still the kind of file that it was."""
    case = show.cases["in_force"]
    browser, data = holder_of(case), make()
    path = attach(browser, case, name, data)
    for _ in range(2):
        copy = browser.get(path)
        assert copy["Content-Disposition"] == f'attachment; filename="{name}"'
        assert [word for word in WORDS if word in everything(copy.content)] == []
        assert recognise(name, copy.content) is recognise(name, data)
    assert evidence_bytes(actor=specialist().actor, evidence_id=case.evidence.get().pk)[1] == data, "reviewers have it as it was sent"


def test_a_document_that_cannot_be_cleaned_is_for_who_sent_it_alone(show: Showcase, holder_of: Callable[[Case], Client]) -> None:
    case = show.cases["in_force"]
    browser = holder_of(case)
    path = attach(browser, case, "plan.docx", made.docx(word__secret_dot_dat=b"Nora Quist"))
    for _ in range(2):
        answer = browser.get(path)
        assert (answer.status_code, b"Nora" in answer.content) == (409, False)
        assert "Only who sent this file can open it" in answer.content.decode()


def test_the_holder_reads_that_a_file_is_harmful_and_cannot_open_it(show: Showcase, holder_of: Callable[[Case], Client]) -> None:
    case = show.cases["submitted"]
    evidence = case.evidence.first()
    scan = FileScan.objects.create(sha256=evidence.sha256, state=ScanState.FOUND, found="Eicar")
    Evidence.objects.filter(sha256=evidence.sha256).update(scan=scan)
    text = holder_of(case).get(f"/case/{case.pk}/").content.decode()
    assert "harmful, does not count" in text
    assert f"/files/{evidence.pk}/" not in text
    assert holder_of(case).get(f"/case/{case.pk}/files/{evidence.pk}/").status_code == 404
