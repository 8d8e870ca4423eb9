"""What a state folder keeps besides facts and daily counts, so that the next day needs no earlier facts but those it touches.

Accounts keep their number for good; new ones come after the others. Beside each batch lie the edges it added and the items it told of (`spans`), which
only add up; of the last assessment there are the sums at its end, the edges after it, and all violations of metrics with the last day of breach.
"""

# ruff: noqa: S608 - every name and path is quoted by `quoting`

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from goodstanding.core.health.violations import subject_of
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines import quoting
from goodstanding.engines.blocks import Edges, day_number
from goodstanding.engines.breaches import OPEN, Breaches
from goodstanding.engines.ongoing import KeptEdges, Known
from goodstanding.engines.sums import Flags, Whole

_VIOLATIONS = (
    "metric SMALLINT, number INTEGER, opened INTEGER, closed INTEGER, latest INTEGER, numerator BIGINT, denominator BIGINT, subject_ids VARCHAR[]"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The folder of a state, and which batches its files may be of."""

    folder: Path

    def part(self, name: str, batch: int) -> Path:
        """The file of one batch."""
        return self.folder / name / f"{batch:06}.parquet"

    def write(self, con: duckdb.DuckDBPyConnection, name: str, batch: int, query: str) -> None:
        """Write the rows of a query as a batch's file, in their order."""
        path = self.part(name, batch)
        path.parent.mkdir(parents=True, exist_ok=True)
        con.execute(f"COPY ({query}) TO {quoting.literal(str(path))} (COMPRESSION lz4)")

    def read(self, name: str, batches: Sequence[int]) -> str:
        """The rows of some batches as a relation, with the number of the batch."""
        paths = [path for batch in batches if (path := self.part(name, batch)).exists()]
        number = "regexp_extract(filename, '([0-9]+)[.]parquet$', 1)::INTEGER AS batch"
        return f"(SELECT * EXCLUDE (filename), {number} FROM read_parquet({quoting.paths(paths)}, filename = true))"


def all_edges(con: duckdb.DuckDBPyConnection, kept: Kept, pack: PolicyPack, batches: Sequence[int], only: pa.ChunkedArray | None = None) -> KeptEdges:
    """The edges of all batches, of some accounts by number (None: all)."""
    chosen = ""
    if only is not None:
        con.register("chosen_numbers", pa.table({"number": only}))
        chosen = " SEMI JOIN chosen_numbers USING (number)"
    # A batch's own edges are summed up already.
    rows = f"FROM {kept.read('edges', batches)}{chosen}"
    found = []
    for metric in range(len(pack.metrics) + 1):
        table = con.sql(f"SELECT number, day, numerator, denominator {rows} WHERE metric = {metric}").to_arrow_table()
        found.append(Edges(*(table[name].to_numpy() for name in ("number", "day", "numerator", "denominator"))))
    if only is not None:
        con.unregister("chosen_numbers")
    return found


@dataclass(frozen=True, slots=True)
class Sums:
    """Running sums of all edges up to a day, [numerator or denominator, metric, account number], and the edges after it by day."""

    totals: Whole
    ahead: KeptEdges

    @classmethod
    def of(cls, edges: KeptEdges, accounts: int, last: date) -> "Sums":
        """The sums of edges up to the end of a day."""
        return cls(np.zeros((2, len(edges), accounts), np.int32), edges).later(accounts, last)

    def later(self, accounts: int, last: date, more: KeptEdges | None = None) -> "Sums":
        """The sums up to a later day, with more edges perhaps, of any days."""
        totals = np.zeros((2, len(self.ahead), accounts), np.int32)
        totals[:, :, : self.totals.shape[2]] = self.totals
        ahead = []
        for metric, edges in enumerate(self.ahead):
            own = [edges, *([more[metric]] if more else [])]
            idx, day, numerator, denominator = (np.concatenate([getattr(e, n) for e in own]) for n in ("idx", "day", "numerator", "denominator"))
            past = day <= day_number(last)
            for part, weights in enumerate((numerator, denominator)):
                np.add.at(totals[part, metric], idx[past], weights[past])
            ahead.append(Edges(*(column[~past] for column in (idx, day, numerator, denominator))))
        return Sums(totals, ahead)

    def edges(self, last: date) -> KeptEdges:
        """The sums as edges of the day they are up to, and the edges after it."""
        found = []
        for metric, ahead in enumerate(self.ahead):
            above, below = self.totals[:, metric]
            idx = np.flatnonzero((above != 0) | (below != 0))
            columns = (idx, np.full(len(idx), day_number(last)), above[idx], below[idx])
            found.append(
                Edges(*(np.concatenate(pair) for pair in zip(columns, (ahead.idx, ahead.day, ahead.numerator, ahead.denominator), strict=True)))
            )
        return found

    def write(self, folder: Path) -> None:
        """Write them into a folder."""
        np.save(folder / "totals.npy", self.totals)
        flat = [np.concatenate([getattr(edges, name) for edges in self.ahead]) for name in ("idx", "day", "numerator", "denominator")]
        np.save(folder / "ahead.npy", np.stack(flat).astype(np.int32))
        np.save(folder / "ahead_of.npy", np.cumsum([len(edges.idx) for edges in self.ahead]))

    @classmethod
    def read(cls, folder: Path) -> "Sums":
        """Those of a folder."""
        flat, ends = np.load(folder / "ahead.npy", mmap_mode="r"), np.load(folder / "ahead_of.npy")
        return cls(np.load(folder / "totals.npy"), [Edges(*part) for part in np.split(flat, ends[:-1], axis=1)])


def read_violations(con: duckdb.DuckDBPyConnection, folder: Path | None) -> None:
    """Make `sums.kept_violations` of a folder's file; None: there are none yet."""
    if folder is None:
        con.execute(f"CREATE TABLE sums.kept_violations ({_VIOLATIONS})")
    else:
        con.execute(f"CREATE TABLE sums.kept_violations AS FROM read_parquet({quoting.path(folder / 'violations.parquet')})")


def known_violations(con: duckdb.DuckDBPyConnection, redone: Flags) -> Mapping[int, Known]:
    """The violations that are open, by metric; `redone`: by place, of which accounts nothing is known any more."""
    table = con.sql(
        f"SELECT metric, idx, opened, latest, numerator, coalesce(denominator, 0) AS denominator "
        f"FROM sums.kept_violations JOIN sums.accounts USING (number) WHERE closed = {OPEN} ORDER BY metric, idx"
    ).to_arrow_table()
    metric, *columns = (column.to_numpy().astype(np.int64) for column in table.columns)
    known = {}
    for number in sorted(set(metric.tolist())):
        here = (metric == number) & ~redone[columns[0]]
        known[number] = Known(*(column[here] for column in columns))
    return known


def renew_violations(
    con: duckdb.DuckDBPyConnection, pack: PolicyPack, kept: Kept, batches: Sequence[int], found: Sequence[Breaches], last: date, since: date | None
) -> None:
    """Make `sums.renewed`: the violations that were found in place of those that were open, and of all of accounts in `redone_numbers`.

    `since`: the day up to which those that go on have their items already.
    """
    _register_found(con, found, last)
    _find_items(con, pack, kept, batches, 0 if since is None else day_number(since) + 1)
    con.execute(
        f"""CREATE TABLE sums.renewed AS
        SELECT metric, number, opened, closed, latest, numerator, denominator, subject_ids FROM sums.kept_violations
        ANTI JOIN redone_numbers USING (number) WHERE closed <> {OPEN}
        UNION ALL
        SELECT f.metric, f.number, f.opened, f.closed, f.latest, f.numerator, f.denominator,
            coalesce(i.ids, k.subject_ids, [])
        FROM found f
        LEFT JOIN items i ON i.place = f.place
        LEFT JOIN sums.kept_violations k ON k.metric = f.metric AND k.number = f.number AND k.opened = f.opened AND f.goes_on"""
    )


def _register_found(con: duckdb.DuckDBPyConnection, found: Sequence[Breaches], last: date) -> None:
    """`found`: by account number, with the day after the last on which each counts, and whether it goes on from before."""
    until = day_number(last + timedelta(days=1))
    columns = {name: [getattr(one, name) for one in found] for name in ("idx", "opened", "closed", "numerator", "latest")}
    below = [np.zeros(len(one.idx), np.int64) if one.denominator is None else one.denominator for one in found]
    none = [np.full(len(one.idx), one.denominator is None) for one in found]
    closed = _joined(columns["closed"])
    table = pa.table(
        {
            "place": np.arange(len(closed)),
            "metric": _joined([np.full(len(one.idx), one.metric) for one in found]).astype(np.int16),
            "numerator": _joined(columns["numerator"]),
            **{name: _joined(columns[name]).astype(np.int32) for name in ("idx", "opened", "closed", "latest")},
            "denominator": pa.array(_joined(below), mask=_joined(none).astype(np.bool_)),
            "until": np.minimum(closed, until).astype(np.int32),
        }
    )
    con.register("found_now", table)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE found AS
        SELECT n.*, a.number, k.number IS NOT NULL AND a.number NOT IN (SELECT number FROM redone_numbers) AS goes_on
        FROM found_now n JOIN sums.accounts a USING (idx)
        LEFT JOIN (SELECT metric, number, opened FROM sums.kept_violations WHERE closed = {OPEN}) k
            ON k.metric = n.metric AND k.number = a.number AND k.opened = n.opened"""
    )
    con.unregister("found_now")


def _joined(parts: Sequence[Whole]) -> Whole:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _find_items(con: duckdb.DuckDBPyConnection, pack: PolicyPack, kept: Kept, batches: Sequence[int], since: int) -> None:
    """`items`: what each of `found` points to, if there is more than it pointed to before `since`. A later batch's word on an item is the last."""
    messages = [n for n, metric in enumerate(pack.metrics.values()) if subject_of(metric) == "messages"]
    gone = [batch for batch in batches if kept.part("gone", batch).exists()]
    told = kept.read("items", batches)
    alive = ""
    if gone:
        alive = f"""AND NOT EXISTS (SELECT 1 FROM {kept.read("gone", gone)} g
            WHERE g.subject_id = i.subject_id AND g.is_message = list_contains({messages}::INTEGER[], i.metric) AND g.batch > i.batch)"""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE items AS
        WITH told AS (
            SELECT DISTINCT f.place, i.subject_id
            FROM {told} i JOIN found f ON f.metric = i.metric AND f.number = i.number AND i.from_day < f.until
                AND i.to_day > CASE WHEN f.goes_on THEN greatest(f.opened, {since}) ELSE f.opened END
            WHERE TRUE {alive}
        ),
        before AS (
            SELECT f.place, unnest(k.subject_ids) AS subject_id
            FROM found f SEMI JOIN told USING (place) JOIN sums.kept_violations k USING (metric, number, opened)
            WHERE f.goes_on
        )
        SELECT place, list_sort(list(DISTINCT subject_id)) AS ids FROM (FROM told UNION ALL FROM before)
        GROUP BY place"""
    )


def strike_metrics(con: duckdb.DuckDBPyConnection, pack: PolicyPack) -> None:
    """Add `sums.renewed` to `sums.struck`."""
    con.execute("CREATE OR REPLACE TEMP TABLE found_by (metric SMALLINT, name VARCHAR, reason VARCHAR, kind VARCHAR)")
    rows = [(n, metric.name, metric.reason, subject_of(metric)) for n, metric in enumerate(pack.metrics.values())]
    con.executemany("INSERT INTO found_by VALUES (?, ?, ?, ?)", rows)
    con.execute(
        f"""INSERT INTO sums.struck
        SELECT a.account_id, m.reason, m.name, DATE '1970-01-01' + v.opened, CASE WHEN v.closed <> {OPEN} THEN DATE '1970-01-01' + v.closed END,
            v.numerator, v.denominator, m.name, m.kind, v.subject_ids, NULL
        FROM sums.renewed v JOIN sums.accounts a USING (number) JOIN found_by m USING (metric)"""
    )


def write_violations(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write `sums.renewed` as the folder's file."""
    con.execute(f"COPY sums.renewed TO {quoting.literal(str(folder / 'violations.parquet'))} (COMPRESSION uncompressed)")


def write_accounts(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write who the accounts are: `sums.accounts` and `sums.holders`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("accounts", "holders"):
        pq.write_table(con.sql(f"FROM sums.{name}").to_arrow_table(), folder / f"{name}.parquet", compression="lz4")
