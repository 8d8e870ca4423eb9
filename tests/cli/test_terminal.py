"""The command line as a whole: quick to start, helpful, coloured only where there is a terminal, with exit codes that hold (issue 6, point 8)."""

import os
import pty
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples" / "appeal-alone"
SELLERS = ("read-notice", "health", "facts-from", "diagnose", "tasks", "draft", "check", "reply", "followups")
HEAVY = {"duckdb", "pyarrow", "numpy", "scipy", "rich", "django", "sqlite3", "harper", "email", "tomllib"}
COMMAND = [sys.executable, "-m", "goodstanding"]
STARTS_WITHIN = 0.25
"""Seconds of processor time in which `goodstanding --help` is there; a machine that is slow has four times what its library of commands takes."""


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], env=dict(os.environ) | env, capture_output=True, text=True, check=False, encoding="utf-8")


def least_time(*arguments: str) -> float:
    """Seconds of processor time that Python takes, the least of three times."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def in_terminal(*arguments: str, **env: str) -> str:
    """What a command shows in a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    whole = (
        {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")} | {"TERM": "xterm-256color", "COLUMNS": "80"} | env
    )
    shown = b""
    with subprocess.Popen([*COMMAND, *arguments], env=whole, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            pass  # so Linux says that the other end is closed
    os.close(ours)
    return shown.decode()


def test_help_starts_within_250_ms_and_loads_nothing_heavy():
    assert least_time(*COMMAND[1:], "--help") < max(STARTS_WITHIN, 4 * least_time("-c", "import click"))
    loaded = subprocess.run([sys.executable, "-X", "importtime", *COMMAND[1:], "--help"], capture_output=True, text=True, check=False).stderr
    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in loaded.splitlines()}
    assert "click" in modules
    assert modules & HEAVY == set()


@pytest.mark.parametrize("command", SELLERS)
def test_every_sellers_command_has_examples_and_exit_codes_in_its_help(command: str):
    done = run(command, "--help")
    assert done.returncode == 0
    assert re.search(rf"Examples?:\n\s+goodstanding {command}\b", done.stdout)
    if command != "draft":
        assert re.search(r"Exit (?:code )?0", done.stdout)


def test_names_of_commands_are_completed_without_loading_them():
    """A shell asks at every press of a key."""
    done = run(_GOODSTANDING_COMPLETE="bash_complete", COMP_WORDS="goodstanding re", COMP_CWORD="1")
    assert done.stdout.split() == ["plain,read-notice", "plain,relate", "plain,reply"]


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["nothing"], 2), (["health"], 2), (["health", "no-such-file"], 2)])
def test_wrong_use_leaves_with_2_and_says_so_on_stderr_alone(arguments: list[str], code: int):
    done = run(*arguments)
    assert done.returncode == code
    assert (done.stdout == "") == (code == 2)
    assert "Traceback" not in done.stderr


def test_a_terminal_has_colour_and_80_columns_and_no_color_takes_it_away():
    report = str(EXAMPLES / "report.json")
    coloured, plain = in_terminal("health", report), in_terminal("health", report, NO_COLOR="1")
    assert "\x1b[1;31mMISSED" in coloured
    assert "MISSED" in plain
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", plain)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert max(len(line) for line in bare.splitlines()) <= 80


def test_a_pipe_has_no_colour():
    assert "\x1b" not in run("health", str(EXAMPLES / "report.json")).stdout
    assert "\x1b" not in run("check", str(EXAMPLES / "plan.md")).stdout


def test_a_terminal_without_chinese_signs_gets_question_marks_and_no_traceback():
    done = run("read-notice", str(EXAMPLES / "notice-zh.eml"), "--language", "zh-Hans", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "PERF_LATE_SHIPMENT" in done.stdout
    assert "Traceback" not in done.stderr
