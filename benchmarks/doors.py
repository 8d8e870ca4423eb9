"""`python -m benchmarks.doors`: what pages and the API cost in a large marketplace, on two cores with PostgreSQL, beside a plain Django server.

A throw-away PostgreSQL (what is committed is on the disk) is filled with 200,000 accounts and 100,000 cases (`doors_made`). `goodstanding serve`,
as it is shipped, then shares two cores with it; the load is made on the others. Pages are asked for at a steady 20 a second, each time another case or
account, and a time counts from the moment a request was due (`doors_load`). Facts come in batches of 1,000 orders, each once. In turn with each of them
a plain Django server (`doors_plain`), run in the same way on the same cores and tables, is asked for the same rows. Under six minutes on a quiet machine.
"""

import argparse
import itertools
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.doors_load import Ask, Told, ask_at_once, ask_steadily, family, processor_seconds
from tools.pgtmp import postgres

SETTINGS = ("max_connections=100", "shared_buffers=512MB", "max_wal_size=4GB")
"""`fsync` and `synchronous_commit` stay on, as PostgreSQL has them."""

CORES = 2
BATCH = 1_000
SENDERS = 4
"""Programs that send facts at the same time."""

OURS, PLAIN = "goodstanding", "plain Django"


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that is asked for. `rate`: requests a second; 0: as fast as answers come."""

    name: str
    rate: float
    asks: Callable[[], Iterator[Ask]]
    in_plain: bool = True


@dataclass
class Figures:
    """What was measured of one work by one server, all rounds together; processor time in seconds."""

    told: Told = field(default_factory=Told)
    server: float = 0.0
    database: float = 0.0

    def a_request(self, spent: float) -> float:
        """Milliseconds of processor time a request."""
        return spent / len(self.told.seconds) * 1000


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.doors", description=__doc__)
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10, help="how long each work is asked for in each of two rounds (default: 10)")
    parser.add_argument("--rate", type=float, default=20, help="pages a second (default: 20)")
    parser.add_argument("--only", default="", help="only works whose name holds this")
    asked = parser.parse_args()
    with ExitStack() as stack:
        _say("starting PostgreSQL")
        socket = stack.enter_context(postgres(SETTINGS))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="goodstanding-doors-")))
        os.environ |= _environment(socket, folder)
        began = time.monotonic()
        states = _fill(asked.accounts, asked.cases)
        _say(f"filled in {time.monotonic() - began:.0f} s: {states}")
        works = [one for one in _works(asked.rate) if asked.only in one.name]
        database = int((socket / "data" / "postmaster.pid").read_text().split()[0])
        cores, others = _pin([os.getpid(), *family(database)])
        os.sched_setaffinity(0, others)
        servers = {
            OURS: stack.enter_context(_served(8471, cores, {})),
            PLAIN: stack.enter_context(_served(8475, cores, PLAIN_SETTINGS | {"GOODSTANDING_LIVE": ""})),
        }
        figures = _measure(works, servers, database, asked.seconds)
    print(_table(works, figures, states, f"server and database on {len(cores)} cores, the load on {len(others)}"))


PLAIN_SETTINGS = {"DJANGO_SETTINGS_MODULE": "benchmarks.doors_plain_settings"}


def _environment(socket: Path, folder: Path) -> dict[str, str]:
    database = f"postgresql://postgres@{quote(str(socket), safe='')}/postgres"
    here = {"DJANGO_SETTINGS_MODULE": "goodstanding.server.settings", "GOODSTANDING_VAR": str(folder), "GOODSTANDING_DATABASE": database}
    return here | {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])}


def _fill(accounts: int, cases: int) -> dict[str, int]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from benchmarks.doors_made import make
    from benchmarks.doors_plain import CREATE

    with connection.cursor() as cursor:
        cursor.execute(CREATE)
    return make(accounts, cases, os.cpu_count() or 1)


def _pin(processes: list[int]) -> tuple[set[int], set[int]]:
    """Put processes on the first two cores; gives these and the others, on which the load is made (the same where there are no others)."""
    all_cores = sorted(os.sched_getaffinity(0))
    cores, others = set(all_cores[:CORES]), set(all_cores[CORES:]) or set(all_cores)
    for pid in processes:
        os.sched_setaffinity(pid, cores)
    return cores, others


@contextmanager
def _served(port: int, cores: set[int], more: dict[str, str]) -> Iterator[tuple[int, int]]:
    """`goodstanding serve` on some cores; gives its port and process."""
    command = [sys.executable, "-m", "goodstanding", "serve", "--port", str(port)]
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        process = subprocess.Popen(command, env=os.environ | more)
    finally:
        os.sched_setaffinity(0, mine)
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("the server has ended; see above")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
        except urllib.error.HTTPError:
            return  # the plain server has no such address, but answers
        except OSError:
            time.sleep(0.2)
        else:
            return


def _works(rate: float) -> list[Work]:
    from django.conf import settings
    from django.utils import timezone

    from goodstanding.core.values import AUTOMATION
    from goodstanding.server.services.call import Call
    from goodstanding.server.services.keys import Scope, make_key
    from goodstanding.server.store.models import AccessLink, Account, Case

    dice = random.Random(1)
    key = {"Authorization": f"Bearer {make_key(call=Call(AUTOMATION, timezone.now()), name='load', scopes=list(Scope))}"}
    staff = [{"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"} for session in _staff_sessions(20)]
    cases = _some(dice, Case.objects.values_list("pk", flat=True))
    accounts = _some(dice, Account.objects.values_list("pk", flat=True))
    cases_many = Case.objects.count()
    links = (
        AccessLink.objects.filter(withdrawn_at=None, expires_at__gt=timezone.now())
        .values_list("pk", "case_id")
        .order_by("case_id")[:: 1 + cases_many // 200]
    )
    holders = [(case_id, {"Cookie": f"{settings.SESSION_COOKIE_NAME}={_session({'access_link': link})}"}) for link, case_id in links]

    def pages(paths: list[str], wants: bytes = b"</html>") -> Callable[[], Iterator[Ask]]:
        return lambda: (Ask(path, staff[at % len(staff)], wants=wants) for at, path in enumerate(itertools.cycle(paths)))

    def own_pages() -> Iterator[Ask]:
        return (Ask(f"/case/{case_id}/", cookie, wants=case_id.encode()) for case_id, cookie in itertools.cycle(holders))

    def may() -> Iterator[Ask]:
        return (Ask(f"/api/v1/accounts/{one}/may/sell", key, wants=b'"allowed"') for one in itertools.cycle(accounts))

    return [
        Work("case page", rate, pages([f"/console/case/{one}/" for one in cases], b"")),
        Work("account page", rate, pages([f"/console/account/{one}/" for one in accounts]), in_plain=False),
        Work("queue", rate, pages(["/console/?tab=appeals"], b"")),
        Work("holder's case page", rate, own_pages, in_plain=False),
        Work("may an account sell", 5 * rate, may),
        Work(f"facts in batches of {BATCH:,}", 0, lambda: _batches(key)),
    ]


def _some(dice: random.Random, ids: Iterable[str]) -> list[str]:
    known = list(ids)
    return dice.sample(known, min(len(known), 5_000))


def _staff_sessions(many: int) -> list[str]:
    from allauth.mfa.models import Authenticator
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from goodstanding.core.terms import Role
    from goodstanding.server.store.models import User

    users = [User.objects.create_user(f"load{number}@market.example", None, name=f"Load {number}", role=Role.SPECIALIST) for number in range(many)]
    # Nothing of the console opens without a second factor; that they have one is looked at with every request.
    Authenticator.objects.bulk_create(Authenticator(user=user, type=Authenticator.Type.TOTP, data={}) for user in users)
    backend = settings.AUTHENTICATION_BACKENDS[0]
    return [_session({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: backend, HASH_SESSION_KEY: user.get_session_auth_hash()}) for user in users]


def _session(data: dict[str, Any]) -> str:
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session.update(data)
    session.save()
    return str(session.session_key)


_BATCHES = itertools.count()


def _batches(key: dict[str, str]) -> Iterator[Ask]:
    """Batches that have not been sent before, made on the load's cores."""
    headers = key | {"Content-Type": "application/x-ndjson"}
    for number in _BATCHES:
        rows = (
            {
                "order_id": f"O-{number:06}-{at:04}",
                "account_id": f"S-{(number * 7919 + at) % 200_000:06}",
                "marketplace": "US",
                "placed_at": f"2026-11-{1 + at % 20:02}T09:{at % 60:02}:00Z",
                "ship_by": f"2026-11-{3 + at % 20:02}T23:00:00Z",
                "shipped_at": f"2026-11-{2 + at % 20:02}T16:{at % 60:02}:00Z",
                "amount": 1999 + at,
                "currency": "USD",
            }
            for at in range(BATCH)
        )
        yield Ask("/api/v1/facts/orders", headers, "\n".join(map(json.dumps, rows)).encode(), f'"accepted": {BATCH}'.encode())


def _measure(works: list[Work], servers: dict[str, tuple[int, int]], database: int, seconds: float) -> dict[tuple[str, str], Figures]:
    """Both servers in turn, work after work, two rounds; so whatever else the machine does falls on both."""
    figures: dict[tuple[str, str], Figures] = {}
    for round_number, work in itertools.product(range(2), works):
        for name in (OURS, PLAIN) if work.in_plain else (OURS,):
            port, pid = servers[name]
            if round_number == 0:
                _ask(work, port, 2)  # not counted: first imports, first plans
            before = processor_seconds(pid), processor_seconds(database)
            told = _ask(work, port, seconds)
            made = figures.setdefault((work.name, name), Figures())
            made.server += processor_seconds(pid) - before[0]
            made.database += processor_seconds(database) - before[1]
            made.told.seconds += told.seconds
            made.told.spent += told.spent
            if told.wrong:
                raise SystemExit(f"{name}, {work.name}: {len(told.wrong)} wrong answers, the first: {told.wrong[0]}")
            _say(f"round {round_number + 1}: {work.name}, {name}: {len(told.seconds)} answers, p95 {told.at(0.95):.0f} ms")
    return figures


def _ask(work: Work, port: int, seconds: float) -> Told:
    if work.rate:
        return ask_steadily(port, work.asks(), rate=work.rate, seconds=seconds)
    return ask_at_once(port, work.asks(), seconds=seconds, connections=SENDERS)


def _table(works: list[Work], figures: dict[tuple[str, str], Figures], states: dict[str, int], where: str) -> str:
    lines = [
        f"{sum(states.values()):,} cases in {len(states)} states. {where.capitalize()}; Python {platform.python_version()}, "
        f"PostgreSQL with fsync, load average {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores.",
        "",
        "| asked for | server | answers a second | p50, ms | p95, ms | p99, ms | processor ms a request: server + database | to the plain one |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for work in works:
        for name in (OURS, PLAIN):
            if made := figures.get((work.name, name)):
                plain = figures.get((work.name, PLAIN))
                lines.append(_line(work, name, made, plain if plain is not made else None))
    return "\n".join(lines)


def _line(work: Work, name: str, made: Figures, plain: Figures | None) -> str:
    told = made.told
    rate = len(told.seconds) / told.spent
    said = f"{rate:.0f}" if work.rate else f"{rate:.1f} ({rate * BATCH:,.0f} facts)"
    times = " | ".join(f"{told.at(share):.0f}" for share in (0.5, 0.95, 0.99))
    server, database = made.a_request(made.server), made.a_request(made.database)
    ratio = f"{(server + database) / (plain.a_request(plain.server) + plain.a_request(plain.database)):.2f}" if plain else ""
    return f"| {work.name} | {name} | {said} | {times} | {server:.1f} + {database:.1f} | {ratio} |"


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
