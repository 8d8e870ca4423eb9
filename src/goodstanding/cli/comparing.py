"""`goodstanding policy diff` and `policy try`: what changes between two packs, and what the change would have done to real accounts."""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from goodstanding.cli.assess import DAY, FINDINGS_SHOWN, FOLDER, show_progress
from goodstanding.core.enforcement.trial import AppealRecord, Tally, Verdict
from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.policy.diff import compare
from goodstanding.engines.base import FactSource
from goodstanding.engines.outcomes import read_outcomes
from goodstanding.engines.trying import try_packs
from goodstanding.packs.loader import load_pack
from goodstanding.telling.trial_report import Report, as_document, change_document, reason_name, report_on
from goodstanding.telling.try_page import appeal_lines, page, record_name, summary
from goodstanding.telling.wording import Wording, wording

if TYPE_CHECKING:
    from rich.table import Table

PAGE, DOCUMENT = "policy-try.html", "policy-try.json"
_PACKS_HELP = "OLD and NEW: a shipped pack (amazon, minimal), a .toml file, or a folder that holds pack.toml."
_LANGUAGE = click.option("--language", metavar="LANG", help="Words and names in this language (en, zh-Hans, zh-Hant; default: en).")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.command(epilog=_PACKS_HELP)
@click.argument("old")
@click.argument("new")
@_LANGUAGE
@_JSON
def diff(old: str, new: str, language: str | None, as_json: bool) -> None:
    """Say in words what changes from pack OLD to pack NEW; sources and dates apart."""
    before, after, words = load_pack(old), load_pack(new), wording(language)
    changes = compare(before, after, words.language)
    if as_json:
        packs = {name: {"pack": pack.name, "digest": pack.digest} for name, pack in (("old", before), ("new", after))}
        click.echo(json.dumps(packs | {"changes": [change_document(change, words) for change in changes]}, ensure_ascii=False, indent=2))
    else:
        click.echo(words.diff(changes))


@click.command("try", epilog=_PACKS_HELP)
@click.argument("old")
@click.argument("new")
@click.option("--facts", required=True, type=FOLDER, metavar="DIR", help="Folder of fact tables.")
@click.option("--mapping", type=FOLDER, metavar="DIR", help="Folder of <kind>.sql over the marketplace's own tables in --facts.")
@click.option("--from", "first", type=DAY, metavar="DATE", help="First day to look at (default: the first day with a fact).")
@click.option("--to", "last", type=DAY, metavar="DATE", help="Last day to look at (default: the last day with an order).")
@click.option("--as-of", type=DAY, metavar="DATE", help="Look at this one day.")
@click.option("--outcomes", type=FOLDER, metavar="FILE", help="Past appeals: .csv or .parquet with account_id, reason, outcome, decided_at.")
@click.option("--out", type=FOLDER, metavar="DIR", help=f"Write {PAGE} and {DOCUMENT} to this folder.")
@_LANGUAGE
@_JSON
def try_(
    old: str,
    new: str,
    facts: Path,
    mapping: Path | None,
    first: datetime | None,
    last: datetime | None,
    as_of: datetime | None,
    outcomes: Path | None,
    out: Path | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Try a change of policy on history: who would be newly limited, newly free, limited by both, and how their appeals went.

    Both packs run over the same facts, day by day, as if each action they call for had been agreed to on its day.
    """
    from_day, to_day = _days(as_of, first, last)
    before, after, words = load_pack(old), load_pack(new), wording(language)
    given = None if outcomes is None else read_outcomes(outcomes, {*before.reasons, *after.reasons})
    with show_progress() as progress:
        tried = try_packs(FactSource(facts, mapping), before, after, from_day, to_day, progress=progress)
    _tell_findings((*tried.findings, *(given[1] if given else ())))
    decided = given[0] if given else tried.outcomes or None
    report = report_on(before, after, tried.trial, decided, words.language)
    document = json.dumps(as_document(report, words), ensure_ascii=False, indent=None if out and not as_json else 2)
    if out:
        _write(out, {PAGE: page(report, words), DOCUMENT: document + "\n"})
    if as_json:
        click.echo(document)
        return
    _print(report, words)
    if out:
        click.echo(f"{out / PAGE}\n{out / DOCUMENT}")


def _days(as_of: datetime | None, first: datetime | None, last: datetime | None) -> tuple[date | None, date | None]:
    if as_of and (first or last):
        raise UnusableInput("--as-of names one day and --from/--to many; give one of the two")
    if as_of:
        return as_of.date(), as_of.date()
    return first.date() if first else None, last.date() if last else None


def _tell_findings(findings: tuple[Finding, ...]) -> None:
    for finding in findings[:FINDINGS_SHOWN]:
        click.echo(finding.line(), err=True)
    if len(findings) > FINDINGS_SHOWN:
        click.echo(f"and {len(findings) - FINDINGS_SHOWN} more; `goodstanding assess` over these facts lists them all", err=True)


def _write(folder: Path, files: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnusableInput(f"{folder}: cannot be written: {error.strerror or error}; give another folder with --out") from None


def _print(report: Report, words: Wording) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    trial = report.trial
    days = words.days((trial.last - trial.first).days + 1)
    console.print(words("page", "lead", old=report.old.name, new=report.new.name, first=trial.first, last=trial.last, days=days), markup=False)
    console.print(summary(report, words), style="bold", markup=False)
    console.print(_verdicts(report, words))
    for title, what, tallies, called in (
        ("by_reason", "reason", report.reasons, lambda name: reason_name(report, name, words.language)),
        ("by_rule", "rule", report.rules, lambda name: name),
    ):
        if tallies:
            console.print(_tally_table(words("page", title), words("page", what), tallies, words, called))
    for line in appeal_lines(report, words):
        console.print(line, markup=False)


def _verdicts(report: Report, words: Wording) -> "Table":
    records = list(AppealRecord) if report.appeals is not None else []
    rows = []
    for verdict in Verdict:
        counts = report.appeals.get(verdict) if report.appeals is not None else None
        rows.append(
            [words("page", verdict), f"{report.count(verdict):,}", *(f"{counts[record]:,}" if counts is not None else "" for record in records)]
        )
    return _table("", ["", words("page", "accounts").split("|")[-1], *(record_name(record, words) for record in records)], rows)


def _tally_table(title: str, what: str, tallies: Iterable[Tally], words: Wording, called: Callable[[str], str]) -> "Table":
    columns = [what, *(words("page", name) for name in ("old", "new", "gained", "lost")), words("page", "days")]
    rows = ([called(t.name), *(f"{value:,}" for value in (t.old, t.new, t.gained, t.lost)), f"{t.old_days:,} → {t.new_days:,}"] for t in tallies)
    return _table(title, columns, rows)


def _table(title: str, columns: list[str], rows: Iterable[list[str]]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
