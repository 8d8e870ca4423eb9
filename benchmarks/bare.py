"""What the machine allows: the very writes of the services, recorded once, and sent again by bare psycopg without any reading or reckoning.

Each service call is one transaction here as there, on a copy of the same database with the same settings, by the same number of processes.
"""

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Transaction = list[tuple[str, Any]]
"""The writing statements of one service call, with their values."""

WRITES = ("INSERT", "UPDATE", "DELETE")


class Recorder:
    """Keeps what a connection writes, transaction by transaction; give it to `connection.execute_wrapper`."""

    def __init__(self) -> None:
        self.transactions: list[Transaction] = []

    def begin(self) -> None:
        """A service is called."""
        self.transactions.append([])

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Keep a statement that writes, and let it through."""
        if sql.startswith(WRITES):
            self.transactions[-1].append((sql, params))
        return execute(sql, params, many, context)


@contextlib.contextmanager
def another_database(name: str) -> Iterator[None]:
    """Have Django work on another database of the same server for a while."""
    from django.db import connection

    connection.close()
    before, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def copy_database(dsn: str, *names: str) -> None:
    """Copies of the database `postgres`, which nobody may be connected to."""
    import psycopg

    with psycopg.connect(f"{dsn} dbname=template1", autocommit=True) as con:
        for name in names:
            con.execute(f"CREATE DATABASE {name} TEMPLATE postgres")  # type: ignore[arg-type]


def replay(dsn: str, parts: Sequence[Sequence[Transaction]]) -> tuple[float, float]:
    """Send each part by a process of its own; gives wall seconds, and the processes' processor seconds."""
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(len(parts) + 1), context.Queue()
    processes = [context.Process(target=_send, args=(dsn, part, start, results)) for part in parts]
    for process in processes:
        process.start()
    start.wait()
    begun = time.perf_counter()
    used = sum(results.get(timeout=3600) for _ in processes)
    wall = time.perf_counter() - begun
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("the bare statements could not be sent; what is recorded must be all that was committed, and nothing else")
    return wall, used


def _send(dsn: str, part: Sequence[Transaction], start: Any, results: Any) -> None:
    import psycopg

    with psycopg.connect(dsn) as con:
        start.wait()
        begun = time.process_time()
        try:
            for statements in part:
                for sql, params in statements:
                    con.execute(sql, params, prepare=True)  # type: ignore[arg-type]
                con.commit()
        finally:  # also of one that failed, or the others' figures would be waited for without end; its exit code tells
            results.put(time.process_time() - begun)
