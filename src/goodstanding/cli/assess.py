"""`goodstanding assess`: metrics, ratings and violations of every account, from a folder of facts to three Parquet files."""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.compute as pc

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import WarningCode
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.duckdb import Ahead, DuckDBEngine, Run
from goodstanding.engines.output import ParquetFolder
from goodstanding.engines.spark import LOCAL, SparkEngine
from goodstanding.engines.state import Extended, State
from goodstanding.engines.versions import CORRECTION
from goodstanding.packs.loader import load_pack_on

FINDINGS_FILE = "findings.jsonl"
FINDINGS_SHOWN = 20
DAY = click.DateTime(formats=["%Y-%m-%d"])
_WARNED = {
    WarningCode.BAND_FALLS: "of a rating that leaves its band",
    WarningCode.LITTLE_HEADROOM: "of a metric that bears little more",
    WarningCode.WILL_BREACH: "of a target that will be missed by itself",
}
FOLDER = click.Path(path_type=Path)


class Summary(ParquetFolder):
    """Writes the files and counts, for the last day that was written of each account, how many have and miss each metric."""

    def __init__(self, folder: Path, *, with_forecasts: bool = False) -> None:
        super().__init__(folder, with_forecasts=with_forecasts)
        self.latest: dict[str, list[int]] = {}
        self.warned: dict[str, int] = {}
        self.open_violations = 0

    def metrics(self, table: pa.Table) -> None:
        """Write rows of metrics and count the latest of each account."""
        super().metrics(table)
        texts = table.select(["account_id", "metric", "met"]).cast(pa.schema({"account_id": pa.string(), "metric": pa.string(), "met": pa.bool_()}))
        not_applicable_counts = pc.ScalarAggregateOptions(skip_nulls=False)
        latest = texts.group_by(["account_id", "metric"], use_threads=False).aggregate([("met", "last", not_applicable_counts)])
        for met in (True, False):
            counts = latest.filter(pc.equal(latest["met_last"], met))["metric"].value_counts()
            for entry in counts.to_pylist():
                self.latest.setdefault(entry["values"], [0, 0])[met] += entry["counts"]

    def violations(self, table: pa.Table) -> None:
        """Write the violations and count the open ones."""
        super().violations(table)
        self.open_violations = table["closed"].null_count

    def warnings(self, table: pa.Table) -> None:
        """Write the early warnings and count them by what they tell."""
        super().warnings(table)
        self.warned = {entry["values"]: entry["counts"] for entry in table["code"].value_counts().to_pylist()}


@click.command()
@click.option(
    "--facts", required=True, type=FOLDER, metavar="DIR", help="Folder of fact tables (<kind>.parquet, .csv, .jsonl or a folder of Parquet)."
)
@click.option("--mapping", type=FOLDER, metavar="DIR", help="Folder of <kind>.sql, each one SELECT over the marketplace's own tables in --facts.")
@click.option(
    "--pack",
    "pack_name",
    default="amazon",
    show_default=True,
    metavar="NAME|FILE|DIR",
    help="Policy pack; of a folder of versions, the one in force on the last day.",
)
@click.option("--as-of", type=DAY, metavar="DATE", help="Assess this day (default: the last day with an order).")
@click.option("--from", "first", type=DAY, metavar="DATE", help="Assess each day from this one on.")
@click.option("--to", "last", type=DAY, metavar="DATE", help="... to this one (default: the last day with an order).")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="Where the sums run. Spark gives the same numbers, slower, for facts that one machine cannot hold.",
)
@click.option("--spark-master", metavar="URL", help="The Spark to run on, with --engine spark: local[2], spark://HOST:PORT ...  [default: local[*]]")
@click.option("--changes", is_flag=True, help="Write only rows that differ from the day before.")
@click.option(
    "--forecast",
    "days_ahead",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="Also foretell so many days after the last one if nothing new happens: forecasts, expected violations, early warnings and what each account has to do.",
)
@click.option("--state", type=FOLDER, metavar="DIR", help="Keep facts and counts here; --facts then holds only what is new since the last run.")
@click.option(
    "--memory", metavar="SIZE", help="Memory for DuckDB, like 3GB (default: most of the machine); what does not fit goes to temporary files."
)
@click.option("--out", required=True, type=FOLDER, metavar="DIR", help="Folder for metrics.parquet, ratings.parquet and violations.parquet.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON document.")
def assess(
    facts: Path,
    mapping: Path | None,
    pack_name: str,
    as_of: datetime | None,
    first: datetime | None,
    last: datetime | None,
    engine: str,
    spark_master: str | None,
    changes: bool,
    days_ahead: int | None,
    state: Path | None,
    memory: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Metrics, ratings and violations of every account, from a folder of facts."""
    from_day, to_day = _days(as_of, first, last)
    chosen = _engine(engine, spark_master, days_ahead, memory)
    pack = load_pack_on(pack_name, to_day)
    if state and engine == "spark":
        raise UnusableInput("--state is kept by the engine duckdb alone; leave out --engine spark, or the state")
    if state and days_ahead:
        raise UnusableInput("--forecast looks at all facts and --state is given the new ones only; run it apart, without --state")
    with show_progress() as progress, Summary(out, with_forecasts=days_ahead is not None) as sink:
        source = FactSource(facts, mapping)
        run: Run | Extended
        if state:
            run = State(state, memory_of(memory)).extend(source, pack, sink, from_day, to_day, changes_only=changes, progress=progress)
        else:
            ahead = {"ahead": Ahead(days_ahead, sink)} if days_ahead else {}
            run = chosen.run(source, pack, sink, from_day, to_day, changes_only=changes, progress=progress, **ahead)
    report_findings(run.findings, out)
    click.echo(json.dumps(_document(pack, run, sink), ensure_ascii=False) if as_json else _text(pack, run, sink))


def _engine(name: str, spark_master: str | None, days_ahead: int | None, memory: str | None) -> DuckDBEngine | SparkEngine:
    if name == "spark":
        if days_ahead:
            raise UnusableInput("--forecast is made by the engine duckdb alone; leave out --engine spark, or the forecast")
        if memory:
            raise UnusableInput("--memory bounds the engine duckdb; Spark takes its memory from its own settings")
        return SparkEngine(spark_master or LOCAL)
    if spark_master:
        raise UnusableInput("--spark-master says which Spark to run on; give --engine spark with it")
    return DuckDBEngine(memory=memory_of(memory))


def memory_of(text: str | None) -> str | None:
    """The amount of memory asked for; raises UnusableInput where it is none."""
    if text is not None and not re.fullmatch(r"\d+(\.\d+)?\s*[KMGT]i?B", text):
        raise UnusableInput(f"--memory: '{text}' is no amount of memory; write one like 3GB or 800MB")
    return text


def _days(as_of: datetime | None, first: datetime | None, last: datetime | None) -> tuple[date | None, date | None]:
    if as_of and (first or last):
        raise UnusableInput("--as-of names one day and --from/--to many; give one of the two")
    if last and not first:
        raise UnusableInput("--to needs --from; for one day give --as-of")
    if as_of:
        return as_of.date(), as_of.date()
    return first.date() if first else None, last.date() if last else None


@contextmanager
def show_progress() -> Iterator[Progress | None]:
    """A bar on the terminal; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("starting")
        yield lambda what, done, total: bars.update(task, description=what, completed=done, total=total)


def report_findings(findings: Sequence[Finding], out: Path) -> None:
    """All findings to a file in `out`, the first ones to stderr; no file where there are none."""
    path = out / FINDINGS_FILE
    if not findings:
        path.unlink(missing_ok=True)
        return
    path.write_text("".join(json.dumps(asdict(finding), ensure_ascii=False) + "\n" for finding in findings), encoding="utf-8")
    findings = sorted(findings, key=lambda finding: finding.code == CORRECTION)  # faults first
    for finding in findings[:FINDINGS_SHOWN]:
        click.echo(finding.line(), err=True)
    if len(findings) > FINDINGS_SHOWN:
        click.echo(f"and {len(findings) - FINDINGS_SHOWN} more in {path}", err=True)


def _document(pack: PolicyPack, run: Run | Extended, sink: Summary) -> dict[str, object]:
    return {
        "pack": pack.name,
        "first": run.first.isoformat(),
        "last": run.last.isoformat(),
        "days": (run.last - run.first).days + 1,
        "accounts": run.accounts,
        "metrics": {name: {"accounts": sum(sink.latest[name]), "not_met": sink.latest[name][0]} for name in pack.metrics if name in sink.latest},
        "violations": {"all": sink.rows["violations.parquet"], "open": sink.open_violations},
        "warnings": sink.warned if "warnings.parquet" in sink.rows else None,
        "findings": len(run.findings) - (corrected := _corrections(run.findings)),
        "corrections": corrected,
        "files": {name: {"path": str(sink.folder / name), "rows": rows} for name, rows in sink.rows.items()},
    }


def _corrections(findings: Sequence[Finding]) -> int:
    return sum(finding.code == CORRECTION for finding in findings)


def _found(findings: Sequence[Finding], path: Path) -> str:
    """How the facts were found: what could not be used, and what of them was told otherwise before."""
    corrected = _corrections(findings)
    faults = len(findings) - corrected
    said = f"{_many(faults, 'finding')} about the facts" if faults else "every fact could be used"
    told = f", {_many(corrected, 'correction')} of earlier ones" if corrected else ""
    return f"{said}{told}{f', in {path}' if findings else ''}"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _text(pack: PolicyPack, run: Run | Extended, sink: Summary) -> str:
    days = (run.last - run.first).days + 1
    span = f"on {run.last}" if days == 1 else f"from {run.first} to {run.last} ({_many(days, 'day')})"
    lines = [f"{_many(run.accounts, 'account')} {span} by {pack.name}"]
    width = max((len(name) for name in sink.latest), default=0)
    for name in (name for name in pack.metrics if name in sink.latest):
        missed, met = sink.latest[name]
        lines.append(f"  {name:{width}}  target missed by {missed:,} of {_many(met + missed, 'account')}")
    lines.append(f"{_many(sink.rows['violations.parquet'], 'violation')}, {sink.open_violations:,} open on {run.last}")
    if "warnings.parquet" in sink.rows:
        told = ", ".join(f"{many:,} {_WARNED[WarningCode(code)]}" for code, many in sorted(sink.warned.items()))
        lines.append(f"{_many(sum(sink.warned.values()), 'early warning')}{': ' if told else ''}{told}")
    lines.append(_found(run.findings, sink.folder / FINDINGS_FILE))
    lines += [f"written to {sink.folder}: " + ", ".join(f"{name} ({_many(rows, 'row')})" for name, rows in sink.rows.items())]
    return "\n".join(lines)
