"""Where the bytes of files lie: each once, under its SHA-256, written whole or not at all, and never written over.

On the local disk unless `GOODSTANDING_EVIDENCE_STORE` names a bucket.
"""

import functools
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings

from goodstanding.core.errors import UnusableInput

DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stored:
    """One thing that lies in a store. `sha256` is empty where its name is no digest: what a crash left half written."""

    name: str
    sha256: str
    size: int
    changed_at: datetime


class Store(Protocol):
    """What every store can do."""

    def put(self, sha256: str, data: bytes) -> None:
        """Keep bytes under their digest for good before returning. Bytes that lie there already stay, unless they are damaged."""

    def get(self, sha256: str) -> bytes | None:
        """The bytes as they lie there, damaged or not; None where there are none."""

    def remove(self, name: str) -> None:
        """Let bytes go. Nothing happens where there are none."""

    def walk(self) -> Iterator[Stored]:
        """Everything that lies there."""


def digest_of(data: bytes) -> str:
    """The SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def store() -> Store:
    """The store that the settings name. Raises UnusableInput where they name none that there is."""
    return store_at(settings.EVIDENCE_STORE or str(settings.MEDIA_ROOT))


def store_at(place: str) -> Store:
    """The store at a place: a bucket's address, or a folder. Raises UnusableInput for an address that is none."""
    return _bucket(place) if "://" in place else LocalStore(Path(place))


def failures() -> tuple[type[Exception], ...]:
    """What a place raises that is none, is away or is full, for a command to say in one line."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return (UnusableInput, OSError)
    return (UnusableInput, OSError, BotoCoreError, ClientError)


def whole(sha256: str) -> bytes | None:
    """Bytes that are still those that were kept; None where they are gone or damaged."""
    data = store().get(sha256)
    return data if data is not None and digest_of(data) == sha256 else None


@functools.lru_cache(maxsize=4)
def _bucket(url: str) -> Store:
    try:
        from goodstanding.server.vault.bucket import BucketStore
    except ImportError as error:
        raise UnusableInput(f"a bucket for evidence needs the extra 's3': pip install 'goodstanding[s3]' ({error})") from None
    return BucketStore(url)


class LocalStore:
    """Files in a folder, two levels deep."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the bytes with a digest lie."""
        return self.root / sha256[:2] / sha256

    def put(self, sha256: str, data: bytes) -> None:
        """As `Store.put`, whatever moment the power fails: the file, its folder and the folder above are on the disk."""
        path = self.path(sha256)
        if path.exists() and digest_of(path.read_bytes()) == sha256:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
        for folder in (path.parent, path.parent.parent):
            _sync_folder(folder)

    def get(self, sha256: str) -> bytes | None:
        """As `Store.get`."""
        path = self.path(sha256)
        return path.read_bytes() if path.is_file() else None

    def remove(self, name: str) -> None:
        """As `Store.remove`; `name` as `walk` gives it, or a digest."""
        path = self.path(name) if DIGEST.fullmatch(name) else self.root / name
        path.unlink(missing_ok=True)

    def walk(self) -> Iterator[Stored]:
        """As `Store.walk`; of two folders deep, so that nothing else under the root is ever taken for evidence."""
        for path in sorted(self.root.glob("*/*")) if self.root.is_dir() else ():
            if path.is_file():
                about = path.stat()
                sha256 = path.name if DIGEST.fullmatch(path.name) and path.parent.name == path.name[:2] else ""
                yield Stored(str(path.relative_to(self.root)), sha256, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there as a whole or not at all."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """A rename is only as safe as the folder that holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
