"""Periods and days in a text: deadlines, ages of documents, how long money is held."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from goodstanding.core.appeals.reading.matching import Span, is_within, spans
from goodstanding.core.appeals.reading.normal import Normal
from goodstanding.core.appeals.reading.notice_read import Due
from goodstanding.core.appeals.reading.patterns import Pattern
from goodstanding.core.appeals.reading.words import Tongue

_NUMBER = re.compile(r"\d{1,4}")
LONGEST_DEADLINE_HOURS = 24 * 400
"""A longer period is no deadline of a notice."""


def hours_of(said: str, tongue: Tongue) -> int | None:
    """The hours of the period within a matched passage; None where its number or unit is not understood."""
    number = _number(said, tongue)
    unit = next((hours for unit, hours in sorted(tongue.units.items(), key=lambda item: -len(item[0])) if _has_unit(said, unit)), None)
    return None if number is None or unit is None else number * unit


def _has_unit(said: str, unit: str) -> bool:
    return re.search(rf"{re.escape(unit)}", said) is not None


def _number(said: str, tongue: Tongue) -> int | None:
    digits = _NUMBER.search(said)
    if digits:
        return int(digits[0])
    named = [(said.index(word), -len(word), value) for word, value in tongue.numbers.items() if word in said]
    return min(named)[2] if named else None


def period_of(text: Normal, start: int, end: int, tongue: Tongue) -> int | None:
    """The hours of the period within a range."""
    found = tongue.time.search(text.text, start, end)
    return hours_of(found[0], tongue) if found else None


def days_of(text: Normal, patterns: Iterable[Pattern], tongue: Tongue) -> list[tuple[int, int]]:
    """Place and days of every period that these expressions name."""
    found = [(start, period_of(text, start, end, tongue)) for start, end in spans(text, patterns)]
    return [(place, hours // 24) for place, hours in sorted(found, key=lambda item: item[0]) if hours]


def day_of(said: str, tongue: Tongue) -> date | None:
    """The calendar day of a matched passage; None where month and day cannot be told apart or there is no such day."""
    numbers = [int(number) for number in re.findall(r"\d+", said)]
    month = next((value for name, value in tongue.months.items() if re.search(rf"(?<![a-z]){re.escape(name)}", said)), None)
    years = [number for number in numbers if number >= 1900]
    others = [number for number in numbers if number < 1900]
    if len(years) != 1:
        return None
    if month is not None and len(others) == 1:
        return _date(years[0], month, others[0])
    if month is None and len(others) == 2:
        if numbers[0] == years[0]:
            return _date(years[0], others[0], others[1])
        first, second = others
        if first == second or second > 12:
            return _date(years[0], first, second)
        return _date(years[0], second, first) if first > 12 else None
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _first_free(shape: re.Pattern[str], text: Normal, within: Span, others: Sequence[Span]) -> str | None:
    """The first period (or day) of an expression that is not the age of a document, a hold, or what else is no deadline."""
    found = shape.finditer(text.text, *within)
    return next((match[0] for match in found if not is_within(match.start(), others)), None)


def deadlines_in(text: Normal, tongue: Tongue) -> tuple[list[Due], list[str]]:
    """Every deadline, and the passages of days that could be read in two ways."""
    others = spans(text, (*tongue.not_deadlines, *tongue.windows, *tongue.funds))
    found: dict[tuple[int | None, date | None], Due] = {}
    unclear: list[str] = []
    for what, phrases in tongue.deadlines.items():
        taken_away = spans(text, phrases.unless)
        for start, end in sorted(spans(text, phrases.says)):
            period, said = (_first_free(shape, text, (start, end), (*others, *taken_away)) for shape in (tongue.time, tongue.day))
            hours = hours_of(period, tongue) if period else None
            on = day_of(said, tongue) if said else None
            if said and on is None:
                unclear.append(text.passage(start, end))
            elif on is not None or (hours and hours <= LONGEST_DEADLINE_HOURS):
                key = (None, on) if on is not None else (hours, None)
                found.setdefault(key, Due(what, text.passage(start, end), key[0], key[1]))
    return list(found.values()), unclear
