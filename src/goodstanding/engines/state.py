"""Assessments that go on: a folder keeps the facts told so far and what was counted of them, and new facts are counted on top of that.

What a batch of new facts may change is what it names: its own orders, orders that its defects, returns and complaints are about, and orders of
accounts that it makes known. Only these are taken out of the counts as they were and counted again as they are now, and only accounts whose past
they change are judged again from the first day on, so corrections that come late and days told in any order end in the same numbers as one run
over everything. Nothing counts until `state.json` says so: an interrupted run is simply run again.
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

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.facts import KINDS
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines import edges, quoting, rows
from goodstanding.engines.base import FactSource, Progress
from goodstanding.engines.blocks import ROOM
from goodstanding.engines.extending import Assessing, Manifest
from goodstanding.engines.kept import remove_others
from goodstanding.engines.loading import UTC, open_facts
from goodstanding.engines.reading import WORK


@dataclass(frozen=True, slots=True)
class Extended:
    """What came of a run (see `duckdb.Run`): accounts, days, findings about the new facts, and whether stored counts were extended or all facts counted.

    `redone`: how many accounts were judged again from the first day on.
    """

    first: date
    last: date
    accounts: int
    findings: tuple[Finding, ...]
    is_extended: bool
    redone: int = 0


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
                days = first or last, last
                if days[0] > last:
                    raise UnusableInput(f"the first day {first} is after the last day {last}; swap them")
                tell = progress or (lambda what, done, total: None)
                run = Assessing(con, pack, self._folder, work, self._manifest if self._may_extend(pack) else None, manifest)
                run.assess(sink, days, changes_only, self._room, tell)
                self._commit(run.manifest)
        return Extended(*days, run.accounts, (*findings, *run.findings), run.is_extended, run.redone)

    def _may_extend(self, pack: PolicyPack) -> bool:
        """Days of a store's own zone hang on the account they are of, so facts about accounts could move other facts' days: then all is counted."""
        is_utc = all(ZoneInfo(str(store.time_zone)).key == UTC for store in pack.marketplaces.values())
        return is_utc and self._manifest.counts is not None and self._manifest.pack == pack.digest

    def _read(self) -> Manifest:
        path = self._folder / "state.json"
        if not path.exists():
            return Manifest()
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            if told.get("format") != Manifest().format:
                problem = f"was written by another version (format {told.get('format')}, not {Manifest().format})"
                raise UnusableInput(f"{path}: {problem}; give another folder with --state")
            return Manifest(**told)
        except (ValueError, TypeError, AttributeError) as error:
            raise UnusableInput(f"{path}: is no state of goodstanding ({error}); give another folder with --state") from error

    @contextmanager
    def _workspace(self) -> Iterator[Path]:
        """A folder for the run's own files; what an interrupted run left behind is removed first."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._remove_others()
            with tempfile.TemporaryDirectory(prefix="work-", dir=self._folder) as work:
                yield Path(work)
        except OSError as error:
            raise UnusableInput(f"{self._folder}: cannot be written: {error.strerror or error}; give another folder with --state") from error

    def _remove_others(self) -> None:
        """Remove what the manifest does not name."""
        manifest = self._manifest
        for path in self._folder.glob("facts/*/*.parquet"):
            if int(path.stem) > manifest.batches:
                path.unlink()
        for name in ("edges", "items", "gone"):
            for path in (self._folder / name).glob("*.parquet"):
                if int(path.stem) not in manifest.counted:
                    path.unlink()
        for name, batch in (("standing", manifest.counts), ("accounts", manifest.listed)):
            for path in self._folder.glob(f"{name}-*"):
                if path.name != f"{name}-{batch}":
                    shutil.rmtree(path)
        remove_others(self._folder / "counts", manifest.versions)

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
        newest, shipped, tracked = con.execute(
            "SELECT max(placed_at)::DATE::VARCHAR, count(*) FILTER (shipped_at IS NOT NULL), count(tracking_valid) FILTER (shipped_at IS NOT NULL) "
            "FROM facts.orders"
        ).fetchall()[0]
        last_order = max(filter(None, (self._manifest.last_order, newest)), default=None)
        has_shipped, says_tracking = self._manifest.has_shipped or shipped > 0, self._manifest.says_tracking or tracked > 0
        return replace(self._manifest, batches=number, last_order=last_order, has_shipped=has_shipped, says_tracking=says_tracking)

    def _commit(self, manifest: Manifest) -> None:
        partial = self._folder / ".state.json.partial"
        partial.write_text(json.dumps(asdict(manifest)), encoding="utf-8")
        partial.replace(self._folder / "state.json")
        self._manifest = manifest
        self._remove_others()
