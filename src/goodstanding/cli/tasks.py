"""`goodstanding tasks`: what puts each breach of one account right, ticked where the facts show that it is done (requirement E1)."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from goodstanding.cli.assess import DAY, FOLDER, show_progress
from goodstanding.core.appeals.tasks import Subject, Tick, TickState, subjects_now, tick_tasks
from goodstanding.core.errors import UnusableInput
from goodstanding.core.health.known import Days, account_on
from goodstanding.core.policy.pack import Words
from goodstanding.engines.base import FactSource
from goodstanding.engines.diagnosing import read_one
from goodstanding.packs.loader import load_pack_on
from goodstanding.telling.wording import Wording, wording

IDS_SHOWN = 5
"""Open items that a line names; --json names all."""

_MARKS = {TickState.DONE: ("✓", "green"), TickState.OPEN: ("·", "yellow"), TickState.UNKNOWN: ("?", "dim")}

_EXAMPLES = """\b
Examples:
  goodstanding tasks --facts facts/ --account S-1
  goodstanding tasks --facts facts/ --account S-1 --reason PERF_ODR --as-of 2026-03-01 --json

Exit 0: every task is done as far as facts can show, 1: some are open, 2: the input cannot be used."""

Ticks = Mapping[str, Sequence[Tick]]


@click.command(epilog=_EXAMPLES)
@click.option("--facts", required=True, type=FOLDER, metavar="DIR", help="Folder of fact tables (<kind>.parquet, .csv, .jsonl).")
@click.option("--account", required=True, metavar="ID", help="The account to look at.")
@click.option("--mapping", type=FOLDER, metavar="DIR", help="Folder of <kind>.sql over the marketplace's own tables in --facts.")
@click.option(
    "--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|FILE|DIR", help="Policy pack; it names the tasks of each reason."
)
@click.option(
    "--reason", "reasons", multiple=True, metavar="CODE", help="The tasks of this reason; may be given again (default: all that is breached)."
)
@click.option("--as-of", type=DAY, metavar="DATE", help="As known at the end of this day (default: the last day with an order).")
@click.option("--language", metavar="LANG", help="Words in this language (en, zh-Hans, zh-Hant; default: en).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def tasks(
    facts: Path,
    account: str,
    mapping: Path | None,
    pack_name: str,
    reasons: tuple[str, ...],
    as_of: datetime | None,
    language: str | None,
    as_json: bool,
) -> int:
    """List what puts each breach of an account right, ticked where the facts show that it is done."""
    day = as_of.date() if as_of else None
    pack = load_pack_on(pack_name, day)
    unknown = [code for code in reasons if code not in pack.reasons]
    if unknown:
        raise UnusableInput(f"--reason: {pack.name} has no reason '{unknown[0]}'; `goodstanding policy show` lists them")
    with show_progress() as progress:
        records, last, _ = read_one(FactSource(facts, mapping), pack, account, progress)
    day = day or last
    known = account_on(records.facts, day, Days())
    zone = pack.zone(known.marketplace) if known else None
    subjects = subjects_now(pack, records.facts, day, zone)
    wanted = {code: subjects.get(code, Subject(day)) for code in reasons or subjects}
    ticked = {code: tick_tasks(pack, pack.reasons[code], records.facts, subject, day, zone) for code, subject in wanted.items()}
    words = pack.words_for(language or "en")
    if as_json:
        click.echo(json.dumps(_document(account, day, words, ticked), ensure_ascii=False, indent=2))
    else:
        _print(words, wording(language), account, day, ticked)
    return int(any(tick.state is TickState.OPEN for ticks in ticked.values() for tick in ticks))


def _document(account: str, day: date, words: Words, ticked: Ticks) -> dict[str, Any]:
    reasons = [
        {
            "reason": code,
            "name": words.reasons[code],
            "tasks": [
                {"task": tick.task, "text": words.tasks.get(tick.task, tick.task), "state": str(tick.state)}
                | {"done": tick.done, "of": tick.of, "open_ids": list(tick.open_ids)}
                for tick in ticks
            ],
        }
        for code, ticks in ticked.items()
    ]
    return {"account_id": account, "as_of": day.isoformat(), "reasons": reasons}


def _print(words: Words, said: Wording, account: str, day: date, ticked: Ticks) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(said("tasks", "title", account=account, day=day), style="bold", markup=False)
    if not ticked:
        console.print(said("tasks", "none"), markup=False)
    for code, ticks in ticked.items():
        console.print(f"\n{words.reasons[code]} ({code})", style="bold", markup=False)
        for tick in ticks:
            mark, style = _MARKS[tick.state]
            console.print(f"  {mark} {words.tasks.get(tick.task, tick.task)}", style=style, markup=False)
            console.print(f"    {_state(said, tick)}", markup=False)


def _state(said: Wording, tick: Tick) -> str:
    if tick.state is TickState.UNKNOWN:
        return said("tasks", "unknown")
    done = said("tasks", "done", done=tick.done, of=tick.of)
    if not tick.open_ids:
        return done
    ids, more = ", ".join(tick.open_ids[:IDS_SHOWN]), len(tick.open_ids) - IDS_SHOWN
    return f"{done}; {said('tasks', 'still', ids=said('tasks', 'more', ids=ids, n=more) if more > 0 else ids)}"
