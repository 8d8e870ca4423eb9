"""The whole answer for one account: its status, and what its holder may do, why not, and where to act on it (requirement A2)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from goodstanding.core.enforcement.limits import Limit, active, forbidding
from goodstanding.core.terms import AccountStatus, Act, ActionKind, Band, ClosedBy

CLOSED_ACCOUNT_MAY = frozenset({Act.SIGN_IN, Act.SEE_ORDERS, Act.WITHDRAW, Act.APPEAL})
"""What the holder of a closed account may still do: closing is not erasing, and money and records stay theirs (A3, A4)."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether an account may do one act. `because` holds every limit in the way; `closed` is set where the account is closed."""

    act: Act
    allowed: bool
    because: tuple[Limit, ...] = ()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands at a moment. `closed_by`: whether reopening it would be a request (HOLDER) or an appeal (PLATFORM, also where both closed it)."""

    account_id: str
    status: AccountStatus
    rating: int | None
    band: Band | None
    permissions: Mapping[Act, Permission]
    closed_by: ClosedBy | None = None


def may(act: Act, limits: Collection[Limit], *, closed: bool, now: datetime) -> Permission:
    """Whether the account may do an act: exactly what no active limit forbids. An appeal is never forbidden."""
    if act == Act.APPEAL:
        return Permission(act, allowed=True)
    in_the_way = forbidding(act, limits, now)
    shut = closed and act not in CLOSED_ACCOUNT_MAY
    return Permission(act, allowed=not in_the_way and not shut, because=in_the_way, closed=shut)


def stand(
    account_id: str,
    *,
    limits: Collection[Limit],
    actions_in_force: Collection[ActionKind],
    closed: bool,
    rating: int | None,
    band: Band | None,
    has_open_violations: bool,
    now: datetime,
) -> Standing:
    """Derive the standing from what is in force; nothing of it is stored."""
    if closed or ActionKind.CLOSE in actions_in_force:
        status = AccountStatus.CLOSED
    elif ActionKind.DEACTIVATE in actions_in_force:
        status = AccountStatus.DEACTIVATED
    elif active(limits, now):
        status = AccountStatus.RESTRICTED
    elif has_open_violations or band in (Band.AT_RISK, Band.UNHEALTHY):
        status = AccountStatus.AT_RISK
    else:
        status = AccountStatus.NORMAL
    closed_by = ClosedBy.PLATFORM if ActionKind.CLOSE in actions_in_force else ClosedBy.HOLDER if closed else None
    return Standing(account_id, status, rating, band, {act: may(act, limits, closed=closed, now=now) for act in Act}, closed_by)
