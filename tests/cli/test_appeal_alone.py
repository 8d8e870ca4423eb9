"""The tutorial for a seller alone, command by command: what the page shows is what is printed (`GOLDEN_WRITE=1` rewrites it)."""

import os
import re
import shutil
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path

from tests import environment

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "tutorial" / "appeal-alone.md"
FINDS = ("goodstanding health", "goodstanding diagnose", "goodstanding followups --now 2026-11-19")
"""Commands that end with exit code 1, since something is breached or due."""

_BLOCKS = re.compile(r"```sh\n(?P<commands>.*?)```\n(?:\n```text\n(?P<shown>.*?)```\n)?", re.DOTALL)


def ran(commands: str, folder: Path, env: dict[str, str]) -> str:
    """What a block of commands prints, each with the exit code that it should have."""
    said = []
    for line in commands.splitlines():
        if line.startswith(("export ", "cd ")):
            continue
        done = subprocess.run(["bash", "-c", line], cwd=folder, env=env, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == int(line.startswith(FINDS)), f"{line}\n{done.stdout}{done.stderr}"
        said.append(done.stdout)
    return "".join(f"{line.rstrip()}\n" for line in "".join(said).splitlines())


def test_every_command_prints_what_the_page_shows_and_the_reply_can_be_sent(tmp_path: Path) -> None:
    folder = tmp_path / "appeal-alone"
    shutil.copytree(ROOT / "examples" / "appeal-alone", folder)
    env = environment.plain()
    env |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}", "COLUMNS": "80", "GOODSTANDING_BOOK": "book.sqlite"}
    page = PAGE.read_text(encoding="utf-8")
    real, at = [], 0
    for block in _BLOCKS.finditer(page):
        printed = ran(block["commands"], folder, env)
        if block["shown"] is not None:
            real += [page[at : block.start("shown")], printed]
            at = block.end("shown")
    whole = "".join([*real, page[at:]])
    if os.environ.get("GOLDEN_WRITE"):
        PAGE.write_text(whole, encoding="utf-8")
    assert whole == PAGE.read_text(encoding="utf-8")
    message = message_from_bytes((folder / "reply.eml").read_bytes())
    assert message["In-Reply-To"] == "<20261116.0912.lamps@amazon.com>"
    assert [part.get_filename() for part in message.walk() if part.get_filename()] == ["invoice-nordpost-2026-11-10.pdf"]


def test_the_same_walk_begins_in_chinese(tmp_path: Path) -> None:
    folder = tmp_path / "appeal-alone"
    shutil.copytree(ROOT / "examples" / "appeal-alone", folder)
    env = dict(os.environ) | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"}
    ran("goodstanding facts-from orders.txt shipped.txt --account lamps --out facts --language zh-Hans", folder, env)
    drafted = ran("goodstanding draft notice-zh.eml --facts facts --account lamps --as-of 2026-11-15", folder, env)
    assert "迟发货：56 个订单中有 20 个" in drafted
    assert "行动计划" in drafted
