"""What a page of the queue costs with 1,000 cases and with 1,000,000: the same request, asked in turn of two processes with a database each.

    python -m benchmarks.queue [--sizes 1000,1000000] [--rounds 200]                 SQLite
    python tools/pgtmp.py python -m benchmarks.queue                                  PostgreSQL

Rows are made by the database itself. A request is the whole page: session, queries, template. Each round asks for every page once, small
and large in turn, so that whatever else the machine does falls on both. The claim of the next case is undone after each time.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from goodstanding.server.store.models import User

PAGES = {
    "appeals": "?tab=appeals",
    "appeals, a page in the middle": "?tab=appeals&after=MIDDLE",
    "appeals in one language": "?tab=appeals&language=zh-Hant",
    "appeals of one skill and severity": "?tab=appeals&skill=identity&severity=high",
    "appeals that wait too long": "?tab=appeals&overdue=yes",
    "appeals that are overdue, soonest first": "?tab=appeals&due=over",
    "appeals that are overdue, in one language": "?tab=appeals&due=over&language=zh-Hant",
    "all cases that are overdue": "?tab=all&due=over",
    "proposals": "?tab=proposals",
    "all cases, newest first": "?tab=all",
    "all cases in one state": "?tab=all&state=upheld",
}
NEXT = "next case for me (claimed)"
WARM_UP = 5
"""Rounds that are not counted."""

START = 1_790_000_000
"""A moment in 2026, in seconds: the first place."""


def serve(size: int) -> None:
    """Make a database of `size` cases, then answer each line (a page) with the seconds it took."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from benchmarks.queue_rows import fill
    from goodstanding.core.terms import Role
    from goodstanding.server.store.models import User

    fill(size, START)
    user = User.objects.create_user("bench@market.example", None, name="Bench", role=Role.SENIOR_SPECIALIST)
    user.languages, user.skills = ["zh-Hans", "zh-Hant"], ["identity"]
    user.save()
    ask = _asker(user, size)
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(ask(line.strip())), flush=True)


def _asker(user: "User", size: int) -> Callable[[str], float]:
    from django.conf import settings
    from django.db import transaction
    from django.test import Client
    from django.utils import timezone

    from goodstanding.core.terms import Role
    from goodstanding.core.values import Actor
    from goodstanding.server.policy import current_pack
    from goodstanding.server.services.call import Call
    from goodstanding.server.services.queue import claim_next

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(user)
    middle = f"{START + size // 2}~C"

    def ask(name: str) -> float:
        if name == NEXT:
            call = Call(Actor(f"user:{user.pk}", Role.SENIOR_SPECIALIST), timezone.now())
            with transaction.atomic():
                begun = time.perf_counter()
                claim_next(call=call, pack=current_pack())
                took = time.perf_counter() - begun
                transaction.set_rollback(True)
            return took
        begun = time.perf_counter()
        answer = client.get("/console/" + PAGES[name].replace("MIDDLE", middle))
        took = time.perf_counter() - begun
        if answer.status_code != 200 or answer.content.count(b'<a class="row"') != 50:
            raise SystemExit(f"{name}: {answer.status_code} with {answer.content.count(b'<a class=')} links")
        return took

    return ask


def main() -> None:
    """Ask both sizes in turn, and print the ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="1000,1000000")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    sizes = [int(size) for size in options.sizes.split(",")]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [stack.enter_context(_started(size, folder)) for size in sizes]
        for server in servers:
            _line(server)
        took: dict[tuple[str, int], list[float]] = {}
        for round_number in range(options.rounds + WARM_UP):
            for name in (*PAGES, NEXT):
                for size, server in list(zip(sizes, servers, strict=True))[:: 1 if round_number % 2 else -1]:
                    seconds = _ask(server, name)
                    if round_number >= WARM_UP:
                        took.setdefault((name, size), []).append(seconds)
    _report(took, sizes)


def _started(size: int, folder: Path) -> "subprocess.Popen[str]":
    given = os.environ.get("GOODSTANDING_DATABASE", "")
    database = f"sqlite:///{folder / f'{size}.sqlite3'}"
    if given.startswith("postgres"):
        database = _made(given, f"queue{size}")
    env = os.environ | {
        "GOODSTANDING_SECOND_FACTOR": "off",
        "GOODSTANDING_DATABASE": database,
        "GOODSTANDING_VAR": str(folder / str(size)),
        "DJANGO_SETTINGS_MODULE": "goodstanding.server.settings",
    }
    command = [sys.executable, "-m", "benchmarks.queue", "--serve", str(size)]
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _made(address: str, name: str) -> str:
    """A database of its own in the same server."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as con:
        con.execute(f'drop database if exists "{name}"')
        con.execute(f'create database "{name}"')
    head, _, tail = address.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}{'?' + tail if tail else ''}"


def _ask(server: "subprocess.Popen[str]", name: str) -> float:
    stdin: IO[str] | None = server.stdin
    assert stdin is not None
    stdin.write(f"{name}\n")
    stdin.flush()
    return float(_line(server))


def _line(server: "subprocess.Popen[str]") -> str:
    assert server.stdout is not None
    line = server.stdout.readline()
    if not line:
        raise SystemExit("a process has ended; see above")
    return line.strip()


def _report(took: dict[tuple[str, int], list[float]], sizes: list[int]) -> None:
    few, many = sizes
    print(f"| page | p95 at {few:,}, ms | p95 at {many:,}, ms | ratio of p95 | ratio of medians |\n|---|---|---|---|---|")
    for name in (*PAGES, NEXT):
        p95 = {size: quantiles(took[name, size], n=20)[-1] for size in sizes}
        middle = {size: median(took[name, size]) for size in sizes}
        print(
            f"| {name} | {p95[few] * 1000:.1f} | {p95[many] * 1000:.1f} | {p95[many] / p95[few]:.2f} | {middle[many] / middle[few]:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
