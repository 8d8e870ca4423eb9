"""Who acts for which account, and what they may do there: read where a page is asked for, and again, locked, where something is done (A1, K5)."""

from datetime import datetime

from django.db.models import Q, QuerySet

from goodstanding.core.errors import NotFound, NotPermitted
from goodstanding.core.terms import Right, Role
from goodstanding.core.values import Actor
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import Delegate, Delegation

PREFIX = "delegate:"
"""How the ledger names a delegate: this and the delegate's id."""


WRITERS = frozenset({Right.DRAFT, Right.APPEAL, Right.ANSWER, Right.SOLVE})
"""Who has one of these writes for the account, and so sees and saves what is typed and not sent."""


def in_force(now: datetime) -> QuerySet[Delegation]:
    """Delegations that hold now: accepted, not ended, and not past their end, also where the clock has not come round to it yet."""
    return Delegation.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), accepted_at__isnull=False, ended_at=None)


def actor_of(*, delegate: Delegate, now: datetime) -> Actor:
    """A delegate as an actor, with the accounts and rights of now."""
    rights = {one.account_id: rights_of(one) for one in in_force(now).filter(delegate=delegate)}
    return Actor(f"{PREFIX}{delegate.pk}", Role.DELEGATE, frozenset(rights), rights)


def rights_of(delegation: Delegation) -> frozenset[Right]:
    """The rights of a delegation."""
    return frozenset(Right(one) for one in delegation.rights)


def check_delegated(*, call: Call, account_id: str) -> None:
    """Inside a transaction: what a delegate's page was opened with still holds, and holds until the transaction ends. Raises NotFound.

    Withdrawing takes the same lock: so nothing is done by a delegation after it was withdrawn, whichever request came first.
    """
    if call.actor.role != Role.DELEGATE:
        return
    mine = in_force(call.now).filter(delegate=call.actor.id.removeprefix(PREFIX), account=account_id)
    held = mine.select_for_update(of=("self",), no_key=True).first()
    if held is None or not call.actor.rights_in(account_id) <= rights_of(held):
        raise NotFound(f"you do not act for account {account_id} (any more), or may do less than before; load the page again")


def check_right(actor: Actor, account_id: str, right: Right) -> None:
    """Raise NotPermitted for a delegate without the right; everybody else is asked elsewhere."""
    if actor.role == Role.DELEGATE and right not in actor.rights_in(account_id):
        raise NotPermitted(f"'{right}' for account {account_id}", [Role.HOLDER])


def check_holder(actor: Actor, account_id: str) -> None:
    """Raise NotFound where the account is not the actor's to know of, NotPermitted for who acts for it without being its holder."""
    if not actor.reaches(account_id):
        raise NotFound(f"there is no account {account_id}")
    if actor.role == Role.DELEGATE:
        raise NotPermitted("this, for an account that is somebody else's", [Role.HOLDER])
