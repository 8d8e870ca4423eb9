"""What an account may not do: limits as a set, each with owner and cause; lifting one never lifts another (requirement A7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from goodstanding.core.errors import NotPermitted
from goodstanding.core.terms import Act, OwnerKind

RANK = {kind: rank for rank, kind in enumerate(OwnerKind)}
"""Who outranks whom: automation < policy < person."""


@dataclass(frozen=True, slots=True)
class HeldMoney:
    """Money that may not be withdrawn: an amount in the currency's smallest unit, and why. It is free again when its limit ends."""

    amount: int
    currency: str
    because: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One act an account may not do, because of one action, from `since` until `ends_at` (None: until lifted)."""

    id: str
    act: Act
    action_id: str
    owner_kind: OwnerKind
    owner: str
    since: datetime
    ends_at: datetime | None = None
    lifted_at: datetime | None = None
    held: "HeldMoney | None" = None

    def is_active(self, now: datetime) -> bool:
        """Whether the limit forbids its act at a moment."""
        return self.since <= now and self.lifted_at is None and (self.ends_at is None or now < self.ends_at)


def active(limits: Iterable[Limit], now: datetime) -> tuple[Limit, ...]:
    """The limits that forbid something now, oldest first."""
    return tuple(sorted((limit for limit in limits if limit.is_active(now)), key=lambda limit: (limit.since, limit.id)))


def forbidding(act: Act, limits: Iterable[Limit], now: datetime) -> tuple[Limit, ...]:
    """Every active limit that forbids an act. The account may do it exactly when there is none."""
    return tuple(limit for limit in active(limits, now) if limit.act == act)


def check_may_lift(limit: Limit, lifter: OwnerKind) -> None:
    """Raise NotPermitted where the lifter ranks below the limit's owner: automation never lifts what a person set."""
    if RANK[lifter] < RANK[limit.owner_kind]:
        raise NotPermitted(
            f"lifting the limit on '{limit.act}' that a {limit.owner_kind} set", [kind for kind in OwnerKind if RANK[kind] >= RANK[limit.owner_kind]]
        )


def check_may_shorten(limit: Limit, ends_at: datetime | None, by: OwnerKind) -> None:
    """Raise NotPermitted where somebody of lower rank would let a limit end sooner than its owner said. Longer is nobody's harm to the owner."""
    if ends_at is not None and (limit.ends_at is None or ends_at < limit.ends_at):
        check_may_lift(limit, by)
