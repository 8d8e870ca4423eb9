"""Notices of our own, labelled as the collection beside the checkout is, in rounds: how a text was first read is told in benchmarks/RESULTS.md.

A file of a round holds texts, each under a line of its own::

    == id language | reason codes | stage | asks | days=14 channel=reply funds=90

`days`, `hours` and `on` are its deadline; what a text does not say is left out.
"""

import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "core" / "appeals" / "reading" / "retold"
_SPLIT = re.compile(r"^== ", re.M)
_NUMBERS = {"days": "deadline_days", "hours": "deadline_hours", "funds": "funds_days"}


def rounds() -> list[str]:
    """The rounds, in the order in which they were written."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def retold(name: str = "") -> list[dict[str, Any]]:
    """The texts of one round, or of all."""
    return [_row(part) for one in ([name] if name else rounds()) for part in _SPLIT.split((FOLDER / f"{one}.txt").read_text("utf-8"))[1:]]


def _row(part: str) -> dict[str, Any]:
    head, _, text = part.partition("\n")
    name, codes, stage, asks, rest = (piece.split() for piece in head.split("|"))
    said = dict(piece.split("=") for piece in rest)
    row = {"id": name[0], "lang": name[1], "reason_codes": codes, "stage": stage[0], "asks": asks, "text": text.strip()}
    row |= {_NUMBERS[key]: int(value) for key, value in said.items() if key in _NUMBERS}
    return row | {key: value for key, value in (("deadline_on", said.get("on")), ("appeal_channel", said.get("channel"))) if value}
