"""The engine for one machine: DuckDB makes edges out of facts, numpy sums them up, block of accounts by block of accounts.

Violations and ratings rest on the whole history, so sums run from the first fact on even when one day is asked. Memory stays
bounded: DuckDB spills to a temporary folder, and `blocks` takes as many accounts at a time as there is room for.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines import doubts, edges, forecasting, rows
from goodstanding.engines.base import Assessment, FactSource, Progress
from goodstanding.engines.blocks import ROOM, Blocks
from goodstanding.engines.forecasting import forecast_facts
from goodstanding.engines.loading import open_facts
from goodstanding.engines.reading import first_line
from goodstanding.engines.versions import Fetch


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
    """`doubts.last_order_day` of a connection."""
    return doubts.last_order_day(_fetch(con))


def unknown_reasons(con: duckdb.DuckDBPyConnection, pack: PolicyPack) -> tuple[Finding, ...]:
    """`doubts.unknown_reasons` of a connection."""
    return doubts.unknown_reasons(_fetch(con), pack)


def unsaid_tracking(con: duckdb.DuckDBPyConnection, pack: PolicyPack) -> tuple[Finding, ...]:
    """`doubts.unsaid_tracking` of a connection."""
    return doubts.unsaid_tracking(_fetch(con), pack)


def _fetch(con: duckdb.DuckDBPyConnection) -> Fetch:
    return lambda sql: con.execute(sql).fetchall()


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
