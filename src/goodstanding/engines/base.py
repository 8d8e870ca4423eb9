"""What every engine promises: facts and a pack in, three Arrow tables out, equal to the rules in `core` to the integer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from goodstanding.core.errors import Finding
from goodstanding.core.policy.pack import PolicyPack

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, steps done, steps in all)."""

METRICS_SCHEMA = pa.schema(
    [
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("window_days", pa.int32(), nullable=False),
        pa.field("lag_days", pa.int32(), nullable=False),
        pa.field("numerator", pa.int64(), nullable=False),
        pa.field("denominator", pa.int64()),  # null: a count
        pa.field("target", pa.string()),
        pa.field("met", pa.bool_()),  # null: not applicable, or no target
    ]
)
RATINGS_SCHEMA = pa.schema(
    [
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("rating", pa.int32(), nullable=False),
        pa.field("band", pa.string(), nullable=False),
        pa.field("fulfilled_orders", pa.int64(), nullable=False),
        pa.field("points", pa.int64(), nullable=False),
    ]
)
VIOLATIONS_SCHEMA = pa.schema(
    [
        pa.field("violation_id", pa.string(), nullable=False),
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("opened", pa.date32(), nullable=False),
        pa.field("closed", pa.date32()),  # null: open on the last day assessed
        pa.field("severity", pa.string(), nullable=False),
        pa.field("points", pa.int32(), nullable=False),
        pa.field("numerator", pa.int64()),  # of a metric, on the opening day
        pa.field("denominator", pa.int64()),
        pa.field("metric", pa.string()),
        pa.field("subject_kind", pa.string(), nullable=False),  # orders, complaints, messages, listing_changes, sign_ins, accounts
        pa.field("subject_ids", pa.list_(pa.string()), nullable=False),
        pa.field("explanation", pa.string()),  # JSON: what was seen and what was expected, of behaviour out of line
    ]
)
FORECASTS_SCHEMA = pa.schema(
    [
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),  # the day whose end the forecast starts from
        pa.field("on", pa.date32(), nullable=False),
        pa.field("metric", pa.string(), nullable=False),  # or "rating"
        pa.field("numerator", pa.int64()),
        pa.field("denominator", pa.int64()),
        pa.field("met", pa.bool_()),
        pa.field("rating", pa.int32()),
        pa.field("band", pa.string()),
        pa.field("fulfilled_orders", pa.int64()),
        pa.field("points", pa.int64()),
    ]
)
WARNINGS_SCHEMA = pa.schema(
    [
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("code", pa.string(), nullable=False),  # core.terms.WarningCode
        pa.field("metric", pa.string()),
        pa.field("on", pa.date32()),
        pa.field("numerator", pa.int64()),  # as of the day
        pa.field("denominator", pa.int64()),
        pa.field("numerator_then", pa.int64()),
        pa.field("denominator_then", pa.int64()),
        pa.field("headroom", pa.int64()),
        pa.field("rating", pa.int32()),
        pa.field("rating_then", pa.int32()),
        pa.field("band", pa.string()),
        pa.field("band_then", pa.string()),
    ]
)
EXPECTED_SCHEMA = pa.schema(
    [
        pa.field("violation_id", pa.string(), nullable=False),
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("metric", pa.string()),
        pa.field("opened", pa.date32(), nullable=False),  # after as_of: it opens by itself
        pa.field("closed", pa.date32()),  # null: not by itself, as far as the forecast goes
        pa.field("severity", pa.string(), nullable=False),
        pa.field("points", pa.int32(), nullable=False),
    ]
)
TASKS_SCHEMA = pa.schema(
    [
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("code", pa.string(), nullable=False),  # core.terms.TaskCode
        pa.field("on", pa.date32(), nullable=False),  # the day it is due, or that was looked at
        pa.field("count", pa.int64(), nullable=False),
        pa.field("ids", pa.list_(pa.string()), nullable=False),  # the first of them, most urgent first
    ]
)


@dataclass(frozen=True, slots=True)
class FactSource:
    """Where facts lie: a folder of fact tables, or of a marketplace's own tables with a folder of `<kind>.sql` mappings."""

    folder: Path
    mapping: Path | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The standing of every account from `first` to `last` (both days in), and what could not be used of the facts.

    `metrics` and `ratings` hold one row per account and day (only days on which a row differs from the day before,
    where `changes_only`); `violations` every violation that was open on any day up to `last`.
    """

    first: date
    last: date
    metrics: pa.Table
    ratings: pa.Table
    violations: pa.Table
    findings: tuple[Finding, ...]


class Engine(Protocol):
    """A place where the sums can run."""

    def assess(
        self, source: FactSource, pack: PolicyPack, first: date, last: date, *, changes_only: bool = False, progress: Progress | None = None
    ) -> Assessment:
        """Assess all accounts for each day from `first` to `last`. Raises UnusableInput where no table can be read."""
        ...
