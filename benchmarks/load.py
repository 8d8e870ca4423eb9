"""`taskset -c 0,1 python -m benchmarks.load [--workers N] [--share S]`: half a year of a large marketplace's cases through the services, on PostgreSQL.

The load is 1 % of what Amazon published for half a year in the EU (docs/explanation/sources.md): accounts suspended, appeals against it with
two of three overturned, payments held. Each worker process plays its accounts' cases to their end, one after the other, by the services that pages and
workers call. The database is a throw-away PostgreSQL with its own defaults: what is committed is on the disk.
"""

import argparse
import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tools.pgtmp import postgres

SUSPENSIONS, APPEALS, OVERTURNED, HOLDS = 10_763, 3_779, 0.67, 4_617
"""One in a hundred of a half-year."""

SETTINGS = ("max_connections=60", "shared_buffers=256MB")
"""`fsync` and `synchronous_commit` stay on, as PostgreSQL has them."""

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
Seconds = dict[str, list[float]]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--workers", type=int, default=4, help="worker processes (default: 4)")
    parser.add_argument("--share", type=float, default=1.0, help="how much of the load (default: 1, which is 1 %% of the published one)")
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
        spent, took = _run(plan, asked.workers)
        print(_table(plan, spent, took, asked.workers))


def _prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _make(share: float) -> list[tuple[str, str]]:
    """Accounts with what is to become of each: `held`, `suspended`, `upheld` or `overturned`; evenly mixed, as they come over half a year."""
    from goodstanding.server.policy import current_pack
    from goodstanding.server.store.models import Account, Violation, WebhookEndpoint

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
    WebhookEndpoint.objects.create(url="https://market.example/hooks", secret="a shared secret", created_at=NOW)
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

    def __init__(self, number: int) -> None:
        from goodstanding.server.policy import current_pack

        self.number, self.pack, self.seconds, self.transitions = number, current_pack(), {}, 0

    def play(self, key: str, fate: str) -> None:
        """An account's case from the proposal to its end."""
        from goodstanding.core.appeals.plan import Answer
        from goodstanding.core.terms import DecisionOutcome, Role, Route
        from goodstanding.core.values import AUTOMATION, Actor
        from goodstanding.server.services.actions import approve_action, propose_actions
        from goodstanding.server.services.appeals import submit_appeal
        from goodstanding.server.services.call import Call
        from goodstanding.server.services.reviews import claim_case, decide_appeal
        from goodstanding.server.services.second import agree

        pack = self.pack
        reviewer = Call(Actor(f"user:{self.number}", Role.SPECIALIST), NOW + timedelta(hours=2))
        [action] = self._timed("propose", propose_actions, call=Call(AUTOMATION, NOW), pack=pack, as_of=NOW.date(), accounts=[key])
        case_id = action.case.case_id
        if fate == "held":
            self.transitions += 1  # in force with its proposal: the policy lets it
            return
        approver = Call(Actor(f"user:{100 + self.number}", Role.SENIOR_SPECIALIST), NOW + timedelta(minutes=5))
        self.transitions += 1
        self._timed("approve", approve_action, call=approver, pack=pack, case_id=case_id)
        if fate == "suspended":
            return
        holder = Call(Actor(f"holder:{key}", Role.HOLDER, frozenset({key})), NOW + timedelta(hours=1))
        answer = Answer(
            Route.PLAN, "One supplier sent us fakes.", "We removed 12 listings on 2026-11-18.", "We test every delivery of a new supplier."
        )
        said = {f"V-{key}": (DecisionOutcome(fate), f"the invoices show where {key}-0 came from")}
        self._timed("submit", submit_appeal, call=holder, pack=pack, case_id=case_id, submission_key="one", answer=answer, language="en")
        self._timed("claim", claim_case, call=reviewer, pack=pack, case_id=case_id)
        self._timed("decide", decide_appeal, call=reviewer, pack=pack, case_id=case_id, verdicts=said)
        self.transitions += 3
        if fate == "upheld":
            second = Call(Actor(f"user:{200 + self.number}", Role.SENIOR_SPECIALIST), NOW + timedelta(hours=3))
            self._timed("agree", agree, call=second, pack=pack, case_id=case_id)
            self.transitions += 1

    def _timed(self, name: str, service: Callable[..., Any], **arguments: Any) -> Any:
        begun = time.perf_counter()
        made = service(**arguments)
        self.seconds.setdefault(name, []).append(time.perf_counter() - begun)
        return made


def _work(number: int, plan: Sequence[tuple[str, str]], start: Any, results: Any) -> None:
    from django.db import connection

    desk = Desk(number)
    connection.ensure_connection()
    start.wait()
    try:
        for key, fate in plan:
            desk.play(key, fate)
    finally:  # also of one that failed, or the others' figures would be waited for without end; the books are checked afterwards
        results.put((desk.seconds, desk.transitions))


def _run(plan: Sequence[tuple[str, str]], workers: int) -> tuple[float, tuple[Seconds, int]]:
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(workers + 1), context.Queue()
    processes = [context.Process(target=_work, args=(number, plan[number::workers], start, results)) for number in range(workers)]
    for process in processes:
        process.start()
    start.wait()
    begun = time.perf_counter()
    seconds: Seconds = {}
    transitions = 0
    for _ in processes:
        found, moved = results.get(timeout=3600)
        transitions += moved
        for name, values in found.items():
            seconds.setdefault(name, []).extend(values)
    spent = time.perf_counter() - begun
    for process in processes:
        process.join()
    _check(plan)
    return spent, (seconds, transitions)


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
        for key, fate in plan:
            desk.play(key, fate)
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    pstats.Stats(profile).sort_stats("cumtime").print_stats("goodstanding|cursor|commit", 70)
    for sql, number in sorted(queries.items(), key=lambda one: -one[1])[:45]:
        print(f"{number / desk.transitions:6.2f} a transition: {sql}")
    print(f"{sum(queries.values()) / desk.transitions:.1f} statements a transition")


def _table(plan: Sequence[tuple[str, str]], spent: float, took: tuple[Seconds, int], workers: int) -> str:
    seconds, transitions = took
    rate = transitions / spent
    whole = (SUSPENSIONS + HOLDS) / len(plan) * spent * 100
    lines = [
        f"{len(plan):,} accounts, {transitions:,} transitions by {workers} worker processes in {spent:.1f} s: {rate:.0f} transitions per second.",
        f"All of the published half-year, at this rate: {whole / 60:.0f} minutes.",
        f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end.",
        "",
        "| service | calls | p50, ms | p99, ms |",
        "|---|---|---|---|",
    ]
    for name, values in seconds.items():
        values.sort()
        lines.append(f"| {name} | {len(values):,} | {values[len(values) // 2] * 1000:.1f} | {values[int(len(values) * 0.99)] * 1000:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
