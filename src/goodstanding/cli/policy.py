"""`goodstanding policy`: check a pack as a compiler would, show it so that a person can read it, compare two, try one on history."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from goodstanding.core.errors import InvalidPack
from goodstanding.core.policy.pack import Assurance, Citation, Metric, PolicyPack, Reason, Rule, Watch, Words
from goodstanding.core.terms import Approval
from goodstanding.packs.lists import check_lists
from goodstanding.packs.loader import load_pack

if TYPE_CHECKING:
    from rich.table import Table

_AGREED = {
    Approval.NONE: "at once, by the rule alone",
    Approval.PERSON: "once a specialist agrees",
    Approval.SENIOR: "once a senior specialist agrees",
}
_NARROW = {"window", "target", "steady", "source", "grade", "how long"}
_PACK_HELP = "A shipped pack (amazon, minimal), a .toml file, or a folder that holds pack.toml."


class _Group(click.Group):
    """Imports `diff` and `try`, which need the engine, only when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order in which a policy manager needs them."""
        return ["validate", "show", "diff", "try"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None where there is none."""
        if cmd_name not in ("diff", "try"):
            return super().get_command(ctx, cmd_name)
        from goodstanding.cli import comparing

        return comparing.diff if cmd_name == "diff" else comparing.try_


@click.group(cls=_Group)
def policy() -> None:
    """Check, show or compare policy packs, and try a change on history."""


@policy.command(epilog=_PACK_HELP)
@click.argument("pack", metavar="NAME|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def validate(pack: str, as_json: bool) -> int:
    """Find every mistake in a pack, its lists for notices and plans included. Exit 0: none, 1: mistakes on stdout, 2: no such pack."""
    try:
        read = load_pack(pack)
        check_lists(pack, read)
    except InvalidPack as invalid:
        if as_json:
            _print_json({"pack": pack, "valid": False, "findings": [asdict(finding) for finding in invalid.findings]})
        else:
            click.echo("\n".join(finding.line() for finding in invalid.findings))
            click.echo(f"{pack}: {_many(len(invalid.findings), 'mistake')}")
        return 1
    if as_json:
        _print_json({"pack": read.name, "valid": True, "findings": [], "digest": read.digest})
    else:
        counts = (_many(len(part), word) for part, word in ((read.metrics, "metric"), (read.reasons, "reason"), (read.rules, "rule")))
        click.echo(f"{read.name}: no mistakes ({', '.join(counts)}; {', '.join(read.languages)}; sha256 {read.digest})")
    return 0


@policy.command(epilog=_PACK_HELP)
@click.argument("pack", metavar="NAME|FILE")
@click.option("--language", help="Names and texts in this language; the pack's first one where it is not given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(pack: str, language: str | None, as_json: bool) -> None:
    """Show what a pack says: metrics and targets, rating, rules, reasons, deadlines, each number with its source and date."""
    read = load_pack(pack)
    words = read.words_for(language)
    if as_json:
        _print_json(as_document(read, words))
        return
    from rich.console import Console

    console = Console(highlight=False)
    console.print(f"[bold]{read.title}[/bold]  {read.name}, in force from {read.effective_from}, sha256 {read.digest[:16]}…")
    console.print(f"Stores: {', '.join(read.marketplaces)}.  Languages: {', '.join(read.languages)}.")
    for table in (
        _metric_table(read, words),
        _rating_table(read),
        _rule_table(read, words),
        _reason_table(read, words),
        _watch_table(read),
        _evidence_table(read, words),
        _deadline_table(read),
        _warning_table(read),
    ):
        if table.row_count:
            console.print()
            console.print(table)
    console.print()
    console.print(_source_table(read))
    for note in read.notes.values():
        console.print(f"Note: {note}", markup=False)


def as_document(pack: PolicyPack, words: Words) -> dict[str, Any]:
    """A pack as one JSON document, names in the language of `words`."""
    return {
        "pack": pack.name,
        "title": pack.title,
        "effective_from": pack.effective_from,
        "digest": pack.digest,
        "language": words.language,
        "languages": pack.languages,
        "marketplaces": {code: store.time_zone.key for code, store in pack.marketplaces.items()},
        "metrics": [_metric_document(metric, words) for metric in pack.metrics.values()],
        "rating": asdict(pack.rating),
        "rules": [asdict(rule) | {"limits": sorted(rule.limits), "bands": sorted(rule.bands)} for rule in pack.rules],
        "reasons": [_reason_document(reason, words) for reason in pack.reasons.values()],
        "evidence": [asdict(asked) | {"name": words.evidence[key]} for key, asked in pack.evidence.items()],
        "behaviour": [_watch_document(watch) for watch in pack.watches.values()],
        "deadlines": {
            name: {"span": str(span), "source": pack.deadline_citations[name].source, "as_of": pack.deadline_citations[name].as_of}
            for name, span in pack.deadlines.items()
        },
        "most_appeals": pack.most_appeals,
        "linkage": asdict(pack.linkage) if pack.linkage else None,
        "sign_in_watch": asdict(pack.sign_in_watch) if pack.sign_in_watch else None,
        "early_warning": asdict(pack.early_warning) if pack.early_warning else None,
        "assurance": _assurance_document(pack.assurance) if pack.assurance else None,
        "retention": [asdict(rule) | {"keep": str(rule.keep) if rule.keep else None} for rule in pack.retention.values()],
        "diagnosis": asdict(pack.diagnosis) if pack.diagnosis else None,
        "ticking": {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(pack.ticking).items()}
        if pack.ticking
        else None,
        "sources": [asdict(source) for source in pack.sources.values()],
        "notes": dict(pack.notes),
    }


def _assurance_document(assurance: Assurance) -> dict[str, object]:
    spans = {name: str(getattr(assurance, name)) for name in ("period", "window", "extension", "monitoring")}
    return asdict(assurance) | spans | {"plans": sorted(assurance.plans), "ends_for": sorted(assurance.ends_for)}


def rule_in_words(rule: Rule, words: Words) -> str:
    """When a rule strikes and what it does, as a sentence."""
    names = ", ".join(words.reasons[code] for code in rule.reasons)
    when = f"{rule.least_open} or more open" if rule.least_open > 1 else "any open"
    parts = [f"{when} of: {names}"]
    if rule.open_days:
        parts.append(f"for {_many(rule.open_days, 'day')} or more")
    if rule.bands:
        parts.append(f"while the rating is {' or '.join(sorted(rule.bands))}")
    limits = ", ".join(words.acts[act] for act in sorted(rule.limits))
    what = words.actions[rule.action] + (f" (may not: {limits})" if limits else "") + (f" for {rule.lasts}" if rule.lasts else "")
    return f"{what}, {_AGREED[rule.approval]}: {', '.join(parts)}"


def _metric_document(metric: Metric, words: Words) -> dict[str, Any]:
    return {
        "metric": metric.name,
        "name": words.metrics[metric.name],
        "rule": metric.rule,
        "holder_kind": metric.holder_kind,
        "window_days": metric.window.days,
        "lag_days": metric.window.lag,
        "target": metric.target.text if metric.target else None,
        "enforced_from": dict(metric.enforced_from),
        "minimum_volume": metric.minimum_volume,
        "recover_days": metric.recover_days,
        "reason": metric.reason,
        "source": metric.citation.source,
        "as_of": metric.citation.as_of,
    }


def _reason_document(reason: Reason, words: Words) -> dict[str, Any]:
    return asdict(reason) | {
        "name": words.reasons[reason.code],
        "cure": words.cures[reason.code],
        "routes": sorted(reason.routes),
        "also_found_by": sorted(reason.also_found_by),
        "tasks": {key: words.tasks[key] for key in reason.tasks},
        "prevention": {key: words.prevention[key] for key in reason.prevention},
        "guidance": words.guidance[reason.guidance] if reason.guidance else None,
    }


def _watch_document(watch: Watch) -> dict[str, Any]:
    return {key: sorted(value) if isinstance(value, frozenset) else value for key, value in asdict(watch).items()}


def _metric_table(pack: PolicyPack, words: Words) -> "Table":
    rows = (
        (
            f"{words.metrics[metric.name]} ({metric.holder_kind})\n{metric.reason or 'shown only'}{_from_days(metric)}",
            f"{metric.window.days} d" + (f", lag {metric.window.lag} d" if metric.window.lag else ""),
            metric.target.text if metric.target else "-",
            f"from {metric.minimum_volume}, {metric.recover_days} d\n{_cite(pack, metric.steadiness or metric.citation)}",
            _cite(pack, metric.citation),
        )
        for metric in pack.metrics.values()
    )
    return _table(
        "Metrics (steady: the volume that is enforced, the days within target that close a breach)", "metric|window|target|steady|source", rows
    )


def _from_days(metric: Metric) -> str:
    """The days from which stores enforce a metric, one line each; empty where all always do."""
    return "".join(f"\n{store} from {day}" for store, day in metric.enforced_from.items())


def _rating_table(pack: PolicyPack) -> "Table":
    rating = pack.rating
    bands = ", ".join(f"{band} from {least}" for band, least in rating.bands)
    points = ", ".join(f"{severity} {amount}" for severity, amount in rating.points.items())
    rows = [
        ("scale", f"{rating.lowest} to {rating.highest}, start {rating.start}; {bands}", _cite(pack, rating.citation)),
        ("gain", f"{rating.gain} per {rating.per_orders} orders fulfilled in {rating.window_days} days", _cite(pack, rating.citation)),
        (
            "points off",
            f"{points}; at most {rating.critical_cap} while a critical one counts",
            _cite(pack, rating.points_citation or rating.citation),
        ),
    ]
    return _table("Rating", "what|value|source", rows)


def _rule_table(pack: PolicyPack, words: Words) -> "Table":
    rows = ((f"{rule.id}\n  {rule_in_words(rule, words)}", _cite(pack, rule.citation)) for rule in pack.rules)
    return _table("Rules", "rule|source", rows)


def _reason_table(pack: PolicyPack, words: Words) -> "Table":
    rows = (
        (
            f"{words.reasons[code]}\n{code}",
            f"{reason.severity}, {', '.join([reason.found_by, *sorted(reason.also_found_by)])}, {reason.weight}",
            words.cures[code],
            _cite(pack, reason.citation),
        )
        for code, reason in pack.reasons.items()
    )
    return _table("Reasons", "reason|severity, found by|what lifts it|source", rows)


def _watch_table(pack: PolicyPack) -> "Table":
    shown = {"name", "rule", "reason", "citation"}
    rows = (
        (
            f"{watch.name}\n{watch.reason}",
            "; ".join(f"{key.replace('_', ' ')} {value}" for key, value in _watch_document(watch).items() if key not in shown and value),
            _cite(pack, watch.citation),
        )
        for watch in pack.watches.values()
    )
    return _table("Behaviour that is watched", "what|out of line|source", rows)


def _evidence_table(pack: PolicyPack, words: Words) -> "Table":
    rows = (
        (
            words.evidence[key],
            ", ".join(asked.kinds) + (f"; not older than {asked.max_age_days} days" if asked.max_age_days else ""),
            ", ".join(words.term(name) for name in asked.fields),
            _cite(pack, asked.citation),
        )
        for key, asked in pack.evidence.items()
    )
    return _table("Documents", "document|files|has to show|source", rows)


def _deadline_table(pack: PolicyPack) -> "Table":
    rows = [(name, str(span), _cite(pack, pack.deadline_citations[name])) for name, span in pack.deadlines.items()]
    rows.append(("appeals of one decision", f"at most {pack.most_appeals}", _cite(pack, pack.deadline_citations["most_appeals"])))
    return _table("Deadlines", "what|how long|source", rows)


def _warning_table(pack: PolicyPack) -> "Table":
    early = pack.early_warning
    rows = []
    if early:
        cited = _cite(pack, early.citation)
        rows.append(("what crosses a threshold by itself", f"{_many(early.days_ahead, 'day')} ahead", cited))
        rows.append(("what the next bad events would push over", f"at {early.headroom} left or fewer", cited))
    return _table("Early warnings", "of what|when|source", rows)


def _source_table(pack: PolicyPack) -> "Table":
    rows = ((f"[{number}]", source.grade, f"{source.title} {source.url}") for number, source in enumerate(pack.sources.values()))
    return _table("Sources", "source|grade|what", rows)


def _table(title: str, columns: str, rows: Iterable[Iterable[str]]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1))
    for column in columns.split("|"):
        table.add_column(column, no_wrap=column in _NARROW, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _cite(pack: PolicyPack, citation: Citation) -> str:
    """The number of a source in the table of sources, and the day; short, so that the tables stay readable on 80 columns."""
    return f"[{list(pack.sources).index(citation.source)}] {citation.as_of}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))
