"""Asking ClamAV about bytes: clamd's own INSTREAM command over a socket (clamd(8)), with one clock for the whole conversation.

The protocol is a dozen lines; the client packages for it have had no release for years, set a clock for each piece only, and lose clamd's answer
when it hangs up on a stream that is too large for it.
"""

import socket
import struct
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from goodstanding.core.errors import UnusableInput
from goodstanding.core.file_terms import ScanState

PATIENCE = 60.0
"""Seconds for one file. Twenty megabytes take clamd under one; an archive in an archive may take ten."""

PIECE = 64 * 1024
LONGEST_ANSWER = 4096
MOST_MEGABYTES = 25
"""Megabytes that are sent unless the address says otherwise: Debian's `StreamMaxLength`."""

_FORM = "write clamd:///PATH/TO/SOCKET or clamd://HOST:PORT, and ?max=MEGABYTES where its StreamMaxLength is not 25M"


class ScanFailed(Exception):
    """No verdict: the scanner is away, does not answer in time, or says that it failed. Ask again later."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Where a scanner listens: a socket's path, or a host and port. `most`: bytes that it takes."""

    path: str
    host: str
    port: int
    most: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """CLEAN, FOUND with the signature's name, or TOO_LARGE."""

    state: ScanState
    found: str = ""


def read_address(url: str) -> Scanner:
    """The scanner that a setting names. Raises UnusableInput for one that is none."""
    parts = urlsplit(url)
    most = dict(parse_qsl(parts.query)).get("max", str(MOST_MEGABYTES))
    try:
        port = parts.port or 0
    except ValueError:
        port = 0
    is_socket, is_host = parts.path not in ("", "/") and not parts.netloc, bool(parts.hostname and port)
    if parts.scheme != "clamd" or not (is_socket or is_host) or not most.isdigit():
        raise UnusableInput(f"GOODSTANDING_SCANNER is '{url}'; {_FORM}")
    return Scanner(unquote(parts.path) if is_socket else "", parts.hostname or "", port, int(most) * 2**20)


def scan(scanner: Scanner, data: bytes, *, patience: float = PATIENCE) -> Verdict:
    """What the scanner says of these bytes. Raises ScanFailed."""
    if len(data) > scanner.most:
        return Verdict(ScanState.TOO_LARGE)
    until = time.monotonic() + patience
    try:
        with _connected(scanner, until) as line:
            hung_up = _sent(line, data, until)
            answer = _answer(line, until)
    except OSError as error:
        raise ScanFailed(f"{type(error).__name__}: {error}") from error
    if not answer and hung_up is not None:
        raise ScanFailed(f"{type(hung_up).__name__}: it hung up before it had all, and said nothing") from hung_up
    return _read(answer)


def _connected(scanner: Scanner, until: float) -> socket.socket:
    if not scanner.path:
        return socket.create_connection((scanner.host, scanner.port), timeout=_left(until))
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(_left(until))
        line.connect(scanner.path)
    except OSError:
        line.close()
        raise
    return line


def _sent(line: socket.socket, data: bytes, until: float) -> OSError | None:
    """Send the stream. clamd hangs up on one that is too long for it; then it may still have said so, and this gives the error."""
    try:
        line.settimeout(_left(until))
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            line.settimeout(_left(until))
            line.sendall(struct.pack("!L", len(piece)) + piece)
        line.sendall(struct.pack("!L", 0))
    except (BrokenPipeError, ConnectionResetError) as error:
        return error
    return None


def _answer(line: socket.socket, until: float) -> str:
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER:
        line.settimeout(_left(until))
        try:
            piece = line.recv(LONGEST_ANSWER)
        except ConnectionResetError:
            break
        if not piece:
            break
        said += piece
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _read(answer: str) -> Verdict:
    said = answer.removeprefix("stream:").strip()
    if said == "OK":
        return Verdict(ScanState.CLEAN)
    if said.endswith(" FOUND"):
        return Verdict(ScanState.FOUND, said.removesuffix(" FOUND")[:200])
    if "size limit exceeded" in said:
        return Verdict(ScanState.TOO_LARGE)
    raise ScanFailed(said[:500] or "it hung up without an answer")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left
