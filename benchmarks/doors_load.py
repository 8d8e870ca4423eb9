"""Asking a server at a steady rate, and what its processes spent on it."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

TICKS = 100
"""Clock ticks per second in /proc, on every Linux that Python runs on."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `wants`: bytes that a right answer holds."""

    path: str
    headers: dict[str, str]
    body: bytes | None = None
    wants: bytes = b""


@dataclass
class Told:
    """What came of a run: seconds of each answer, from the moment it was due to be asked until it was read; what went wrong."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    spent: float = 0.0

    def at(self, share: float) -> float:
        """The time in milliseconds that this share of the answers kept."""
        values = sorted(self.seconds)
        return values[min(len(values) - 1, int(len(values) * share))] * 1000


def ask_steadily(port: int, asks: Iterator[Ask], *, rate: float, seconds: float, connections: int = 24) -> Told:
    """An open loop: request number n is due at n / rate whether or not earlier ones were answered, and its time counts from then.

    A server that stalls so has all that fell due meanwhile counted against it, as its users would.
    """
    return _run(port, asks, connections, lambda number: number / rate if number / rate < seconds else None)


def ask_at_once(port: int, asks: Iterator[Ask], *, seconds: float, connections: int) -> Told:
    """A closed loop: each connection asks again as soon as it has its answer."""
    began = time.monotonic()
    return _run(port, asks, connections, lambda number: 0.0 if time.monotonic() - began < seconds else None)


def _run(port: int, asks: Iterator[Ask], connections: int, due: Callable[[int], float | None]) -> Told:
    """`due`: when request number n is to be asked, in seconds from the start; 0: at once, None: no more."""
    told, lock, numbers = Told(), threading.Lock(), iter(range(1 << 62))
    began = time.monotonic()

    def work() -> None:
        con = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                moment = due(next(numbers))
                if moment is None:
                    return
                ask = next(asks)
            start = began + moment if moment else time.monotonic()
            time.sleep(max(0.0, start - time.monotonic()))
            wrong = _ask(con, ask)
            told.seconds.append(time.monotonic() - start)
            if wrong:
                told.wrong.append(wrong)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.spent = time.monotonic() - began
    return told


def _ask(con: http.client.HTTPConnection, ask: Ask) -> str:
    """Ask and read; gives what is wrong with the answer, '' where nothing is."""
    try:
        con.request("POST" if ask.body is not None else "GET", ask.path, ask.body, ask.headers)
        answer = con.getresponse()
        read = answer.read()
    except (OSError, http.client.HTTPException) as error:
        con.close()
        return f"{ask.path}: {error!r}"
    if answer.status != 200 or ask.wants not in read:
        return f"{ask.path}: {answer.status} {read[:200]!r}"
    return ""


def processor_seconds(pid: int) -> float:
    """What a process, its children and those of them that have ended have spent so far."""
    return sum(_own(one) for one in family(pid))


def family(pid: int) -> list[int]:
    """A process and all below it."""
    below: list[str] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below += thread.read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile
    return [pid, *(one for child in below for one in family(int(child)))]


def _own(pid: int) -> float:
    try:
        numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, numbers[11:15])) / TICKS
