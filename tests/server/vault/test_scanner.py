"""Asking a virus scanner by clamd's own protocol, one that misbehaves and the real one (requirement F5)."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from goodstanding.core.errors import UnusableInput
from goodstanding.core.file_terms import ScanState
from goodstanding.server.vault.scanner import ScanFailed, Verdict, read_address, scan
from tests.made_files import EICAR, docx
from tests.patience import SECONDS
from tests.server.vault.fake_clamd import FakeClamd, fake_clamd, wait_for


@pytest.fixture
def clamd() -> Iterator[FakeClamd]:
    with fake_clamd() as one:
        yield one


def test_what_it_finds_has_a_name_and_what_it_does_not_is_clean(clamd: FakeClamd) -> None:
    scanner, large = read_address(clamd.url), bytes(range(256)) * 1200
    assert scan(scanner, EICAR) == Verdict(ScanState.FOUND, "Eicar-Test-Signature")
    assert scan(scanner, large) == Verdict(ScanState.CLEAN)
    assert scan(scanner, b"") == Verdict(ScanState.CLEAN)
    assert clamd.asked == [EICAR, large, b""], "every byte came, in order"


def test_a_stream_that_is_too_long_for_it_is_told_apart_from_a_fault(clamd: FakeClamd) -> None:
    """Clamd answers and hangs up while we still send: the broken pipe is ours, and its answer is still to be read."""
    clamd.manner = "small"
    assert scan(read_address(clamd.url), b"x" * 5000).state == ScanState.TOO_LARGE
    clamd.manner = "honest"
    assert scan(read_address(clamd.url + "?max=1"), b"x" * (2**20 + 1)).state == ScanState.TOO_LARGE
    assert clamd.asked == [], "of what is over the limit in the address not a byte is sent"


@pytest.mark.parametrize(
    ("manner", "says", "patience"), [("silent", "TimeoutError", 1.0), ("hangs_up", "hung up", SECONDS), ("broken", "Can't allocate memory", SECONDS)]
)
def test_no_verdict_is_a_failure_and_never_a_clean_file(clamd: FakeClamd, manner: str, says: str, patience: float) -> None:
    clamd.manner = manner
    with pytest.raises(ScanFailed, match=says):
        scan(read_address(clamd.url), b"x" * 4_000_000, patience=patience)


def test_a_scanner_that_is_not_there_fails_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url in (f"clamd://127.0.0.1:{port}", f"clamd://{tmp_path}/none.sock"):
        with pytest.raises(ScanFailed):
            scan(read_address(url), b"x")


@pytest.mark.parametrize("url", ["clamav:///run/x", "clamd://", "clamd://host", "clamd://host:x", "clamd:///run/x?max=much"])
def test_a_setting_that_names_no_scanner_says_how_to_write_it(url: str) -> None:
    with pytest.raises(UnusableInput, match=r"write clamd:///PATH/TO/SOCKET or clamd://HOST:PORT"):
        read_address(url)


def test_the_real_clamd_finds_the_test_file_also_in_an_archive(tmp_path: Path) -> None:
    clamd = shutil.which("clamd")
    if not clamd:
        pytest.skip("no clamd on this machine; install Debian's `clamav-daemon`")
    signatures, where = tmp_path / "signatures", tmp_path / "clamd.sock"
    signatures.mkdir()
    # A signature of our own: the real ones belong to who publishes them, and a test fetches nothing.
    (signatures / "test.ndb").write_text(f"Test.File:0:*:{EICAR.hex()}\n")
    config = tmp_path / "clamd.conf"
    config.write_text(f"LocalSocket {where}\nDatabaseDirectory {signatures}\nForeground yes\nStreamMaxLength 1M\n")
    with subprocess.Popen([clamd, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            assert wait_for(where), "it does not listen"
            scanner = read_address(f"clamd://{where}")
            assert scan(scanner, EICAR) == Verdict(ScanState.FOUND, "Test.File.UNOFFICIAL")
            assert scan(scanner, docx(word__media__x_dot_txt=EICAR)).state == ScanState.FOUND
            assert scan(scanner, docx()).state == ScanState.CLEAN
            assert scan(scanner, b"x" * 3_000_000).state == ScanState.TOO_LARGE
        finally:
            running.terminate()
