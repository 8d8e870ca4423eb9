"""Preventive measures as dated commitments, followed against the facts while a case is monitored (requirement I2)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from goodstanding.core.policy.pack import Metric
from goodstanding.core.terms import CommitmentState


@dataclass(frozen=True, slots=True)
class Commitment:
    """One measure. From `due` on, `metric` has to be within its target; `metric` empty: somebody says when it is done (`done_on`)."""

    id: str
    measure: str
    made_on: date
    due: date
    metric: str = ""
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What the newest assessment counted of one metric."""

    as_of: date
    numerator: int
    denominator: int | None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A violation opened while the case is monitored."""

    violation_id: str
    reason: str
    opened: date


@dataclass(frozen=True, slots=True)
class Followed:
    """How one commitment stands on a day. `counted`: what its metric counted, None where it follows none or nothing is known."""

    commitment: Commitment
    state: CommitmentState
    counted: Counted | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """Why a monitored case is re-opened: commitments that the facts show broken, and violations that happened again."""

    broken: tuple[Followed, ...]
    again: tuple[Recurrence, ...]


def follow_commitment(commitment: Commitment, metrics: Mapping[str, Metric], counts: Mapping[str, Counted], as_of: date) -> Followed:
    """How a commitment stands. One without a metric that is past its day is overdue, never broken: that is for a person to say.

    A metric is held to its target from the due day on only, and only by counts of that day or later.
    """
    metric = metrics.get(commitment.metric)
    if metric is None:
        if commitment.done_on is not None:
            return Followed(commitment, CommitmentState.KEPT)
        return Followed(commitment, CommitmentState.OPEN if as_of <= commitment.due else CommitmentState.OVERDUE)
    counted = counts.get(commitment.metric)
    if counted is None or counted.as_of < commitment.due:
        return Followed(commitment, CommitmentState.OPEN, counted)
    is_breach = metric.is_breach(counted.numerator, counted.denominator)
    return Followed(commitment, CommitmentState.BROKEN if is_breach else CommitmentState.KEPT, counted)


def find_breach(followed: Collection[Followed], violations: Collection[Recurrence], reasons: Collection[str], monitored_since: date) -> Breach | None:
    """What re-opens a monitored case: a broken commitment, or the same reason violated anew after monitoring began. None: all is well."""
    broken = tuple(one for one in followed if one.state is CommitmentState.BROKEN)
    again = tuple(one for one in violations if one.reason in reasons and one.opened > monitored_since)
    return Breach(broken, again) if broken or again else None
