"""Fact folders made in a test, and what loading makes of them."""

from collections.abc import Collection, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from goodstanding.core.errors import Finding
from goodstanding.engines.base import FactSource
from goodstanding.engines.loading import open_facts

ORDERS = "order_id,account_id,placed_at\n"


class Loaded:
    """The tables of a loaded folder, and its findings."""

    def __init__(self, source: FactSource, zones: Mapping[str, str] | None = None, kinds: Collection[str] | None = None) -> None:
        self.con, self.findings = open_facts(source, zones=zones, kinds=kinds)

    def rows(self, columns: str, kind: str = "orders") -> list[tuple[object, ...]]:
        """Columns of a kind, in a fixed order."""
        return self.con.execute(f"SELECT {columns} FROM facts.{kind} ORDER BY ALL").fetchall()

    @property
    def lines(self) -> list[str]:
        """Where each finding is and what it says."""
        return [finding.line() for finding in self.findings]

    @property
    def places(self) -> list[tuple[str, str]]:
        """Code and place of each finding."""
        return [(finding.code, finding.where) for finding in self.findings]


def write(folder: Path, files: Mapping[str, str | bytes | pa.Table]) -> FactSource:
    """A folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return FactSource(folder)


def load(folder: Path, files: Mapping[str, str | bytes | pa.Table], zones: Mapping[str, str] | None = None) -> Loaded:
    """Load a folder with these files."""
    return Loaded(write(folder, files), zones)


def only(findings: Collection[Finding]) -> Finding:
    """The one finding there is."""
    (finding,) = findings
    return finding
