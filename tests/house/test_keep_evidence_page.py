"""The how-to page on evidence is true: its commands run, its numbers are the settings', and its list is the gate's."""

import re
import shutil
from pathlib import Path

from django.conf import settings

from goodstanding.core.appeals.evidence import ALLOWED
from tests.house.test_how_to import PAGES, ROOT, blocks, run
from tests.server.vault.fake_clamd import fake_clamd

PAGE = "keep-evidence.md"


def test_every_command_of_the_page_runs(tmp_path: Path, migrated: Path) -> None:
    (tmp_path / "src").symlink_to(ROOT / "src")
    scan, again, bucket, check = blocks(PAGE, "sh")
    before = f"export GOODSTANDING_VAR={tmp_path}/var\n"
    (tmp_path / "var").mkdir()
    shutil.copy(migrated, tmp_path / "var")
    with fake_clamd() as clamd:
        port = clamd.url.rpartition(":")[2]
        done = run(before + scan.replace("PORT", port) + again, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("0 files scanned, 0 harmful, 0 to be tried again") == 2
    alone = run(before + again, tmp_path)
    assert alone.returncode != 0
    assert "set GOODSTANDING_SCANNER" in alone.stderr
    assert "Traceback" not in alone.stderr
    done = run(before + bucket, tmp_path)
    assert done.returncode == 0, done.stderr
    done = run(before + check, tmp_path)
    assert (done.returncode, done.stdout) == (0, blocks(PAGE, "text")[0])
    gathers, place = "/var/backups/goodstanding/evidence", str(tmp_path / "gathered")
    done = run(before + blocks(PAGE, "sh copy")[0].replace(gathers, place), tmp_path)
    assert (done.returncode, done.stdout.replace(place, gathers)) == (0, blocks(PAGE, "text copy")[0])


def test_the_limits_of_the_page_are_the_settings() -> None:
    text = (PAGES / PAGE).read_text("utf-8")
    told = {
        "EVIDENCE_MAX_BYTES": f"{settings.EVIDENCE_MAX_BYTES // 2**20} MB",
        "EVIDENCE_MAX_CASE_BYTES": f"{settings.EVIDENCE_MAX_CASE_BYTES // 2**20} MB",
        "EVIDENCE_MAX_PAGES": str(settings.EVIDENCE_MAX_PAGES),
        "EVIDENCE_MAX_PIXELS": f"{settings.EVIDENCE_MAX_PIXELS // 10**6} million",
        "EVIDENCE_MAX_ENTRIES": f"{settings.EVIDENCE_MAX_ENTRIES:,} and {settings.EVIDENCE_MAX_UNPACKED_BYTES // 2**20} MB",
        "EVIDENCE_MAX_NESTED_MAILS": str(settings.EVIDENCE_MAX_NESTED_MAILS),
    }
    for name, most in told.items():
        assert re.search(rf"`GOODSTANDING_{name}`[^|]*\| {most} \|", text), name
    assert all(kind in text for kind in ALLOWED.replace("TXT, ", "").split(", "))
