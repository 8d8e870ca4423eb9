"""A copy of evidence holds all of it, byte for byte, wherever it lies, and brings it back (requirements F5, K6)."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from goodstanding.core.policy.pack import PolicyPack
from goodstanding.server.jobs import backup
from goodstanding.server.store.models import Evidence
from goodstanding.server.vault.stores import LocalStore, digest_of, store
from tests.made_files import docx
from tests.server.factories import make_action_in_force
from tests.server.services.appealing import INVOICE, Upload, submit
from tests.server.vault.test_stores import BUCKET, bucket  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("db")

LETTER = Upload("letter.docx", docx(), "corrective")
OURS, SECOND = f"s3://{BUCKET}/ours?region=eu-central-1", f"s3://{BUCKET}/second?region=eu-central-1"


@pytest.fixture
def in_bucket(settings: Any, bucket: Any, pack: PolicyPack) -> Any:  # noqa: F811 - the fixture
    """Evidence of a case, in a bucket."""
    settings.EVIDENCE_STORE = OURS
    submit(make_action_in_force(), pack, uploads=[INVOICE, LETTER])
    return bucket


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    capsys.readouterr()
    call_command(*command)
    return capsys.readouterr().out


def fails(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """What a command says on stderr that ends with exit code 1."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        call_command(*command)
    assert ended.value.code == 1
    return capsys.readouterr().err


def test_a_backup_holds_what_lies_in_a_bucket_and_fills_an_empty_one_again(
    in_bucket: Any, tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The database's own copy is tried by the how-to page's test, on both databases.
    for name in ("_copy_sqlite", "_copy_postgresql"):
        monkeypatch.setattr(backup, name, lambda to, *_: to)
    folder = tmp_path / "2026-11-22"
    assert f"{folder}/evidence: 2 files copied, 0 there already, 0 missing or damaged\n" in said(capsys, "backup", str(folder))
    settings.EVIDENCE_STORE = f"s3://{BUCKET}/new?region=eu-central-1"
    assert fails(capsys, "check_evidence").count("missing: ") == 2
    assert "2 files copied" in said(capsys, "copy_evidence", "--from", str(folder / "evidence"))
    assert said(capsys, "check_evidence") == "2 files, 0 missing or damaged, 0 that nobody names\n"
    assert store().get(digest_of(INVOICE.data)) == INVOICE.data


def test_a_backup_may_leave_evidence_in_a_second_bucket_which_gets_only_what_is_new(
    in_bucket: Any, tmp_path: Path, pack: PolicyPack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_copy_sqlite", "_copy_postgresql"):
        monkeypatch.setattr(backup, name, lambda to, *_: to)
    assert f"{SECOND}: 2 files copied, 0 there already" in said(capsys, "backup", str(tmp_path / "1"), "--evidence", SECOND)
    submit(make_action_in_force(), pack, uploads=[Upload("more.docx", docx("more"), "preventive")])
    assert f"{SECOND}: 1 files copied, 2 there already" in said(capsys, "backup", str(tmp_path / "2"), "--evidence", SECOND)
    assert not (tmp_path / "2" / "evidence").exists()
    assert said(capsys, "check_evidence", "--in", SECOND) == "3 files, 0 missing or damaged, 0 that nobody names\n"


def test_damage_is_named_and_never_spreads(in_bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sha256, folder = digest_of(INVOICE.data), tmp_path / "copy"
    said(capsys, "copy_evidence", "--to", str(folder))
    (row,) = Evidence.objects.filter(sha256=sha256)
    in_bucket.put_object(Bucket=BUCKET, Key=f"ours/{sha256[:2]}/{sha256}", Body=b"something else")
    assert f"damaged: {sha256} ({row.pk})" in fails(capsys, "copy_evidence", "--to", str(folder))
    assert said(capsys, "check_evidence", "--in", str(folder)) == "2 files, 0 missing or damaged, 0 that nobody names\n"
    # The whole copy heals the store in use, and what is whole there stays.
    assert "1 files copied, 1 there already" in said(capsys, "copy_evidence", "--from", str(folder))
    assert store().get(sha256) == INVOICE.data


def test_a_copy_that_lacks_or_spoils_a_file_is_found_out(in_bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = LocalStore(tmp_path / "copy")
    said(capsys, "copy_evidence", "--to", str(copy.root))
    copy.path(digest_of(INVOICE.data)).write_bytes(INVOICE.data[::-1])
    copy.path(digest_of(LETTER.data)).unlink()
    told = fails(capsys, "check_evidence", "--in", str(copy.root))
    assert f"damaged: {digest_of(INVOICE.data)} (F-" in told
    assert f"missing: {digest_of(LETTER.data)} (F-" in told


def test_what_was_erased_here_goes_from_the_copy_when_asked(in_bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = LocalStore(tmp_path / "copy")
    said(capsys, "copy_evidence", "--to", str(copy.root))
    sha256 = digest_of(INVOICE.data)
    Evidence.objects.filter(sha256=sha256).update(erased_at="2026-11-20T00:00Z", name="")
    os.utime(copy.path(sha256), (0, 0))
    assert "1 orphans removed" in said(capsys, "check_evidence", "--in", str(copy.root), "--remove-orphans")
    assert not copy.path(sha256).exists()
    assert store().get(sha256) == INVOICE.data, "the store in use was not asked about"


def test_a_place_that_is_none_or_away_is_said_in_one_line(in_bucket: Any) -> None:
    for place in ("s3://nobody-has-this-bucket/x?region=eu-central-1", "ftp://backup/x", "/proc/nowhere"):
        with pytest.raises(CommandError) as error:
            call_command("copy_evidence", "--to", place)
        assert "\n" not in str(error.value)
