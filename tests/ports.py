"""Ports for servers that tests start."""

import os
import random
import socket

_dice = random.Random(os.getpid())


def free_port() -> int:
    """A port below those that a machine gives its own connections, one of which could sit on it before the server does, or while it is away."""
    for _ in range(1000):
        port = _dice.randint(20_000, 32_000)
        if is_free(port) and is_free(port + 1):  # `serve` has its open pages' process beside it
            return port
    raise RuntimeError("no port is free")


def is_free(port: int) -> bool:
    """Whether a server could listen at a port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
