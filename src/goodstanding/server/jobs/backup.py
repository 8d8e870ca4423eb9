"""A backup: first the database as of one moment, then the files.

In this order, because a file is on the disk before the row that names it is committed (`services.evidence`, `services.facts`): every row of the database's copy
finds its file in the files' copy. Files that came in between are without a row, which harms nothing; the other way round rows would be without their file.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from goodstanding.core.errors import UnusableInput

SQLITE, POSTGRESQL = "goodstanding.sqlite3", "goodstanding.dump"
"""The database's name in a backup."""

KEY = "secret_key"


def back_up(folder: Path, pg_dump: str) -> list[Path]:
    """Write a backup into a new folder and give its parts. Raises UnusableInput where the folder exists or the database cannot be copied."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise UnusableInput(f"{folder} is there already; give each backup a folder of its own") from None
    return [
        _copy_postgresql(folder / POSTGRESQL, pg_dump) if connection.vendor == "postgresql" else _copy_sqlite(folder / SQLITE),
        *_copy_files(folder),
    ]


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
    for name, source in (("evidence", Path(settings.MEDIA_ROOT)), ("facts", Path(settings.FACTS))):
        if source.is_dir():
            # What is being written bears a dot and has no row yet.
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(".*"))
            yield folder / name
    key = Path(settings.VAR) / KEY
    if key.is_file():
        shutil.copy2(key, folder / KEY)
        yield folder / KEY
