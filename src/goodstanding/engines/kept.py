"""Daily counts on disk: planes as plain arrays, beside the numbers of the accounts they are counted for."""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from goodstanding.engines.daily import Daily

_PLANES = {"placed": "seller_row", "shipped": "seller_row", "due": "seller_row", "bought": "buyer_row"}


def write_counts(folder: Path, daily: Daily, con: duckdb.DuckDBPyConnection) -> None:
    """Write counts, and the accounts of `sums.accounts` that they are for."""
    folder.mkdir(parents=True)
    used = slice(daily.first_used, daily.last_used + 1)  # empty where nothing is counted yet
    for name in _PLANES:
        np.save(folder / f"{name}.npy", getattr(daily, name)[used])
    for name, few in daily.few.items():
        np.save(folder / f"{name}.npy", few.cells)
    np.save(folder / "days.npy", np.array([daily.base, daily.days, daily.first_used, daily.last_used]))
    numbers = con.sql("SELECT account_id, seller_row, buyer_row FROM sums.accounts ORDER BY idx").to_arrow_table()
    pq.write_table(numbers, folder / "accounts.parquet", compression="zstd")


def read_accounts(folder: Path) -> pa.Table:
    """The accounts that counts are for: account_id, seller_row, buyer_row."""
    return pq.read_table(folder / "accounts.parquet")


def read_counts(folder: Path, daily: Daily, moved: dict[str, NDArray[np.int64]]) -> None:
    """Fill `daily`, which is for other accounts perhaps: `moved` tells for `seller_row` and `buyer_row` where each row has gone."""
    daily.base, daily.days, daily.first_used, daily.last_used = (int(n) for n in np.load(folder / "days.npy"))
    used = slice(daily.first_used, daily.last_used + 1)
    for name, number in _PLANES.items():
        stored = np.load(folder / f"{name}.npy", mmap_mode="r")
        plane = np.zeros((daily.days, getattr(daily, name).shape[1]), stored.dtype)
        rows = moved[number]
        if len(rows) == plane.shape[1] and (rows == np.arange(len(rows))).all():
            plane[used] = stored
        elif stored.shape[1]:
            for day, counts in enumerate(stored, daily.first_used):
                plane[day, rows] = counts
        setattr(daily, name, plane)
    for name, few in daily.few.items():
        row, day = np.divmod(np.load(folder / f"{name}.npy"), daily.days)
        few.cells = np.sort(moved["seller_row"][row] * daily.days + day)
