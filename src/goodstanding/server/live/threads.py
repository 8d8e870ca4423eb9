"""Asking the database from the live process: always in its one thread for that, whoever asks."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar

from asgiref.sync import sync_to_async

T = TypeVar("T")
_running: set[asyncio.Task[Any]] = set()


def apart(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """A task that belongs to no request. One that inherits a request's context would ask in a thread that ends with that request's answer."""
    task = asyncio.get_running_loop().create_task(work, context=Context())
    # The loop alone would let a task be collected before it is done.
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


async def ask(question: Callable[..., T], *args: Any) -> T:
    """What a synchronous function answers."""
    return await apart(_asked(question, args))


async def _asked(question: Callable[..., T], args: tuple[Any, ...]) -> T:
    return await sync_to_async(question)(*args)
