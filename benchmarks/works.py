"""The works that are measured, each a function of a fact folder. A work gives totals, which must be those of its rivals before any time counts.

Rivals do less than the engine: of the pack's metrics only the window sums named in `TOTALS`, no numerators that need another table, no rating, no
violations, no check of the facts. Polars' own streaming engine and pandas' dense frames are used as their users would.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.made import FIRST, Size, make_day
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines.base import FactSource
from goodstanding.engines.duckdb import DuckDBEngine
from goodstanding.engines.output import ParquetFolder
from goodstanding.engines.rows import MetricCells
from goodstanding.engines.state import State
from goodstanding.packs.loader import load_pack

Totals = dict[str, int]

TOTALS: dict[str, tuple[str, int, int]] = {
    "order_defect_rate/denominator": ("placed", 60, 0),
    "pre_fulfillment_cancellation_rate/denominator": ("placed_by_merchant", 7, 0),
    "late_shipment_rate_10d/denominator": ("shipped_by_merchant", 10, 0),
    "late_shipment_rate_10d/numerator": ("late", 10, 0),
    "late_shipment_rate_30d/denominator": ("shipped_by_merchant", 30, 0),
    "late_shipment_rate_30d/numerator": ("late", 30, 0),
    "valid_tracking_rate/numerator": ("tracked", 30, 0),
    "on_time_delivery_rate/denominator": ("due", 14, 7),
    "on_time_delivery_rate/numerator": ("on_time", 14, 7),
    "fulfilled_orders": ("shipped", 180, 0),
}
"""The sums over all accounts and days that everybody has to agree on: count, window, lag."""

COLUMNS = [
    "order_id",
    "account_id",
    "buyer_id",
    "placed_at",
    "ship_by",
    "shipped_at",
    "deliver_by",
    "delivered_at",
    "cancelled_at",
    "cancelled_by",
    "fulfilment",
    "tracking_valid",
    "amount",
]
MEMORY = "2GB"
A_DAY = 300_000
"""Orders of one more day."""


class Sums:
    """A sink that takes the daily history as matrices and adds it up."""

    def __init__(self) -> None:
        self.totals: Counter[str] = Counter()

    def cells(self, cells: Sequence[MetricCells]) -> None:
        """Add up every day of every account."""
        for cell in cells:
            self.totals[f"{cell.metric.name}/numerator"] += int(cell.numerator.sum(dtype=np.int64))
            if cell.denominator is not None:
                self.totals[f"{cell.metric.name}/denominator"] += int(cell.denominator.sum(dtype=np.int64))

    def metrics(self, table: pa.Table) -> None:
        """Matrices come instead."""

    def ratings(self, table: pa.Table) -> None:
        """Add up the orders that earn points."""
        self.totals["fulfilled_orders"] += pc.sum(table["fulfilled_orders"]).as_py() or 0

    def violations(self, table: pa.Table) -> None:
        """Count them."""
        self.totals["violations"] += table.num_rows


def scan(folder: Path, size: Size) -> Totals:
    """Read every column that the engine reads, once, and nothing more: the least that any answer costs."""
    columns = ", ".join(f"min({name}), max({name})" for name in COLUMNS)
    con = duckdb.connect(config={"preserve_insertion_order": False})
    con.execute(f"SELECT count(*), {columns} FROM read_parquet('{folder}/orders/*.parquet')").fetchall()
    return {}


def unwatched() -> PolicyPack:
    """The reference pack without its watches of behaviour, which look at orders in other ways than metrics and rating do."""
    return replace(load_pack("amazon"), watches={})


def history(folder: Path, size: Size) -> Totals:
    """All metrics, ratings and violations of every account on every day."""
    sink = Sums()
    DuckDBEngine(memory=MEMORY).run(FactSource(folder), unwatched(), sink, FIRST, size.last)
    return dict(sink.totals)


def watched(folder: Path, size: Size) -> Totals:
    """The same as the history, and behaviour out of line (twelve watches)."""
    DuckDBEngine(memory=MEMORY).run(FactSource(folder), load_pack("amazon"), Sums(), FIRST, size.last)
    return {}


def written(folder: Path, size: Size) -> Totals:
    """The same, and every change written as Parquet, as `goodstanding assess --changes` does."""
    with ParquetFolder(folder.parent / f"{folder.name}-out") as sink:
        DuckDBEngine(memory=MEMORY).run(FactSource(folder), unwatched(), sink, FIRST, size.last, changes_only=True)
    return {}


def one_day(folder: Path, size: Size) -> Totals:
    """All metrics, ratings and violations as of the last day; violations rest on the whole history."""
    DuckDBEngine(memory=MEMORY).run(FactSource(folder), unwatched(), Sums(), size.last, size.last)
    return {}


def kept(folder: Path, size: Size) -> Totals:
    """The first run into a state folder: everything counted and kept, and the last day assessed."""
    target = folder.parent / f"{folder.name}-state"
    shutil.rmtree(target, ignore_errors=True)
    State(target, MEMORY).extend(FactSource(folder), unwatched(), Sums(), size.last, size.last)
    return {}


def more(folder: Path, size: Size) -> Totals:
    """One more day of facts onto what `kept` has kept: counted and assessed (`kept` has to have run)."""
    day = size.last + timedelta(days=1)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        state = Path(work) / "state"
        shutil.copytree(folder.parent / f"{folder.name}-state", state, copy_function=os.link)
        run = State(state, MEMORY).extend(FactSource(make_day(folder.parent, size, A_DAY)), unwatched(), Sums(), day, day)
        assert run.is_extended
    return {}


_DAILY = """
    SELECT account_id, placed_at::DATE AS placed, shipped_at::DATE AS shipped, deliver_by::DATE AS due, fulfilment = 'merchant' AS merchant,
        coalesce(shipped_at::DATE > ship_by::DATE, FALSE) AS late, coalesce(tracking_valid, FALSE) AS tracked,
        coalesce(delivered_at::DATE <= deliver_by::DATE, FALSE) AS on_time, cancelled_at IS NULL AS kept
    FROM read_parquet('{folder}/orders/*.parquet')
"""
_COUNTS = {
    "placed": ("placed", "TRUE"),
    "placed_by_merchant": ("placed", "merchant"),
    "shipped": ("shipped", "shipped IS NOT NULL"),
    "shipped_by_merchant": ("shipped", "merchant"),
    "late": ("shipped", "merchant AND late"),
    "tracked": ("shipped", "merchant AND tracked"),
    "due": ("due", "merchant AND kept"),
    "on_time": ("due", "merchant AND kept AND on_time"),
}


def sql_windows(folder: Path, size: Size) -> Totals:
    """Window functions in DuckDB over one row an account and day."""
    con = duckdb.connect(config={"memory_limit": "14GB"})
    parts = {"placed": [], "shipped": [], "due": []}  # type: dict[str, list[str]]
    for name, (day, condition) in _COUNTS.items():
        parts[day].append(f"count(*) FILTER ({condition}) AS {name}")
    con.execute(f"CREATE TEMP VIEW o AS {_DAILY.format(folder=folder)}")
    con.execute(f"CREATE TEMP TABLE days AS SELECT unnest(range({size.days}))::INTEGER AS n")
    joins = " ".join(
        f"LEFT JOIN (SELECT account_id, ({day} - DATE '{FIRST}')::INTEGER AS n, {', '.join(counts)} FROM o WHERE {day} IS NOT NULL GROUP BY ALL) {day} "
        "USING (account_id, n)"
        for day, counts in parts.items()
    )
    windows = ", ".join(
        f"sum({count}) OVER (PARTITION BY account_id ORDER BY n ROWS BETWEEN {days + lag - 1} PRECEDING AND {lag} PRECEDING) AS t{i}"
        for i, (count, days, lag) in enumerate(TOTALS.values())
    )
    row = con.execute(
        f"SELECT {', '.join(f'sum(t{i})' for i in range(len(TOTALS)))} FROM (SELECT {windows} "
        f"FROM (SELECT DISTINCT account_id FROM o) CROSS JOIN days {joins})"
    ).fetchall()[0]
    return dict(zip(TOTALS, map(int, row), strict=True))


def pandas_windows(folder: Path, size: Size) -> Totals:
    """pandas: counts per account and day as dense frames, rolling sums down the days."""
    import pandas as pd

    columns = ["account_id", "placed_at", "ship_by", "shipped_at", "deliver_by", "delivered_at", "cancelled_at", "fulfilment", "tracking_valid"]
    orders = pd.read_parquet(folder / "orders", columns=columns)
    orders["account_id"] = orders["account_id"].astype("category")
    day = {name: orders[name].dt.floor("D") for name in columns if name.endswith(("_at", "_by"))}
    merchant, kept = orders["fulfilment"] == "merchant", orders["cancelled_at"].isna()
    chosen = {
        "placed": (day["placed_at"], None),
        "placed_by_merchant": (day["placed_at"], merchant),
        "shipped": (day["shipped_at"], None),
        "shipped_by_merchant": (day["shipped_at"], merchant),
        "late": (day["shipped_at"], merchant & (day["shipped_at"] > day["ship_by"])),
        "tracked": (day["shipped_at"], merchant & orders["tracking_valid"].fillna(False).astype(bool)),
        "due": (day["deliver_by"], merchant & kept),
        "on_time": (day["deliver_by"], merchant & kept & (day["delivered_at"] <= day["deliver_by"])),
    }
    days, cache, totals = pd.date_range(FIRST, periods=size.days), {}, {}
    for name, (when, mask) in chosen.items():
        frame = pd.DataFrame({"account": orders["account_id"], "day": when})
        frame = frame if mask is None else frame[mask]
        cache[name] = frame.groupby(["day", "account"], observed=True).size().unstack(fill_value=0).reindex(days, fill_value=0)
    for total, (name, window, lag) in TOTALS.items():
        totals[total] = int(cache[name].rolling(window, min_periods=1).sum().shift(lag).to_numpy(na_value=0).sum())
    return totals


def polars_windows(folder: Path, size: Size) -> Totals:
    """Polars: counts per account and day on a full grid, rolling sums over each account."""
    import polars as pl

    orders = pl.scan_parquet(folder / "orders" / "*.parquet")
    day = {name: pl.col(name).dt.date() for name in ("placed_at", "ship_by", "shipped_at", "deliver_by", "delivered_at")}
    merchant, kept = pl.col("fulfilment") == "merchant", pl.col("cancelled_at").is_null()
    on_time = (day["delivered_at"] <= day["deliver_by"]).fill_null(False)
    counts = {
        "placed_at": {"placed": pl.col("placed_at").is_not_null(), "placed_by_merchant": merchant},
        "shipped_at": {
            "shipped": pl.col("shipped_at").is_not_null(),
            "shipped_by_merchant": merchant,
            "late": merchant & (day["shipped_at"] > day["ship_by"]),
            "tracked": merchant & pl.col("tracking_valid").fill_null(False),
        },
        "deliver_by": {"due": merchant & kept, "on_time": merchant & kept & on_time},
    }
    days = pl.LazyFrame({"day": [FIRST + timedelta(days=n) for n in range(size.days)]})
    grid = orders.select("account_id").unique().join(days, how="cross")
    for moment, wanted in counts.items():
        columns = [condition.cast(pl.Int64).sum().alias(name) for name, condition in wanted.items()]
        daily = orders.filter(pl.col(moment).is_not_null()).with_columns(day[moment].alias("day")).group_by("account_id", "day").agg(columns)
        grid = grid.join(daily, on=["account_id", "day"], how="left")
    windows = [
        pl.col(name).fill_null(0).rolling_sum(window, min_samples=1).shift(lag).over("account_id", order_by="day").sum().alias(total)
        for total, (name, window, lag) in TOTALS.items()
    ]
    row = grid.select(windows).collect(engine="streaming").to_dicts()[0]
    return {name: int(value or 0) for name, value in row.items()}


WORKS: dict[str, Callable[[Path, Size], Totals]] = {
    "scan": scan,
    "history": history,
    "watched": watched,
    "written": written,
    "day": one_day,
    "kept": kept,
    "more": more,
    "pandas": pandas_windows,
    "polars": polars_windows,
    "sql": sql_windows,
}
"""All works, by the name the command line knows them by."""
RIVALS = ("pandas", "polars", "sql")
