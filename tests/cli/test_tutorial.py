"""The tutorial, command by command, as a newcomer types it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests import environment

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "tutorial" / "first-loop.md"
FINDS_SOMETHING = {"goodstanding policy validate examples/first-loop/broken.toml": "did you mean 'late_shipment_rate'?"}
"""Commands that are meant to end with exit code 1, and what they say."""


def commands() -> list[str]:
    """Every line of the page's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith("export PATH")]


def test_every_command_of_the_tutorial_does_what_the_page_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    env = environment.plain()
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    said: dict[str, str] = {}
    for line in commands():
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            env[name] = value
            continue
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        said[line] = done.stdout + done.stderr
        assert done.returncode == (1 if line in FINDS_SOMETHING else 0), f"{line}\n{said[line]}"
        assert "Traceback" not in said[line], said[line]
    for line, word in FINDS_SOMETHING.items():
        assert word in said[line]
    assess = next(text for line, text in said.items() if line.startswith("goodstanding assess"))
    assert "orders.csv row 42 column placed_at" in assess
    demo = said["goodstanding demo --once"]
    assert "which may sell again" in demo
    assert "NO" not in re.findall(r"^(yes|NO)\b", demo, re.MULTILINE)
    assert "no break" in demo
    assert re.search(r"\d+ entries", said["goodstanding manage verify_ledger"])
