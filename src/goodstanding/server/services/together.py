"""One transaction of a service, and what its parts put aside to be written together, once, right before it is committed.

A verb touches a case in several places: its state here, its due date there, an entry of the ledger for each, a letter, an event. What each
place puts aside goes into the database in one statement for each table, so that the chain of a case is locked and moved on once.
What is put aside where no such transaction is open is written at once, so forgetting `together` costs time and nothing else.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import TypeVar

from django.db import transaction
from django.db.models import Model

from goodstanding.server.store import compiled

Item = TypeVar("Item")


class Order(IntEnum):
    """In which order what was put aside is written: the standing that an event tells is read from rows."""

    NEW_ROWS = 1
    ROWS = 2
    LEDGER = 3
    OUTBOX = 4


class _Aside(threading.local):
    """What waits in this thread, and how many transactions of services are open in one another."""

    def __init__(self) -> None:
        self.depth = 0
        self.waiting: list[tuple[Order, Callable[[Sequence[object]], None], object]] = []


_aside = _Aside()


@contextmanager
def together(*, undoable: bool = False) -> Iterator[None]:
    """A transaction; everything put aside in it is written before it ends, or nothing of it where an error ends it.

    Inside another one it is a part of that; `undoable`: an error that leaves it undoes this part alone, and may be caught outside of it.
    """
    is_outer, mark = _aside.depth == 0, len(_aside.waiting)
    _aside.depth += 1
    try:
        with transaction.atomic(savepoint=is_outer or undoable):
            yield
            if is_outer:
                write_aside()
    except BaseException:
        del _aside.waiting[mark:]
        raise
    finally:
        _aside.depth -= 1


def put_aside(order: Order, write: Callable[[Sequence[Item]], None], item: Item) -> None:
    """Have an item written by `write`, together with all others put aside for it, before the transaction is committed."""
    if _aside.depth == 0:
        with transaction.atomic(savepoint=False):
            write([item])
        return
    _aside.waiting.append((order, write, item))  # type: ignore[arg-type]


def write_aside(until: Order = Order.OUTBOX) -> None:
    """Write now what waits, as far as `until`: for who reads the database inside the transaction and must find it."""
    while waiting := [one for one in _aside.waiting if one[0] <= until]:
        _, write, _ = min(waiting, key=lambda one: one[0])
        items = [item for _, who, item in _aside.waiting if who is write]
        _aside.waiting = [one for one in _aside.waiting if one[1] is not write]
        write(items)


def insert_later(*rows: Model) -> None:
    """Insert new rows, each as it is at the end of the transaction; other rows may point to them before (foreign keys are looked at last)."""
    for row in rows:
        put_aside(Order.NEW_ROWS, _insert, row)


def save_later(row: Model, *fields: str) -> None:
    """Save fields of a locked row with whatever else of it changes in this transaction, in one statement."""
    if not row._state.adding:  # else it is inserted with them
        put_aside(Order.ROWS, _save, (row, fields))


def _insert(rows: Sequence[Model]) -> None:
    for kind in dict.fromkeys(type(row) for row in rows):
        compiled.insert([row for row in rows if type(row) is kind])


def _save(changes: Sequence[tuple[Model, tuple[str, ...]]]) -> None:
    rows = {id(row): row for row, _ in changes}
    fields: dict[int, dict[str, None]] = {key: {} for key in rows}
    for row, names in changes:
        fields[id(row)].update(dict.fromkeys(names))
    for key, row in rows.items():
        compiled.update(row, [*fields[key]])
