"""`goodstanding read-notice`: what a notice says, for a person at a terminal or as one JSON document."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from goodstanding.core.appeals.reading.notice_read import SIGNS_OF_FRAUD, Ask, Caution, Due, NoticeRead
from goodstanding.core.appeals.reading.read import read_notice as read
from goodstanding.core.errors import UnusableInput
from goodstanding.intake.mail import LARGEST_MAIL
from goodstanding.intake.notice_email import message_from_bytes
from goodstanding.packs.reading import load_reading, reading_texts, reason_names

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
SHOWN_NUMBERS = 8
"""Products or orders that the table names; the JSON names all."""

_EXAMPLES = """\b
Examples:
  goodstanding read-notice notice.eml
  goodstanding read-notice notice.eml --json | jq .reasons
  goodstanding read-notice notice.txt --language zh-Hans
  pbpaste | goodstanding read-notice -

\b
Exit code 0: read. 1: read, and it looks forged. 2: nothing to read."""


@click.command("read-notice", epilog=_EXAMPLES)
@click.argument("file", metavar="FILE")
@click.option("--pack", default="amazon", show_default=True, help="Whose notices: a shipped pack or the folder of one of your own.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of what is printed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def read_notice(file: str, pack: str, language: str, as_json: bool) -> int:
    """Read a notice: stage, reasons, what is asked for, until when.

    FILE is an .eml file or a text, in English, Simplified or Traditional Chinese; - reads standard input.
    """
    words = load_reading(pack)
    notice = read(message_from_bytes(content_of(file)), words)
    texts = reading_texts(language)
    if as_json:
        document = notice.as_document()
        for shown, caution in zip(document["warnings"], notice.warnings, strict=True):
            shown["message"] = _caution(caution, texts)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(list(_rows(notice, texts, reason_names(pack, language))))
    return 1 if notice.is_suspicious else 0


def content_of(file: str) -> bytes:
    """The bytes of a notice: a file, or standard input for `-`. Raises UnusableInput where there is nothing that could be one."""
    try:
        content = sys.stdin.buffer.read(LARGEST_MAIL + 1) if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UnusableInput(f"{file} cannot be read: {error.strerror or error}; give an .eml file, a text, or - for standard input") from None
    if not content.strip():
        raise UnusableInput(f"{'standard input' if file == '-' else file} is empty; paste the notice's text, or save the mail as .eml")
    if len(content) > LARGEST_MAIL:
        raise UnusableInput(f"{file} is larger than {LARGEST_MAIL // 1024 // 1024} MiB; that is no notice")
    return content


Row = tuple[str, str, str]
"""What it is about, what was read, and the passage that shows it."""


def _rows(notice: NoticeRead, texts: dict[str, Any], names: dict[str, str]) -> Iterator[Row]:
    labels = texts["labels"]
    unknown = labels["unknown"]
    yield labels["system"], notice.system or unknown, ""
    yield labels["language"], notice.language or unknown, ""
    yield (
        labels["stage"],
        texts["stages"].get(notice.stage.code, notice.stage.code) if notice.stage else unknown,
        notice.stage.where if notice.stage else "",
    )
    reasons = [
        (f"{names.get(found.code, found.code)} ({found.code}), {labels['sure']} {found.confidence:.0%}", found.where) for found in notice.reasons
    ]
    yield from _group(labels["reasons"], reasons, unknown)
    yield from _group(labels["legal_basis"], [(found.code, found.where) for found in notice.legal_basis], unknown)
    for label, numbers in ((labels["products"], notice.products), (labels["orders"], notice.orders)):
        if numbers:
            left = len(numbers) - SHOWN_NUMBERS
            yield label, ", ".join(numbers[:SHOWN_NUMBERS]) + (f" {labels['more'].format(count=left)}" if left > 0 else ""), ""
    yield from _group(labels["asks"], [(_ask(ask, texts), ask.where) for ask in notice.asks], unknown)
    yield from _group(labels["deadlines"], [(_due(due, texts), due.where) for due in notice.deadlines], unknown)
    yield labels["channel"], texts["channels"].get(notice.channel, notice.channel) or unknown, ""
    yield labels["funds"], labels["days"].format(days=notice.funds_hold_days) if notice.funds_hold_days else unknown, ""
    ordered = sorted(notice.warnings, key=lambda caution: caution.code not in SIGNS_OF_FRAUD)
    yield from _group(labels["warnings"], [(_caution(caution, texts), "") for caution in ordered], "")


def _group(label: str, entries: list[tuple[str, str]], unknown: str) -> Iterator[Row]:
    """The entries of one label, which is written before the first of them only."""
    if not entries and unknown:
        yield label, unknown, ""
    for place, (said, where) in enumerate(entries):
        yield "" if place else label, said, where


def _ask(ask: Ask, texts: dict[str, Any]) -> str:
    """An ask by its name; one that states its window ("invoices_90d") by the name of the thing and the window."""
    labels, names = texts["labels"], texts["asks"]
    thing, _, window = ask.code.rpartition("_")
    in_days = re.fullmatch(r"(\d+)d", window) if thing in names else None
    said = f"{names[thing]}, {labels['last_days'].format(days=in_days[1])}" if in_days else names.get(ask.code, ask.code)
    age = labels["not_older"].format(days=ask.max_age_days) if ask.max_age_days and not in_days else ""
    notes = [note for note in (age, labels["implied"] if ask.is_implied else "") if note]
    return f"{said} ({', '.join(notes)})" if notes else said


def _due(due: Due, texts: dict[str, Any]) -> str:
    labels, what = texts["labels"], texts["deadlines"].get(due.what, due.what)
    if due.on is not None:
        return f"{due.on.isoformat()} ({what})"
    hours = due.within_hours or 0
    said = labels["within_days"].format(days=hours // 24) if hours >= 96 and hours % 24 == 0 else labels["within"].format(hours=hours)
    return f"{said} ({what})"


def _caution(caution: Caution, texts: dict[str, Any]) -> str:
    said: str = texts["warnings"][caution.code]
    return said.format(**{"where": caution.where, **caution.values})


def _print(rows: list[Row]) -> None:
    """A table where there is a terminal; else one line per entry, so that a pipe can work with it."""
    if not sys.stdout.isatty():
        label = ""
        for named, said, where in rows:
            label = named or label
            click.echo(f"{label}: {said}" + (f' - "{where}"' if where else ""))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(ratio=3, overflow="fold")
    has_passages = any(where for _, _, where in rows)
    if has_passages:
        table.add_column(style="dim italic", ratio=2, overflow="fold")
    # Text, not str: brackets of a notice are no markup of ours.
    for named, said, where in rows:
        table.add_row(*[Text(cell) for cell in ((named, said, where) if has_passages else (named, said))])
    Console().print(table)
