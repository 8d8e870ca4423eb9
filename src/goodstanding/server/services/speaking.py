"""Programs that speak for holders: which accounts a key may know of, and who acts when it acts on behalf of one (requirement A2).

The marketplace has signed its holder in; its program names the account with every request. Everything is then done as that holder, by the
very services of the portal, and the ledger names both. A key does nothing in its own name but send facts.
"""

from goodstanding.core.errors import NotFound
from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.store.models import Account, ApiKey

HOLDER = "holder:"
"""How the ledger names a holder who is no user here: this and the account."""

BY_KEY = "/key:"
"""What comes between a holder and the number of the key that speaks. No account that the API knows has a slash in its id."""

LONGEST_ACTOR = 100
"""Characters of an actor's id."""


def knows(key: ApiKey, account_id: str) -> bool:
    """Whether an account is there at all for a key."""
    return key.accounts is None or account_id in key.accounts


def check_knows(key: ApiKey, account_id: str, what: str) -> None:
    """Raise NotFound for an account the key is not bound to, in the words (`what`) in which something that is not there is told."""
    if not knows(key, account_id):
        raise NotFound(f"there is no {what}")


def holder_by(*, key: ApiKey, account_id: str) -> tuple[Account, Actor]:
    """The account and its holder, for whom the key speaks. Raises NotFound where there is no such account, or none for this key."""
    account = Account.objects.filter(pk=account_id).first() if knows(key, account_id) else None
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    return account, Actor(actor_id(account_id, key.pk), Role.HOLDER, frozenset({account_id}))


def actor_id(account_id: str, key_id: int) -> str:
    """How the ledger names a holder for whom a program speaks: `holder:S-1001/key:7`."""
    by = f"{BY_KEY}{key_id}"
    return f"{HOLDER}{account_id}"[: LONGEST_ACTOR - len(by)] + by


def key_of(actor: str) -> int | None:
    """The key by which something was done for a holder; None where it was done without one."""
    who, by, number = actor.partition(BY_KEY)
    return int(number) if by and who.startswith(HOLDER) and number.isdecimal() else None
