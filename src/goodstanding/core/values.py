"""Small exact values that every rule uses: windows of days, rates, targets, spans of time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from goodstanding.core.terms import Right, Role

OPERATORS = ("<=", ">=", "<", ">", "=")
_TARGET = re.compile(r"^\s*(<=|>=|<|>|=)\s*(\d+(?:\.\d+)?)\s*(%?)\s*$")


def day_of(moment: datetime, zone: ZoneInfo | None = None) -> date:
    """The calendar day of a UTC moment, in `zone` where the pack names one for the marketplace."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(zone or UTC).date()


@dataclass(frozen=True, slots=True)
class Window:
    """`days` days ending `lag` days before the as-of day, both ends in (`facts.md` section 2)."""

    days: int
    lag: int = 0

    def bounds(self, as_of: date) -> tuple[date, date]:
        """First and last day of the window as of a day."""
        last = as_of - timedelta(days=self.lag)
        return last - timedelta(days=self.days - 1), last

    def holds(self, day: date, as_of: date) -> bool:
        """Whether something dated `day` lies in the window as of a day."""
        first, last = self.bounds(as_of)
        return first <= day <= last


@dataclass(frozen=True, slots=True)
class Rate:
    """A numerator over a denominator. A count has no denominator (None); a rate over 0 is not applicable."""

    numerator: int
    denominator: int | None

    @property
    def is_applicable(self) -> bool:
        """False where there is nothing to divide by: such a rate is never 0 % or 100 %."""
        return self.denominator is None or self.denominator > 0

    def percent(self, digits: int = 2) -> str:
        """The rate as text for people; rules never use it."""
        if self.denominator is None:
            return str(self.numerator)
        if not self.denominator:
            return "-"
        return f"{Decimal(self.numerator * 100) / Decimal(self.denominator):.{digits}f} %"


@dataclass(frozen=True, slots=True)
class Target:
    """What a metric has to be, e.g. `< 4 %`, `>= 90 %`, `= 0`; compared in integers, never in floats."""

    operator: str
    value: Fraction
    text: str

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Read `< 4 %` (of a rate) or `= 0` (of a count). Raises ValueError with what is allowed."""
        found = _TARGET.match(text)
        if not found:
            raise ValueError(f"'{text}' is no target; write one of {' '.join(OPERATORS)}, a number and perhaps %, like '< 4 %'")
        operator, number, percent = found.groups()
        value = Fraction(number) / (100 if percent else 1)
        return cls(operator, value, f"{operator} {number}{' %' if percent else ''}")

    @property
    def higher_is_better(self) -> bool:
        """True for targets that a growing numerator helps to meet."""
        return self.operator in (">", ">=")

    def met(self, rate: Rate) -> bool | None:
        """Whether the rate meets the target; None where it is not applicable."""
        if not rate.is_applicable:
            return None
        whole = 1 if rate.denominator is None else rate.denominator
        left, right = rate.numerator * self.value.denominator, self.value.numerator * whole
        match self.operator:
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case ">=":
                return left >= right
            case _:
                return left == right


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as policy and law write it: exactly one of hours, days, calendar months."""

    hours: int = 0
    days: int = 0
    months: int = 0

    def after(self, start: datetime) -> datetime:
        """The moment this span ends; months are calendar months, the day clipped to the month's last (as in law)."""
        if self.months:
            month = start.month - 1 + self.months
            year, month = start.year + month // 12, month % 12 + 1
            first_of_next = date(year + month // 12, month % 12 + 1, 1)
            last_day = (first_of_next - timedelta(days=1)).day
            start = start.replace(year=year, month=month, day=min(start.day, last_day))
        return start + timedelta(days=self.days, hours=self.hours)

    def first_day(self, last: date) -> date:
        """The first day of the span of whole days that ends with `last`, e.g. 23 May for six months that end on 22 November."""
        year, month = divmod(last.year * 12 + last.month - 1 - self.months, 12)
        day = min(last.day, (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day) if self.months else last.day
        start = date(year, month + 1, day) if self.months else last - timedelta(days=self.days + self.hours // 24)
        return start + timedelta(days=1)

    def __str__(self) -> str:
        for name in ("hours", "days", "months"):
            if amount := getattr(self, name):
                return f"{amount} {name if amount != 1 else name[:-1]}"
        return "0 days"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an id that the ledger may show, and the role it is done in.

    `accounts` are the accounts a holder or a delegate may act for, `rights` what a delegate may do for each; staff and the system itself
    have none and need none.
    """

    id: str
    role: Role
    accounts: frozenset[str] = frozenset()
    rights: Mapping[str, frozenset[Right]] = field(default_factory=dict, hash=False)

    @property
    def is_outside(self) -> bool:
        """Whether this is nobody of the house: somebody to whom only certain accounts exist."""
        return self.role in OUTSIDE

    def reaches(self, account_id: str) -> bool:
        """Whether anything of an account may be known to the actor; what else the role forbids is asked elsewhere."""
        return not self.is_outside or account_id in self.accounts

    def rights_in(self, account_id: str) -> frozenset[Right]:
        """What the actor may do for an account: a holder everything, a delegate what was granted, nobody else anything."""
        if account_id not in self.accounts:
            return frozenset()
        return frozenset(Right) if self.role == Role.HOLDER else self.rights.get(account_id, frozenset())


OUTSIDE = frozenset({Role.HOLDER, Role.DELEGATE})
"""Those who act for accounts, and to whom no other account exists."""

AUTOMATION = Actor("goodstanding", Role.AUTOMATION)
"""The system itself, acting by the policy pack or by a clock."""
