"""`goodstanding followups`: what was sent, what is due, and when to ask after it."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from goodstanding.cli.book import Book, book_path
from goodstanding.cli.moments import MOMENT, in_utc
from goodstanding.core.appeals.followups import FollowUp, Sent, follow_up
from goodstanding.core.terms import Clock, FollowUpState
from goodstanding.packs.loader import load_pack
from goodstanding.telling.wording import Wording, wording

LANGUAGES = ("en", "zh-Hans", "zh-Hant")

_STYLES = {FollowUpState.ASK_NOW: "yellow", FollowUpState.WAITING: "cyan", FollowUpState.ANSWERED: "green"}
_BOOK = click.Path(dir_okay=False, path_type=Path)
_EXAMPLES = """\b
Examples:
  goodstanding followups
  goodstanding followups --json --book shop.sqlite
  goodstanding followups asked 3
  goodstanding followups answered 3 --note "more information wanted"

\b
Exit 0: nothing to ask after now, 1: something is due, 2: the book cannot be used.
The book is one file: --book, else GOODSTANDING_BOOK, else in your own folder."""


@click.group(invoke_without_command=True, epilog=_EXAMPLES)
@click.option("--book", type=_BOOK, metavar="FILE", help="Your book of replies.")
@click.option("--now", type=MOMENT, metavar="MOMENT", help="As of this moment, like 2026-03-02T09:30 (UTC; default: now).")
@click.option("--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|FILE", help="Policy pack; it says how long to wait.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of what is printed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def followups(ctx: click.Context, book: Path | None, now: datetime | None, pack_name: str, language: str, as_json: bool) -> int:
    """What was sent when, what is due, and when to ask after it. `goodstanding reply` writes it down."""
    moment = in_utc(now)
    ctx.obj = (Book(book_path(book)), moment, wording(language))
    if ctx.invoked_subcommand:
        return 0
    wait = load_pack(pack_name).deadlines[Clock.FOLLOW_UP]
    found = [follow_up(entry, wait, moment) for entry in ctx.obj[0].entries()]
    if as_json:
        click.echo(json.dumps({"followups": [_document(one) for one in found]}, ensure_ascii=False, indent=2))
    else:
        _print(wording(language), found)
    return int(any(one.state is FollowUpState.ASK_NOW for one in found))


@followups.command()
@click.argument("number", type=int)
@click.option("--at", type=MOMENT, metavar="MOMENT", help="When (default: now).")
@click.pass_obj
def asked(obj: tuple[Book, datetime, Wording], number: int, at: datetime | None) -> None:
    """Note that you asked after reply NUMBER; the wait begins anew."""
    book, now, said = obj
    _told(said, "noted_asked", book.asked(number, _at(at, now)))


@followups.command()
@click.argument("number", type=int)
@click.option("--at", type=MOMENT, metavar="MOMENT", help="When (default: now).")
@click.option("--note", default="", metavar="TEXT", help="What the answer was.")
@click.pass_obj
def answered(obj: tuple[Book, datetime, Wording], number: int, at: datetime | None, note: str) -> None:
    """Note that reply NUMBER was answered; nothing is due for it any more."""
    book, now, said = obj
    _told(said, "noted_answered", book.answered(number, _at(at, now), note))


@followups.command()
@click.argument("number", type=int)
@click.option("--at", type=MOMENT, metavar="MOMENT", help="When (default: now).")
@click.pass_obj
def sent(obj: tuple[Book, datetime, Wording], number: int, at: datetime | None) -> None:
    """Correct when reply NUMBER was really sent."""
    book, now, said = obj
    _told(said, "noted_sent", book.sent(number, _at(at, now)))


@followups.command()
@click.argument("number", type=int)
@click.pass_obj
def forget(obj: tuple[Book, datetime, Wording], number: int) -> None:
    """Take reply NUMBER out of the book."""
    book, _, said = obj
    _told(said, "forgotten", book.forget(number))


def _at(at: datetime | None, now: datetime) -> datetime:
    return now if at is None else in_utc(at)


def _told(said: Wording, key: str, entry: Sent) -> None:
    click.echo(said("followups", key, number=entry.number, subject=entry.subject))


def _document(one: FollowUp) -> dict[str, Any]:
    entry = one.sent
    return {
        "number": entry.number,
        "state": str(one.state),
        "subject": entry.subject,
        "to": entry.to or None,
        "channel": entry.channel or None,
        "plan": entry.plan or None,
        "file": entry.file or None,
        "reasons": list(entry.reasons),
        "sent_at": entry.sent_at.isoformat(),
        "must_by": entry.must_by.isoformat() if entry.must_by else None,
        "late": one.late,
        "ask_at": one.ask_at.isoformat() if one.ask_at else None,
        "asked": [moment.isoformat() for moment in entry.asked],
        "answered_at": entry.answered_at.isoformat() if entry.answered_at else None,
        "note": entry.note or None,
    }


def _print(said: Wording, found: list[FollowUp]) -> None:
    if not found:
        click.echo(said("followups", "none"))
        return
    if not sys.stdout.isatty():
        for one in found:
            click.echo("\t".join(_cells(said, one)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1), header_style="dim")
    for heading in ("number", "state", "sent", "next", "subject"):
        table.add_column(said("followups", heading), overflow="fold")
    for one in found:
        table.add_row(*(Text(cell, _STYLES[one.state] if place == 1 else "") for place, cell in enumerate(_cells(said, one))))
    Console(highlight=False).print(table)


def _cells(said: Wording, one: FollowUp) -> list[str]:
    entry = one.sent
    following = f"{one.ask_at:%Y-%m-%d %H:%M}" if one.ask_at else entry.note or "-"
    state = said("followups", f"state_{one.state}") + (said("followups", "late") if one.late else "")
    return [str(entry.number), state, f"{entry.sent_at:%Y-%m-%d %H:%M}", following, entry.subject]
