"""Daily counts on disk: planes cut into spans of sixteen days, so that one more day writes anew only what it touches.

A span that changes is written beside the old one under the number of its batch; which of them count the manifest says. Rows are the rows that
accounts were given when they were first counted: later accounts come after them, so that earlier spans stay as they are.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goodstanding.engines.daily import Counts, Daily

SPAN = 16
"""Days of a span; its number is the day since 1970-01-01 of its first day, divided by this."""
PLANES = ("placed", "placed_by_merchant", "shipped", "shipped_by_merchant", "due", "bought")
_NARROW = np.iinfo(np.uint16)
Versions = Mapping[int, int]
"""Span -> the batch under whose number it was last written."""
Rows = NDArray[np.int64]


class KeptCounts:
    """The counts of a folder, as of some versions of its spans. `base` and `days`: the days there is room for; rows beyond a span are 0."""

    def __init__(self, folder: Path, versions: Versions, base: int, days: int, few: Iterable[str], sellers: int, buyers: int) -> None:
        self.folder, self.versions, self.base, self.days = folder, dict(versions), base, days
        self.few, self.sellers, self.buyers = tuple(few), sellers, buyers
        self._open: dict[tuple[str, int], NDArray[np.integer]] = {}

    @property
    def first_day(self) -> int | None:
        """The first day that may hold anything; None: nothing is kept."""
        return min(self.versions) * SPAN if self.versions else None

    def counts(self, name: str, rows: slice | Rows, first: int, stop: int) -> Counts:
        """The counts of one name on [first, stop) (days since 1970-01-01), as accounts x days."""
        many = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        found = np.zeros((many, stop - first), np.int32)
        for span in range(first // SPAN, -(-stop // SPAN)):
            if span in self.versions:
                start, end = max(first, span * SPAN), min(stop, (span + 1) * SPAN)
                part = self._few(name, span, rows, many) if name in self.few else self._plane(name, span, rows, many)
                found[:, start - first : end - first] = part[start - span * SPAN : end - span * SPAN].T
        return found

    def window(self, name: str, first: int, stop: int) -> Counts:
        """The sums of one name over [first, stop), of all its rows."""
        total = np.zeros(self.buyers if name == "bought" else self.sellers, np.int32)
        for span in range(first // SPAN, -(-stop // SPAN)):
            if span in self.versions:
                start, end = max(first, span * SPAN) - span * SPAN, min(stop, (span + 1) * SPAN) - span * SPAN
                if name in self.few:
                    row, day = np.divmod(self._load(name, span), SPAN)
                    np.add.at(total, row[(day >= start) & (day < end)], 1)
                else:
                    plane = self._load(name, span)
                    for counts in plane[start:end]:
                        total[: plane.shape[1]] += counts
        return total

    def changed(self, batch: int, more: Daily, less: Daily | None) -> dict[int, int]:
        """Write anew every span that `more` adds to or `less` takes from, under the number of a batch; returns the versions that count with it."""
        versions = dict(self.versions)
        for span in sorted({span for daily in (more, less) if daily for span in _spans(daily)}):
            signed = [(sign, daily) for sign, daily in ((1, more), (-1, less)) if daily]
            for name in PLANES:
                plane = np.zeros((SPAN, self.buyers if name == "bought" else self.sellers), np.int32)
                if span in versions:
                    stored = self._load(name, span)
                    plane[:, : stored.shape[1]] = stored
                for sign, daily in signed:
                    _add_days(plane, daily, name, span, sign)
                narrow = plane.min(initial=0) >= 0 and plane.max(initial=0) <= _NARROW.max
                self._write(name, span, batch, plane.astype(np.uint16) if narrow else plane)
            for name in self.few:
                cells = self._load(name, span) if span in versions else np.zeros(0, np.int64)
                for sign, daily in signed:
                    cells = _with_cells(cells, daily.few[name].cells, daily, span, sign)
                self._write(name, span, batch, cells)
            versions[span] = batch
        return versions

    def _plane(self, name: str, span: int, rows: slice | Rows, many: int) -> NDArray[np.integer]:
        plane = self._load(name, span)
        if isinstance(rows, slice) and rows.stop <= plane.shape[1]:
            return plane[:, rows]
        chosen = np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
        there = chosen < plane.shape[1]
        part = np.zeros((SPAN, many), plane.dtype)
        part[:, there] = plane[:, chosen[there]]
        return part

    def _few(self, name: str, span: int, rows: slice | Rows, many: int) -> NDArray[np.integer]:
        cells = self._load(name, span)
        if isinstance(rows, slice):
            cut = slice(*np.searchsorted(cells, [rows.start * SPAN, rows.stop * SPAN]))
            counted = np.bincount(cells[cut] - rows.start * SPAN, minlength=many * SPAN)
        else:
            places = np.full(max(self.sellers, 1), -1)
            places[rows] = np.arange(many)
            row, day = np.divmod(cells, SPAN)
            here = places[row] >= 0
            counted = np.bincount(places[row[here]] * SPAN + day[here], minlength=many * SPAN)
        return counted.reshape(many, SPAN).T

    def _load(self, name: str, span: int) -> NDArray[np.integer]:
        key = name, span
        if key not in self._open:
            self._open[key] = np.load(self._path(name, span, self.versions[span]), mmap_mode="r")
        return self._open[key]

    def _path(self, name: str, span: int, batch: int) -> Path:
        return self.folder / f"{span:06}-{batch:06}-{name}.npy"

    def _write(self, name: str, span: int, batch: int, values: NDArray[np.integer]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        np.save(self._path(name, span, batch), values)


def remove_others(folder: Path, versions: Versions) -> None:
    """Remove what does not count: spans of interrupted runs, and those that newer ones have replaced."""
    for path in folder.glob("*.npy"):
        span, batch, _ = path.stem.split("-", 2)
        if versions.get(int(span)) != int(batch):
            path.unlink()


def _spans(daily: Daily) -> set[int]:
    """The spans in which something is counted."""
    used = range(daily.first_used, daily.last_used + 1)
    planes: list[NDArray[np.integer]] = [daily.placed, daily.shipped, daily.due, daily.bought]
    return {(daily.base + day) // SPAN for day in used if any(plane[day].any() for plane in planes)}


def _add_days(plane: NDArray[np.int32], daily: Daily, name: str, span: int, sign: int) -> None:
    first = span * SPAN - daily.base
    for day in range(max(first, daily.first_used, 0), min(first + SPAN, daily.last_used + 1)):
        counts = daily.of_day(name, day)
        plane[day - first, : len(counts)] += counts if sign > 0 else -counts


def _with_cells(cells: NDArray[np.integer], others: Rows, daily: Daily, span: int, sign: int) -> Rows:
    row, day = np.divmod(others, daily.days)
    day += daily.base - span * SPAN
    here = (day >= 0) & (day < SPAN)
    own = np.sort(row[here] * SPAN + day[here])
    return np.sort(np.concatenate([cells, own])) if sign > 0 else without(np.asarray(cells, np.int64), own)


def without(cells: Rows, gone: Rows) -> Rows:
    """Sorted cells less as many of each as there are in `gone`."""
    values, many = np.unique(gone, return_counts=True)
    place_of_each = np.arange(len(gone)) - np.repeat(np.cumsum(many) - many, many)
    return np.delete(cells, np.repeat(np.searchsorted(cells, values), many) + place_of_each)
