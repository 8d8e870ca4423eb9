"""The gate for files: the process that looks into them, and what people are told (requirement F5)."""

import subprocess
import sys
from pathlib import Path

import pytest

from goodstanding.core.file_terms import FileTrouble
from goodstanding.core.notices import say_refused
from goodstanding.server.pages.uploads import LimitedUpload
from goodstanding.server.policy import current_pack
from goodstanding.server.services.gate import refused, unfit_for
from goodstanding.server.vault import sandbox
from tests import made_files as made
from tests.patience import SECONDS

pytestmark = pytest.mark.usefixtures("db")

REAL = subprocess.run


@pytest.mark.parametrize(
    ("name", "make", "trouble"),
    [
        ("invoice.pdf", made.pdf, None),
        ("note.txt", lambda: b"No inside.", None),
        ("invoice.pdf", made.pdf_with_script, FileTrouble.ACTIVE),
        ("bomb.png", made.huge_picture, FileTrouble.TOO_MANY_PIXELS),
        ("many.pdf", lambda: made.pdf(201), FileTrouble.TOO_MANY_PAGES),
        ("huge.pdf", lambda: made.pdf() + b" " * 11 * 2**20, FileTrouble.TOO_LARGE),
        ("run.pdf", lambda: b"MZ" + b"\0" * 100, FileTrouble.PROGRAM),
    ],
    ids=["pdf", "text", "script", "pixels", "pages", "size", "program"],
)
def test_the_gate_asks_a_process_of_its_own(name, make, trouble) -> None:
    unfit = unfit_for(name, make())
    assert (unfit.trouble if unfit else None) == trouble


def test_the_same_bytes_are_looked_into_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: (asked.append(words), REAL(*words, **options))[1])
    data = made.pdf(4)
    for _ in range(3):
        assert unfit_for("a.pdf", data) is None
    assert len(asked) == 1


def test_limits_are_settings(settings) -> None:
    settings.EVIDENCE_MAX_PAGES = 2
    unfit = unfit_for("a.pdf", made.pdf(3))
    assert unfit is not None
    assert (unfit.trouble, refused("a.pdf", unfit.trouble).most) == (FileTrouble.TOO_MANY_PAGES, "2")


@pytest.mark.parametrize("trouble", FileTrouble)
def test_every_refusal_says_in_three_languages_which_file_why_and_what_to_do(trouble: FileTrouble) -> None:
    said = {
        language: say_refused(current_pack().words_for(language), refused("inv\u202eoice.pdf", trouble)) for language in ("en", "zh-Hans", "zh-Hant")
    }
    assert len(set(said.values())) == 3
    for line in said.values():
        assert "invoice.pdf" in line
        assert len(line) > 18
        assert "\n" not in line
        assert "${" not in line
    if trouble is FileTrouble.TOO_MANY_PAGES:
        assert "200" in said["en"]
        assert "200" in said["zh-Hant"]


def test_a_file_that_ends_the_process_that_looks_into_it_is_refused_and_nothing_else_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "PATIENCE", 0.01)
    unfit = unfit_for("a.pdf", made.pdf(7))
    assert unfit is not None
    assert unfit.trouble == FileTrouble.UNSAFE
    monkeypatch.undo()
    assert unfit_for("a.pdf", made.pdf(7)) is None, "a moment without time is not remembered against the file"


def test_the_process_ends_when_it_asks_for_too_much_memory() -> None:
    tried = "from goodstanding.server.vault.child import bind; bind(); bytearray(4 * 2**30)"
    done = REAL([sys.executable, "-c", tried], capture_output=True, text=True, check=False, timeout=SECONDS)
    assert "MemoryError" in done.stderr


def test_the_process_knows_no_secret_and_may_write_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[dict[str, str]] = []
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: (seen.append(options["env"]), REAL(*words, **options))[1])
    monkeypatch.setenv("GOODSTANDING_SECRET_KEY", "secret")
    assert unfit_for("a.pdf", made.pdf(3)) is None
    assert set(seen[0]) == {"PATH", "PYTHONPATH", "LANG", "PYTHONDONTWRITEBYTECODE"}
    tried = f"from goodstanding.server.vault.child import bind; bind(); open({str(tmp_path / 'x')!r}, 'wb', 0).write(b'x')"
    done = REAL([sys.executable, "-c", tried], env=seen[0], capture_output=True, text=True, check=False)
    assert "File too large" in done.stderr
    assert (tmp_path / "x").read_bytes() == b""


def test_a_huge_file_costs_the_disk_no_more_than_the_largest_one_taken(settings) -> None:
    settings.EVIDENCE_MAX_BYTES = 1000
    handler = LimitedUpload()
    handler.new_file("files", "a.pdf", "application/pdf", 5000)
    for start in range(0, 5000, 500):
        handler.receive_data_chunk(b"x" * 500, start)
    file = handler.file_complete(5000)
    assert file.size == 5000
    assert len(file.read()) == 1001
