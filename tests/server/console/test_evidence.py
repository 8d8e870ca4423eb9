"""Looking at what a holder attached (requirements F5, H5)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from goodstanding.core.file_terms import ScanState
from goodstanding.server.services.evidence import Upload, keep_evidence
from goodstanding.server.store.models import Evidence, FileScan, Opening, User
from goodstanding.server.vault import sandbox
from tests import made_files as made
from tests.server.factories import holder
from tests.server.showcase import Showcase

Enter = Callable[[User], Client]


def attach(show: Showcase, name: str, data: bytes) -> Evidence:
    """A file that comes with the appeal in review."""
    case = show.cases["in_review"]
    (evidence,) = keep_evidence(call=holder(case.account_id), to=case.appeals.get(), uploads=[Upload(name, data, "corrective")])
    return evidence


def test_a_pdf_is_looked_at_as_pictures_and_text_and_saved_only_by_choice(show: Showcase, browser_of: Enter) -> None:
    evidence, browser = show.cases["in_review"].evidence.get(name="contract.pdf"), browser_of(show.specialist)
    path = f"/console/evidence/{evidence.pk}/"
    page = browser.get(path)
    text = page.content.decode()
    for part in (
        evidence.name,
        "Saturday pick-up, from 2 November 2026",
        evidence.sha256,
        "Save the original",
        "not scanned",
        "No virus scanner is set up here.",
    ):
        assert part in text
    picture = browser.get(f"{path}page/1/")
    assert (picture["Content-Type"], picture["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert picture["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert browser.get(f"{path}page/2/").status_code == 404
    assert browser.get(f"{path}file/")["Content-Disposition"].startswith("attachment")
    assert Opening.objects.filter(part="evidence", part_id=evidence.pk).count() == 1


def test_a_preview_is_made_once_and_again_when_it_was_thrown_away(
    show: Showcase, browser_of: Enter, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence, browser, made_ = attach(show, "photo.jpg", made.photo()), browser_of(show.specialist), []
    real = sandbox.preview
    monkeypatch.setattr(sandbox, "preview", lambda *words: (made_.append(words), real(*words))[1])
    for _ in range(2):
        text = browser.get(f"/console/evidence/{evidence.pk}/").content.decode()
        assert "Acme Phone 7" in text
        assert "31.23500, 121.47000" in text
        assert "the camera wrote where" in text.lower()
    assert len(made_) == 1
    for path in Path(settings.PREVIEWS).rglob("*.json"):
        path.unlink()
    browser.get(f"/console/evidence/{evidence.pk}/")
    assert len(made_) == 2


def test_a_file_that_breaks_its_reader_has_no_preview_and_an_original(show: Showcase, browser_of: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence, browser = attach(show, "note.txt", b"plain words"), browser_of(show.specialist)
    monkeypatch.setattr(sandbox, "PATIENCE", 0.001)
    page = browser.get(f"/console/evidence/{evidence.pk}/")
    assert page.status_code == 200
    assert "There is no preview" in page.content.decode()
    assert browser.get(f"/console/evidence/{evidence.pk}/file/").content == b"plain words"


def test_markup_in_a_text_a_name_or_a_camera_is_shown_and_never_run(show: Showcase, browser_of: Enter) -> None:
    late = b"a,b\n" + b"x,y\n" * 600 + b"<script>alert(1)</script>,=1+1\n"
    evidence = attach(show, "<img src=x onerror=alert(1)>.csv", late)
    text = browser_of(show.specialist).get(f"/console/evidence/{evidence.pk}/").content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<img src=x" not in text
    assert "a spreadsheet program might run them" in text


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (ScanState.WAITING, "waits for the virus scanner"),
        (ScanState.FOUND, "found Eicar in this file"),
        (ScanState.TOO_LARGE, "larger than the virus scanner takes"),
    ],
)
def test_what_the_scanner_has_not_found_clean_is_closed_and_the_page_says_why(
    show: Showcase, browser_of: Enter, settings: Any, state: ScanState, says: str
) -> None:
    settings.SCANNER = "clamd:///run/none"
    evidence, browser = attach(show, "photo.jpg", made.photo()), browser_of(show.specialist)
    FileScan.objects.filter(pk=evidence.sha256).update(state=state, found="Eicar" if state == ScanState.FOUND else "")
    page = browser.get(f"/console/evidence/{evidence.pk}/")
    assert page.status_code == 200
    assert says in page.content.decode()
    assert "Acme" not in page.content.decode()
    for rest in ("file/", "page/1/"):
        assert browser.get(f"/console/evidence/{evidence.pk}/{rest}").status_code == 404
    assert says.split(" ")[0] in browser.get(f"/console/case/{show.cases['in_review'].pk}/").content.decode()
