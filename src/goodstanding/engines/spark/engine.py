"""The engine `spark`: the same answers as the engine `duckdb` and the rules in `core`, to the integer, on one machine or many.

It is for facts that one machine cannot hold. Where they fit, the engine `duckdb` gives the same many times faster.
"""

from datetime import date
from typing import TYPE_CHECKING

from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines import doubts, edges, rows
from goodstanding.engines.base import Assessment, FactSource, Progress
from goodstanding.engines.duckdb import Run
from goodstanding.engines.sources import sources_of
from goodstanding.engines.spark.session import one_line, opened

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from goodstanding.engines.spark.facts import Kept

LOCAL = "local[*]"
"""The Spark that needs no cluster: this machine, all of its cores."""


class SparkEngine:
    """Assesses facts on Spark (`engines.base.Engine`): on `session` where one is given, else on one that is started on `master` for each run.

    Workers need goodstanding with its extra `spark`, and see the facts under the same path as the driver.
    """

    def __init__(self, master: str = LOCAL, session: "SparkSession | None" = None) -> None:
        self._master, self._session = master, session

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
        progress: Progress | None = None,
    ) -> Run:
        """The same, but rows go to a sink block by block. Without `last`: the last day with an order; without `first`: that one day.

        Raises UnusableInput also where Spark's packages or Java are missing, or Spark does not start.
        """
        sources_of(source.folder)  # what cannot be used at all is said before Spark takes its seconds to start
        if first and last:
            _check_order(first, last)
        if progress:
            progress("starting Spark", 0, 1)
        with opened(self._master, self._session) as session, one_line():
            # Only here, so that this module can be imported and say what is missing.
            from goodstanding.engines.spark.dialect import fetch_of
            from goodstanding.engines.spark.facts import Kept, load_facts

            kept, fetch = Kept(session), fetch_of(session)
            zones = {code: str(store.time_zone) for code, store in pack.marketplaces.items()}
            findings = load_facts(kept, source, zones, edges.FACTS_READ, progress)
            last = last or doubts.last_order_day(fetch)
            first = first or last
            accounts = assess_views(kept, pack, sink, first, last, changes_only=changes_only, progress=progress)
            return Run(first, last, accounts, (*findings, *doubts.unknown_reasons(fetch, pack), *doubts.unsaid_tracking(fetch, pack)))


def assess_views(
    kept: "Kept", pack: PolicyPack, sink: rows.Sink, first: date, last: date, *, changes_only: bool = False, progress: Progress | None = None
) -> int:
    """Assess the views `facts_*` of a session (the shape that `spark.facts.load_facts` makes); returns how many accounts there are."""
    from goodstanding.engines.spark.sums import Sums, prepare

    _check_order(first, last)
    work = Sums(kept, pack, first, last, changes_only=changes_only)
    accounts = prepare(kept, pack, last)
    work.run(accounts, sink, progress or (lambda what, done, total: None))
    return accounts


def _check_order(first: date, last: date) -> None:
    if first > last:
        raise UnusableInput(f"the first day {first} is after the last day {last}; swap them")
