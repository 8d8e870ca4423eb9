"""Server and worker are killed again and again while programs and holders send: what was acknowledged is there once, and nothing twice (G2, issue 7).

The processes are the ones that `goodstanding serve` and `goodstanding worker` run, on the database that the tests run on, with a mail server and
a webhook receiver of our own. Whoever gets no answer sends again with the same key, as a browser's form or a client does. `GOODSTANDING_KILLS=200`
kills two hundred times instead of once.

What is promised of messages: each leaves at least once, with the same Message-ID or webhook id and the same bytes on every try. It leaves a
second time only where a worker died between the receiver's "taken" and its own note of it, which no protocol can tell apart from "not taken";
a worker sends one at a time, so one death repeats one message at most.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from aiosmtpd.controller import Controller
from django.conf import settings

from tests.conftest import REPOSITORY
from tests.patience import SECONDS
from tests.ports import free_port, is_free

KILLS = int(os.environ.get("GOODSTANDING_KILLS", "1"))
"""How often server and worker are killed."""

PER_KILL = 24
"""Submissions between two kills: eight cases and sixteen batches of facts."""

CLIENTS = 4
GIVES_UP = 0.2
"""The share of senders that do not try again when they get no answer."""

CSRF = "c" * 32


class Sinks:
    """A mail server and a webhook receiver that take everything and remember it."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        self.events: list[tuple[str, bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """A mail came."""
        self.mails.append((BytesParser().parsebytes(envelope.content, headersonly=True)["Message-ID"], envelope.content))
        return "250 OK"

    @contextmanager
    def open(self) -> Iterator[tuple[str, str]]:
        """Listen; gives the addresses of both."""
        sinks = self

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sinks.events.append((self.headers["webhook-id"], body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        mail = Controller(self, hostname="127.0.0.1", port=free_port())
        web = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        mail.start()
        threading.Thread(target=web.serve_forever, daemon=True).start()
        try:
            yield f"smtp://127.0.0.1:{mail.port}", f"http://127.0.0.1:{web.server_port}/hooks"
        finally:
            mail.stop()
            web.shutdown()
            web.server_close()


class Site:
    """Server and worker as processes that can be killed and started again."""

    def __init__(self, folder: Path, database: str, smtp: str) -> None:
        self.port, self.log = free_port(), (folder / "site.log").open("ab")
        self.environment = os.environ | {
            "GOODSTANDING_VAR": str(folder / "var"),
            "GOODSTANDING_DATABASE": database,
            "GOODSTANDING_SMTP": smtp,
            "GOODSTANDING_WEBHOOKS_INSIDE": "on",
            "GOODSTANDING_API_QUOTAS": "",
            "GOODSTANDING_PACK": "amazon",
            "GOODSTANDING_BASE_URL": f"http://localhost:{self.port}",
            "DJANGO_SETTINGS_MODULE": "goodstanding.server.settings",
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)]),
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ended: list[str] = []

    def tool(self, *arguments: str) -> Any:
        """Run `crashing_site` in a process of its own; gives what it printed."""
        command = [sys.executable, "-m", "tests.server.crashing_site", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=REPOSITORY, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def manage(self, *arguments: str) -> None:
        """A management command."""
        subprocess.run([sys.executable, "-m", "django", *arguments], env=self.environment, cwd=REPOSITORY, check=True, stdout=self.log)

    def start(self, *names: str) -> None:
        """Start what is named: `server`, `worker`."""
        commands = {
            "server": [sys.executable, "-m", "goodstanding", "serve", "--port", str(self.port)],
            "worker": [sys.executable, "-m", "django", "work", "--every", "0.1"],
        }
        # What was killed is gone only when the disk has let go of it; until then its socket is taken.
        end = time.monotonic() + SECONDS
        while "server" in names and not is_free(self.port) and time.monotonic() < end:
            time.sleep(0.05)
        for name in names:
            self.running[name] = subprocess.Popen(
                commands[name], env=self.environment, cwd=REPOSITORY, stdout=self.log, stderr=self.log, start_new_session=True
            )

    def kill(self, *names: str) -> None:
        """SIGKILL to what is named, with every process that it started."""
        for name in names:
            process = self.running.pop(name)
            if process.poll() is not None:
                self.ended.append(name)  # by itself, which must not be
                continue
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Senders:
    """Threads that send until everything is sent; a submission without an answer is sent again, with the same key, or given up."""

    def __init__(self, site: Site, works: list[tuple[str, Callable[[httpx.Client], httpx.Response]]], seed: int) -> None:
        self.site, self.works, self.dice = site, works, random.Random(seed)
        self.taken: dict[str, int] = {}
        self.given_up: set[str] = set()
        self.refused: dict[str, str] = {}
        self.started = 0
        self.again = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(CLIENTS)]

    def _next(self) -> tuple[str, Callable[[httpx.Client], httpx.Response], bool] | None:
        with self.lock:
            if self.started == len(self.works):
                return None
            self.started += 1
            return *self.works[self.started - 1], self.dice.random() < GIVES_UP

    def _run(self) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self.site.port}", timeout=15) as client:
            while one := self._next():
                self._send(client, *one)

    def _send(self, client: httpx.Client, name: str, work: Callable[[httpx.Client], httpx.Response], gives_up: bool) -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and not self.refused:
            try:
                answer = work(client)
            except httpx.ConnectError:
                time.sleep(0.05)  # nobody is there: nothing was sent
                continue
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 500:
                place = self.taken if answer.status_code in (200, 302) else self.refused
                place[name] = answer.status_code if place is self.taken else f"{answer.status_code} {answer.text[:300]}"
                return
            self.again += 1
            if gives_up:
                self.given_up.add(name)
                return
        self.refused[name] = "no answer within the time"


@pytest.fixture
def database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database beside the tests' own, with its tables: a file, or a new one on the same server."""
    own, name = settings.DATABASES["default"], f"killed_{os.getpid()}"
    if own["ENGINE"].endswith("sqlite3"):
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('migrated'), tmp_path)}"
        return
    import psycopg

    login = {"host": own["HOST"], "user": own["USER"], "password": own["PASSWORD"], "port": own["PORT"] or None, "dbname": "postgres"}
    with psycopg.connect(**login, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield f"postgresql://{own['USER']}:{own['PASSWORD']}@{quote(own['HOST'], safe='')}:{own['PORT']}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def appeal(case: str, session: str) -> Callable[[httpx.Client], httpx.Response]:
    form = {"step": "send", "route": "plan", "root_cause": f"One supplier of {case} sent us fakes.", "corrective": "12 listings are gone."}
    return _form(f"/case/{case}/appeal/", form | {"preventive": "We test deliveries.", "submission_key": f"key-{case}"}, session)


def answer(case: str, session: str) -> Callable[[httpx.Client], httpx.Response]:
    return _form(f"/case/{case}/information/", {"answer": f"The invoices of {case} are with the supplier."}, session)


def _form(path: str, fields: dict[str, str], session: str) -> Callable[[httpx.Client], httpx.Response]:
    headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}"}
    return lambda client: client.post(path, data=fields | {"csrfmiddlewaretoken": CSRF}, headers=headers)


def facts(number: int, key: str) -> Callable[[httpx.Client], httpx.Response]:
    rows = "".join(
        json.dumps({"order_id": f"o{number}-{row}", "account_id": "A0000", "placed_at": "2026-03-01T10:00:00Z", "ship_by": "2026-03-02T10:00:00Z"})
        + "\n"
        for row in range(5)
    )
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    return lambda client: client.post("/api/v1/facts/orders", content=rows, headers=headers)


def works_of(seeded: dict[str, Any]) -> list[tuple[str, Callable[[httpx.Client], httpx.Response]]]:
    """Every submission by its name, well mixed."""
    works = [
        (f"answer {case}" if case in seeded["asked"] else f"appeal {case}", (answer if case in seeded["asked"] else appeal)(case, session))
        for case, session in seeded["sessions"].items()
    ]
    works += [(f"facts {number}", facts(number, seeded["facts"])) for number in range(2 * len(works))]
    random.Random(7).shuffle(works)
    return works


def play(site: Site, works: list[tuple[str, Callable[[httpx.Client], httpx.Response]]], dice: random.Random) -> tuple[Senders, Counter[str]]:
    """Let all be sent while server and worker are killed in the middle of it; gives the senders and how often each was killed."""
    senders, killed = Senders(site, works, seed=3), Counter[str]()
    site.start("server", "worker")
    for thread in senders.threads:
        thread.start()
    for number in range(KILLS):
        while senders.started < (number + 1) * len(works) // (KILLS + 1) and any(thread.is_alive() for thread in senders.threads):
            time.sleep(0.002)
        time.sleep(dice.uniform(0, 0.05))
        names = (("server",), ("server", "worker"), ("worker",))[(number + 1) % 3]
        site.kill(*names)
        killed.update(names)
        site.start(*names)
    for thread in senders.threads:
        thread.join()
    site.kill("server", "worker")
    killed.update(["worker"])
    return senders, killed


def test_what_was_acknowledged_is_there_once_however_often_server_and_worker_die(database: str, tmp_path: Path) -> None:
    sinks = Sinks()
    with sinks.open() as (smtp, hooks):
        site = Site(tmp_path, database, smtp)
        site.manage("migrate", "--verbosity", "0")
        seeded = site.tool("seed", str((KILLS + 1) * PER_KILL // 3), hooks)
        works = works_of(seeded)
        try:
            senders, killed = play(site, works, random.Random(11))
        finally:
            for name in list(site.running):
                site.kill(name)
        found = site.tool("count")
    names = {name for name, _ in works}
    assert site.ended == []
    assert senders.refused == {}
    assert senders.taken.keys() | senders.given_up == names
    sent_once(found, senders, names)
    messages_leave(found, sinks, killed)
    told = f"{len(names)} submissions, {senders.again} without an answer, {len(senders.given_up)} given up; killed {dict(killed)}"
    sys.stdout.write(f"{told}; {len(found['messages'])} messages, {len(sinks.mails) + len(sinks.events) - len(found['messages'])} repeated\n")


def sent_once(found: dict[str, Any], senders: Senders, names: set[str]) -> None:
    """Count in, count out: every acknowledged submission exactly once, one that was given up once or not at all."""
    came = Counter(f"appeal {case}" for case, key, _ in found["appeals"] if key == f"key-{case}")
    came.update(f"answer {case}" for case, said in found["answers"] if case in said)
    rows = Counter(found["orders"])
    came.update({f"facts {number}": min(rows[f"o{number}-{row}"] for row in range(5)) for number in range(len(names))})
    assert {name for name in senders.taken if came[name] != 1} == set()
    assert {name: times for name, times in came.items() if times > 1} == {}
    assert set(rows.values()) == {1}
    assert set(Counter(order.split("-")[0] for order in rows).values()) == {5}  # a batch is taken whole
    assert {name for name, times in came.items() if times} <= names
    batches = [rows for _, rows in found["batches"]]
    assert set(batches) == {5}
    assert len(batches) >= sum(name.startswith("facts") for name in senders.taken)
    # Whatever came in is in the ledger, acknowledged by letter and told to the marketplace, once each.
    appeals = {case for case, _, _ in found["appeals"]}
    given = {case for case, _ in found["answers"]}
    assert (
        {case: found["submitted"][case] for case in appeals} == {case: found["acknowledged"][case] for case in appeals} == dict.fromkeys(appeals, 1)
    )
    assert {case: found["told"][case] for case in appeals} == dict.fromkeys(appeals, 1)
    assert {case: found["given"][case] for case in given} == dict.fromkeys(given, 1)
    assert {case: found["acknowledged"][case] for case in given} == dict.fromkeys(given, 2)  # the appeal's and the answer's
    assert found["unbroken"]


def messages_leave(found: dict[str, Any], sinks: Sinks, killed: Counter[str]) -> None:
    """Each message left; a repeat is the same to the byte, and there is at most one for each death of a worker."""
    assert [key for key, _, waits in found["messages"] if waits] == []
    attempts = {key: tries for key, tries, _ in found["messages"]}
    came = Counter(key for key, _ in sinks.mails + sinks.events)
    assert came.keys() == attempts.keys()
    assert {key: (times, attempts[key]) for key, times in came.items() if times > attempts[key]} == {}
    repeats = came.total() - len(came)
    assert repeats <= killed["worker"]
    assert len(set(sinks.mails)) + len(set(sinks.events)) == len(came)
