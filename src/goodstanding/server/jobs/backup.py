"""A backup: first the database as of one moment, then the files, wherever they lie.

In this order, because a file is on the disk before the row that names it is committed (`services.evidence`, `services.facts`): every row of the database's copy
finds its file in the files' copy. Files that came in between are without a row, which harms nothing; the other way round rows would be without their file.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from goodstanding.core.errors import UnusableInput
from goodstanding.server.services.keeping import Copied, copy_evidence
from goodstanding.server.vault.stores import store, store_at

SQLITE, POSTGRESQL = "goodstanding.sqlite3", "goodstanding.dump"
"""The database's name in a backup."""

EVIDENCE, FACTS, KEY = "evidence", "facts", "secret_key"


@dataclass(frozen=True, slots=True)
class BackedUp:
    """The parts of a backup, where its evidence is, and what came of copying that."""

    parts: tuple[Path, ...]
    evidence: str
    copied: Copied


def back_up(folder: Path, pg_dump: str, evidence: str = "") -> BackedUp:
    """Write a backup into a new folder. `evidence`: a folder or bucket that gets the files it does not have yet, instead of the new folder.

    Raises UnusableInput where the folder exists or the database cannot be copied, and what a store raises that is away or full.
    """
    place = evidence or str(folder / EVIDENCE)
    target = store_at(place)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise UnusableInput(f"{folder} is there already; give each backup a folder of its own") from None
    database = _copy_postgresql(folder / POSTGRESQL, pg_dump) if connection.vendor == "postgresql" else _copy_sqlite(folder / SQLITE)
    copied = copy_evidence(source=store(), target=target)
    return BackedUp((database, *_copy_files(folder)), place, copied)


def _copy_sqlite(to: Path) -> Path:
    """SQLite's own backup: whole as of its end, also while others write."""
    with closing(sqlite3.connect(str(settings.DATABASES["default"]["NAME"]))) as here, closing(sqlite3.connect(to)) as there:
        here.backup(there)
    return to


def _copy_postgresql(to: Path, pg_dump: str) -> Path:
    """One snapshot, by the database's own program; the password goes by its environment, where no list of processes shows it."""
    try:
        subprocess.run(  # noqa: S603 - the operator names the program
            [pg_dump, "--format=custom", f"--file={to}", _address()], check=True, env=os.environ | _password(), capture_output=True, text=True
        )
    except FileNotFoundError:
        raise UnusableInput(f"there is no program {pg_dump}; install PostgreSQL's client programs or name one with --pg-dump") from None
    except subprocess.CalledProcessError as error:
        raise UnusableInput(f"{pg_dump}: {str(error.stderr).strip().splitlines()[-1]}") from None
    return to


def _address() -> str:
    known = {name: str(value) for name, value in settings.DATABASES["default"].items()}
    port = f":{known['PORT']}" if known["PORT"] else ""
    user = f"{quote(known['USER'], safe='')}@" if known["USER"] else ""
    return f"postgresql://{user}{quote(known['HOST'], safe='')}{port}/{quote(known['NAME'], safe='')}"


def _password() -> dict[str, str]:
    password = str(settings.DATABASES["default"].get("PASSWORD") or "")
    return {"PGPASSWORD": password} if password else {}


def _copy_files(folder: Path) -> Iterator[Path]:
    if (facts := Path(settings.FACTS)).is_dir():
        # What is being written bears a dot and has no row yet.
        shutil.copytree(facts, folder / FACTS, ignore=shutil.ignore_patterns(".*"))
        yield folder / FACTS
    key = Path(settings.VAR) / KEY
    if key.is_file():
        shutil.copy2(key, folder / KEY)
        yield folder / KEY
