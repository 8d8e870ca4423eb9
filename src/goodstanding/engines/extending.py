"""One run over a state folder: from what is kept and a new batch to what is kept then, and the assessment on the way."""

# ruff: noqa: S608 - every name and path from outside is quoted by `quoting`

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from goodstanding.core.errors import Finding
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines import doubts, edges, quoting, rows, spans, standing
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.behaving import add_behaviour
from goodstanding.engines.blocks import Blocks
from goodstanding.engines.breaches import Breaches, strike_spells, struck_rows
from goodstanding.engines.daily import Daily, number_and_count
from goodstanding.engines.kept import KeptCounts
from goodstanding.engines.loading import load_facts
from goodstanding.engines.ongoing import MOST_DAYS, DaysSince, KeptBlocks, Nowhere
from goodstanding.engines.standing import Kept, Sums
from goodstanding.engines.statements import Raw, sql
from goodstanding.engines.sums import Whole
from goodstanding.engines.touched import Parts, Touched
from goodstanding.engines.versions import CORRECTION

AHEAD = 400
"""Days after the last one assessed for which counts have room; when they are over, all facts are counted again."""
FORMAT = 2
_LONG_AGO = "DATE '1000-01-01'"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a state folder holds. `counts` None: only facts, which every run counts afresh; else the batch that what stands was last written for.

    `listed`: the same for who the accounts are; `counted`: the batches that edges and items lie beside; `spans`: see `kept.Versions`;
    `base` and `days`: the room of daily counts; `pack` and `assessed`: what all this was counted for, and the day it is as of.
    """

    batches: int = 0
    last_order: str | None = None
    counts: int | None = None
    listed: int | None = None
    counted: tuple[int, ...] = ()
    spans: dict[str, int] = field(default_factory=dict)
    base: int = 0
    days: int = 0
    assessed: str = ""
    pack: str = ""
    has_shipped: bool = False
    says_tracking: bool = False
    format: int = FORMAT

    @property
    def versions(self) -> dict[int, int]:
        """`spans` with numbers, which JSON has no keys of."""
        return {int(span): batch for span, batch in self.spans.items()}


class Assessing:
    """One run. `con` holds the new facts, which are batch `after.batches`; `before` None: nothing that is kept can be used."""

    def __init__(self, con: duckdb.DuckDBPyConnection, pack: PolicyPack, folder: Path, work: Path, before: Manifest | None, after: Manifest) -> None:
        self.con, self.pack, self.folder, self.work, self.before, self.manifest = con, pack, folder, work, before, after
        self.batch = after.batches
        self.kept = Kept(folder)
        self.parts = Parts(folder / "facts", self.batch)
        self.findings: tuple[Finding, ...] = ()
        self.is_extended = False
        self.accounts = self.redone = 0

    def assess(self, sink: rows.Sink, days: tuple[date, date], changes_only: bool, room: int, tell: Progress) -> None:
        """Count, assess into the sink, and write what the next run needs; `manifest` says then what there is."""
        self.sink, self.days, self.changes_only, self.room, self.tell = sink, days, changes_only, room, tell
        tell("daily counts", 0, 1)
        counts = self._extended() if self.before and self._has_room(self.before) else None
        self.is_extended = counts is not None
        counts = counts or self._afresh()
        tell("daily counts", 1, 1)
        self.findings += self._doubts()
        if counts is None:
            return
        self._see_behaviour()
        goes_on = self.before if self.is_extended and self._goes_on() else None
        self._emit(goes_on, *(self._days_since(goes_on, counts) if goes_on else self._all_days(counts)))

    def _has_room(self, before: Manifest) -> bool:
        return (self.days[1] - date(1970, 1, 1)).days < before.base + before.days

    def _goes_on(self) -> bool:
        since = self._since
        return since <= self.days[0] and (self.days[1] - since).days <= MOST_DAYS

    @property
    def _since(self) -> date:
        assert self.before is not None, "asked where something is kept"
        return date.fromisoformat(self.before.assessed)

    # -- counting ---------------------------------------------------------------------------------------------------------------------------

    def _afresh(self) -> KeptCounts | None:
        """Count all facts told so far; None where that cannot be kept, and everything is assessed already."""
        con, pack = self.con, self.pack
        self._load(self.folder / "facts")
        self.accounts, daily = number_and_count(con, pack, self.days[1], AHEAD)
        if not (daily.is_listed and self._is_utc()):
            # Sellers that only orders tell of are numbered from all orders; with them every run starts from all orders.
            blocks = Blocks(con, pack, self.sink, *self.days, self.changes_only, self.room)
            blocks.daily = daily
            blocks.run(self.accounts, self.tell)
            self.manifest = replace(self.manifest, counts=None, listed=None, counted=(), spans={})
            return None
        con.execute("ALTER TABLE sums.accounts ADD COLUMN number INTEGER")
        con.execute("UPDATE sums.accounts SET number = idx")
        con.execute("CREATE TEMP TABLE strangers (id VARCHAR)")
        con.execute("CREATE TEMP TABLE redone_numbers (number INTEGER)")
        self._keep_spans(daily, spans.edges(pack))
        counts = KeptCounts(self.folder / "counts", {}, daily.base, daily.days, daily.few, daily.sellers, daily.buyers)
        versions = counts.changed(self.batch, daily, None)
        self.manifest = replace(self.manifest, counted=(self.batch,), listed=self.batch, base=daily.base, days=daily.days)
        standing.write_accounts(con, self.folder / f"accounts-{self.batch}")
        return self._with(versions, counts)

    def _extended(self) -> KeptCounts | None:
        """Count the new facts on top; None where sellers sell before they are listed, which only all orders together tell."""
        con, pack, before = self.con, self.pack, self.before
        assert before is not None, "asked where something is kept"
        touched = self._find_touched(before)
        self._number(before)
        sellers, buyers = (
            int(n) for n in con.execute("SELECT coalesce(max(seller_row), -1) + 1, coalesce(max(buyer_row), -1) + 1 FROM sums.accounts").fetchall()[0]
        )
        room = before.base, before.days
        more = Daily(pack, sellers, buyers, self.days[1], room=room)
        more.count(con)
        edges.prepare_special(con, pack, more.odd, more.end)
        if more.has_early or edges.has_early(con):
            return None
        edges.view_special(con)
        less = self._take_out(touched, Daily(pack, sellers, buyers, self.days[1], room=room)) if any(touched.earlier.values()) else None
        query = spans.edges(pack)
        if less is not None:
            query += " UNION ALL SELECT metric, number, day, -numerator, -denominator FROM old_edges"
        self._keep_spans(more, query)
        gone = [f"SELECT DISTINCT {key} AS subject_id, {kind == 'messages'} AS is_message FROM earlier_{kind}" for kind, key in _SUBJECTS.items()]
        if touched.earlier["orders"] or touched.earlier["messages"]:
            self.kept.write(con, "gone", self.batch, " UNION ALL ".join(gone))
        self._find_redone(less is not None)
        counts = KeptCounts(self.folder / "counts", before.versions, *room, more.few, more.sellers, more.buyers)
        self.manifest = replace(self.manifest, counted=(*before.counted, self.batch))
        return self._with(counts.changed(self.batch, more, less), counts)

    def _with(self, versions: dict[int, int], counts: KeptCounts) -> KeptCounts:
        self.manifest = replace(self.manifest, spans={str(span): batch for span, batch in versions.items()})
        return KeptCounts(counts.folder, versions, counts.base, counts.days, counts.few, counts.sellers, counts.buyers)

    def _find_touched(self, before: Manifest) -> Touched:
        """Find what the batch touches, and load it where the new facts alone are not all of it."""
        con, parts = self.con, self.parts
        con.execute(f"CREATE TEMP TABLE stored_accounts AS FROM read_parquet({quoting.path(self._accounts(before) / 'accounts.parquet')})")
        con.execute(f"CREATE TEMP TABLE strangers AS FROM read_parquet({quoting.path(self._stands(before) / 'strangers.parquet')})")
        said = " UNION ALL ".join(
            f"SELECT account_id AS id, FALSE AS sells, FALSE AS buys FROM {parts.new(kind)}" for kind in ("complaints", "sign_ins")
        )
        con.execute(
            f"""CREATE TEMP TABLE appeared AS SELECT id FROM (
                SELECT account_id AS id, holder_kind = 'seller' AS sells, holder_kind = 'buyer' AS buys FROM {parts.new("accounts")} UNION ALL {said}
            ) LEFT JOIN stored_accounts ON account_id = id GROUP BY id
            HAVING max(number) IS NULL OR (bool_or(sells) AND max(seller_row) IS NULL) OR (bool_or(buys) AND max(buyer_row) IS NULL)"""
        )
        touched = Touched(con, parts)
        if any(touched.earlier.values()) or parts.has_new("accounts"):
            self._load(touched.after(self.work / "after").folder)
        return touched

    def _accounts(self, manifest: Manifest) -> Path:
        return self.folder / f"accounts-{manifest.listed}"

    def _stands(self, manifest: Manifest) -> Path:
        return self.folder / f"standing-{manifest.counts}"

    def _load(self, folder: Path) -> None:
        zones = {code: str(store.time_zone) for code, store in self.pack.marketplaces.items()}
        found = load_facts(self.con, FactSource(folder), zones=zones, kinds=edges.FACTS_READ)
        newest = f"{self.batch:06}.parquet"
        # What the batch itself says in two ways is told of by its own loading already.
        self.findings = tuple(f for f in found if f.code in ("conflict", CORRECTION) and newest in f.where and newest not in f.message)

    def _is_utc(self) -> bool:
        return not any(str(store.time_zone) != "UTC" for store in self.pack.marketplaces.values())

    def _number(self, before: Manifest) -> None:
        """Make `sums.accounts`, `sums.holders` and `sums.spells` of what is kept and of the touched facts."""
        con, has_accounts = self.con, self.parts.has_new("accounts")
        edges.prepare_orders(con)
        stored = f"FROM read_parquet({quoting.path(self._accounts(before) / 'holders.parquet')})"
        holders = sql("holders", orders=Raw("(FROM sums.orders LIMIT 0)")) if has_accounts else stored
        con.execute(f"CREATE TABLE sums.holders AS {holders}")
        edges.prepare_spells(con, self.pack)
        con.execute("DELETE FROM sums.spells WHERE subject_kind = 'sign_ins' AND account_id NOT IN (SELECT id FROM signing)")
        con.execute(
            f"""INSERT INTO sums.spells BY NAME SELECT * FROM read_parquet({quoting.path(self._stands(before) / "spells.parquet")})
            WHERE CASE subject_kind WHEN 'complaints' THEN origin NOT IN (SELECT complaint_id FROM touched_complaints)
                WHEN 'sign_ins' THEN account_id NOT IN (SELECT id FROM signing) ELSE NOT {has_accounts} END"""
        )
        if has_accounts or con.execute("SELECT 1 FROM appeared LIMIT 1").fetchone():
            con.execute(_RENUMBERED)
            self.manifest = replace(self.manifest, listed=self.batch)
            standing.write_accounts(con, self.folder / f"accounts-{self.batch}")
        else:
            con.execute("CREATE TABLE sums.accounts AS FROM stored_accounts")
        self.accounts = int(con.execute("SELECT count(*) FROM sums.accounts").fetchall()[0][0])

    def _take_out(self, touched: Touched, less: Daily) -> Daily:
        """Count the touched facts as they were: leaves `old_edges` and `old_past` behind."""
        numbers = self.con.sql(f"SELECT * REPLACE ({_LONG_AGO} AS listed_from) FROM stored_accounts").to_arrow_table()
        with closing(duckdb.connect(config={"python_enable_replacements": False})) as old:
            load_facts(old, touched.before(self.work / "before"), kinds=edges.FACTS_READ)
            edges.prepare_orders(old)
            old.register("numbers", numbers)
            old.execute("CREATE TABLE sums.accounts AS FROM numbers")
            less.count(old)
            edges.prepare_special(old, self.pack, less.odd, less.end)
            edges.view_special(old)
            found = {"old_edges": old.sql(spans.edges(self.pack)).to_arrow_table(), "old_past": spans.past(old, self.pack, self._since)}
        for name, table in found.items():
            self.con.register("one_table", table)
            self.con.execute(f"CREATE TEMP TABLE {name} AS FROM one_table")
            self.con.unregister("one_table")
        return less

    def _keep_spans(self, daily: Daily, edge_query: str) -> None:
        """Write the edges and items of the facts that are loaded beside the batch, and note orders whose holders are not known."""
        self.kept.write(self.con, "edges", self.batch, spans.summed(edge_query))
        self.kept.write(self.con, "items", self.batch, f"{spans.items(self.pack)} ORDER BY metric, number")
        orders = "sums.orders" if daily.has_strangers else "sums.odd_orders"
        for name, row in (("account_id", "seller_row"), ("buyer_id", "buyer_row")):
            self.con.execute(
                f"INSERT INTO strangers SELECT DISTINCT o.{name} FROM {orders} o LEFT JOIN sums.accounts a ON a.account_id = o.{name} "
                f"WHERE a.{row} IS NULL AND o.{name} IS NOT NULL AND o.{name} NOT IN (SELECT id FROM strangers)"
            )

    def _find_redone(self, has_earlier: bool) -> None:
        """`redone_numbers`: the accounts whose past the batch changes."""
        self.con.register("new_past", spans.past(self.con, self.pack, self._since))
        changed = "FROM new_past"
        if has_earlier:
            changed = "FROM ((FROM new_past EXCEPT ALL FROM old_past) UNION ALL (FROM old_past EXCEPT ALL FROM new_past))"
        self.con.execute(
            f"""CREATE TEMP TABLE redone_numbers AS SELECT number {changed} UNION
            SELECT number FROM sums.accounts SEMI JOIN {self.parts.new("accounts")} USING (account_id)
            WHERE account_id IN (SELECT account_id FROM stored_accounts) OR listed_from <= DATE '{self._since}'"""
        )
        self.con.unregister("new_past")

    # -- assessing --------------------------------------------------------------------------------------------------------------------------

    def _see_behaviour(self) -> None:
        """Write the spells that facts tell, then add what watches see: they look at whole accounts, whatever the batch touches."""
        target = self.folder / f"standing-{self.batch}"
        target.mkdir()
        for name, query in (("spells", "FROM sums.spells"), ("strangers", "SELECT DISTINCT id FROM strangers")):
            self.con.execute(f"COPY ({query}) TO {quoting.literal(str(target / f'{name}.parquet'))} (COMPRESSION lz4)")
        if self.pack.watches:
            if self.is_extended:
                said = self.findings
                self._load(self.folder / "facts")
                self.findings = said
                edges.renew_orders(self.con)
            add_behaviour(self.con, self.pack, self.days[1])

    def _all_days(self, counts: KeptCounts) -> tuple[Sequence[Breaches], Sums]:
        """Assess from the first day of all on."""
        found = standing.all_edges(self.con, self.kept, self.pack, self.manifest.counted)
        blocks = KeptBlocks(self.con, self.pack, self.sink, self.days, self.changes_only, self.room, (counts, found))
        blocks.run(self.accounts, self.tell)
        self.redone = self.accounts
        return blocks.found, Sums.of(found, self.accounts, self.days[1])

    def _days_since(self, before: Manifest, counts: KeptCounts) -> tuple[Sequence[Breaches], Sums]:
        """Assess the days since the last assessment, and accounts whose past has changed over all days."""
        con, since = self.con, self._since
        standing.read_violations(con, self._stands(before))
        places = con.sql("SELECT idx, number FROM sums.accounts SEMI JOIN redone_numbers USING (number) ORDER BY idx").to_arrow_table()
        redone = np.zeros(self.accounts, np.bool_)
        redone[places["idx"].to_numpy()] = True
        self.redone = len(places)
        again = self._again(counts, places["idx"].to_numpy().astype(np.int64), places["number"]) if self.redone else []
        more = standing.all_edges(con, self.kept, self.pack, [self.batch])
        sums = Sums.read(self._stands(before)).later(self.accounts, since, more)
        blocks = DaysSince(
            con,
            self.pack,
            self.sink,
            self.days,
            self.changes_only,
            self.room,
            (counts, sums.edges(since)),
            since=since,
            known=standing.known_violations(con, redone),
            redone=redone,
            again=again,
        )
        blocks.run(self.accounts, self.tell)
        return [*blocks.found, *again], sums.later(self.accounts, self.days[1])

    def _again(self, counts: KeptCounts, places: Whole, numbers: pa.Array) -> list[Breaches]:
        found = standing.all_edges(self.con, self.kept, self.pack, self.manifest.counted, numbers)
        last = self.days[1]
        blocks = KeptBlocks(self.con, self.pack, Nowhere(), (last, last), False, self.room, (counts, found), places)
        blocks.run(len(places), lambda what, done, total: None)
        return [replace(one, idx=places[one.idx]) for one in blocks.found]

    def _emit(self, goes_on: Manifest | None, found: Sequence[Breaches], sums: Sums) -> None:
        """Tell all violations, and write what stands now."""
        con, last = self.con, self.days[1]
        if goes_on is None:
            standing.read_violations(con, None)
        strike_spells(con, self.pack, last)
        standing.renew_violations(con, self.pack, self.kept, self.manifest.counted, found, last, self._since if goes_on else None)
        standing.strike_metrics(con, self.pack)
        self.tell("violations", 0, 1)
        self.sink.violations(struck_rows(con))
        self.tell("violations", 1, 1)
        target = self.folder / f"standing-{self.batch}"
        sums.write(target)
        standing.write_violations(con, target)
        self.manifest = replace(self.manifest, counts=self.batch, pack=self.pack.digest, assessed=last.isoformat())

    def _doubts(self) -> tuple[Finding, ...]:
        """What is said of facts as a whole, of all batches."""
        complaints = self.parts.all("complaints")
        unknown = doubts.unknown_reasons(lambda query: self.con.execute(query.replace("facts.complaints", complaints)).fetchall(), self.pack)
        shipped = int(self.manifest.has_shipped), int(self.manifest.says_tracking)
        return (*unknown, *doubts.unsaid_tracking(lambda query: [shipped], self.pack))


_SUBJECTS = {"orders": "order_id", "messages": "message_id"}

_RENUMBERED = """
CREATE TABLE sums.accounts AS
WITH known AS (
    SELECT account_id, coalesce(bool_or(holder_kind = 'seller'), FALSE) AS sells, coalesce(bool_or(holder_kind = 'buyer'), FALSE) AS buys,
        coalesce(min(from_day), DATE '9999-12-31') AS listed_from
    FROM (
        SELECT account_id, holder_kind, from_day FROM sums.holders UNION ALL SELECT account_id, NULL, NULL FROM sums.spells
        UNION ALL SELECT account_id, NULL, NULL FROM stored_accounts
    ) GROUP BY account_id
),
placed AS (SELECT k.*, s.number, s.seller_row, s.buyer_row FROM known k LEFT JOIN stored_accounts s USING (account_id)),
most AS (SELECT coalesce(max(number), -1) AS number, coalesce(max(seller_row), -1) AS seller_row, coalesce(max(buyer_row), -1) AS buyer_row FROM placed)
SELECT account_id, (row_number() OVER (ORDER BY account_id) - 1)::INTEGER AS idx,
    coalesce(p.seller_row, CASE WHEN sells THEN m.seller_row + row_number() OVER (PARTITION BY sells AND p.seller_row IS NULL ORDER BY account_id) END)::INTEGER
        AS seller_row,
    coalesce(p.buyer_row, CASE WHEN buys THEN m.buyer_row + row_number() OVER (PARTITION BY buys AND p.buyer_row IS NULL ORDER BY account_id) END)::INTEGER
        AS buyer_row,
    listed_from,
    coalesce(p.number, m.number + row_number() OVER (PARTITION BY p.number IS NULL ORDER BY account_id))::INTEGER AS number
FROM placed p CROSS JOIN most m
ORDER BY account_id
"""
