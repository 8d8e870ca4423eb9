"""The lock that orders everything that is done to one account."""

from goodstanding.server.store.models import Account


def lock_account(*, account_id: str) -> Account:
    """The account, locked until the transaction ends.

    Taken after the case's lock and before violations, limits and ratings are touched: so two reviewers who act on two cases of one
    account do not wait for each other in a ring, and the letter of each tells the limits that really remain.
    """
    return Account.objects.select_for_update(of=("self",), no_key=True).get(pk=account_id)
