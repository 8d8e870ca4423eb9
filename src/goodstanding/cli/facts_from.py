"""`goodstanding facts-from`: a seller's own order, shipment, feedback and return reports as a folder of facts."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from goodstanding.cli.check import read_bytes
from goodstanding.core.errors import UnusableInput
from goodstanding.intake.order_report import Facts, Row, facts_from_reports
from goodstanding.intake.seller_report import looks_like_json, unpacked
from goodstanding.intake.tables import ENCODINGS, read_table
from goodstanding.packs.reports import load_health_form, load_table_forms
from goodstanding.telling.wording import Wording, wording

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
FINDINGS_SHOWN = 10
"""Rows left out that are told one by one."""

_EXAMPLES = """\b
Examples:
  goodstanding facts-from all-orders.txt shipped.txt --account A1SELLER --out facts
  goodstanding facts-from orders.txt feedback.txt returns.txt --account A1SELLER --out facts --store DE --dates dmy

\b
Exit 0: written, 1: written, and some rows were left out (on stderr), 2: nothing was written.
Give the order report first with what you confirmed to the marketplace: when each order left, by which carrier.
Buyers' names, addresses and mails are not taken over."""


@click.command("facts-from", epilog=_EXAMPLES)
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="REPORT...")
@click.option("--account", required=True, metavar="ID", help="What the account is called in the facts; yours to choose.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="The folder to write.")
@click.option("--store", default="", metavar="CODE", help="The store, like DE, where the reports name none.")
@click.option("--dates", type=click.Choice(["dmy", "mdy"]), help="How dates like 03/04/26 are meant (default: told from the file).")
@click.option("--encoding", type=click.Choice(ENCODINGS), help="How the files are written (default: told from the bytes).")
@click.option("--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|DIR", help="Pack whose marketplace wrote the reports.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of what is printed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def facts_from(
    reports: Sequence[Path],
    account: str,
    out: Path,
    store: str,
    dates: str | None,
    encoding: str | None,
    pack_name: str,
    language: str,
    as_json: bool,
) -> int:
    """Make a folder of facts, for diagnose, tasks, draft and check, from the reports that a seller can download.

    REPORT is a flat file (tab, comma or semicolon; UTF-8, cp1252, Shift_JIS, GB 18030 ...; also gzipped): all orders, unshipped
    orders, shipping confirmations, feedback, returns. What no report says stays empty and is named.
    """
    forms, form = load_table_forms(pack_name), load_health_form(pack_name)
    files = []
    for path in reports:
        content = unpacked(read_bytes(path), path.name)
        if looks_like_json(content):
            raise UnusableInput(f"{path.name} is JSON; that is for `goodstanding health`")
        files.append(read_table(content, path.name, forms, encoding or ""))
    facts = facts_from_reports(files, forms, form.channels, account, store, dates or "")
    if not facts.orders:
        raise UnusableInput("none of these reports has an order with its purchase date; add the all-orders report")
    for kind, rows in facts.tables().items():
        write_table(out / f"{kind}.csv", rows)
    said = wording(language)
    if as_json:
        click.echo(json.dumps(_document(said, out, facts), ensure_ascii=False, indent=2))
    else:
        _tell(said, out, account, facts)
    return int(bool(facts.findings))


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """A fact table as CSV: the whole file or none of it. Raises UnusableInput where it cannot be written."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        partial.replace(path)
    except OSError as error:
        raise UnusableInput(f"{path} cannot be written: {error.strerror or error}; give another folder with --out") from None


def _say(said: Wording, note: tuple[str, Mapping[str, object]]) -> str:
    key, values = note
    return said("facts_from", key, **values)


def _document(said: Wording, out: Path, facts: Facts) -> dict[str, object]:
    return {
        "folder": str(out),
        "tables": {kind: len(rows) for kind, rows in facts.tables().items()},
        "notes": [{"code": note[0], "message": _say(said, note)} for note in facts.notes],
        "left_out": [finding.line() for finding in facts.findings],
    }


def _tell(said: Wording, out: Path, account: str, facts: Facts) -> None:
    for finding in facts.findings[:FINDINGS_SHOWN]:
        click.echo(f"{said('facts_from', 'left_out')}: {finding.line()}", err=True)
    if (more := len(facts.findings) - FINDINGS_SHOWN) > 0:
        click.echo(f"{said('facts_from', 'left_out')}: + {more}", err=True)
    for note in facts.notes:
        click.echo(f"- {_say(said, note)}")
    for kind, rows in facts.tables().items():
        click.echo(said("facts_from", "written", file=out / f"{kind}.csv", n=len(rows)))
    click.echo(said("facts_from", "next", out=out, account=account))
