"""`goodstanding check`: a plan or a dispute held against the rules such texts are judged by, before it is sent (requirements F2, F3, L1)."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import click

from goodstanding.cli.check_report import show_report
from goodstanding.core.appeals.checks.asking import asked_by, checks_of
from goodstanding.core.appeals.checks.context import Asked, Checked
from goodstanding.core.appeals.checks.language import language_of
from goodstanding.core.appeals.checks.reading import Source, read_plan
from goodstanding.core.appeals.checks.registry import Report, run_checks
from goodstanding.core.appeals.checks.routes import route_of
from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import PolicyPack, nearest_language
from goodstanding.core.terms import Route
from goodstanding.intake.attachments import read_attachment
from goodstanding.intake.plan_file import read_plan_file
from goodstanding.packs.loader import load_pack

MOST_BYTES = 10 * 1024 * 1024
"""Bytes of an attached file that marketplaces' forms take."""

FILE = click.Path(path_type=Path, allow_dash=True)


@click.command(epilog="Example: goodstanding check plan.md --reason PERF_LATE_SHIPMENT --attach invoices.pdf --previous first-try.md")
@click.argument("plan", type=FILE)
@click.option("--reason", "reasons", multiple=True, metavar="CODE", help="A reason that the plan has to answer; may be given more than once.")
@click.option("--product", "products", multiple=True, metavar="ID", help="A product that the plan has to name; may be given more than once.")
@click.option("--previous", multiple=True, type=FILE, help="What was sent before, to find resends; may be given more than once.")
@click.option("--attach", multiple=True, type=FILE, help="A file that goes with the plan; may be given more than once.")
@click.option("--route", type=click.Choice(list(Route)), help="Plan or dispute (default: told from the text).")
@click.option("--language", metavar="LANG", help="Language of the plan (default: told from the text).")
@click.option("--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|FILE", help="Policy pack: a name, a file or a folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def check(
    plan: Path,
    reasons: Sequence[str],
    products: Sequence[str],
    previous: Sequence[Path],
    attach: Sequence[Path],
    route: str | None,
    language: str | None,
    pack_name: str,
    as_json: bool,
) -> int:
    """Check a plan of action or a dispute before it is sent.

    PLAN is Markdown, text or .docx; - reads standard input. Exit 1: something is found that should be mended first. Nothing is ever blocked.
    """
    pack, today = load_pack(pack_name), datetime.now(UTC).date()
    source = _read(plan)
    known = [code for code in reasons if code not in pack.reasons]
    if known:
        raise UnusableInput(f"--reason: {pack.name} has no reason '{known[0]}'; `goodstanding policy show {pack_name}` lists them")
    checked = _checked(pack, source, today, Route(route) if route else None, language, reasons, products, previous, attach)
    report = run_checks(checked)
    click.echo(
        json.dumps(document(report), ensure_ascii=False) if as_json else show_report(report, source, checked.words, colour=sys.stdout.isatty())
    )
    return 1 if report.has_errors else 0


def document(report: Report) -> dict[str, object]:
    """A report as JSON: places as lines and columns from 1, and the sum behind the score."""
    findings = [
        {"code": one.code, "severity": one.severity, "message": one.message, "hint": one.hint, **asdict(one.place)} for one in report.findings
    ]
    sums = [asdict(one) for one in report.score.sums]
    return {
        "route": report.route,
        "language": report.language,
        "findings": findings,
        "score": report.score.total,
        "sum": {"best": report.score.best, "less": sums, "left_out": report.score.left_out},
        "answered": report.answered,
    }


def _checked(
    pack: PolicyPack,
    source: Source,
    today: date,
    route: Route | None,
    language: str | None,
    reasons: Sequence[str],
    products: Sequence[str],
    previous: Sequence[Path],
    attach: Sequence[Path],
) -> Checked:
    from goodstanding.intake.spelling import slips_of  # its dictionary takes half a second; bad input is refused before

    languages = checks_of(pack)
    if not languages:
        raise UnusableInput(f"{pack.name} has no [checks] words; write standard_words = true in its main file to take over the shipped ones")
    spoken = nearest_language(language, tuple(languages)) if language else language_of(source.text, languages)
    words = languages[spoken]
    read = read_plan(source, words)
    return Checked(
        plan=read,
        route=route or route_of(read),
        today=today,
        asked=asked_by(pack, spoken, reasons, products) if reasons or products else Asked(),
        previous=tuple(_read(path).text for path in previous),
        attached=tuple(read_attachment(path.name, _bytes(path), today) for path in attach) if attach else None,
        most_bytes=MOST_BYTES,
        slips=slips_of(source.text, spoken, words.words),
    )


def _read(path: Path) -> Source:
    return read_plan_file("plan" if str(path) == "-" else path.name, _bytes(path))


def _bytes(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read: {error.strerror}; check the path and its permissions") from error
