"""Forecasts and early warnings of all accounts: the same sums, run on past the last day over facts that stand still.

What the edges after a day say of the facts known on that day is the forecast; `core.health.forecast` and `early_warnings` are the oracle.
"""

from collections.abc import Iterator
from datetime import date
from typing import Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from goodstanding.core.health.violations import Violation, found, subject_of
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines import rows, struck
from goodstanding.engines.auditing import audit_still_facts
from goodstanding.engines.base import EXPECTED_SCHEMA, FORECASTS_SCHEMA, TASKS_SCHEMA, WARNINGS_SCHEMA, Progress
from goodstanding.engines.blocks import ROOM, Blocks
from goodstanding.engines.breaches import one_by_one
from goodstanding.engines.still import standing_still
from goodstanding.engines.sums import Flags, Whole
from goodstanding.engines.warning import Warnings, codes_of

RATING = "rating"
"""What stands in place of a metric's name in the rows of ratings."""


class Sink(Protocol):
    """Where forecasts go, block by block (texts may be dictionaries)."""

    def forecasts(self, table: pa.Table) -> None:
        """Take rows of FORECASTS_SCHEMA."""
        ...

    def expected(self, table: pa.Table) -> None:
        """Take all rows of EXPECTED_SCHEMA: the violations open on the day or opening after it, with the day each closes by itself."""
        ...

    def warnings(self, table: pa.Table) -> None:
        """Take all rows of WARNINGS_SCHEMA."""
        ...

    def tasks(self, table: pa.Table) -> None:
        """Take all rows of TASKS_SCHEMA."""
        ...


class Collected:
    """A sink that keeps everything in memory."""

    def __init__(self) -> None:
        self._forecasts: list[pa.Table] = []
        self.expected_violations = EXPECTED_SCHEMA.empty_table()
        self.early_warnings = WARNINGS_SCHEMA.empty_table()
        self.audits = TASKS_SCHEMA.empty_table()

    def forecasts(self, table: pa.Table) -> None:
        """Keep rows of forecasts."""
        self._forecasts.append(table)

    def expected(self, table: pa.Table) -> None:
        """Keep the expected violations."""
        self.expected_violations = table

    def warnings(self, table: pa.Table) -> None:
        """Keep the warnings."""
        self.early_warnings = table

    def tasks(self, table: pa.Table) -> None:
        """Keep the tasks."""
        self.audits = table

    @property
    def changes(self) -> pa.Table:
        """All rows of forecasts in their published schema."""
        return rows.plain(self._forecasts, FORECASTS_SCHEMA)


def forecast_facts(
    con: duckdb.DuckDBPyConnection,
    pack: PolicyPack,
    sink: Sink,
    as_of: date,
    until: date,
    *,
    progress: Progress | None = None,
    room: int = ROOM,
) -> None:
    """Foretell from the tables `facts.*` of a connection what becomes of every account known at the end of `as_of`, up to `until`."""
    tell = progress or (lambda what, done, total: None)
    with standing_still(con, as_of):
        work = _Ahead(con, pack, _Blocks(pack, sink, as_of), as_of, until, True, room)
        accounts = work.count(lambda what, done, total: tell(f"{what} ahead", done, total))
        # An account that is known is foretold, even where it says that it opens later.
        con.execute("UPDATE sums.holders SET opened_day = least(opened_day, ?)", [as_of])
        work.blocks.warnings.stores = _stores(con, pack, as_of)
        work.run(accounts, lambda what, done, total: tell(f"{what} ahead", done, total))
        sink.expected(_expected_rows(work.expected(), as_of))
        sink.warnings(work.blocks.warnings.table())
        sink.tasks(audit_still_facts(con, pack, as_of))


def _stores(con: duckdb.DuckDBPyConnection, pack: PolicyPack, as_of: date) -> dict[str, str]:
    """The store of each account that lies in one which enforces some metric only from a day on."""
    stores = sorted({store for metric in pack.metrics.values() for store in metric.enforced_from})
    if not stores:
        return {}
    query = "SELECT account_id, marketplace FROM sums.holders WHERE from_day <= $as_of AND to_day > $as_of AND list_contains($stores, marketplace)"
    return dict(con.execute(query, {"as_of": as_of, "stores": stores}).fetchall())


class _Ahead(Blocks):
    """An assessment of the days ahead, whose violations are expected ones: without the items they would rest on."""

    def __init__(self, con: duckdb.DuckDBPyConnection, pack: PolicyPack, blocks: "_Blocks", *rest: object) -> None:
        super().__init__(con, pack, blocks, *rest)  # type: ignore[arg-type]
        self.blocks = blocks

    def _emit_violations(self, tell: Progress) -> None:
        """Nothing to look up: `expected` gives them."""

    def expected(self) -> Iterator[Violation]:
        """The violations that are open on the first day or open later."""
        violations = [*struck.from_spells(self.con, self.pack, self.last), *self._of_metrics()]
        return (violation for violation in violations if violation.closed is None or violation.closed > self.first)

    def _of_metrics(self) -> Iterator[Violation]:
        for number, account_id, opened, closed, rate in one_by_one(self.found, self.names):
            metric = self.metrics[number]
            assert metric.reason is not None, "only metrics with a reason have breaches"
            reason, subject = self.pack.reasons[metric.reason], (subject_of(metric), ())
            yield found(self.pack, reason, account_id, metric.name, opened, closed, subject, (metric.name, rate))


def _expected_rows(violations: Iterator[Violation], as_of: date) -> pa.Table:
    ordered = sorted(violations, key=lambda one: (one.account_id, one.opened, one.reason, one.violation_id))
    columns = [
        pa.array([as_of if field.name == "as_of" else getattr(violation, field.name) for violation in ordered], field.type)
        for field in EXPECTED_SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=EXPECTED_SCHEMA)


class _Blocks:
    """Takes the blocks of the days ahead as an assessment gives them (`rows.Sink`): passes on what changes after the first day, and warns."""

    def __init__(self, pack: PolicyPack, sink: Sink, as_of: date) -> None:
        self.rating, self.sink, self.as_of = pack.rating, sink, as_of
        self.warnings = Warnings(pack, as_of)

    def metrics(self, table: pa.Table) -> None:
        """Rows of metrics of the first day and of every change."""
        self.warnings.add_metrics(table)
        later = table.filter(pc.greater(table["as_of"], self.as_of))
        self._pass_on(later, {name: later[name] for name in ("metric", "numerator", "denominator", "met")})

    def ratings(self, table: pa.Table) -> None:
        """Rows of ratings of the first day and of every change; passed on where the rating, or what it is made of, takes a step."""
        self.warnings.add_ratings(table)
        earned = table["fulfilled_orders"].to_numpy() // self.rating.per_orders
        steps = _steps(codes_of(table["account_id"])[0], table["rating"].to_numpy(), table["points"].to_numpy(), earned)
        later = table.filter(pa.array(steps))
        name = pa.DictionaryArray.from_arrays(pa.array([0] * len(later), pa.int32()), pa.array([RATING]))
        self._pass_on(later, {"metric": name} | {column: later[column] for column in ("rating", "band", "fulfilled_orders", "points")})

    def violations(self, table: pa.Table) -> None:
        """Expected violations come apart."""

    def _pass_on(self, later: pa.Table, columns: dict[str, pa.ChunkedArray]) -> None:
        as_of = pa.array([self.as_of] * len(later), pa.date32())
        columns = {"account_id": later["account_id"], "as_of": as_of, "on": later["as_of"]} | columns
        whole = [columns.get(field.name, pa.nulls(len(later), field.type)) for field in FORECASTS_SCHEMA]
        self.sink.forecasts(pa.Table.from_arrays(whole, names=FORECASTS_SCHEMA.names))


def _steps(account: Whole, *values: Whole) -> Flags:
    """Rows that differ in one of the values from the row before of the same account; the first row of an account is its first day."""
    steps = np.zeros(len(account), dtype=np.bool_)
    for value in values:
        steps[1:] |= value[1:] != value[:-1]
    steps[1:] &= account[1:] == account[:-1]
    return steps
