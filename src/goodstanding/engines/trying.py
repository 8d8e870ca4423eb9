"""Two policy packs over the same history of facts: assess by each, replay its enforcement account by account, compare.

Of an assessment only violations and changes of band are kept, so memory grows with what went wrong and not with the days.
"""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from goodstanding.core.enforcement.replay import PastAction, PastViolation, replay
from goodstanding.core.enforcement.trial import PastOutcome, Trial, try_on
from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.health.violations import violation_id
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Band
from goodstanding.engines import edges, relating
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.duckdb import assess_facts, last_order_day, unknown_reasons, unsaid_tracking
from goodstanding.engines.loading import open_facts
from goodstanding.engines.outcomes import outcomes_of_facts

FACTS_READ = tuple(dict.fromkeys((*edges.FACTS_READ, *relating.FACTS_READ)))
"""The kinds of facts that a trial rests on."""

# Days with anything that can open a violation or earn a point; rating rows are wanted from the first of them on.
_FIRST_DAY = """
SELECT min(day) FROM (
    SELECT unnest([placed_at_day, shipped_at_day, delivered_at_day, cancelled_at_day]) AS day FROM facts.orders
    UNION ALL SELECT at_day FROM facts.complaints
    UNION ALL SELECT at_day FROM facts.defects
    UNION ALL SELECT at_day FROM facts.returns
    UNION ALL SELECT at_day FROM facts.messages
    UNION ALL SELECT at_day FROM facts.sign_ins
    UNION ALL SELECT known_from FROM facts.accounts WHERE NOT information_complete
) WHERE day IS NOT NULL
"""
# Violations from complaints, information and sign-ins may become known later than the day they count from.
_LATE_WORD = (
    "SELECT account_id, reason, origin, opened, min(from_day) FROM sums.spells WHERE from_day < to_day GROUP BY ALL HAVING min(from_day) > opened"
)


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial, the appeal outcomes that the facts themselves tell, and what could not be used of the facts."""

    trial: Trial
    outcomes: tuple[PastOutcome, ...]
    findings: tuple[Finding, ...]


class Changes:
    """A sink that keeps of an assessment the violations and, per account, the days on which its band changed."""

    def __init__(self) -> None:
        self.bands: dict[str, list[tuple[date, Band]]] = {}
        self.found: dict[str, list[PastViolation]] = {}

    def metrics(self, table: pa.Table) -> None:
        """Metrics are not needed: what they violate comes as violations."""

    def ratings(self, table: pa.Table) -> None:
        """Keep the rows whose band differs from the row before of the same account."""
        if not table.num_rows:
            return
        account, day, band = (table[name].combine_chunks() for name in ("account_id", "as_of", "band"))
        codes, bands = (column.indices.to_numpy(zero_copy_only=False) for column in (account, band))
        changed = np.ones(len(codes), dtype=np.bool_)
        changed[1:] = (codes[1:] != codes[:-1]) | (bands[1:] != bands[:-1])
        kept = pa.array(np.flatnonzero(changed))
        for name, at, value in zip(account.take(kept).to_pylist(), day.take(kept).to_pylist(), band.take(kept).to_pylist(), strict=True):
            own = self.bands.setdefault(name, [])
            if not own or own[-1][1] != value:
                own.append((at, Band(value)))

    def violations(self, table: pa.Table) -> None:
        """Keep the violations without what they point to."""
        names = ["account_id", "violation_id", "reason", "opened", "closed"]
        for account, *values in zip(*(table[name].to_pylist() for name in names), strict=True):
            self.found.setdefault(account, []).append(PastViolation(*values))

    def know_later(self, late: dict[str, date]) -> None:
        """Set the day from which violations were known, by id."""
        for account, found in self.found.items():
            if any(violation.id in late for violation in found):
                self.found[account] = [PastViolation(v.id, v.reason, v.opened, v.closed, late.get(v.id)) for v in found]


def try_packs(
    source: FactSource,
    old: PolicyPack,
    new: PolicyPack,
    first: date | None = None,
    last: date | None = None,
    *,
    threads: int | None = None,
    memory: str | None = None,
    progress: Progress | None = None,
) -> Tried:
    """Both packs over the days from `first` (None: the first day with a fact) to `last` (None: the last day with an order).

    Actions are replayed from the first fact on, whatever `first` says, so that what began earlier counts. Raises UnusableInput
    where no table can be read or the days are the wrong way round.
    """
    con, findings = _open(source, old, threads, memory, progress)
    with con:
        last = last or last_order_day(con)
        start = min(_first_day(con) or last, last)
        first = first or start
        if first > last:
            raise UnusableInput(f"the first day {first} is after the last day {last}; swap them")
        accounts, before = _actions(con, old, start, last, progress)
        more = (*findings, *unknown_reasons(con, old), *unsaid_tracking(con, old))
        outcomes = outcomes_of_facts(con)
        if _zones(new) == _zones(old):
            _, after = _actions(con, new, start, last, progress)
            more += (*unknown_reasons(con, new), *unsaid_tracking(con, new))
    if _zones(new) != _zones(old):  # other zones, other days: the facts have to be read anew
        con, _ = _open(source, new, threads, memory, progress)
        with con:
            _, after = _actions(con, new, start, last, progress)
            more += (*unknown_reasons(con, new), *unsaid_tracking(con, new))
    return Tried(try_on(before, after, first, last, accounts), outcomes, tuple(dict.fromkeys(more)))


def _open(
    source: FactSource, pack: PolicyPack, threads: int | None, memory: str | None, progress: Progress | None
) -> tuple[duckdb.DuckDBPyConnection, tuple[Finding, ...]]:
    return open_facts(source, zones=_zones(pack), kinds=FACTS_READ, memory_limit=memory, threads=threads, progress=progress)


def _zones(pack: PolicyPack) -> dict[str, str]:
    return {code: str(store.time_zone) for code, store in pack.marketplaces.items()}


def _first_day(con: duckdb.DuckDBPyConnection) -> date | None:
    row = con.execute(_FIRST_DAY).fetchone()
    return row[0] if row else None


def _actions(
    con: duckdb.DuckDBPyConnection, pack: PolicyPack, start: date, last: date, progress: Progress | None
) -> tuple[int, dict[str, tuple[PastAction, ...]]]:
    """How many accounts there are, and the actions one pack would have called for, by account."""
    past = Changes()
    accounts = assess_facts(con, pack, past, start, last, changes_only=True, progress=progress, with_metrics=False)
    past.know_later({violation_id(*row[:4]): row[4] for row in con.execute(_LATE_WORD).fetchall()})
    past.violations(relating.relate(con, pack, last).violations)
    actions = {}
    for done, (account, found) in enumerate(past.found.items()):
        if progress and not done % 256:
            progress("replaying", done, len(past.found))
        if taken := replay(account, found, past.bands.get(account, ()), pack, last):
            actions[account] = taken
    return accounts, actions
