"""Asking the process that looks into files: one process for one question, so that whatever a file does to it ends with it."""

import functools
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from goodstanding.core.appeals.evidence import FileKind, FileLimits, Unfit, recognise
from goodstanding.core.file_terms import FileNote, FileTrouble
from goodstanding.intake.files.looking import LOOKED_INTO
from goodstanding.intake.files.previews import Preview

PATIENCE = 30.0
"""Seconds by the clock on the wall before the process is ended."""

AT_ONCE = 2
"""Processes that one server process runs beside each other; others wait for their turn."""

UNSAFE = Unfit(FileTrouble.UNSAFE, "could not be looked at safely")

log = logging.getLogger(__name__)
_turn = threading.BoundedSemaphore(AT_ONCE)


class NoAnswer(Exception):
    """The process crashed, asked for too much or took too long."""


def look(kind: FileKind, data: bytes, sha256: str, limits: FileLimits) -> Unfit | None:
    """Why a file of a recognised kind cannot be taken for what it holds, or None where it can. The same bytes are looked at once.

    A form asks again when it keeps what it has shown, so the last answers are remembered, by the bytes' digest.
    """
    if kind not in LOOKED_INTO:
        return None
    try:
        return _looked(kind, _Bytes(data, sha256), limits)
    except NoAnswer:
        return UNSAFE


def preview(kind: FileKind, data: bytes) -> Preview:
    """A file as it is shown. Raises NoAnswer."""
    said, _ = _ask({"ask": "preview", "type": kind.content_type}, data)
    facts = tuple((str(name), str(value)) for name, value in said["facts"])
    notes = tuple(FileNote(one) for one in said["notes"])
    return Preview(int(said["pages"]), facts, str(said["text"]), notes, tuple(str(one) for one in said["files"]))


def page(kind: FileKind, data: bytes, number: int) -> tuple[str, bytes]:
    """One page as a picture: its type and bytes. Raises NoAnswer, also where there is no such page."""
    said, picture = _ask({"ask": "page", "type": kind.content_type, "page": number}, data)
    if said["type"] not in ("image/png", "image/jpeg"):
        raise NoAnswer(f"a picture of type {said['type']}")
    return str(said["type"]), picture


def clean(kind: FileKind, data: bytes) -> bytes:
    """The file without what its program wrote into it. Raises NoAnswer, also where it cannot be cleaned."""
    _, cleaned = _ask({"ask": "clean", "type": kind.content_type}, data)
    if recognise(f"copy{kind.suffixes[0]}", cleaned) is not kind:
        raise NoAnswer("another kind of file")
    return cleaned


class _Bytes:
    """Bytes that are told apart by their digest, so that remembering an answer compares 64 letters."""

    def __init__(self, data: bytes, sha256: str) -> None:
        self.data: bytes | None = data
        self.sha256 = sha256

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Bytes) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)


@functools.lru_cache(maxsize=512)
def _looked(kind: FileKind, known: _Bytes, limits: FileLimits) -> Unfit | None:
    # What is remembered is the answer; a file that was only asked about must not stay in memory with it.
    data, known.data = known.data or b"", None
    said, _ = _ask({"ask": "look", "type": kind.content_type, "limits": asdict(limits)}, data)
    return Unfit(FileTrouble(said["trouble"]), str(said["says"])) if said else None


def _ask(question: Mapping[str, object], data: bytes) -> tuple[dict[str, Any], bytes]:
    # The command is ours alone; what comes from outside goes in by stdin.
    command = [sys.executable, "-m", "goodstanding.server.vault.child"]
    # Nothing of our own environment goes along: it holds the database's password and the key of all sessions.
    environment = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        with _turn:
            done = subprocess.run(  # noqa: S603
                command,
                input=json.dumps(question).encode() + b"\n" + data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=PATIENCE,
                check=True,
            )
        head, _, picture = done.stdout.partition(b"\n")
        said = json.loads(head)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.warning("a file of type %s could not be looked at: %s", question["type"], type(error).__name__)
        raise NoAnswer(type(error).__name__) from error
    return said, picture
