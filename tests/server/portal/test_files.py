"""What the holder's side gets of its own files (requirements F5, K5)."""

import io
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from goodstanding.core.file_terms import ScanState
from goodstanding.server.store.models import Case, Evidence, FileScan
from tests import made_files as made
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


def test_the_holder_reads_that_a_file_is_harmful_and_cannot_open_it(show: Showcase, holder_of: Callable[[Case], Client]) -> None:
    case = show.cases["submitted"]
    evidence = case.evidence.first()
    scan = FileScan.objects.create(sha256=evidence.sha256, state=ScanState.FOUND, found="Eicar")
    Evidence.objects.filter(sha256=evidence.sha256).update(scan=scan)
    text = holder_of(case).get(f"/case/{case.pk}/").content.decode()
    assert "harmful, does not count" in text
    assert f"/files/{evidence.pk}/" not in text
    assert holder_of(case).get(f"/case/{case.pk}/files/{evidence.pk}/").status_code == 404
