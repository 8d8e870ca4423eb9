"""One listener a process, and the open pages it tells: woken by PostgreSQL's NOTIFY, or by any commit in the SQLite file.

Nothing is pushed that the database does not hold: a wake only makes the hub look again, so a page that missed one loses nothing.
"""

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import close_old_connections, connection
from django.utils import timezone

from goodstanding.server.live.threads import apart, ask
from goodstanding.server.services.conversation import progress_of
from goodstanding.server.services.openings import who_has_open
from goodstanding.server.services.waking import WAKE

COMMITS_EVERY = 0.25
"""Seconds between two looks whether the SQLite file has changed; one look costs microseconds."""

LOOK_ANYWAY = 15.0
"""Seconds after which is looked without being woken: somebody who went away says nothing."""

TRIED_EVERY = 1.0
"""Seconds between two tries to listen to a database that is away."""

TOLD_EVERY = 60
"""After so many tries the log says it again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a case stands for open pages. `number`: its newest message; `read`: how many were read; `open_by`: who has it open."""

    number: int = 0
    read: int = 0
    open_by: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class Page:
    """One open page of a case."""

    case_id: str
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """The pages that are open in this process, by case."""

    def __init__(self) -> None:
        self._pages: dict[str, set[Page]] = defaultdict(set)
        self._seen: dict[str, Seen] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._woken = asyncio.Event()
        self._cases: set[str] | None = set()
        self._tries = 0
        self.hears = False
        """Whether the database tells this process of changes now; where not, pages learn of them by the next look."""

    @property
    def pages(self) -> int:
        """How many pages are open."""
        return sum(len(pages) for pages in self._pages.values())

    def start(self) -> None:
        """Listen from now on; twice is once."""
        if not self._tasks:
            listen = self._hear_postgresql if connection.vendor == "postgresql" else self._watch_sqlite
            self._tasks = [apart(listen()), apart(self._look_when_woken())]

    async def join(self, case_id: str) -> Page:
        """Add a page; from now on it is told."""
        self.start()
        page = Page(case_id)
        self._pages[case_id].add(page)
        await self._look([case_id])
        return page

    def leave(self, page: Page) -> None:
        """Forget a page."""
        self._pages[page.case_id].discard(page)
        if not self._pages[page.case_id]:
            del self._pages[page.case_id]
            self._seen.pop(page.case_id, None)

    def seen(self, case_id: str) -> Seen:
        """How a case was when it was last looked at."""
        return self._seen.get(case_id, Seen())

    def wake(self, case_id: str | None = None) -> None:
        """Look again soon; None: at every case that a page is open of."""
        if case_id is None or self._cases is None:
            self._cases = None
        else:
            self._cases.add(case_id)
        self._woken.set()

    async def _look_when_woken(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._woken.wait(), LOOK_ANYWAY)
            except TimeoutError:
                self._cases = None
            self._woken.clear()
            wanted, self._cases = self._cases, set()
            cases = [case_id for case_id in list(self._pages) if wanted is None or case_id in wanted]
            try:
                await self._look(cases)
            # The database may be away for a moment; the next look tells what was missed.
            except Exception:
                log.exception("open pages could not be told")
                await asyncio.sleep(1)

    async def _look(self, cases: Iterable[str]) -> None:
        wanted = list(cases)
        if not wanted:
            return
        for case_id, seen in (await ask(_look_up, wanted)).items():
            if self._seen.get(case_id) != seen:
                self._seen[case_id] = seen
                for page in self._pages.get(case_id, ()):
                    page.changed.set()

    async def _watch_sqlite(self) -> None:
        name = str(connection.settings_dict["NAME"])
        while True:
            try:
                # A connection of its own: `data_version` tells of commits of all others, in this process too.
                watcher = sqlite3.connect(name, uri=name.startswith("file:"), isolation_level=None, check_same_thread=False)
                version = None
                while True:
                    now = watcher.execute("PRAGMA data_version").fetchone()[0]
                    self.hears = True
                    if now != version:
                        version = now
                        self.wake()
                    await asyncio.sleep(COMMITS_EVERY)
            except sqlite3.Error:
                await self._try_again()

    async def _hear_postgresql(self) -> None:
        import psycopg

        given = {key: value for key, value in connection.get_connection_params().items() if key not in ("cursor_factory", "context")}
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**given, autocommit=True) as hearing:
                    await hearing.execute(f"LISTEN {WAKE}")
                    self.hears = True
                    self.wake()
                    async for told in hearing.notifies():
                        self.wake(told.payload)
            except psycopg.OperationalError:
                await self._try_again()

    async def _try_again(self) -> None:
        if self.hears or not self._tries % TOLD_EVERY:
            log.warning("the database cannot be listened to; trying again")
        self._tries = 1 if self.hears else self._tries + 1
        self.hears = False
        await asyncio.sleep(TRIED_EVERY)


def _look_up(cases: list[str]) -> dict[str, Seen]:
    close_old_connections()
    told, present = progress_of(cases), who_has_open(case_ids=cases, now=timezone.now())
    return {case_id: Seen(*told.get(case_id, (0, 0)), present.get(case_id, ())) for case_id in cases}
