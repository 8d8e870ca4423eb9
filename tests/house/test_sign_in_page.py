"""The how-to page on signing in is true: its commands run one after the other, and say what it shows."""

import shutil
from pathlib import Path

from tests.house.test_how_to import ROOT, blocks, run

PAGE = "let-staff-sign-in.md"


def test_the_commands_of_the_page_run_and_say_what_it_shows(tmp_path: Path, migrated: Path) -> None:
    (tmp_path / "src").symlink_to(ROOT / "src")
    lines = [f"export GOODSTANDING_VAR={tmp_path / 'var'}", f"export GOODSTANDING_DATABASE=sqlite:///{shutil.copy(migrated, tmp_path)}"]
    done = run("\n".join([*lines, *blocks(PAGE, "sh")]), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert blocks(PAGE, "text")[0] in done.stdout
