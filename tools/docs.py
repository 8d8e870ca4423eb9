"""Write the generated pages of docs/reference from the code itself; `--check` fails where one is stale."""

import os
import sys
from pathlib import Path

import click

from goodstanding.cli.main import COMMANDS, goodstanding
from goodstanding.core.cases import lifecycle

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
MADE = "<!-- Written by `make docs`; change the code, not this page. -->\n\n"


def lifecycle_page() -> str:
    """The life of a case: picture and table."""
    return (
        f"# The life of a case\n\n{MADE}From `core/cases/lifecycle.py`, the one table that services, doors and this page go by.\n\n"
        f"```mermaid\n{lifecycle.diagram()}\n```\n\n{lifecycle.table_markdown()}\n\n"
        "Clocks are deadlines of the policy pack. A case leaves a state with its clock stopped.\n"
    )


def commands_page() -> str:
    """Every command with its own help."""
    parts = [f"# Commands\n\n{MADE}Exit code 0: fine. 1: a check found something. 2: unusable input, one line on stderr.\n"]
    context = click.Context(goodstanding, info_name="goodstanding", terminal_width=100, max_content_width=100)
    for name in COMMANDS:
        command = goodstanding.get_command(context, name)
        assert command is not None
        parts.append(_help(command, f"goodstanding {name}", context))
        if isinstance(command, click.Group):
            parts += [_help(command.commands[sub], f"goodstanding {name} {sub}", context) for sub in sorted(command.commands)]
    return "\n".join(parts)


def _help(command: click.Command, title: str, parent: click.Context) -> str:
    context = click.Context(command, info_name=title, terminal_width=100, max_content_width=100)
    return f"## {title}\n\n```\n{command.get_help(context)}\n```\n"


PAGES = {"lifecycle.md": lifecycle_page, "commands.md": commands_page}


def main() -> int:
    """Write the pages, or check them."""
    os.environ["COLUMNS"] = "100"
    stale = []
    for name, make in PAGES.items():
        path, text = REFERENCE / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote docs/reference/{name}")
    if stale and "--check" in sys.argv:
        print(f"stale: {', '.join(stale)}; run `make docs`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
