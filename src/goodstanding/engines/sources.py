"""Which files of a folder hold which table, before any of them is opened."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.terms import FindingSeverity

Form = Literal["parquet", "parts", "csv", "jsonl"]
FORMS: dict[str, Form] = {".parquet": "parquet", ".csv": "csv", ".jsonl": "jsonl"}
_ALMOST = (".json", ".ndjson", ".tsv", ".txt", ".xlsx", ".xls", ".gz", ".zip", ".zst", ".avro", ".orc")


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table as it lies in a folder. `paths` holds the file, or all Parquet parts in order; `label` is its name for people."""

    name: str
    form: Form
    root: Path
    paths: tuple[Path, ...]

    @property
    def label(self) -> str:
        """`orders.csv`, or `orders` for a folder of parts."""
        return self.root.name

    @property
    def unit(self) -> str:
        """What one row of this form is called."""
        return "line" if self.form == "jsonl" else "row"


def sources_of(folder: Path) -> dict[str, TableFile]:
    """Every table of a folder by its name, sorted. Raises UnusableInput where the folder or the choice of file is not clear."""
    if not folder.is_dir():
        raise UnusableInput(f"{folder}: no such folder; give the folder that holds the fact tables")
    found: dict[str, TableFile] = {}
    for entry in sorted(folder.iterdir()):
        table = _table(entry)
        if table is None:
            continue
        if other := found.get(table.name):
            raise UnusableInput(f"{folder}: {other.label} and {table.label} are both the table '{table.name}'; keep one of them")
        found[table.name] = table
    return found


def _table(entry: Path) -> TableFile | None:
    if entry.name.startswith((".", "_")):
        return None
    if entry.is_dir():
        parts = tuple(sorted(p for p in entry.rglob("*.parquet") if p.is_file() and not p.name.startswith((".", "_"))))
        return TableFile(entry.name, "parts", entry, parts) if parts else None
    form = FORMS.get(entry.suffix)
    return TableFile(entry.stem, form, entry, (entry,)) if form else None


def stray_files(folder: Path, known: Collection[str]) -> list[Finding]:
    """A warning for each file that looks like a table but is read by nobody, with the name that was probably meant."""
    found = []
    for entry in sorted(folder.iterdir()):
        stem = entry.name.split(".")[0]
        if entry.name.startswith((".", "_")) or not _looks_like_table(entry, known):
            continue
        if stem in known:
            hint = f"give it as {stem}.parquet, {stem}.csv or {stem}.jsonl"
        else:
            near = get_close_matches(stem.lower(), known, 1, 0.6)
            hint = f"did you mean '{near[0]}'?" if near else f"known tables: {', '.join(known)}"
        found.append(Finding("unknown_file", FindingSeverity.WARNING, "this is no fact table and was not read", hint, entry.name))
    return found


def _looks_like_table(entry: Path, known: Collection[str]) -> bool:
    table = _table(entry)
    if table is not None:
        return table.name not in known
    stem = entry.name.split(".")[0]
    if entry.is_dir():
        return stem in known
    return entry.suffix in _ALMOST and bool(get_close_matches(stem.lower(), known, 1, 0.6))
