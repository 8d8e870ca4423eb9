"""The seller's own small book of replies: one SQLite file, so that two commands at once lose nothing and a crash leaves it whole."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from goodstanding.core.appeals.followups import Sent
from goodstanding.core.errors import NotFound, UnusableInput

ENVIRONMENT = "GOODSTANDING_BOOK"
"""The variable that names the book where --book does not."""

_VERSION = 1
_COLUMNS = ("sent_at", "subject", "recipient", "channel", "plan", "file", "reasons", "must_by", "asked", "answered_at", "note")


def book_path(given: Path | None) -> Path:
    """Where the book lies: as given, as the environment says, else in the user's own folder."""
    if given is not None:
        return given
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else Path(click.get_app_dir("goodstanding")) / "followups.sqlite"


class Book:
    """The book in a file. It is made with the first entry; reading one that is not there finds nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[Sent]:
        """Everything in the book, oldest first. Raises UnusableInput where the file is no book."""
        if not self.path.exists():
            return []
        with self._open() as con:
            return [_sent(row) for row in con.execute(f"SELECT number, {', '.join(_COLUMNS)} FROM sent ORDER BY number")]  # noqa: S608 - own names

    def add(self, sent: Sent) -> Sent:
        """Write a reply down; returns it with its number. The same file written again is the same entry, sent anew."""
        with self._open(make=True) as con:
            con.execute("BEGIN IMMEDIATE")
            row = con.execute("SELECT number FROM sent WHERE file = ? AND file <> '' AND answered_at IS NULL", (sent.file,)).fetchone()
            if row:
                con.execute(f"UPDATE sent SET {', '.join(f'{name} = ?' for name in _COLUMNS)} WHERE number = ?", (*_row(sent), row[0]))  # noqa: S608
                number = row[0]
            else:
                marks = ", ".join("?" for _ in _COLUMNS)
                number = con.execute(f"INSERT INTO sent ({', '.join(_COLUMNS)}) VALUES ({marks})", _row(sent)).lastrowid  # noqa: S608 - own names
            con.execute("COMMIT")
        return replace(sent, number=int(number or 0))

    def sent(self, number: int, at: datetime) -> Sent:
        """Correct when a reply was really sent."""
        return self._change(number, lambda entry: replace(entry, sent_at=at))

    def asked(self, number: int, at: datetime) -> Sent:
        """Note that a reply was asked after."""
        return self._change(number, lambda entry: replace(entry, asked=(*entry.asked, at)))

    def answered(self, number: int, at: datetime, note: str) -> Sent:
        """Note that a reply was answered, and how."""
        return self._change(number, lambda entry: replace(entry, answered_at=at, note=note))

    def forget(self, number: int) -> Sent:
        """Take an entry out."""
        with self._open() as con:
            con.execute("BEGIN IMMEDIATE")
            entry = self._one(con, number)
            con.execute("DELETE FROM sent WHERE number = ?", (number,))
            con.execute("COMMIT")
        return entry

    def _change(self, number: int, change: Callable[[Sent], Sent]) -> Sent:
        with self._open() as con:
            con.execute("BEGIN IMMEDIATE")
            entry = change(self._one(con, number))
            con.execute(f"UPDATE sent SET {', '.join(f'{name} = ?' for name in _COLUMNS)} WHERE number = ?", (*_row(entry), number))  # noqa: S608
            con.execute("COMMIT")
        return entry

    def _one(self, con: sqlite3.Connection, number: int) -> Sent:
        row = con.execute(f"SELECT number, {', '.join(_COLUMNS)} FROM sent WHERE number = ?", (number,)).fetchone()  # noqa: S608 - own names
        if row is None:
            raise NotFound(f"{self.path} has no entry {number}; `goodstanding followups` lists them")
        return _sent(row)

    @contextmanager
    def _open(self, *, make: bool = False) -> Iterator[sqlite3.Connection]:
        if not make and not self.path.exists():
            raise NotFound(f"there is no book at {self.path} yet; `goodstanding reply` begins it")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as con:
                _prepare(con)
                yield con
        except (sqlite3.Error, OSError) as error:
            raise UnusableInput(f"{self.path} cannot be used as a book: {error}; give another file with --book or {ENVIRONMENT}") from None


def _prepare(con: sqlite3.Connection) -> None:
    (version,) = con.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise sqlite3.DatabaseError(f"it is of version {version}, this program knows {_VERSION}")
    if version < _VERSION:
        columns = ", ".join(f"{name} TEXT" for name in _COLUMNS)
        con.execute(f"CREATE TABLE IF NOT EXISTS sent (number INTEGER PRIMARY KEY AUTOINCREMENT, {columns})")
        con.execute(f"PRAGMA user_version = {_VERSION}")


def _row(entry: Sent) -> tuple[object, ...]:
    moments = (None if moment is None else moment.astimezone(UTC).isoformat() for moment in (entry.sent_at, entry.must_by, entry.answered_at))
    sent_at, must_by, answered_at = moments
    asked = json.dumps([moment.astimezone(UTC).isoformat() for moment in entry.asked])
    reasons = json.dumps(entry.reasons)
    return (sent_at, entry.subject, entry.to, entry.channel, entry.plan, entry.file, reasons, must_by, asked, answered_at, entry.note)


def _sent(row: tuple[object, ...]) -> Sent:
    number, sent_at, subject, to, channel, plan, file, reasons, must_by, asked, answered_at, note = row
    return Sent(
        number=int(str(number)),
        sent_at=datetime.fromisoformat(str(sent_at)),
        subject=str(subject),
        to=str(to),
        channel=str(channel),
        plan=str(plan),
        file=str(file),
        reasons=tuple(json.loads(str(reasons))),
        must_by=None if must_by is None else datetime.fromisoformat(str(must_by)),
        asked=tuple(datetime.fromisoformat(moment) for moment in json.loads(str(asked))),
        answered_at=None if answered_at is None else datetime.fromisoformat(str(answered_at)),
        note=str(note),
    )
