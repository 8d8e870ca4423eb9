"""The order in which cases wait for people: one number per case, set when something happens to it (requirement H1).

The number is a moment: the date the case's clock promises, less the head start in hours that harm, money held and an overdue answer give by
the pack. The earliest comes first. So a case never loses its place by waiting or by being asked after, one that has waited long enough comes
before any graver one that came later, and no clock has to go over the queue to sort it anew.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.policy.queueing import QueueOrder
from goodstanding.core.terms import Act, Approval, Role, Severity

HOUR = 3600
"""Seconds."""


class Lane(StrEnum):
    """Whom a waiting case waits for; a case that waits for nobody of the staff has none."""

    PROPOSAL = "proposal"
    SENIOR_PROPOSAL = "senior_proposal"
    APPEAL = "appeal"
    LAST_INSTANCE = "last_instance"
    SECOND = "second"
    HELD = "held"


PROPOSALS = (Lane.PROPOSAL, Lane.SENIOR_PROPOSAL)
APPEALS = (Lane.APPEAL, Lane.LAST_INSTANCE, Lane.SECOND, Lane.HELD)

_LANES = {
    CaseState.SUBMITTED: Lane.APPEAL,
    CaseState.IN_REVIEW: Lane.HELD,
    CaseState.ESCALATED: Lane.LAST_INSTANCE,
    CaseState.SECOND_REVIEW: Lane.SECOND,
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the place of a case depends on. `due`: the date its clock promises, else since when it is open.

    `held`: money that may not be withdrawn, currency -> amount in its smallest unit.
    """

    severity: Severity
    due: datetime
    forbidden: Collection[Act] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    is_overdue: bool = False


def lane_of(state: CaseState, approval: Approval, *, is_held: bool) -> Lane | None:
    """The lane of a case in a state; `approval`: who may approve its action; `is_held`: a reviewer has it."""
    if state == CaseState.PROPOSED:
        return Lane.SENIOR_PROPOSAL if approval == Approval.SENIOR else Lane.PROPOSAL
    if state == CaseState.ESCALATED and is_held:
        return Lane.HELD
    return _LANES.get(state)


def place_of(order: QueueOrder, weighed: Weighed) -> int:
    """The place of a case: seconds since 1970, the earliest first."""
    return int(weighed.due.timestamp()) - HOUR * head_start(order, weighed)


def head_start(order: QueueOrder, weighed: Weighed) -> int:
    """How many hours a case comes before one without any harm that is due at the same moment."""
    hours = order.severity.get(weighed.severity, 0) + sum(order.acts.get(act, 0) for act in set(weighed.forbidden))
    if weighed.held:
        hours += order.money_held
    if any(currency in order.large and amount >= order.large[currency] for currency, amount in weighed.held.items()):
        hours += order.money_large
    return hours + (order.overdue if weighed.is_overdue else 0)


def lanes_open_to(role: Role) -> tuple[Lane, ...]:
    """The lanes from which somebody in this role may take the next case, in no order: places go across them."""
    return {Role.SPECIALIST: (Lane.APPEAL,), Role.SENIOR_SPECIALIST: (Lane.APPEAL, Lane.LAST_INSTANCE)}.get(role, ())
