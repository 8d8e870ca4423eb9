"""The collections of notices and mails beside the checkout, for tests and benchmarks that may read them; none of it enters the project."""

import json
import os
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("GOODSTANDING_DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data"))


def rows() -> list[dict[str, Any]]:
    """Every labelled text of the collection; empty where it is absent."""
    path = DATA / "notices" / "notices.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()] if path.is_file() else []


def notices() -> list[dict[str, Any]]:
    """Those that a marketplace wrote, or describe what it writes: the ones with a stage."""
    return [row for row in rows() if "stage" in row]


def mails() -> list[Path]:
    """Every mail of the collection."""
    return sorted(path for path in (DATA / "eml").rglob("*") if path.is_file() and path.name != "SOURCES.tsv")
