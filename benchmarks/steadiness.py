"""`python -m benchmarks.steadiness OLIST_FOLDER`: how long breaches last on real sellers, with and without minimum volume and hysteresis.

Prints rates, no times: of all closed metric violations up to the last full day of the data, how many lasted three days or less.
"""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from goodstanding.core.policy.pack import PolicyPack
from goodstanding.engines.base import FactSource
from goodstanding.engines.duckdb import DuckDBEngine
from goodstanding.packs.loader import load_pack

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "olist"
LAST = date(2018, 8, 27)
SHORT = 3


def measure(source: FactSource, pack: PolicyPack, called: str) -> str:
    """One line: closed violations, those open three days or less, and those over target three days or less without the days that close them."""
    found = DuckDBEngine().assess(source, pack, LAST, LAST, changes_only=True).violations.to_pylist()
    spans = [((row["closed"] - row["opened"]).days, pack.metrics[row["metric"]].recover_days) for row in found if row["metric"] and row["closed"]]
    as_kept = sum(days <= SHORT for days, _ in spans)
    over_target = sum(days - recover + 1 <= SHORT for days, recover in spans)
    return f"{called}: {len(spans):,} closed; open at most {SHORT} days {as_kept / len(spans):.1%}; over target at most {SHORT} days {over_target / len(spans):.1%}"


def main() -> None:
    """The command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.steadiness FOLDER_OF_OLIST")
    source, pack = FactSource(Path(sys.argv[1]), EXAMPLE), load_pack(str(EXAMPLE / "pack.toml"))
    plain = replace(pack, metrics={name: replace(metric, minimum_volume=10, recover_days=1) for name, metric in pack.metrics.items()})
    print(measure(source, plain, "10 orders, no hysteresis"))
    print(measure(source, pack, "the example pack"))


if __name__ == "__main__":
    main()
