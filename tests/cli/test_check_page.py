"""The page on drafting and checking a plan is true: its commands run, and what it shows is what they say."""

import re
import shlex
from pathlib import Path

import pytest

from goodstanding.cli.main import main

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "how-to" / "check-a-plan.md").read_text("utf-8")


def test_every_command_of_the_page_runs_and_says_what_it_shows(tmp_path, monkeypatch, capsys):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^    goodstanding (.*)$", PAGE, re.MULTILINE)
    said = ""
    for command in commands:
        with pytest.raises(SystemExit) as caught:
            main(shlex.split(command))
        assert caught.value.code == (1 if command.startswith("check") else 0), command
        said += capsys.readouterr().out
    assert len(commands) == 2
    plan = (tmp_path / "plan.md").read_text("utf-8")
    for shown in re.findall(r"^    ([-\w].*)$", PAGE, re.MULTILINE):
        if not shown.startswith("goodstanding "):
            assert shown in said + plan
