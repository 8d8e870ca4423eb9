"""`goodstanding check`: a plan or a dispute held against the rules such texts are judged by, before it is sent (requirements F2, F3, L1)."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import click

from goodstanding.cli.check_report import show_report
from goodstanding.core.appeals.checks.asking import asked_by, checks_of, names_of
from goodstanding.core.appeals.checks.context import Checked, DocumentAsked, FactSummary
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
FOLDER = click.Path(file_okay=False, path_type=Path)
DAY = click.DateTime(formats=["%Y-%m-%d"])


_EXAMPLES = """\b
Examples:
  goodstanding check plan.md
  goodstanding check plan.docx --notice notice.eml --attach contract.pdf --previous first-try.md
  goodstanding check plan.md --facts facts/ --account S-1 --json

Exit 0: no error found, 1: something should be mended before sending, 2: the input cannot be used."""


@click.command(epilog=_EXAMPLES)
@click.argument("plan", type=FILE)
@click.option(
    "--notice", type=FILE, metavar="FILE", help="The notice that the plan answers (.eml or text): its reasons, products, documents, language."
)
@click.option("--reason", "reasons", multiple=True, metavar="CODE", help="A reason that the plan has to answer; may be given more than once.")
@click.option("--product", "products", multiple=True, metavar="ID", help="A product that the plan has to name; may be given more than once.")
@click.option("--facts", type=FOLDER, metavar="DIR", help="Folder of fact tables that claims are held against; needs --account.")
@click.option("--account", metavar="ID", help="The account whose plan it is.")
@click.option("--mapping", type=FOLDER, metavar="DIR", help="Folder of <kind>.sql over the marketplace's own tables in --facts.")
@click.option("--as-of", type=DAY, metavar="DATE", help="Facts as known at the end of this day (default: the last day with an order).")
@click.option("--previous", multiple=True, type=FILE, help="What was sent before, to find resends; may be given more than once.")
@click.option("--attach", multiple=True, type=FILE, help="A file that goes with the plan; may be given more than once.")
@click.option("--today", type=DAY, metavar="DATE", help="The day on which it is checked; ages of documents count from it (default: today).")
@click.option("--route", type=click.Choice([str(route) for route in Route]), help="Plan or dispute (default: told from the text).")
@click.option("--language", metavar="LANG", help="Language of the plan (default: told from the text).")
@click.option("--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|FILE", help="Policy pack: a name, a file or a folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def check(
    plan: Path,
    notice: Path | None,
    reasons: Sequence[str],
    products: Sequence[str],
    facts: Path | None,
    account: str | None,
    mapping: Path | None,
    as_of: datetime | None,
    previous: Sequence[Path],
    attach: Sequence[Path],
    today: datetime | None,
    route: str | None,
    language: str | None,
    pack_name: str,
    as_json: bool,
) -> int:
    """Check a plan of action or a dispute before it is sent.

    PLAN is Markdown, text or .docx; - reads standard input. Exit 1: something is found that should be mended first. Nothing is ever blocked.
    """
    pack, day, source = load_pack(pack_name), (today or datetime.now(UTC)).date(), _read(plan)
    refuse_unknown(pack, reasons, pack_name)
    asked = Answering(tuple(reasons), tuple(products))
    if notice:
        from goodstanding.cli.notices import answer_notice  # its word lists are loaded only where a notice is given

        asked, _ = answer_notice(pack, pack_name, notice, asked)
    checked = prepare(pack, source, day, asked, Route(route) if route else None, language)
    checked = replace(
        checked,
        facts=_summary(pack, facts, mapping, account, as_of.date() if as_of else None),
        previous=tuple(_read(path).text for path in previous),
        attached=tuple(read_attachment(path.name, read_bytes(path), day) for path in attach) if attach else None,
        most_bytes=MOST_BYTES,
    )
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


@dataclass(frozen=True, slots=True)
class Answering:
    """What a plan has to answer: reasons, products and documents by their codes, and the language the notice wants.

    `ages`: document -> how many days old the notice lets it be, where it says so; that outranks the pack.
    """

    reasons: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    wanted: str | None = None
    ages: Mapping[str, int] = field(default_factory=dict)


def refuse_unknown(pack: PolicyPack, reasons: Sequence[str], pack_name: str) -> None:
    """Raise UnusableInput for a reason that the pack does not have."""
    if unknown := [code for code in reasons if code not in pack.reasons]:
        raise UnusableInput(f"--reason: {pack.name} has no reason '{unknown[0]}'; `goodstanding policy show {pack_name}` lists them")


def prepare(pack: PolicyPack, source: Source, today: date, asked: Answering, route: Route | None, language: str | None) -> Checked:
    """A text read and ready to be checked against what it has to answer."""
    from goodstanding.intake.spelling import slips_of  # its dictionary takes half a second; bad input is refused before

    languages = checks_of(pack)
    if not languages:
        raise UnusableInput(f"{pack.name} has no [checks] words; write standard_words = true in its main file to take over the shipped ones")
    spoken = nearest_language(language, tuple(languages)) if language else language_of(source.text, languages)
    plan = read_plan(source, languages[spoken])
    wanted = asked_by(pack, spoken, asked.reasons, asked.products, asked.documents, asked.wanted)
    documents = (_aged(document, asked.ages.get(document.asked.key)) for document in wanted.documents)
    return Checked(
        plan=plan,
        route=route or route_of(plan),
        today=today,
        asked=replace(wanted, documents=tuple(documents)),
        slips=slips_of(source.text, spoken, languages[spoken].words),
        quoted=names_of(pack, spoken),
    )


def _aged(document: DocumentAsked, days: int | None) -> DocumentAsked:
    return document if days is None else replace(document, asked=replace(document.asked, max_age_days=days))


def _summary(pack: PolicyPack, facts: Path | None, mapping: Path | None, account: str | None, as_of: date | None) -> FactSummary | None:
    if facts is None and account is None:
        return None
    from goodstanding.cli.account_facts import read_facts  # the engine is loaded only where facts are given

    one = read_facts(pack, facts, mapping, account, as_of)
    return one.summary if one else None


def _read(path: Path) -> Source:
    return read_plan_file("plan" if str(path) == "-" else path.name, read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """A file's bytes, or those of standard input for `-`. Raises UnusableInput where it cannot be read."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read: {error.strerror}; check the path and its permissions") from error
