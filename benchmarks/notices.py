"""`python -m benchmarks.notices [--quiet] [--retold ROUND] [--mutations N]`: how well notices are read, with every miss; how long a mail takes.

Reads the labelled collection beside the checkout (GOODSTANDING_DATA), or with `--retold` texts of our own. A clause (SECTION_3) counts as the
code that its label is. With `--mutations N` it reads N mutated mails as well.
"""

import argparse
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from goodstanding.core.appeals.reading.notice_read import NoticeRead
from goodstanding.core.appeals.reading.read import read_notice
from goodstanding.intake.notice_email import message_from_bytes
from goodstanding.packs.reading import load_reading
from tests.intake.test_mail import mutated
from tests.notice_data import mails, notices
from tests.retold_notices import retold, rounds


@dataclass
class Sets:
    """Right, too many and missed members over all notices."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, found: set[str], wanted: set[str]) -> str:
        """Count one notice; what was missed and what was too much, in words."""
        self.counts.update(right=len(found & wanted), extra=len(found - wanted), missed=len(wanted - found))
        return " ".join([*(f"-{code}" for code in sorted(wanted - found)), *(f"+{code}" for code in sorted(found - wanted))])

    def line(self) -> str:
        """Precision, recall and F1."""
        right, extra, missed = (self.counts[key] for key in ("right", "extra", "missed"))
        return f"precision {right / max(1, right + extra):.3f}  recall {right / max(1, right + missed):.3f}  F1 {2 * right / max(1, 2 * right + extra + missed):.3f}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notices", description=__doc__)
    parser.add_argument("--quiet", action="store_true", help="figures only, no misses")
    parser.add_argument("--mutations", type=int, default=0, help="mutated mails to read (10,000 is the full number)")
    parser.add_argument("--retold", choices=["all", *rounds()], help="texts of our own instead of the collection: one round, or all")
    asked = parser.parse_args()
    rows = retold("" if asked.retold == "all" else asked.retold) if asked.retold else notices()
    if not rows:
        parser.exit(2, "the collection of notices is not beside the checkout; set GOODSTANDING_DATA\n")
    _accuracy(rows, asked.quiet)
    if asked.mutations:
        _mutations(asked.mutations)


def _accuracy(rows: list[dict[str, Any]], quiet: bool) -> None:
    words = load_reading()
    codes, asks, equal = Sets(), Sets(), Counter[str]()
    for row in rows:
        read = read_notice(message_from_bytes(row["text"].encode()), words)
        misses = [
            codes.add({found.code for found in (*read.reasons, *read.legal_basis)}, set(row["reason_codes"])),
            asks.add({ask.code for ask in read.asks}, set(row["asks"])),
            *(
                f"{name}: {found} for {wanted}"
                for name, found, wanted in _single(read, row)
                if not equal.update({name: found == wanted}) and found != wanted
            ),
        ]
        if any(misses) and not quiet:
            print(f"{row['id']} {row['lang']}: {'; '.join(miss for miss in misses if miss)}")
    print(f"\n{len(rows)} notices\ncodes      {codes.line()}\nasks       {asks.line()}")
    for name in ("stage", "deadlines", "funds", "channel"):
        print(f"{name:10} exact {equal[name]} of {len(rows)} = {equal[name] / len(rows):.3f}")


def _single(read: NoticeRead, row: dict[str, Any]) -> list[tuple[str, object, object]]:
    days, hours = row.get("deadline_days"), row.get("deadline_hours")
    wanted = {hours or days * 24} if hours or days else {row["deadline_on"]} if "deadline_on" in row else set()
    channel = row.get("appeal_channel")
    return [
        ("stage", read.stage.code if read.stage else None, row["stage"]),
        ("deadlines", {due.within_hours or str(due.on) for due in read.deadlines}, wanted),
        ("funds", read.funds_hold_days, row.get("funds_days")),
        ("channel", read.channel, read.channel if channel in (None, "unknown") else channel),
    ]


def _mutations(count: int) -> None:
    words = load_reading()
    sources = [path.read_bytes() for path in mails()]
    times = []
    for seed in range(count):
        content = mutated(seed, sources)
        begun = time.process_time()
        read_notice(message_from_bytes(content), words)
        times.append(time.process_time() - begun)
    times.sort()
    print(
        f"\n{count} mutated mails read: none failed; median {median(times) * 1000:.1f} ms, 99 % under {times[int(0.99 * count)] * 1000:.0f} ms, slowest {times[-1]:.2f} s"
    )


if __name__ == "__main__":
    main()
