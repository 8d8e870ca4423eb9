"""`goodstanding read-notice` as people and programs meet it."""

import json
from pathlib import Path

import pytest

from goodstanding.cli.main import main

NOTICE = "Your Amazon seller account has been deactivated. Your order defect rate is above 1%. Please submit a plan of action within 7 days."


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["read-notice", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_json_is_one_stable_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "n.txt").write_text(NOTICE)
    code, out, _ = run(capsys, str(tmp_path / "n.txt"), "--json")
    document = json.loads(out)
    assert code == 0
    assert list(document) == [
        "language",
        "system",
        "stage",
        "reasons",
        "legal_basis",
        "products",
        "orders",
        "asks",
        "documents",
        "implied_asks",
        "deadlines",
        "channel",
        "funds_hold_days",
        "warnings",
    ]
    assert document["stage"] == "deactivated"
    assert document["reasons"][0]["code"] == "PERF_ODR"
    assert document["asks"] == ["poa"]
    assert document["deadlines"][0]["within_hours"] == 168
    assert all(warning["message"] for warning in document["warnings"])


@pytest.mark.parametrize(("language", "said"), [("en", "Stage: deactivated"), ("zh-Hans", "处理阶段: 已停用"), ("zh-Hant", "處理階段: 已停權")])
def test_without_a_terminal_lines_are_plain_in_every_language(tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, said: str) -> None:
    (tmp_path / "n.txt").write_text(NOTICE)
    code, out, _ = run(capsys, str(tmp_path / "n.txt"), "--language", language)
    assert code == 0
    assert said in out
    assert "\x1b" not in out


def test_at_a_terminal_there_is_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "n.txt").write_text(f"{NOTICE} [bold]not markup[/bold]")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    code, out, _ = run(capsys, str(tmp_path / "n.txt"))
    assert code == 0
    assert "PERF_ODR" in out


def test_a_forged_notice_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "n.txt").write_text(f"{NOTICE} Pay the reinstatement fee by WhatsApp.")
    code, out, _ = run(capsys, str(tmp_path / "n.txt"))
    assert code == 1
    assert "likely a forgery" in out


@pytest.mark.parametrize("content", [None, b"", b" \n"])
def test_nothing_to_read_ends_with_2_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "n.eml").write_bytes(content)
    code, out, err = run(capsys, str(tmp_path / "n.eml"))
    assert (code, out) == (2, "")
    assert err.startswith("goodstanding: ")
    assert err.count("\n") == 1
