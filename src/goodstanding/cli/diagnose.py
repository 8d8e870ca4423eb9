"""`goodstanding diagnose`: what most probably caused a breach of one account, told apart from what happened, with the facts for each."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from goodstanding.cli.assess import DAY, FINDINGS_SHOWN, FOLDER, show_progress
from goodstanding.cli.read_notice import content_of
from goodstanding.core.appeals.diagnosis.model import Cause, Confidence, Diagnosis, Happening, TimelineDay
from goodstanding.core.appeals.diagnosis.sentences import say_cause, say_causes_in_short, say_facts, say_happening, say_surface
from goodstanding.core.appeals.reading.read import read_notice
from goodstanding.core.errors import Finding
from goodstanding.core.policy.pack import PolicyPack, Words
from goodstanding.core.values import Rate
from goodstanding.engines.base import FactSource
from goodstanding.engines.diagnosing import Asked, diagnose_account
from goodstanding.intake.notice_email import message_from_bytes
from goodstanding.packs.loader import load_pack_on
from goodstanding.packs.reading import load_reading
from goodstanding.telling.wording import Wording, wording

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding

DAYS_SHOWN = 25
"""Unusual days that the terminal lists."""

BAR_WIDTH = 20
"""Characters of a bar for all that went wrong."""

_STYLES = {Confidence.HIGH: "bold red", Confidence.MEDIUM: "yellow", Confidence.LOW: "dim"}

_EXAMPLES = """\b
Examples:
  goodstanding diagnose --facts facts/ --account S-1
  goodstanding diagnose notice.eml --facts facts/ --account S-1
  goodstanding diagnose --facts facts/ --account S-1 --reason PERF_LATE_SHIPMENT --as-of 2026-03-01
  goodstanding diagnose --facts olist/ --mapping examples/olist --pack examples/olist/pack.toml --account ID --metric late_shipment_rate_30d --json

Exit 0: the metric is within its target, 1: it is not, 2: the input cannot be used."""


@click.command(epilog=_EXAMPLES)
@click.argument("notice", required=False)
@click.option("--facts", required=True, type=FOLDER, metavar="DIR", help="Folder of fact tables (<kind>.parquet, .csv, .jsonl).")
@click.option("--account", required=True, metavar="ID", help="The account to look at.")
@click.option("--mapping", type=FOLDER, metavar="DIR", help="Folder of <kind>.sql over the marketplace's own tables in --facts.")
@click.option(
    "--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|FILE|DIR", help="Policy pack; [diagnosis] names what is compared."
)
@click.option("--reason", metavar="CODE", help="Explain the breach behind this reason, like PERF_LATE_SHIPMENT.")
@click.option("--metric", metavar="NAME", help="Explain this metric (default: the one furthest over its target).")
@click.option("--as-of", type=DAY, metavar="DATE", help="As known at the end of this day (default: the last day with an order).")
@click.option("--language", metavar="LANG", help="Words in this language (en, zh-Hans, zh-Hant; default: en).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def diagnose(
    notice: str | None,
    facts: Path,
    account: str,
    mapping: Path | None,
    pack_name: str,
    reason: str | None,
    metric: str | None,
    as_of: datetime | None,
    language: str | None,
    as_json: bool,
) -> int:
    """Say which orders, products, days, carriers, changes or sign-ins explain a breach, and when none does.

    What happened (the metric) is told apart from why: groups of orders in which more went wrong than chance explains, by exact tests that count
    every comparison made. NOTICE (an .eml file or a text, - for standard input) names the reason; without one, --reason or --metric does.
    """
    day = as_of.date() if as_of else None
    pack = load_pack_on(pack_name, day)
    if notice and not reason and not metric:
        reason = _reason_of(notice, pack, pack_name)
    with show_progress() as progress:
        diagnosis, findings = diagnose_account(FactSource(facts, mapping), pack, Asked(account, day, metric, reason), progress)
    tell_findings(findings)
    words = pack.words_for(language or "en")
    if as_json:
        click.echo(json.dumps(document(pack, words, diagnosis), ensure_ascii=False, indent=2))
    else:
        _print(pack, words, wording(language), diagnosis)
    return int(diagnosis.met is False)


def _reason_of(notice: str, pack: PolicyPack, pack_name: str) -> str | None:
    """The reason that a notice names most surely, of those with a metric behind; None where it names none at all."""
    found = read_notice(message_from_bytes(content_of(notice)), load_reading(pack_name))
    codes = [one.code for one in sorted(found.reasons, key=lambda one: -one.confidence)]
    judged = {metric.reason for metric in pack.metrics.values()}
    return next((code for code in codes if code in judged), codes[0] if codes else None)


def document(pack: PolicyPack, words: Words, diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis as one JSON document, with its sentences in the language of `words`."""
    rate = Rate(diagnosis.numerator, diagnosis.denominator)
    metric = pack.metrics.get(diagnosis.metric)
    target = metric.target if metric else None
    return {
        "account_id": diagnosis.account_id,
        "as_of": diagnosis.as_of.isoformat(),
        "metric": diagnosis.metric,
        "surface_cause": {
            "metric": diagnosis.metric,
            "reason": diagnosis.reason,
            "numerator": rate.numerator,
            "denominator": rate.denominator,
            "rate": rate.numerator / rate.denominator if rate.denominator else None,
            "target": target.text if target else None,
            "met": diagnosis.met,
            "from": diagnosis.first.isoformat(),
            "to": diagnosis.last.isoformat(),
            "text": say_surface(pack, words, diagnosis),
        },
        "causes": [_cause_document(pack, words, diagnosis, cause) for cause in diagnosis.causes],
        "comparisons": diagnosis.looks,
        "text": say_causes_in_short(words, diagnosis),
        "timeline": [_day_document(pack, words, day) for day in diagnosis.timeline],
    }


def _cause_document(pack: PolicyPack, words: Words, diagnosis: Diagnosis, cause: Cause) -> dict[str, Any]:
    return {
        "kind": str(cause.kind),
        "dimension": cause.dimension,
        "value": cause.value,
        "from": cause.first.isoformat(),
        "to": cause.last.isoformat(),
        "defects": cause.defects,
        "orders": cause.orders,
        "of_defects": cause.of_defects,
        "of_orders": cause.of_orders,
        "share_of_defects": cause.share_of_defects,
        "share_of_orders": cause.share_of_orders,
        "excess": cause.excess,
        "p_value": cause.p_value,
        "confidence": str(cause.confidence),
        "text": say_cause(words, diagnosis, cause),
        "facts": say_facts(pack, words, diagnosis, cause),
        "ids": list(cause.ids),
    }


def _day_document(pack: PolicyPack, words: Words, day: TimelineDay) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "orders": day.orders,
        "defects": day.defects,
        "unusual": day.is_unusual,
        "happened": [_happening_document(pack, words, one) for one in day.happenings],
    }


def _happening_document(pack: PolicyPack, words: Words, one: Happening) -> dict[str, Any]:
    told = {"kind": str(one.kind), "what": one.what, "value": one.value, "count": one.count, "unusual": one.is_unusual}
    return told | {"text": say_happening(pack, words, one)}


def tell_findings(findings: Sequence[Finding]) -> None:
    """The first findings about facts, on stderr."""
    for finding in findings[:FINDINGS_SHOWN]:
        click.echo(finding.line(), err=True)
    if len(findings) > FINDINGS_SHOWN:
        click.echo(f"and {len(findings) - FINDINGS_SHOWN} more; `goodstanding assess` over these facts lists them all", err=True)


def _line(text: str, indent: int, style: str = "") -> "Padding":
    """A line that keeps its indent where it is wrapped."""
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(text, style=style), (0, 0, 0, indent))


def _print(pack: PolicyPack, words: Words, said: Wording, diagnosis: Diagnosis) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(said("diagnose", "title", account=diagnosis.account_id, day=diagnosis.as_of), style="bold", markup=False)
    console.print(f"\n{said('diagnose', 'what_happened')}", style="bold", markup=False)
    console.print(_line(say_surface(pack, words, diagnosis), 2, "red" if diagnosis.met is False else "green"))
    console.print(f"\n{said('diagnose', 'why')}", style="bold", markup=False)
    if not diagnosis.causes:
        console.print(_line(say_causes_in_short(words, diagnosis), 2))
    for number, cause in enumerate(diagnosis.causes, 1):
        _print_cause(console, pack, words, said, diagnosis, number, cause)
    _print_timeline(console, pack, words, said, diagnosis)


def _print_cause(console: "Console", pack: PolicyPack, words: Words, said: Wording, diagnosis: Diagnosis, number: int, cause: Cause) -> None:
    sure = f"{said('diagnose', 'sure')}: {words.term(cause.confidence)}"
    console.print(_line(f"{number}. {say_cause(words, diagnosis, cause)}", 2, "bold"))
    console.print(_line(sure, 5, _STYLES[cause.confidence]))
    shares = (("share", cause.share_of_defects, "red"), ("orders_share", cause.share_of_orders, "cyan"))
    for name, share, style in shares:
        filled = max(round(BAR_WIDTH * share), 1)
        console.print(f"     {'█' * filled}{'░' * (BAR_WIDTH - filled)}", style=style, markup=False, end=" ")
        console.print(f"{share:5.0%} {said('diagnose', name)}", markup=False)
    for fact in say_facts(pack, words, diagnosis, cause):
        console.print(_line(f"- {fact}", 5))


def _print_timeline(console: "Console", pack: PolicyPack, words: Words, said: Wording, diagnosis: Diagnosis) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    unusual = [day for day in diagnosis.timeline if day.is_unusual]
    console.print(f"\n{said('diagnose', 'timeline')}", style="bold", markup=False)
    if not unusual:
        first, last = (diagnosis.timeline[0].day, diagnosis.timeline[-1].day) if diagnosis.timeline else (diagnosis.first, diagnosis.last)
        console.print(_line(said("diagnose", "quiet", days=said.days((last - first).days + 1), first=first, last=last), 2))
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for column in ("day", "orders", "defects", "happened"):
        table.add_column(said("diagnose", column), justify="right" if column in ("orders", "defects") else "left", overflow="fold")
    for day in unusual[:DAYS_SHOWN]:
        happened = "; ".join(say_happening(pack, words, one) for one in day.happenings)
        table.add_row(Text(day.day.isoformat()), Text(str(day.orders)), Text(str(day.defects), style="red" if day.defects else ""), Text(happened))
    console.print(table)
    if len(unusual) > DAYS_SHOWN:
        console.print(f"  {said('diagnose', 'more_days', n=len(unusual) - DAYS_SHOWN)}", markup=False)
