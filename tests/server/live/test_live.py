"""What those who run the live process ask it on its own port, and what becomes of it when the database goes away and comes again."""

import asyncio
import sqlite3
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection

from goodstanding.server import asgi
from goodstanding.server.live import hub as hubs
from goodstanding.server.live.hub import Hub

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: in this one a browser's loop may run, if a test of this process has opened one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


def ask(path: str, **headers: str) -> tuple[int, str]:
    """What the process answers: status and text."""
    told: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    scope = {"type": "http", "path": path, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    run(asgi.application(scope, None, send))
    return told[0]["status"], told[1]["body"].decode()


def test_it_lives_and_is_ready_only_while_the_database_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi.HUB, "hears", False)
    assert ask("/healthz") == (200, "alive\n")
    status, said = ask("/readyz")
    assert (status, said.split(";")[0]) == (503, "the database is not heard")
    monkeypatch.setattr(asgi.HUB, "hears", True)
    assert ask("/readyz") == (200, "ready\n")


def test_its_figures_need_the_token_and_count_the_open_pages(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.METRICS_TOKEN = ""
    assert ask("/metrics")[0] == 404
    settings.METRICS_TOKEN = "scrape-me"
    assert ask("/metrics")[0] == 401
    assert ask("/metrics", authorization="Bearer wrong")[0] == 401
    monkeypatch.setitem(asgi.HUB._pages, "C-1", {hubs.Page("C-1"), hubs.Page("C-1")})
    status, shown = ask("/metrics", authorization="Bearer scrape-me")
    assert status == 200
    assert "goodstanding_live_pages 2.0" in shown
    assert "C-1" not in shown


@pytest.mark.parametrize("path", ["/", "/console/", "/api/v1/openapi.json", "/static/goodstanding.css"])
def test_nothing_but_streams_and_probes_is_there(path: str) -> None:
    assert ask(path) == (404, "only /live/ is here")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's listener is tried by the conversation's journey; this one takes a file away")
def test_a_database_file_that_comes_late_is_heard_once_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may be started before the tables are; a task that died of it would leave every page silent."""
    place = tmp_path / "later" / "it.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(place))
    monkeypatch.setattr(hubs, "TRIED_EVERY", 0.01)
    monkeypatch.setattr(hubs, "COMMITS_EVERY", 0.01)

    async def play() -> list[bool]:
        hub, seen = Hub(), []
        watching = asyncio.create_task(hub._watch_sqlite())
        await asyncio.sleep(0.05)
        seen.append(hub.hears)
        place.parent.mkdir()
        sqlite3.connect(place).close()
        for _ in range(500):
            if hub.hears:
                break
            await asyncio.sleep(0.01)
        seen.append(hub.hears)
        watching.cancel()
        return seen

    assert run(play()) == [False, True]
