"""The engine for one machine: DuckDB makes edges out of facts, numpy sums them up, block of accounts by block of accounts.

Violations and ratings rest on the whole history, so sums run from the first fact on even when one day is asked. Memory stays
bounded: DuckDB spills to a temporary folder, and `blocks` takes as many accounts at a time as there is room for.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import FindingSeverity, MetricRule
from goodstanding.engines import edges, forecasting, rows
from goodstanding.engines.base import Assessment, FactSource, Progress
from goodstanding.engines.blocks import ROOM, Blocks
from goodstanding.engines.forecasting import forecast_facts
from goodstanding.engines.loading import open_facts
from goodstanding.engines.reading import first_line


@dataclass(frozen=True, slots=True)
class Run:
    """What a run covered: the days, how many accounts, and what could not be used of the facts."""

    first: date
    last: date
    accounts: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A forecast that is wanted with an assessment: of so many days, into that sink."""

    days: int
    sink: forecasting.Sink


class DuckDBEngine:
    """Assesses facts on one machine (`engines.base.Engine`). `threads` and `memory` (like "4GB") limit DuckDB; None: its own defaults."""

    def __init__(self, threads: int | None = None, memory: str | None = None, room: int = ROOM) -> None:
        self._threads, self._memory, self._room = threads, memory, room

    def assess(
        self, source: FactSource, pack: PolicyPack, first: date, last: date, *, changes_only: bool = False, progress: Progress | None = None
    ) -> Assessment:
        """Assess all accounts for each day from `first` to `last`, in memory. Raises UnusableInput where no table can be read."""
        sink = rows.Collected()
        run = self.run(source, pack, sink, first, last, changes_only=changes_only, progress=progress)
        return Assessment(run.first, run.last, *sink.tables(), run.findings)

    def run(
        self,
        source: FactSource,
        pack: PolicyPack,
        sink: rows.Sink,
        first: date | None = None,
        last: date | None = None,
        *,
        changes_only: bool = False,
        ahead: Ahead | None = None,
        progress: Progress | None = None,
    ) -> Run:
        """The same, but rows go to a sink block by block. Without `last`: the last day with an order; without `first`: that one day.

        `ahead`: how many days after `last` to foretell, and where that goes.
        """
        zones = {code: str(store.time_zone) for code, store in pack.marketplaces.items()}
        con, findings = open_facts(source, zones=zones, kinds=edges.FACTS_READ, memory_limit=self._memory, threads=self._threads, progress=progress)
        with con:
            last = last or last_order_day(con)
            first = first or last
            try:
                accounts = assess_facts(con, pack, sink, first, last, changes_only=changes_only, progress=progress, room=self._room)
                if ahead is not None:
                    forecast_facts(con, pack, ahead.sink, last, last + timedelta(days=ahead.days), progress=progress, room=self._room)
            except duckdb.OutOfMemoryException as error:
                raise UnusableInput(f"{source.folder}: needs more memory than allowed; raise the memory limit ({first_line(error)})") from error
            return Run(first, last, accounts, (*findings, *unknown_reasons(con, pack), *unsaid_tracking(con, pack)))


def last_order_day(con: duckdb.DuckDBPyConnection) -> date:
    """The last day on which an order was placed. Raises UnusableInput where there is none."""
    row = con.execute("SELECT max(placed_at_day) FROM facts.orders").fetchone()
    if not row or row[0] is None:
        raise UnusableInput("the facts hold no usable order, so there is no last day with one; name the day with --as-of")
    last: date = row[0]
    return last


def unknown_reasons(con: duckdb.DuckDBPyConnection, pack: PolicyPack) -> tuple[Finding, ...]:
    """A finding for each reason that complaints name and the pack does not know: such complaints count as no violation."""
    con.execute("CREATE OR REPLACE TEMP TABLE known_reasons (code VARCHAR)")
    if pack.reasons:
        con.executemany("INSERT INTO known_reasons VALUES (?)", [(code,) for code in pack.reasons])
    unknown = con.execute(
        "SELECT reason, count(DISTINCT complaint_id), min(complaint_id) FROM facts.complaints "
        "WHERE reason NOT IN (SELECT code FROM known_reasons) GROUP BY reason ORDER BY reason"
    ).fetchall()
    return tuple(
        Finding(
            "complaint.unknown_reason",
            FindingSeverity.WARNING,
            f"{many} complaint{'s' if many > 1 else ''} of reason '{reason}', which the pack {pack.name} does not have; not counted as a violation",
            "add the reason to the pack or map the complaints to one it has",
            f"complaints {example}",
        )
        for reason, many, example in unknown
    )


def unsaid_tracking(con: duckdb.DuckDBPyConnection, pack: PolicyPack) -> tuple[Finding, ...]:
    """A finding where a metric judges tracking and no shipped order says a word about it: then all of them count as invalid."""
    metric = next((metric for metric in pack.metrics.values() if metric.rule == MetricRule.VALID_TRACKING_RATE), None)
    shipped = con.execute("SELECT count(*), count(tracking_valid) FROM facts.orders WHERE shipped_at IS NOT NULL").fetchone()
    if metric is None or not shipped or not shipped[0] or shipped[1]:
        return ()
    message = f"no order says whether its tracking was valid, so {metric.name} counts every shipped order as without"
    hint = "give the column tracking_valid, or use a pack without this metric"
    return (Finding("orders.no_tracking", FindingSeverity.WARNING, message, hint, "orders"),)


def assess_facts(
    con: duckdb.DuckDBPyConnection,
    pack: PolicyPack,
    sink: rows.Sink,
    first: date,
    last: date,
    *,
    changes_only: bool = False,
    progress: Progress | None = None,
    room: int = ROOM,
    with_metrics: bool = True,
) -> int:
    """Assess the tables `facts.*` of a connection (the shape that `load_facts` makes); returns how many accounts there are.

    `with_metrics` False: the sink gets ratings and violations only, which costs less.
    """
    if first > last:
        raise UnusableInput(f"the first day {first} is after the last day {last}; swap them")
    tell = progress or (lambda what, done, total: None)
    work = Blocks(con, pack, sink, first, last, changes_only, room, with_metrics)
    con.execute("SET preserve_insertion_order = false")  # every order that matters is asked for
    try:
        accounts = work.count(tell)
        work.run(accounts, tell)
    finally:
        con.execute("RESET preserve_insertion_order")
    return accounts
