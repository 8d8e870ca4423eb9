"""A clamd that speaks the real INSTREAM over a real socket, and misbehaves in the ways the real one does."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.made_files import EICAR
from tests.patience import SECONDS


class FakeClamd:
    """`manner`: honest, silent (never answers), hangs_up (in the middle, without a word), small (a `StreamMaxLength` of 1,000 bytes), broken."""

    def __init__(self) -> None:
        self.manner = "honest"
        self.asked: list[bytes] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"clamd://127.0.0.1:{self.listening.getsockname()[1]}"
        self.is_over = threading.Event()

    def serve(self) -> None:
        while not self.is_over.is_set():
            try:
                line, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as reader:
            try:
                self._answer(line, reader)
            except OSError:
                return

    def _answer(self, line: socket.socket, reader: object) -> None:
        if self._read(reader, 10) != b"zINSTREAM\0":
            line.sendall(b"UNKNOWN COMMAND\0")
            return
        data = b""
        while (length := struct.unpack("!L", self._read(reader, 4))[0]) > 0:
            if self.manner == "hangs_up":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            data += self._read(reader, length)
            if self.manner == "small" and len(data) > 1000:
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.asked.append(data)
        if self.manner == "silent":
            self.is_over.wait(SECONDS)
        elif self.manner == "broken":
            line.sendall(b"stream: Can't allocate memory ERROR\0")
        else:
            line.sendall(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0")

    @staticmethod
    def _read(reader: object, length: int) -> bytes:
        data: bytes = reader.read(length)  # type: ignore[attr-defined]
        if len(data) < length:
            raise ConnectionError("the client hung up")
        return data


@contextmanager
def fake_clamd() -> Iterator[FakeClamd]:
    """One that listens for as long as the block runs."""
    clamd = FakeClamd()
    serving = threading.Thread(target=clamd.serve, daemon=True)
    serving.start()
    try:
        yield clamd
    finally:
        clamd.is_over.set()
        clamd.listening.shutdown(socket.SHUT_RDWR)
        clamd.listening.close()
        serving.join(5)


def wait_for(path: object, seconds: float = SECONDS) -> bool:
    """Whether a socket comes to be within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if path.exists():  # type: ignore[attr-defined]
            return True
        time.sleep(0.1)
    return False
