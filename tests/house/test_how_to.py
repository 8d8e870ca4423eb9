"""The how-to pages on policy packs are true: every command runs, every block of TOML fits into the pack it is about."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from goodstanding.core.policy.reading import read_pack
from goodstanding.core.policy.tables import PackFile
from tests import environment

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ROOT / "docs" / "how-to"
PACKS = ROOT / "src" / "goodstanding" / "packs"


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (PAGES / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder as a reader has it: the sources, a folder of facts and the outcomes of the page."""
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / "FACTS").mkdir()
    rows = [
        f"O-{s}-{n},S-{s},2026-01-{1 + n:02}T08:00:00,2026-01-{2 + n:02}T08:00:00,2026-01-{2 + n + (n < late):02}T08:00:00"
        for s, late in ((1, 5), (2, 20))
        for n in range(25)
    ]
    (tmp_path / "FACTS" / "orders.csv").write_text(
        "\n".join(["order_id,account_id,placed_at,ship_by,shipped_at", *rows, "O-9,S-9,2026-03-10,,"]) + "\n"
    )
    (tmp_path / "outcomes.csv").write_text(blocks("try-a-policy-change.md", "csv")[0])
    return tmp_path


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = folder / "bin" / "goodstanding"
    if not program.exists():
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable}\nfrom goodstanding.cli.main import main\nmain()\n")
        program.chmod(0o755)
    settings = {"PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}
    return subprocess.run(["bash", "-ec", command], cwd=folder, env=environment.plain(settings), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("page", ["write-a-policy-pack.md", "try-a-policy-change.md"])
def test_every_command_of_the_page_runs(page: str, shop: Path) -> None:
    said = []
    for command in blocks(page, "sh"):
        done = run(command, shop)
        assert done.returncode == 0, command + done.stdout + done.stderr
        said.append(done.stdout)
    for shown in blocks(page, "text"):
        assert shown in said[0], "the page shows what the command says"
    if page.startswith("try"):
        assert (shop / "tried" / "policy-try.html").is_file()
        assert "Of the 1 newly freed, 1 had won their appeal." in said[-1]


def overlay(under: Any, over: Any) -> Any:
    if isinstance(under, dict) and isinstance(over, dict):
        return {**under, **{key: overlay(under.get(key), value) for key, value in over.items()}}
    return [*under, *over] if isinstance(under, list) and isinstance(over, list) else over


def test_the_blocks_of_the_page_make_one_pack_without_mistakes() -> None:
    standard = {"words": {"en": {k: v for k, v in tomllib.loads((PACKS / "words" / "en.toml").read_text("utf-8")).items() if k != "language"}}}
    content: Any = tomllib.loads((PACKS / "minimal" / "pack.toml").read_text("utf-8"))
    for block in blocks("write-a-policy-pack.md", "toml"):
        content = overlay(content, tomllib.loads(block))
    pack = read_pack([PackFile("shop.toml", content)], "0" * 64, [PackFile("standard/en.toml", standard)])
    assert pack.metrics["late_shipment_rate"].target.text == "< 4 %"
    assert str(pack.metrics["valid_tracking_rate"].first_enforced("SHOP_JP")) == "2026-06-01"
    assert [rule.id for rule in pack.rules][-1] == "tracking-restriction"
