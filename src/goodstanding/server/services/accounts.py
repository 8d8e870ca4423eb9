"""The lock that orders everything that is done to one account."""

from collections.abc import Collection

from django.db import connection
from django.db.models.functions import Collate

from goodstanding.server.store.models import Account


def lock_account(*, account_id: str) -> Account:
    """The account, locked until the transaction ends.

    Taken after the case's lock and before violations, limits and ratings are touched: so two reviewers who act on two cases of one
    account do not wait for each other in a ring, and the letter of each tells the limits that really remain.
    """
    return Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account_id)


def lock_accounts(*, account_ids: Collection[str]) -> list[Account]:
    """Many accounts, locked in the order of their ids as Python sorts them: whoever locks several does it in that order."""
    plain = {"postgresql": "C", "sqlite": "BINARY"}[connection.vendor]
    accounts = Account.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=account_ids)
    return list(accounts.order_by(Collate("account_id", plain)))
