"""What a diagnosis is made of and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class CauseKind(StrEnum):
    """How the orders of a cause belong together."""

    GROUP = "group"
    """They share a value: a carrier, a warehouse, a product, a weekday."""
    SPAN = "span"
    """They fall into one run of days."""
    SIGN_IN = "sign_in"
    """They were handled on days on which somebody, or something, signed in."""
    SIGN_IN_SINCE = "sign_in_since"
    """They were handled since somebody, or something, first signed in."""
    LISTING_CHANGE = "listing_change"
    """They are of a product whose page was changed, and were placed since."""


class Confidence(StrEnum):
    """How sure a cause is; the pack says from where on (`Diagnosing`)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class HappeningKind(StrEnum):
    """What else a time line shows beside orders."""

    LISTING_CHANGES = "listing_changes"
    FIRST_SIGN_IN = "first_sign_in"
    COMPLAINTS = "complaints"
    ACTION = "action"
    BEHAVIOUR = "behaviour"


@dataclass(frozen=True, slots=True)
class Item:
    """One order (or message) that is compared. `days`: its day on each clock; `values`: what it may have in common with others."""

    id: str
    is_bad: bool
    in_window: bool
    days: Mapping[str, date]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PastAction:
    """Enforcement of the past, as another system recorded it."""

    action_id: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Background:
    """What facts say beyond the columns that rules know: extra columns by order id and by sign-in id, and actions of the past."""

    orders: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sign_ins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    actions: Sequence[PastAction] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """Something on the time line. `what` is a column or a kind, `value` its value; `explanation` that of behaviour out of line, as JSON."""

    day: date
    kind: HappeningKind
    what: str
    value: str
    count: int
    is_unusual: bool
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class TimelineDay:
    """One day on which something was ordered, went wrong or happened. `is_unusual`: more went wrong, or something happened, than chance explains."""

    day: date
    orders: int
    defects: int
    is_unusual: bool
    happenings: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """A root-cause candidate: orders that went wrong together more often than chance explains.

    `defects` of its `orders` went wrong, out of `of_defects` and `of_orders` that were compared: for things in common the metric's window, for
    days, sign-ins and changes the longer history. `p_value` counts every comparison made (`looks`). `first` and `last`: the days of the cause,
    or of its bad orders. `also`: what else picks out much the same orders, as dimension and value (of days: from – to); `near`: what else happened when it began.
    """

    kind: CauseKind
    dimension: str
    value: str | None
    first: date
    last: date
    defects: int
    orders: int
    of_defects: int
    of_orders: int
    p_value: float
    looks: int
    confidence: Confidence
    ids: tuple[str, ...]
    also: tuple[tuple[str, str | None], ...] = ()
    near: tuple[Happening, ...] = ()

    @property
    def share_of_defects(self) -> float:
        """The part of all that went wrong, 0 to 1."""
        return self.defects / self.of_defects

    @property
    def share_of_orders(self) -> float:
        """The part of all that was compared, 0 to 1."""
        return self.orders / self.of_orders

    @property
    def excess(self) -> float:
        """How many more went wrong than at the rate of the others."""
        others = self.of_orders - self.orders
        return self.defects - (self.orders * (self.of_defects - self.defects) / others if others else 0)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What explains one metric of one account at the end of a day.

    The surface cause is the metric itself: `numerator` of `denominator` (None: a count) over `first` to `last`, `bad` of which speak against the
    account. `causes` are ranked, the surest first, and empty where no single cause stands out among `looks` comparisons.
    """

    account_id: str
    as_of: date
    metric: str
    reason: str | None
    subject: str
    first: date
    last: date
    numerator: int
    denominator: int | None
    met: bool | None
    bad: int
    looks: int
    causes: tuple[Cause, ...]
    timeline: tuple[TimelineDay, ...]
