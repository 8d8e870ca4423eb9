"""The how-to page on reading notices is true: its commands run, its expressions are understood, its Python holds."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from goodstanding.core.appeals.reading.loading import read_words
from goodstanding.core.policy.tables import PackFile
from goodstanding.packs.loader import find_pack, read_file
from tests import environment

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "how-to" / "teach-it-to-read-notices.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_command_of_the_page_runs(tmp_path: Path) -> None:
    (tmp_path / "notice.txt").write_text(blocks("text")[0])
    program = tmp_path / "goodstanding"
    program.write_text(f"#!{sys.executable}\nfrom goodstanding.cli.main import main\nmain()\n")
    program.chmod(0o755)
    settings = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        ["bash", "-ec", blocks("sh")[0]], cwd=tmp_path, env=environment.plain(settings), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "PERF_LATE_SHIPMENT" in done.stdout
    assert "处理阶段: 已停用" in done.stdout


def test_the_list_of_the_page_is_added_up_with_the_shipped_ones() -> None:
    folder = find_pack("amazon").parent / "reading"
    shipped = [read_file(path, path.name) for path in sorted(folder.glob("*.toml"))]
    before, after = read_words(shipped), read_words([*shipped, PackFile("page.toml", tomllib.loads(blocks("toml")[0]))])
    assert after != before


def test_the_python_of_the_page_holds() -> None:
    names: dict[str, Any] = {}
    exec(compile(blocks("python")[0], "page", "exec"), names)
    assert names["notice"].reasons
