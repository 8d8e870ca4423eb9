"""Evidence on the disk and in the table (requirement F5)."""

import os
from pathlib import Path

import pytest

from goodstanding.core.errors import NotFound, NotPermitted, RefusedFiles
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Role
from goodstanding.server.services.evidence import Upload, evidence_bytes, keep_evidence
from goodstanding.server.store.models import Appeal, Evidence, LedgerEntry
from goodstanding.server.vault.stores import digest_of
from tests.server.factories import call_as, holder, make_account, make_action_in_force, specialist
from tests.server.services.appealing import INVOICE, PDF, at, stored_at, submit

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def evidence(pack: PolicyPack) -> Evidence:
    return submit(make_action_in_force(), pack, uploads=[INVOICE]).evidence.get()


def test_a_file_is_kept_byte_for_byte_under_its_digest(evidence: Evidence) -> None:
    assert stored_at(evidence.sha256).read_bytes() == PDF
    assert (evidence.name, evidence.content_type, evidence.size, evidence.part) == ("invoice.pdf", "application/pdf", len(PDF), "corrective")


def test_the_same_file_for_the_same_part_is_kept_once(pack: PolicyPack) -> None:
    appeal = submit(make_action_in_force(), pack, uploads=[INVOICE, INVOICE, Upload("copy.pdf", PDF, "root_cause")])
    assert sorted(appeal.evidence.values_list("part", flat=True)) == ["corrective", "root_cause"]
    kept = keep_evidence(call=holder(appeal.case.account_id), to=appeal, uploads=[INVOICE])
    assert [one.part for one in kept] == ["corrective"]
    assert appeal.evidence.count() == 2


def test_one_refused_file_refuses_the_whole_submission_and_names_it(pack: PolicyPack, settings) -> None:
    case = make_action_in_force()
    with pytest.raises(RefusedFiles, match=r"'photo\.jpg' is a web page.*allowed are PDF") as refused:
        submit(case, pack, uploads=[INVOICE, Upload("photo.jpg", b"<html><script>x</script>"), Upload("empty.pdf", b"")])
    assert [finding.where for finding in refused.value.findings] == ["'photo.jpg'", "'empty.pdf'"]
    assert not Appeal.objects.exists()
    assert not Path(settings.MEDIA_ROOT).exists()
    assert not LedgerEntry.objects.filter(kind="AppealSubmitted").exists()


def test_a_file_over_the_configured_size_is_refused(pack: PolicyPack, settings) -> None:
    settings.EVIDENCE_MAX_BYTES = 10
    with pytest.raises(RefusedFiles, match=r"'invoice\.pdf' has"):
        submit(make_action_in_force(), pack, uploads=[INVOICE])


def test_a_case_holds_so_much_and_no_more_and_the_same_file_again_costs_nothing(pack: PolicyPack, settings) -> None:
    settings.EVIDENCE_MAX_CASE_BYTES = len(PDF) + 10
    with pytest.raises(RefusedFiles, match=r"'b\.txt' would make more files than one case may hold"):
        submit(make_action_in_force(), pack, uploads=[INVOICE, Upload("b.txt", b"eleven byte")])
    assert not Evidence.objects.exists()
    submit(make_action_in_force(), pack, uploads=[INVOICE, Upload("copy.pdf", PDF, "root_cause"), Upload("b.txt", b"ten bytes.")])
    assert Evidence.objects.count() == 3


def test_nobody_else_can_fill_the_disk(pack: PolicyPack, settings) -> None:
    case, stranger = make_action_in_force(), make_account()
    case.account_id = stranger.account_id
    with pytest.raises(NotFound):
        submit(case, pack, uploads=[INVOICE])
    assert not Path(settings.MEDIA_ROOT).exists()


def test_the_bytes_are_on_the_disk_before_anything_commits(pack: PolicyPack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between the two leaves a file nobody names, never a row without its file."""
    case = make_action_in_force()
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(handle), real(handle))[1])

    def crash(**_: object) -> None:
        assert len(synced) == 3, "the file, its folder, and the folder above"
        raise RuntimeError("power cut")

    monkeypatch.setattr("goodstanding.server.services.appeals.lock_case", crash)
    with pytest.raises(RuntimeError, match="power cut"):
        submit(case, pack, uploads=[INVOICE])
    assert stored_at(digest_of(PDF)).read_bytes() == PDF
    assert not Evidence.objects.exists()


def test_a_write_that_fails_leaves_no_half_file(pack: PolicyPack, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_action_in_force()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        submit(case, pack, uploads=[INVOICE])
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []
    assert not Appeal.objects.exists()


def test_the_holder_and_the_reviewer_may_open_a_file_and_nobody_else(evidence: Evidence) -> None:
    """K5: each sees only what the role allows."""
    owner = holder(evidence.case.account_id).actor
    for actor in (owner, specialist().actor, call_as(Role.AUDITOR, "user:7").actor):
        found, data = evidence_bytes(actor=actor, evidence_id=evidence.evidence_id)
        assert (found.pk, data) == (evidence.pk, PDF)
    with pytest.raises(NotFound):
        evidence_bytes(actor=holder(make_account()).actor, evidence_id=evidence.evidence_id)
    with pytest.raises(NotPermitted, match="specialist"):
        evidence_bytes(actor=call_as(Role.POLICY_MANAGER, "user:8").actor, evidence_id=evidence.evidence_id)


def test_altered_bytes_are_never_handed_out(evidence: Evidence) -> None:
    stored_at(evidence.sha256).write_bytes(b"%PDF-1.7 something else %%EOF")
    with pytest.raises(NotFound, match="missing or damaged"):
        evidence_bytes(actor=specialist(now=at(5)).actor, evidence_id=evidence.evidence_id)
