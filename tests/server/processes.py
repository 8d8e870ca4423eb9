"""Real processes at once, and processes killed in the middle: what threads in one process cannot show."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

from django.db import connection, connections

from tests.patience import SECONDS

REPETITIONS = int(os.environ.get("GOODSTANDING_RACES", "3"))
"""How often each race is run; `GOODSTANDING_RACES=200` for the full number."""

MOST_APART = 0.004
"""Seconds between two starts, at most: about as long as a service takes, so that every order and overlap comes up."""

Work = Callable[[], object]
_fork = multiprocessing.get_context("fork")


def race(*works: Work, seed: int) -> list[str]:
    """Run all at the same moment, each in a process of its own; gives `done`, or the name of the error that each raised and what it said."""
    dice = random.Random(seed)
    start = _fork.Barrier(len(works))
    waits = [dice.uniform(0, MOST_APART) for _ in works]
    running = [_start(lambda work=work, wait=wait: _together(start, wait, work)) for work, wait in zip(works, waits, strict=True)]
    return [_outcome(process, said) for process, said in running]


def killed(work: Work, after: int) -> str:
    """Run in a process that SIGKILL ends after so many statements; one that has fewer is killed when its work is done, so after the commit."""
    process, said = _start(lambda: _until(work, after))
    came = _outcome(process, said)
    assert process.exitcode == -signal.SIGKILL, f"it should have been killed: {came}"
    return came


def statements(work: Work) -> int:
    """How many statements a work sends, counted in a process of its own."""
    process, said = _start(lambda: _count(work))
    return int(_outcome(process, said))


def kill_points(work: Work) -> Iterator[int]:
    """After how many statements to kill, spread from before the first to after the commit, one for each repetition. Runs `work` once."""
    last = statements(work) + 1
    points = [round(number * last / max(1, REPETITIONS - 1)) for number in range(REPETITIONS)]
    yield from points


def _together(start: Any, wait: float, work: Work) -> str:
    connection.ensure_connection()
    start.wait(timeout=SECONDS)
    # Not `time.sleep`: what sleeps wakes up a scheduler's tick later, and all would start as one.
    end = time.perf_counter() + wait
    while time.perf_counter() < end:
        pass
    work()
    return "done"


def _until(work: Work, after: int) -> str:
    left = after

    def step(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal left
        found = execute(sql, params, many, context)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    connection.ensure_connection()
    if after == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    with connection.execute_wrapper(step):
        work()
    os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def _count(work: Work) -> str:
    seen = 0

    def step(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal seen
        seen += 1
        return execute(sql, params, many, context)

    connection.ensure_connection()
    with connection.execute_wrapper(step):
        work()
    return str(seen)


def _start(job: Callable[[], str]) -> tuple[Any, Connection]:
    # A child that closes an inherited connection ends its parent's session.
    connections.close_all()
    here, there = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_run, args=(job, there), daemon=True)
    process.start()
    there.close()
    return process, here


def _run(job: Callable[[], str], there: Connection) -> None:
    try:
        said = job()
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    finally:
        connections.close_all()
    there.send(said)


def _outcome(process: Any, said: Connection) -> str:
    try:
        came = said.recv() if said.poll(SECONDS) else "it did not come back"
    except EOFError:
        came = "it died"
    process.join(SECONDS)
    return str(came)


def tally(came: Sequence[str]) -> list[str]:
    """The outcomes without what the errors said, in order of the alphabet."""
    return sorted(one.partition(":")[0] for one in came)
