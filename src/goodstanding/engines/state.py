"""Assessments that go on: a folder keeps the facts told so far and their daily counts, and new facts are counted on top of these.

What a batch of new facts may change is what it names: its own orders, orders that its defects, returns and complaints are about, and orders of
accounts that it makes known. Only these are taken out of the counts as they were and counted again as they are now, so corrections that come late
and days told in any order end in the same numbers as one run over everything. Nothing counts until `state.json` says so: an interrupted run is simply run again.
"""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
from numpy.typing import NDArray

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.facts import KINDS
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines import daily, edges, kept, quoting, rows
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.blocks import ROOM, Blocks
from goodstanding.engines.loading import UTC, load_facts, open_facts
from goodstanding.engines.reading import WORK
from goodstanding.engines.versions import CORRECTION

AHEAD = 400
"""Days after the last one assessed for which counts have room; orders dated later are kept as they are."""
_FORMAT = 1
_NAMING = ("defects", "returns", "complaints")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a state folder holds. `counts` None: only facts, which every run counts afresh. `pack` and `days` say what was counted for."""

    batches: int = 0
    last_order: str | None = None
    counts: int | None = None
    pack: str = ""
    format: int = _FORMAT


@dataclass(frozen=True, slots=True)
class Extended:
    """What came of a run (see `duckdb.Run`): accounts, days, findings about the new facts, and whether stored counts were extended or all facts counted."""

    first: date
    last: date
    accounts: int
    findings: tuple[Finding, ...]
    is_extended: bool


class State:
    """A state folder. `memory` (like "4GB") and `threads` limit DuckDB."""

    def __init__(self, folder: Path, memory: str | None = None, threads: int | None = None, room: int = ROOM) -> None:
        self._folder, self._memory, self._threads, self._room = folder, memory, threads, room
        self._manifest = self._read()

    def extend(
        self,
        source: FactSource,
        pack: PolicyPack,
        sink: rows.Sink,
        first: date | None = None,
        last: date | None = None,
        *,
        changes_only: bool = False,
        progress: Progress | None = None,
    ) -> Extended:
        """Take in new facts and assess all facts told so far, as `DuckDBEngine.run` would assess them together."""
        with self._workspace() as work:
            con, findings = open_facts(source, kinds=edges.FACTS_READ, memory_limit=self._memory, threads=self._threads, progress=progress)
            with con:
                manifest = self._take_in(con)
                con.execute("SET preserve_insertion_order = false")
                last = last or (date.fromisoformat(manifest.last_order) if manifest.last_order else None)
                if last is None:
                    raise UnusableInput("no usable order has been told yet, so there is no last day with one; name the day with --as-of")
                first = first or last
                run = _Counting(self._folder, self._manifest, manifest, con, pack, work)
                counted = run.extended() if self._may_extend(pack) else None
                is_extended = counted is not None
                accounts, counts = counted or run.afresh(last)
                blocks = Blocks(con, pack, sink, first, last, changes_only, self._room)
                blocks.daily = counts
                blocks.run(accounts, progress or (lambda what, done, total: None))
                self._commit(run.keep(counts))
        return Extended(first, last, accounts, (*findings, *run.conflicts), is_extended)

    def _may_extend(self, pack: PolicyPack) -> bool:
        """Days of a store's own zone hang on the account they are of, so facts about accounts could move other facts' days: then all is counted."""
        is_utc = all(ZoneInfo(str(store.time_zone)).key == UTC for store in pack.marketplaces.values())
        return is_utc and self._manifest.counts is not None and self._manifest.pack == pack.digest

    def _read(self) -> Manifest:
        path = self._folder / "state.json"
        if not path.exists():
            return Manifest()
        try:
            manifest = Manifest(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise UnusableInput(f"{path}: is no state of goodstanding ({error}); give another folder with --state") from error
        if manifest.format != _FORMAT:
            raise UnusableInput(f"{path}: was written by another version (format {manifest.format}, not {_FORMAT}); give another folder with --state")
        return manifest

    @contextmanager
    def _workspace(self) -> Iterator[Path]:
        """A folder for the run's own files; what an interrupted run left behind is removed first."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in self._folder.glob("facts/*/*.parquet"):
                if int(path.stem) > self._manifest.batches:
                    path.unlink()
            for path in self._folder.glob("counts-*"):
                if path.name != f"counts-{self._manifest.counts}":
                    shutil.rmtree(path)
            with tempfile.TemporaryDirectory(prefix="work-", dir=self._folder) as work:
                yield Path(work)
        except OSError as error:
            raise UnusableInput(f"{self._folder}: cannot be written: {error.strerror or error}; give another folder with --state") from error

    def _take_in(self, con: duckdb.DuckDBPyConnection) -> Manifest:
        """Keep the usable rows of the new facts as one more batch."""
        number = self._manifest.batches + 1
        told = {name for (name,) in con.execute(f"SELECT table_name FROM duckdb_columns() WHERE schema_name = '{WORK}' GROUP BY ALL").fetchall()}
        for kind in (KINDS[name] for name in edges.FACTS_READ):
            if f"{kind.name}_checked" not in told:
                continue
            path = self._folder / "facts" / kind.name / f"{number:06}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            columns = ", ".join(quoting.name(column.name) for column in kind.columns)
            good = f"SELECT {columns} FROM {WORK}.{kind.name}_checked WHERE NOT __bad"  # in the order of the file
            con.execute(f"COPY ({good}) TO {quoting.literal(str(path))} (COMPRESSION zstd)")
        newest = con.execute("SELECT max(placed_at)::DATE::VARCHAR FROM facts.orders").fetchall()[0][0]
        last_order = max(filter(None, (self._manifest.last_order, newest)), default=None)
        return replace(self._manifest, batches=number, last_order=last_order)

    def _commit(self, manifest: Manifest) -> None:
        partial = self._folder / ".state.json.partial"
        partial.write_text(json.dumps(asdict(manifest)), encoding="utf-8")
        partial.replace(self._folder / "state.json")
        if self._manifest.counts is not None:
            shutil.rmtree(self._folder / f"counts-{self._manifest.counts}", ignore_errors=True)
        self._manifest = manifest


class _Counting:
    """One run's way from stored counts and a new batch to counts of everything."""

    def __init__(self, folder: Path, before: Manifest, after: Manifest, con: duckdb.DuckDBPyConnection, pack: PolicyPack, work: Path) -> None:
        self.folder, self.before, self.after, self.con, self.pack, self.work = folder, before, after, con, pack, work
        self.stored = folder / f"counts-{before.counts}"
        self.can_keep = True
        self.conflicts: tuple[Finding, ...] = ()

    def extended(self) -> tuple[int, daily.Daily] | None:
        """Stored counts with the new batch on top; None where sellers sell before they are listed, which only all orders together tell."""
        con = self.con
        touched = self._touched()
        before, after = self._orders("before", touched, self.before.batches), self._orders("after", touched, self.after.batches)
        counts = self._without(before, accounts := self._number(after))
        if counts is None:
            return None
        counts.count(con)
        edges.prepare_special(con, self.pack, counts.odd, counts.end)
        if counts.has_early or edges.has_early(con):
            return None
        con.execute(
            f"INSERT INTO sums.special_orders SELECT * FROM read_parquet({quoting.path(self.stored / 'special.parquet')}) "
            f"WHERE order_id NOT IN (SELECT order_id FROM {touched})"
        )
        edges.view_special(con)
        if self.pack.watches:
            self._load(self._union({}))  # watches look at whole accounts, whatever the batch touches
            edges.renew_orders(con)
        return accounts, counts

    def afresh(self, last: date) -> tuple[int, daily.Daily]:
        """Counts of all facts told so far."""
        self._load(self._union({}))
        accounts, counts = daily.number_and_count(self.con, self.pack, last, AHEAD)
        # Sellers that only orders tell of are numbered from all orders; with them every run starts from all orders.
        self.can_keep = counts.is_listed
        return accounts, counts

    def keep(self, counts: daily.Daily) -> Manifest:
        """Write the counts beside the facts; they count once the manifest says so."""
        if not self.can_keep:
            return replace(self.after, counts=None)
        target = self.folder / f"counts-{self.after.batches}"
        kept.write_counts(target, counts, self.con)
        self.con.execute(f"COPY sums.special_orders TO {quoting.literal(str(target / 'special.parquet'))} (COMPRESSION zstd)")
        return replace(self.after, counts=self.after.batches, pack=self.pack.digest)

    def _parts(self, kind: str, batches: int) -> str:
        """All stored parts of a kind up to a batch, as a relation with the number of each row's batch."""
        paths = sorted(path for path in (self.folder / "facts" / kind).glob("*.parquet") if int(path.stem) <= batches)
        if not paths:
            columns = ", ".join(f"NULL::{'TIMESTAMP' if c.type == 'moment' else 'VARCHAR'} AS {c.name}" for c in KINDS[kind].columns)
            return f"(SELECT {columns}, NULL::VARCHAR AS filename, 0 AS file_row_number LIMIT 0)"
        return f"read_parquet({quoting.paths(paths)}, filename = true, file_row_number = true)"

    def _touched(self) -> str:
        """A table of the ids of all orders that the new batch may change."""
        newest = self.after.batches
        named = " UNION ALL ".join(
            f"SELECT order_id FROM {self._parts(kind, newest)} WHERE filename LIKE '%{newest:06}.parquet'" for kind in ("orders", *_NAMING)
        )
        self.con.execute(f"CREATE TEMP TABLE touched AS SELECT DISTINCT order_id FROM ({named}) WHERE order_id IS NOT NULL")
        self._union_accounts()
        for name, has in (("account_id", "sells"), ("buyer_id", "buys")):
            if self.con.execute(f"SELECT 1 FROM appeared WHERE {has} LIMIT 1").fetchone():
                self.con.execute(
                    f"INSERT INTO touched SELECT order_id FROM {self._parts('orders', newest)} "
                    f"WHERE {name} IN (SELECT account_id FROM appeared WHERE {has})"
                )
        return "touched"

    def _union_accounts(self) -> None:
        """`numbered`: the accounts that stored counts are for; `appeared`: those that the newest batch makes sellers or buyers."""
        self.con.register("stored_accounts", kept.read_accounts(self.stored))
        self.con.execute("CREATE TEMP TABLE numbered AS SELECT * FROM stored_accounts")
        self.con.unregister("stored_accounts")
        self.con.execute(
            f"""CREATE TEMP TABLE appeared AS
            SELECT account_id, bool_or(holder_kind = 'seller') AND max(seller_row) IS NULL AS sells,
                bool_or(holder_kind = 'buyer') AND max(buyer_row) IS NULL AS buys
            FROM {self._parts("accounts", self.after.batches)} LEFT JOIN numbered USING (account_id)
            GROUP BY account_id HAVING sells OR buys"""
        )

    def _orders(self, name: str, touched: str, batches: int) -> Path:
        """A folder of facts with all versions of the touched orders as told up to a batch, and everything else in full."""
        orders = self.work / name / "orders"
        orders.mkdir(parents=True)
        columns = ", ".join(quoting.name(column.name) for column in KINDS["orders"].columns)
        told = f"FROM {self._parts('orders', batches)} WHERE order_id IN (SELECT order_id FROM {touched}) AND filename"
        # The newest batch is touched as a whole, so its rows keep their numbers: findings name them.
        for is_newest, number in ((False, 0), (True, self.after.batches)):
            part = f"SELECT {columns} {told} {'' if is_newest else 'NOT'} LIKE '%{self.after.batches:06}.parquet' ORDER BY filename, file_row_number"
            self.con.execute(f"COPY ({part}) TO {quoting.literal(str(orders / f'{number:06}.parquet'))}")
        return orders

    def _union(self, instead: dict[str, Path]) -> FactSource:
        """A folder in which every kind is that of the state, or what is given for it."""
        folder = Path(tempfile.mkdtemp(prefix="facts-", dir=self.work))
        for kind in edges.FACTS_READ:
            target = instead.get(kind, self.folder / "facts" / kind)
            if target.is_dir():
                (folder / kind).symlink_to(target.resolve(), target_is_directory=True)
        return FactSource(folder)

    def _load(self, source: FactSource) -> None:
        zones = {code: str(store.time_zone) for code, store in self.pack.marketplaces.items()}
        newest = f"{self.after.batches:06}.parquet"
        found = load_facts(self.con, source, zones=zones, kinds=edges.FACTS_READ)
        # What the batch itself says in two ways is told of by its own loading already.
        self.conflicts = tuple(f for f in found if f.code in ("conflict", CORRECTION) and newest in f.where and newest not in f.message)

    def _number(self, after: Path) -> int:
        """Load what the batch touches, and number all accounts; returns how many there are."""
        self._load(self._union({"orders": after}))
        return edges.prepare(self.con, self.pack, listed_only=True)

    def _without(self, before: Path, accounts: int) -> daily.Daily | None:
        """The stored counts for the accounts as they are numbered now, without the touched orders as they were; None: they cannot be used."""
        counts = daily.room_for(self.con, self.pack, date(1970, 1, 1))
        moved = {name: self._moved(name) for name in ("seller_row", "buyer_row")}
        if any((rows < 0).any() for rows in moved.values()):
            return None
        kept.read_counts(self.stored, counts, moved)
        numbers = self.con.sql(
            """SELECT a.account_id, a.idx, CASE WHEN n.seller_row IS NOT NULL THEN a.seller_row END AS seller_row,
                CASE WHEN n.buyer_row IS NOT NULL THEN a.buyer_row END AS buyer_row, DATE '1000-01-01' AS listed_from
            FROM sums.accounts a JOIN numbered n USING (account_id)"""
        ).to_arrow_table()
        with duckdb.connect(config={"python_enable_replacements": False}) as con:
            load_facts(con, FactSource(before.parent), kinds=("orders",))
            con.execute("SET preserve_insertion_order = false")
            edges.prepare_orders(con)
            con.register("numbers", numbers)
            con.execute("CREATE TABLE sums.accounts AS FROM numbers")
            counts.count(con, -1)
        return counts

    def _moved(self, name: str) -> NDArray[np.int64]:
        """Where each row of the stored planes is now; -1: nowhere."""
        found = self.con.sql(
            f"SELECT coalesce(a.{name}, -1)::BIGINT AS row FROM numbered n LEFT JOIN sums.accounts a USING (account_id) "
            f"WHERE n.{name} IS NOT NULL ORDER BY n.{name}"
        )
        return np.asarray(found.to_arrow_table()["row"].to_numpy())
