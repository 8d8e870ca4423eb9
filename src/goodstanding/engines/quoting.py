"""Names, texts and paths as safe pieces of SQL. Everything that comes from outside passes through here."""

from collections.abc import Iterable
from pathlib import Path


def name(text: str) -> str:
    """A quoted identifier."""
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A quoted text."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Quoted texts with commas between."""
    return ", ".join(literal(text) for text in texts)


def path(file: Path) -> str:
    """A file's path as a quoted text in which the wildcards of DuckDB's globs stand for themselves."""
    return literal("".join(f"[{c}]" if c in "*?[" else c for c in str(file)))


def paths(files: Iterable[Path]) -> str:
    """A list of paths."""
    return "[" + ", ".join(path(file) for file in files) + "]"
