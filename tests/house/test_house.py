"""The rules of the house that no other tool holds: sizes, rooms, words, seams."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "goodstanding"
PYTHON = sorted(SOURCE.rglob("*.py"))
MODULES = [path for path in PYTHON if "migrations" not in path.parts]


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows or would add."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_module_is_longer_than_500_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_every_room_stands_in_the_architecture_with_one_line() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([\w/.]+?)/?` \|", text, re.MULTILINE))
    rooms = {str(path.parent.relative_to(SOURCE)) for path in MODULES if path.name == "__init__.py"} - {"."}
    rooms = {room for room in rooms if "/management" not in room}
    assert rooms - named == set(), "rooms that ARCHITECTURE.md does not name"
    assert {name for name in named if not (SOURCE / name).exists() and not (ROOT / name).exists()} == set(), "rooms named that are not there"


def test_everything_the_architecture_points_to_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.split("## To change X, edit Y", 1)[1]
    pointed = set(re.findall(r"`([\w/.\-]+/[\w/.\-]*)`", table))
    missing = {name for name in pointed if not any((base / name).exists() for base in (ROOT, SOURCE))}
    assert missing == set()


def test_urls_name_their_doors_as_modules_and_never_as_strings() -> None:
    for path in SOURCE.rglob("urls.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "include":
                assert not isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno} includes a string; imports contracts cannot see it"


def test_rules_live_in_the_core_and_services_are_keyword_only() -> None:
    for path in (SOURCE / "server" / "services").glob("*.py"):
        if path.name in ("call.py", "__init__.py"):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            takes_call = isinstance(node, ast.FunctionDef) and any(a.arg == "call" for a in [*node.args.args, *node.args.kwonlyargs])
            if takes_call and not node.name.startswith("_"):
                assert not node.args.args, f"{path.name}:{node.lineno} {node.name} takes positional arguments"


def test_only_services_and_migrations_write_tables() -> None:
    writes = re.compile(
        r"\.objects\.(create|bulk_create|update_or_create|get_or_create|bulk_update)\(|\.(save|delete)\(|\.objects\.filter\([^\n]*\)\.update\("
    )
    for door in ("console", "portal", "api", "jobs", "mailroom", "identity", "demo"):
        for path in (SOURCE / "server" / door).rglob("*.py"):
            found = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if writes.search(line)]
            assert not found, f"{path.relative_to(SOURCE)} writes a table in lines {found}; that belongs to a service"


def test_nothing_of_anybodys_machine_is_written_down() -> None:
    here = re.escape(str(ROOT.parent)) + "/"
    words = re.compile(rf"{here}|/home/\w+/|/root/|C:\\\\Users")
    for path in tracked("*.py", "*.md", "*.toml", "*.html", "*.css", "*.js", "*.sql", "Makefile", ".ci/run"):
        if path == Path(__file__).resolve():
            continue
        assert not words.search(path.read_text(encoding="utf-8")), f"{path.relative_to(ROOT)} names a path of a machine"


def test_no_open_ends_in_the_source() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError|pragma: no cover", text), (
            f"{path.relative_to(SOURCE)} leaves something open"
        )
