"""Write the generated pages of docs/reference from the code itself; `--check` fails where one is stale."""

import os
import sys
from pathlib import Path

import click

from goodstanding.cli.main import COMMANDS, goodstanding
from goodstanding.core.cases import deadlines, lifecycle
from goodstanding.core.facts import COMMON, KINDS

sys.path.insert(0, str(Path(__file__).resolve().parent))
import roles

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
MADE = "<!-- Written by `make docs`; change the code, not this page. -->\n\n"


def lifecycle_page() -> str:
    """The life of a case: picture and table."""
    return (
        f"# The life of a case\n\n{MADE}From `core/cases/lifecycle.py`, the one table that services, doors and this page go by.\n\n"
        f"```mermaid\n{lifecycle.diagram()}\n```\n\n{lifecycle.table_markdown()}\n\n"
        f"An event that leaves a case where it stands is in the table only.\n\n## The clocks\n\n{deadlines.clocks_markdown()}\n\n"
        "Spans are deadlines of the policy pack. A clock stops where the case comes into a state in which it does not go on.\n"
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
            found = {sub: command.get_command(context, sub) for sub in sorted(command.list_commands(context))}
            parts += [_help(inner, f"goodstanding {name} {sub}", context) for sub, inner in found.items() if inner]
    return "\n".join(parts)


def _help(command: click.Command, title: str, parent: click.Context) -> str:
    context = click.Context(command, info_name=title, terminal_width=100, max_content_width=100)
    return f"## {title}\n\n```\n{command.get_help(context)}\n```\n"


TYPES = {
    "text": "text",
    "moment": "moment: ISO 8601, UTC unless it has an offset",
    "flag": "true or false",
    "whole": "whole number",
    "amount": "number",
}


def facts_page() -> str:
    """Every fact table with its columns."""
    parts = [
        f"# Fact tables\n\n{MADE}A fact folder holds one table per kind: `KIND.parquet`, a folder `KIND/` of Parquet parts, `KIND.csv` or `KIND.jsonl`. A missing table is empty.",
        "Columns marked * may not be empty. Other columns are kept. Every table may also carry:\n",
        "- `recorded_at`: when the platform learned the row (absent: the row's own time). The same key with other content and a later `recorded_at` is a correction.",
        "- `caused_by`: the enforcement action that caused the row; such a row never counts against the account.\n",
    ]
    common = {column.name for column in COMMON}
    for kind in KINDS.values():
        parts.append(
            f"## {kind.name}\n\nKey: {', '.join(f'`{name}`' for name in kind.key)}. Own time: `{kind.own_time}`.\n\n| column | type | values |\n|---|---|---|"
        )
        rows = [
            f"| `{c.name}`{'*' if c.required else ''} | {TYPES[c.type]} | {', '.join(f'`{value}`' for value in c.allowed) or '-'} |"
            for c in kind.columns
            if c.name not in common
        ]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def roles_page() -> str:
    """Who may do what."""
    return roles.page(MADE)


PAGES = {"roles.md": roles_page, "lifecycle.md": lifecycle_page, "commands.md": commands_page, "facts.md": facts_page}


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
