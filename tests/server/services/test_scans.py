"""Files and the virus scanner: closed until it has looked, closed for good where it finds something, asked again where it fails (requirement F5)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from goodstanding.core.errors import NotFound, RefusedFiles
from goodstanding.core.file_terms import ScanState
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import NoticeKind
from goodstanding.server.services import scans
from goodstanding.server.services.evidence import Upload, evidence_bytes
from goodstanding.server.services.scans import Scanned, scan_again, scan_due
from goodstanding.server.store.models import Evidence, FileScan, LedgerEntry, Notice
from goodstanding.server.vault.stores import digest_of
from tests.made_files import EICAR
from tests.server.factories import automation, holder, make_action_in_force, specialist
from tests.server.services.appealing import INVOICE, at, stored_at, submit
from tests.server.vault.fake_clamd import FakeClamd, fake_clamd

pytestmark = pytest.mark.usefixtures("db")

BAD = Upload("proof.txt", EICAR, "corrective")


@pytest.fixture
def clamd(settings: Any) -> Iterator[FakeClamd]:
    with fake_clamd() as one:
        settings.SCANNER = one.url
        yield one


def round_at(minutes: float, pack: PolicyPack) -> Scanned:
    return scan_due(call=automation(now=at(0) + timedelta(minutes=minutes)), pack=pack)


def opened(evidence: Evidence, by: Any) -> bytes:
    return evidence_bytes(actor=by.actor, evidence_id=evidence.pk)[1]


def test_without_a_scanner_files_are_open_and_nothing_is_claimed(pack: PolicyPack) -> None:
    evidence = submit(make_action_in_force(), pack, uploads=[INVOICE]).evidence.get()
    assert round_at(2, pack) == Scanned()
    assert evidence.scan is None
    assert opened(evidence, specialist()) == INVOICE.data


def test_a_file_is_closed_to_reviewers_until_it_is_found_clean(pack: PolicyPack, clamd: FakeClamd) -> None:
    evidence = submit(make_action_in_force(), pack, uploads=[INVOICE]).evidence.get()
    with pytest.raises(NotFound, match="not scanned yet"):
        opened(evidence, specialist())
    assert opened(evidence, holder(evidence.case.account_id)) == INVOICE.data, "who sent it may have it back"
    assert round_at(2, pack) == Scanned(1)
    assert opened(evidence, specialist()) == INVOICE.data
    assert clamd.asked == [INVOICE.data]
    assert round_at(3, pack) == Scanned(), "once is enough"


def test_a_harmful_file_is_closed_to_all_and_its_holder_is_told_once(pack: PolicyPack, clamd: FakeClamd) -> None:
    case = make_action_in_force()
    submit(case, pack, uploads=[BAD, INVOICE])
    assert round_at(2, pack) == Scanned(2, 1)
    evidence = Evidence.objects.get(name="proof.txt")
    for who in (specialist(), holder(case.account_id)):
        with pytest.raises(NotFound, match="something harmful"):
            opened(evidence, who)
    assert opened(Evidence.objects.get(name="invoice.pdf"), specialist()) == INVOICE.data
    letter = Notice.objects.get(kind=NoticeKind.FILE_QUARANTINED)
    assert "file harmful" in letter.body
    assert "proof.txt" in letter.body
    assert FileScan.objects.get(state=ScanState.FOUND).found == "Eicar-Test-Signature"
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="FileQuarantined").count() == 1
    scan_again(call=automation(now=at(9)))
    round_at(10, pack)
    assert Notice.objects.filter(kind=NoticeKind.FILE_QUARANTINED).count() == 1


def test_bytes_that_were_found_harmful_are_not_taken_again(pack: PolicyPack, clamd: FakeClamd) -> None:
    submit(make_action_in_force(), pack, uploads=[BAD])
    round_at(2, pack)
    with pytest.raises(RefusedFiles, match=r"'again\.txt' is known to the virus scanner as harmful"):
        submit(make_action_in_force(), pack, uploads=[Upload("again.txt", EICAR)])


def test_a_scanner_that_is_away_is_asked_again_until_it_is_back(pack: PolicyPack, clamd: FakeClamd) -> None:
    evidence = submit(make_action_in_force(), pack, uploads=[INVOICE, BAD]).evidence.get(name="invoice.pdf")
    clamd.manner = "hangs_up"
    assert round_at(2, pack) == Scanned(failed=1), "one failure ends the round: it is away for all"
    assert round_at(2.1, pack) == Scanned(failed=1), "the other file, which was not asked about yet"
    assert round_at(2.2, pack) == Scanned(), "now it has time to come back"
    assert "hung up" in FileScan.objects.get(pk=evidence.sha256).last_error
    with pytest.raises(NotFound, match="not scanned yet"):
        opened(evidence, specialist())
    clamd.manner = "honest"
    assert round_at(10, pack) == Scanned(2, 1)
    assert opened(evidence, specialist()) == INVOICE.data
    assert FileScan.objects.get(pk=evidence.sha256).last_error == ""


def test_it_never_gives_up(pack: PolicyPack, clamd: FakeClamd) -> None:
    submit(make_action_in_force(), pack, uploads=[INVOICE])
    clamd.manner = "hangs_up"
    for day in range(1, 20):
        assert round_at(day * 1440, pack).failed == 1
    clamd.manner = "honest"
    assert round_at(20 * 1440, pack) == Scanned(1)


def test_a_file_larger_than_it_takes_stays_closed_and_is_asked_about_every_day(pack: PolicyPack, clamd: FakeClamd) -> None:
    evidence = submit(make_action_in_force(), pack, uploads=[Upload("long.txt", b"long " * 400)]).evidence.get()
    clamd.manner = "small"
    assert round_at(2, pack) == Scanned(1)
    assert FileScan.objects.get().state == ScanState.TOO_LARGE
    with pytest.raises(NotFound):
        opened(evidence, specialist())
    clamd.manner = "honest"
    assert round_at(60, pack) == Scanned()
    assert round_at(1500, pack) == Scanned(1)
    assert opened(evidence, specialist())


def test_files_that_came_before_the_scanner_are_taken_up_and_closed_meanwhile(pack: PolicyPack, settings: Any) -> None:
    evidence = submit(make_action_in_force(), pack, uploads=[INVOICE]).evidence.get()
    with fake_clamd() as clamd:
        settings.SCANNER = clamd.url
        with pytest.raises(NotFound, match="not scanned yet"):
            opened(evidence, specialist())
        assert round_at(2, pack) == Scanned(1)
        assert opened(evidence, specialist()) == INVOICE.data


def test_what_was_clean_stays_open_while_new_signatures_look_again(pack: PolicyPack, clamd: FakeClamd) -> None:
    evidence = submit(make_action_in_force(), pack, uploads=[INVOICE]).evidence.get()
    round_at(2, pack)
    assert scan_again(call=automation(now=at(5))) == 1
    assert opened(evidence, specialist()) == INVOICE.data
    assert round_at(6, pack) == Scanned(1)


def test_a_worker_that_died_while_asking_gives_the_file_back(pack: PolicyPack, clamd: FakeClamd, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(make_action_in_force(), pack, uploads=[INVOICE])
    scans._take_up(automation(now=at(2)))
    assert scans._lease(at(2)) is not None
    assert round_at(3, pack) == Scanned()
    assert round_at(8, pack) == Scanned(1)


def test_missing_bytes_are_no_clean_file(pack: PolicyPack, clamd: FakeClamd) -> None:
    submit(make_action_in_force(), pack, uploads=[INVOICE])
    stored_at(digest_of(INVOICE.data)).unlink()
    assert round_at(2, pack) == Scanned(failed=1)
    assert "missing or damaged" in FileScan.objects.get().last_error
