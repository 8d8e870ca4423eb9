"""Who the accounts of a block were known to be, day by day."""

from dataclasses import dataclass
from typing import Self

import duckdb
import numpy as np
from numpy.typing import NDArray

from goodstanding.core.policy.pack import Metric
from goodstanding.core.terms import HolderKind
from goodstanding.engines.rows import EPOCH
from goodstanding.engines.sums import Flags, Grid, Whole

_QUERY = """
    SELECT idx, holder_kind, marketplace, from_day - DATE '1970-01-01' AS from_day, to_day - DATE '1970-01-01' AS to_day,
        opened_day - DATE '1970-01-01' AS opened
    FROM sums.holders JOIN sums.accounts USING (account_id) ORDER BY idx, from_day
"""


@dataclass(frozen=True, slots=True)
class Holders:
    """One entry per version of an account; `kinds` are the (holder kind, marketplace) pairs there are, `codes` which of them each is."""

    rows: Whole
    kinds: tuple[tuple[str, str], ...]
    codes: NDArray[np.int64]
    from_day: Whole
    to_day: Whole
    opened: Whole

    @classmethod
    def read(cls, con: duckdb.DuckDBPyConnection) -> Self:
        """All of `sums.holders`, by account number."""
        table = con.sql(_QUERY).to_arrow_table()
        pairs = table.select(["holder_kind", "marketplace"]).group_by(["holder_kind", "marketplace"]).aggregate([]).to_pylist()
        kinds = tuple((pair["holder_kind"], pair["marketplace"]) for pair in pairs)
        code_of = {kind: code for code, kind in enumerate(kinds)}
        holder, store = (table[name].combine_chunks().dictionary_encode() for name in ("holder_kind", "marketplace"))
        lookup = np.array([[code_of.get((h, s), 0) for s in store.dictionary.to_pylist()] for h in holder.dictionary.to_pylist()], dtype=np.int64)
        codes = lookup[holder.indices.to_numpy(), store.indices.to_numpy()] if len(table) else np.zeros(0, np.int64)
        columns = [table[name].to_numpy().astype(np.int64) for name in ("idx", "from_day", "to_day", "opened")]
        return cls(columns[0], kinds, codes, *columns[1:])

    def block(self, start: int, stop: int) -> "Holders":
        """The entries of some accounts; rows count from the first of them."""
        cut = slice(*np.searchsorted(self.rows, [start, stop]))
        return Holders(self.rows[cut] - start, self.kinds, self.codes[cut], self.from_day[cut], self.to_day[cut], self.opened[cut])

    def having(self, metric: Metric) -> Flags:
        """Which entries have a metric."""
        return self._where([metric.applies_to(kind, store) for kind, store in self.kinds])

    def selling(self) -> Flags:
        """Which entries are sellers."""
        return self._where([kind == HolderKind.SELLER for kind, _ in self.kinds])

    def _where(self, wanted: list[bool]) -> Flags:
        return np.array(wanted, dtype=np.bool_)[self.codes] if len(self.codes) else np.zeros(0, np.bool_)

    def masks(self, grid: Grid, chosen: Flags) -> tuple[Flags, Flags]:
        """For the chosen entries: the days on which they were known, and those of these on which the account was open."""
        known, from_day, to_day = self.rows[chosen], self.from_day[chosen], self.to_day[chosen]
        opened = np.maximum(from_day, self.opened[chosen])
        if len(np.unique(known)) == len(known) and (to_day >= grid.base + grid.days).all():
            return _since(grid, known, from_day), _since(grid, known, opened)
        ones = np.ones(len(known), dtype=np.int64)
        return grid.cover(known, from_day, to_day, ones) > 0, grid.cover(known, opened, to_day, ones) > 0

    def enforced(self, grid: Grid, chosen: Flags, metric: Metric) -> Flags:
        """For the chosen entries: the days on which they were known and their store enforced the metric's target."""
        starts = np.array([(metric.first_enforced(store) - EPOCH).days for _, store in self.kinds], dtype=np.int64)[self.codes[chosen]]
        from_day = np.maximum(self.from_day[chosen], starts)
        covered: Flags = grid.cover(self.rows[chosen], from_day, self.to_day[chosen], np.ones(len(starts), dtype=np.int64)) > 0
        return covered


def _since(grid: Grid, rows: Whole, first: Whole) -> Flags:
    starts = np.full(grid.accounts, grid.days, dtype=np.int64)
    starts[rows] = first - grid.base
    since: Flags = np.arange(grid.days) >= starts[:, None]
    return since
