"""`taskset -c 0,1 python -m benchmarks.load [--workers N] [--share S]`: half a year of a large marketplace's cases through the services, on PostgreSQL.

Beside it stand the same writes sent by bare psycopg (`bare.py`), for what the machine allows.

The load is 1 % of what Amazon published for half a year in the EU (docs/explanation/sources.md): accounts suspended, appeals against it with
two of three overturned, payments held. Each worker process plays its accounts' cases to their end, one after the other, by the services that pages and
workers call. The database is a throw-away PostgreSQL with its own defaults: what is committed is on the disk.
"""

import argparse
import contextlib
import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.bare import Recorder, another_database, copy_database, replay
from tools.pgtmp import postgres

SUSPENSIONS, APPEALS, OVERTURNED, HOLDS = 10_763, 3_779, 0.67, 4_617
"""One in a hundred of a half-year."""

SETTINGS = ("max_connections=60", "shared_buffers=256MB")
"""`fsync` and `synchronous_commit` stay on, as PostgreSQL has them."""

REHEARSED = 1000
"""Accounts whose cases are played beforehand on a copy: what they write is what the bare statements send, and every process starts warm."""

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
Seconds = dict[str, list[tuple[float, float]]]
"""Service -> (wall, processor) seconds of each call."""


class Server:
    """The throw-away PostgreSQL, as Linux's /proc tells of it."""

    def __init__(self, folder: Path) -> None:
        self.dsn = f"host={folder} user=postgres"
        self.pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])

    def processor_seconds(self) -> float:
        """What it and all its processes, those that have ended too, have used so far."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                pid, fields = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
                own, waited_for = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
                ticks += own + waited_for if pid == self.pid else own if int(fields[1]) == self.pid else 0
        return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--workers", type=int, default=4, help="worker processes (default: 4)")
    parser.add_argument("--share", type=float, default=1.0, help="how much of the load (default: 1, which is 1 %% of the published one)")
    parser.add_argument(
        "--steady", action="store_true", help="one process, with the processor time of its quietest fifth: for a machine that others use"
    )
    parser.add_argument("--profile", action="store_true", help="one process, with the functions that take the most time")
    asked = parser.parse_args()
    with postgres(SETTINGS) as socket:
        os.environ["GOODSTANDING_DATABASE"] = f"postgresql://postgres@{quote(str(socket), safe='')}/postgres"
        os.environ["DJANGO_SETTINGS_MODULE"] = "goodstanding.server.settings"
        _prepare()
        plan = _make(asked.share)
        if asked.profile:
            _profiled(plan)
            return
        server = Server(socket)
        if asked.steady:
            print(_steady(plan))
            return
        limit = _limit(plan[:REHEARSED], asked.workers, server)
        print(_table(plan, _run(plan, asked.workers, server), limit, asked.workers))


def _prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _make(share: float) -> list[tuple[str, str]]:
    """Accounts with what is to become of each: `held`, `suspended`, `upheld` or `overturned`; evenly mixed, as they come over half a year."""
    from goodstanding.server.policy import current_pack
    from goodstanding.server.store.models import Account, Violation, WebhookEndpoint
    from goodstanding.server.store.sealing import Purpose, seal

    suspended, appeals, holds = (round(share * one) for one in (SUSPENSIONS, APPEALS, HOLDS))
    overturned = round(OVERTURNED * appeals)
    fates = ["overturned"] * overturned + ["upheld"] * (appeals - overturned) + ["suspended"] * (suspended - appeals) + ["held"] * holds
    # A stride that shares no factor with the number visits each once, and mixes them the same everywhere.
    plan = [(f"A{number:06}", fates[number * 7919 % len(fates)]) for number in range(len(fates))]
    pack = current_pack()
    fields = {"holder_kind": "seller", "marketplace": "DE", "language": "en", "opened_at": NOW - timedelta(days=900)}
    for block in (plan[first : first + 1000] for first in range(0, len(plan), 1000)):
        accounts = [Account(account_id=key, email=f"{key.lower()}@example.com", display_name=f"Seller {key}", **fields) for key, _ in block]
        Account.objects.bulk_create(accounts)
        Violation.objects.bulk_create(
            _violation(pack, key, "VERIF_PAYMENT_METHOD" if fate == "held" else "DECEPTIVE_ACTIVITY") for key, fate in block
        )
    WebhookEndpoint.objects.create(url="https://market.example/hooks", secret=seal("a shared secret", Purpose.WEBHOOKS), created_at=NOW)
    return plan


def _violation(pack: Any, key: str, code: str) -> Any:
    from goodstanding.server.store.models import Violation

    reason = pack.reasons[code]
    facts = {"at": "2026-11-14 08:00 UTC", "source": "buyer", "text": "not what was pictured"}
    return Violation(
        violation_id=f"V-{key}",
        account_id=key,
        reason=code,
        found_by=reason.found_by,
        opened=NOW.date() - timedelta(days=5),
        severity=reason.severity,
        points=pack.rating.points[reason.severity],
        subject_kind=reason.subject,
        items=[{"id": f"{key}-{number}", "kind": reason.subject, "facts": facts} for number in range(3)],
        recorded_at=NOW,
    )


class Desk:
    """One worker's accounts and the time each service took. `transitions`: events of the lifecycle's table that moved a case."""

    def __init__(self, number: int, recorder: Recorder | None = None) -> None:
        from goodstanding.server.policy import current_pack

        self.number, self.pack, self.recorder, self.transitions = number, current_pack(), recorder, 0
        self.seconds: Seconds = {}

    def play(self, plan: Sequence[tuple[str, str]]) -> None:
        """The cases of accounts: proposed as a night does, `BATCH` accounts in a transaction, then each played to its end."""
        from goodstanding.core.values import AUTOMATION
        from goodstanding.server.services.actions import BATCH, propose_actions
        from goodstanding.server.services.call import Call

        for first in range(0, len(plan), BATCH):
            fates = dict(plan[first : first + BATCH])
            made = self._timed(
                "propose", propose_actions, call=Call(AUTOMATION, NOW), pack=self.pack, as_of=NOW.date(), accounts=[*fates], times=len(fates)
            )
            for action in made:
                self._play(action.account_id, action.case.case_id, fates[action.account_id])

    def _play(self, key: str, case_id: str, fate: str) -> None:
        from goodstanding.core.appeals.plan import Answer
        from goodstanding.core.terms import DecisionOutcome, Role, Route
        from goodstanding.core.values import Actor
        from goodstanding.server.services.actions import approve_action
        from goodstanding.server.services.appeals import submit_appeal
        from goodstanding.server.services.call import Call
        from goodstanding.server.services.reviews import claim_case, decide_appeal
        from goodstanding.server.services.second import agree

        self.transitions += 1
        if fate == "held":  # in force with its proposal: the policy lets it
            return
        here = {"pack": self.pack, "case_id": case_id}
        approver = Call(Actor(f"user:{100 + self.number}", Role.SENIOR_SPECIALIST), NOW + timedelta(minutes=5))
        self._timed("approve", approve_action, call=approver, **here)
        if fate == "suspended":
            return
        holder = Call(Actor(f"holder:{key}", Role.HOLDER, frozenset({key})), NOW + timedelta(hours=1))
        answer = Answer(
            Route.PLAN, "One supplier sent us fakes.", "We removed 12 listings on 2026-11-18.", "We test every delivery of a new supplier."
        )
        reviewer = Call(Actor(f"user:{self.number}", Role.SPECIALIST), NOW + timedelta(hours=2))
        said = {f"V-{key}": (DecisionOutcome(fate), f"the invoices show where {key}-0 came from")}
        self._timed("submit", submit_appeal, call=holder, submission_key="one", answer=answer, language="en", **here)
        self._timed("claim", claim_case, call=reviewer, **here)
        self._timed("decide", decide_appeal, call=reviewer, verdicts=said, **here)
        self.transitions += 3
        if fate == "upheld":
            second = Call(Actor(f"user:{200 + self.number}", Role.SENIOR_SPECIALIST), NOW + timedelta(hours=3))
            self._timed("agree", agree, call=second, **here)
            self.transitions += 1

    def _timed(self, name: str, service: Callable[..., Any], times: int = 1, **arguments: Any) -> Any:
        if self.recorder is not None:
            self.recorder.begin()
        begun, used = time.perf_counter(), time.process_time()
        made = service(**arguments)
        took = ((time.perf_counter() - begun) / times, (time.process_time() - used) / times)
        self.seconds.setdefault(name, []).extend([took] * times)
        return made


def _work(number: int, plan: Sequence[tuple[str, str]], start: Any, results: Any) -> None:
    from django.db import connection

    desk = Desk(number)
    connection.ensure_connection()
    start.wait()
    used = time.process_time()
    try:
        desk.play(plan)
    finally:  # also of one that failed, or the others' figures would be waited for without end; the books are checked afterwards
        results.put((desk.seconds, desk.transitions, time.process_time() - used))


@dataclass
class Ran:
    """What came of a run: transitions, wall seconds, processor seconds of the workers' Python and of PostgreSQL, seconds of each service."""

    transitions: int
    wall: float
    python: float
    database: float
    seconds: Seconds


def _run(plan: Sequence[tuple[str, str]], workers: int, server: Server) -> Ran:
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(workers + 1), context.Queue()
    processes = [context.Process(target=_work, args=(number, plan[number::workers], start, results)) for number in range(workers)]
    for process in processes:
        process.start()
    start.wait()
    begun, used = time.perf_counter(), server.processor_seconds()
    ran = Ran(0, 0, 0, 0, {})
    for _ in processes:
        found, moved, python = results.get(timeout=3600)
        ran.transitions, ran.python = ran.transitions + moved, ran.python + python
        for name, values in found.items():
            ran.seconds.setdefault(name, []).extend(values)
    ran.wall = time.perf_counter() - begun
    for process in processes:
        process.join()
    ran.database = server.processor_seconds() - used
    _check(plan)
    return ran


def _limit(plan: Sequence[tuple[str, str]], workers: int, server: Server) -> Ran:
    """The writes of some accounts' cases, sent bare."""
    from django.db import connection, connections

    connections.close_all()
    copy_database(server.dsn, "rehearsal", "bare")
    parts, transitions = [], 0
    with another_database("rehearsal"):
        for number in range(workers):
            recorder = Recorder()
            with connection.execute_wrapper(recorder):
                desk = Desk(number, recorder)
                desk.play(plan[number::workers])
            parts.append(recorder.transactions)
            transitions += desk.transitions
    used = server.processor_seconds()
    wall, python = replay(f"{server.dsn} dbname=bare", parts)
    return Ran(transitions, wall, python, server.processor_seconds() - used, {})


def _check(plan: Sequence[tuple[str, str]]) -> None:
    """No time counts where the books are wrong."""
    from collections import Counter

    from goodstanding.server.services import ledger
    from goodstanding.server.store.models import Case

    fates = Counter(fate for _, fate in plan)
    wanted = {"reinstated": fates["overturned"], "upheld": fates["upheld"], "in_force": fates["suspended"] + fates["held"]}
    states = Counter(Case.objects.values_list("state", flat=True))
    if states != Counter(wanted):
        raise SystemExit(f"the cases should stand as {wanted}, they stand as {dict(states)}")
    if broken := list(ledger.verify()):
        raise SystemExit(f"the ledger is broken: {broken[:3]}")


def _steady(plan: Sequence[tuple[str, str]]) -> str:
    """Processor time a transition of the quietest fifth of batches, after a rehearsal: other work on the machine only ever adds to it."""
    from django.db import connection

    Desk(0).play(plan[: REHEARSED // 4])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    desk, taken = Desk(1), []
    for first in range(REHEARSED // 4, len(plan) - 49, 50):
        moved, python, database = desk.transitions, time.process_time(), int(backend.read_text().split()[0])
        desk.play(plan[first : first + 50])
        moved = desk.transitions - moved
        taken.append(((time.process_time() - python) / moved * 1e3, (int(backend.read_text().split()[0]) - database) / moved / 1e6))
    python, database = (sorted(one)[len(taken) // 5] for one in zip(*taken, strict=True))
    return f"Python {python:.2f} ms, PostgreSQL {database:.2f} ms a transition in the quietest fifth of {len(taken)} batches; load {os.getloadavg()[0]:.1f}"


def _profiled(plan: Sequence[tuple[str, str]]) -> None:
    import cProfile
    import pstats

    from django.db import connection

    desk = Desk(0)
    queries: dict[str, int] = {}

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        queries[sql[:110]] = queries.get(sql[:110], 0) + 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count), cProfile.Profile() as profile:
        desk.play(plan)
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    pstats.Stats(profile).sort_stats("cumtime").print_stats("goodstanding|cursor|commit", 70)
    for sql, number in sorted(queries.items(), key=lambda one: -one[1])[:45]:
        print(f"{number / desk.transitions:6.2f} a transition: {sql}")
    print(f"{sum(queries.values()) / desk.transitions:.1f} statements a transition")


def _table(plan: Sequence[tuple[str, str]], ran: Ran, limit: Ran, workers: int) -> str:
    each, least = 1000 / ran.transitions, 1000 / limit.transitions
    whole = (SUSPENSIONS + HOLDS) / len(plan) * 100
    cores = len(os.sched_getaffinity(0))
    lines = [
        f"{len(plan):,} accounts, {ran.transitions:,} transitions by {workers} worker processes in {ran.wall:.1f} s: "
        f"{ran.transitions / ran.wall:.0f} transitions per second.",
        f"Processor time a transition: Python {ran.python * each:.2f} ms, PostgreSQL {ran.database * each:.2f} ms; "
        f"that is {cores * 1000 / ((ran.python + ran.database) * each):.0f} per second on {cores} cores that nobody else uses.",
        f"All of the published half-year: {whole * ran.wall / 60:.0f} minutes at this rate, "
        f"{whole * (ran.python + ran.database) / cores / 60:.0f} by processor time alone.",
        f"The same writes sent bare (of {limit.transitions:,} transitions): {limit.transitions / limit.wall:.0f} per second, "
        f"Python {limit.python * least:.2f} ms, PostgreSQL {limit.database * least:.2f} ms.",
        f"{cores} of {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end.",
        "",
        "| service | calls | p50, ms | p99, ms | Python's processor time, ms |",
        "|---|---|---|---|---|",
    ]
    for name, values in ran.seconds.items():
        took = sorted(wall for wall, _ in values)
        used = sum(cpu for _, cpu in values) / len(values) * 1000
        lines.append(f"| {name} | {len(took):,} | {took[len(took) // 2] * 1000:.1f} | {took[int(len(took) * 0.99)] * 1000:.1f} | {used:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
