"""Docs are held to the code: settings, commands, links, generated pages."""

import re
import subprocess
import sys
from pathlib import Path

from goodstanding.server.services import events

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = ROOT / "src" / "goodstanding" / "server" / "settings.py"


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]


def test_every_setting_is_documented_and_no_other() -> None:
    read = set(re.findall(r'\b(?:text|flag)\("([A-Z_]+)"', SETTINGS.read_text(encoding="utf-8")))
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `GOODSTANDING_([A-Z_]+)`", page, re.MULTILINE))
    assert told == read


def test_every_event_is_documented_and_no_other() -> None:
    services = ROOT / "src" / "goodstanding" / "server" / "services"
    said = [
        re.findall(r"""\btype"?\s*[=:]\s*"([a-z_.]+)"(?: if \w+ else "([a-z_.]+)")?""", path.read_text(encoding="utf-8"))
        for path in services.glob("*.py")
    ]
    told = {name for found in said for pair in found for name in pair if "." in name or name == "ping"}
    page = (ROOT / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    listed = [re.findall(r"`([a-z_.]+)`", line.split("|")[1]) for line in page.partition("| type |")[2].splitlines() if line.startswith("| `")]
    assert sorted(name for names in listed for name in names) == sorted(told)
    assert set(events.KINDS) | {"ping"} == told


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run([sys.executable, "tools/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = []
    for page in pages():
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for page in pages() for name in re.findall(r"`?make ([a-z]+)\b(?:`| {2,}#)", page.read_text(encoding="utf-8"))}
    assert named - targets == set()


def test_every_command_that_a_page_names_exists() -> None:
    from goodstanding.cli.main import COMMANDS

    named = {
        name for page in pages() for name in re.findall(r"(?:^|[`$/ ])goodstanding ([a-z][a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    prose = {"is", "and", "in", "does", "has", "runs", "reads", "itself", "makes", "needs", "on", "for", "to", "can", "keeps", "with", "alone"}
    assert named - set(COMMANDS) - prose == set()


def test_every_decision_has_a_number_of_its_own_and_bears_it() -> None:
    """A link by number must lead to one decision."""
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [record.name[:4] for record in records]
    assert len(numbers) == len(set(numbers)), "take the next free number"
    for record in records:
        assert record.read_text(encoding="utf-8").startswith(f"# {int(record.name[:4])}."), record.name
