"""Which groups of an account's orders are compared: what they have in common, runs of days, sign-ins, changes of product pages."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from goodstanding.core.appeals.diagnosis.looks import Look, Question, question
from goodstanding.core.appeals.diagnosis.model import CauseKind, Item
from goodstanding.core.facts import ListingChange, SignIn
from goodstanding.core.health.known import Days
from goodstanding.core.policy.pack import Diagnosing

SIGN_IN = "sign_in_"
"""What a column of sign-ins is called as a dimension of orders: `sign_in_device_id`."""

LISTING_CHANGE = "listing_change"
SPAN_LENGTHS = (1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 30, 45, 60)
"""Lengths of the runs of days that are tried. Not all of them: neighbours say nearly the same, and every look costs."""

ONE_DAY = timedelta(days=1)


def mask_of(items: Sequence[Item], wanted: Callable[[Item], bool]) -> int:
    """The items that are wanted, as a bit mask."""
    return sum(1 << place for place, item in enumerate(items) if wanted(item))


def group_questions(items: Sequence[Item], dimensions: Iterable[str]) -> Iterator[Question]:
    """One question a dimension, over the metric's window."""
    window = mask_of(items, lambda item: item.in_window)
    for dimension in dimensions:
        masks: dict[str, int] = {}
        for place, item in enumerate(items):
            if dimension in item.values:
                masks[item.values[dimension]] = masks.get(item.values[dimension], 0) | 1 << place
        looks = [Look(CauseKind.GROUP, dimension, value, mask) for value, mask in sorted(masks.items())]
        yield question(window, looks)


def span_question(items: Sequence[Item], clock: str, reach: tuple[date, date], touches: date, rules: Diagnosing) -> Question:
    """All runs of days on one clock within `reach` that end on `touches` or later: what ended before the metric's window explains nothing in it."""
    first, last = reach
    count = (last - first).days + 1
    upto = [0] * (count + 1)  # upto[n]: the items of the first n days
    by_day = _masks_by_day(items, clock)
    for n in range(count):
        upto[n + 1] = upto[n] | by_day.get(first + n * ONE_DAY, 0)
    looks = []
    for length in (length for length in SPAN_LENGTHS if length <= min(rules.longest_span_days, count - 1)):
        for start in range(max(0, (touches - first).days - length + 1), count - length + 1):
            mask = upto[start + length] & ~upto[start]
            days = first + start * ONE_DAY, first + (start + length - 1) * ONE_DAY
            looks.append(Look(CauseKind.SPAN, clock, None, mask, *days))
    return question(upto[count], looks)


def sign_in_questions(items: Sequence[Item], clock: str, among: int, sign_ins: Mapping[str, Mapping[str, set[date]]]) -> Iterator[Question]:
    """One question a column of sign-ins: orders handled on days with a sign-in of a value, and since its first.

    `sign_ins`: column -> value -> the days of its sign-ins.
    """
    by_day = _masks_by_day(items, clock)
    for column, values in sign_ins.items():
        dimension, looks = SIGN_IN + column, []
        for value, days in sorted(values.items()):
            on_days = _join(by_day.get(day, 0) for day in days)
            since = _join(mask for day, mask in by_day.items() if day >= min(days))
            looks.append(Look(CauseKind.SIGN_IN, dimension, value, on_days, min(days), max(days)))
            looks.append(Look(CauseKind.SIGN_IN_SINCE, dimension, value, since, min(days), max(by_day, default=max(days))))
        yield question(among, looks)


def sign_in_days(
    sign_ins: Iterable[SignIn], extras: Mapping[str, Mapping[str, str]], columns: Iterable[str], days: Days
) -> dict[str, dict[str, set[date]]]:
    """Column -> value -> the days of its sign-ins, of those that succeeded."""
    found: dict[str, dict[str, set[date]]] = {column: {} for column in columns}
    for entry in sign_ins:
        if entry.succeeded is False or entry.caused_by is not None:
            continue
        more = extras.get(entry.sign_in_id, {})
        for column, values in found.items():
            value = more.get(column) or getattr(entry, column, None)
            if value:
                values.setdefault(str(value), set()).add(days.of(entry.at))
    return found


def change_question(items: Sequence[Item], among: int, changes: Iterable[ListingChange], days: Days) -> Question:
    """Orders of a product placed on the day its page was changed or later; those of the same product before have to be better."""
    of_product: dict[str, dict[date, int]] = {}
    for place, item in enumerate(items):
        if "product_id" in item.values and "placed_at" in item.days:
            by_day = of_product.setdefault(item.values["product_id"], {})
            by_day[item.days["placed_at"]] = by_day.get(item.days["placed_at"], 0) | 1 << place
    looks = []
    for change in sorted(changes, key=lambda change: (change.at, change.change_id)):
        day = days.of(change.at)
        by_day = of_product.get(change.product_id, {})
        since = {on: mask for on, mask in by_day.items() if on >= day}
        name = f"{change.product_id} {change.field}" if change.field else change.product_id
        if since and change.caused_by is None:
            looks.append(Look(CauseKind.LISTING_CHANGE, LISTING_CHANGE, name, _join(since.values()), day, max(since), _join(by_day.values())))
    return question(among, looks)


def _masks_by_day(items: Sequence[Item], clock: str) -> dict[date, int]:
    masks: dict[date, int] = {}
    for place, item in enumerate(items):
        if clock in item.days:
            masks[item.days[clock]] = masks.get(item.days[clock], 0) | 1 << place
    return masks


def _join(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole
