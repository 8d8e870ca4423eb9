"""`python -m benchmarks [WORK ...] [--orders N] [--accounts N] [--rounds N] [--folder DIR] [--save]`: measure, compare, write down.

Every run is a process of its own; runs of different works are interleaved, and what counts is the median. Totals have to agree before any time does.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.made import Size, make
from benchmarks.works import RIVALS, TOTALS, WORKS

RESULTS = Path(__file__).with_name("RESULTS.md")
USUAL = ("scan", "history", "day", "pandas", "polars", "sql")
MOST_FOR_RIVALS = 20_000_000
Run = dict[str, Any]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("works", nargs="*", metavar="WORK", help=f"of {', '.join(WORKS)} (default: {', '.join(USUAL)})")
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where made-up facts are kept (default: a temporary folder, removed at the end)")
    parser.add_argument("--save", action="store_true", help=f"add the table to {RESULTS.name}")
    asked = parser.parse_args()
    unknown = set(asked.works) - set(WORKS)
    if unknown:
        parser.error(f"no such work: {', '.join(sorted(unknown))}; there are {', '.join(WORKS)}")
    size = Size(asked.orders, asked.accounts)
    works = asked.works or [work for work in USUAL if work not in RIVALS or size.orders <= MOST_FOR_RIVALS]
    with _folder(asked.folder) as folder:
        facts = make(folder, size)
        runs = measure(works, facts, size, asked.rounds)
    table = as_table(runs, size, asked.rounds)
    print(table)
    if asked.save:
        with RESULTS.open("a", encoding="utf-8") as page:
            page.write(f"\n{table}")


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="goodstanding-bench-") as made:
        yield Path(made)


def measure(works: Sequence[str], facts: Path, size: Size, rounds: int) -> dict[str, list[Run]]:
    """All works, one after the other, round after round. Raises SystemExit where totals differ."""
    runs: dict[str, list[Run]] = {work: [] for work in works}
    for number in range(rounds):
        for work in works:
            print(f"round {number + 1} of {rounds}: {work} ...", end=" ", file=sys.stderr, flush=True)
            run = _run(work, facts, size)
            print(f"{run['seconds']:.1f} s" if run else "out of memory", file=sys.stderr)
            if run:
                runs[work].append(run)
        _agree({work: done[-1]["totals"] for work, done in runs.items() if done})
    return runs


def _run(work: str, facts: Path, size: Size) -> Run | None:
    command = [sys.executable, "-m", "benchmarks.one", work, str(facts), str(size.orders), str(size.accounts), str(size.days)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1:] or done.returncode, file=sys.stderr)
        return None
    run: Run = json.loads(done.stdout.strip().splitlines()[-1])
    return run


def _agree(totals: dict[str, dict[str, int]]) -> None:
    for name in TOTALS:
        said = {work: found[name] for work, found in totals.items() if name in found}
        if len(set(said.values())) > 1:
            raise SystemExit(f"{name} differs, so no time counts: {said}")


def as_table(runs: dict[str, list[Run]], size: Size, rounds: int) -> str:
    """The medians as a Markdown section, as ratios to the scan where it was measured."""
    medians = {work: {key: median(run[key] for run in done) for key in ("seconds", "cpu", "peak")} for work, done in runs.items() if done}
    scan = medians.get("scan")
    lines = [
        f"## {size.orders:,} orders, {size.accounts:,} accounts, {size.days} days",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {version('duckdb')}, numpy {version('numpy')}, pyarrow {version('pyarrow')}; "
        f"medians of {rounds} interleaved runs.",
        "",
        "| work | what it does | to the scan | processor time to the scan | seconds | peak memory, GB |",
        "|---|---|---|---|---|---|",
    ]
    for work, done in medians.items():
        says = (WORKS[work].__doc__ or "").strip().splitlines()[0]
        ratios = [f"{done[key] / scan[key]:.1f}" if scan else "-" for key in ("seconds", "cpu")]
        lines.append(f"| {work} | {says} | {ratios[0]} | {ratios[1]} | {done['seconds']:.1f} | {done['peak'] / 1e9:.2f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
