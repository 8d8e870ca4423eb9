"""What a settlement does to violations: they count no more from its day on, unless what it rests on is broken (requirement J3).

A person who settles says that the holder has put it right, or will; a rating that stays down until the facts have run out of their window would
say the opposite. The facts stay as they are, and go on being read: see docs/decisions.
"""

from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import DecisionOutcome
from goodstanding.core.values import day_of
from goodstanding.server.services.accounts import lock_account
from goodstanding.server.services.call import Call
from goodstanding.server.services.ratings import refresh_rating
from goodstanding.server.store.models import Case, Violation


def settle_violations(*, call: Call, pack: PolicyPack, case: Case) -> list[str]:
    """Close the open violations of a locked case on today's day, with the points given back; gives their ids."""
    lock_account(account_id=case.account_id)
    today = day_of(call.now, pack.zone(case.account.marketplace))
    still_open = case.action.violations.filter(closed=None).exclude(decided=DecisionOutcome.OVERTURNED).order_by("violation_id")
    ids = list(still_open.values_list("violation_id", flat=True))
    Violation.objects.filter(pk__in=ids).update(closed=today, settled_on=today)
    if ids:
        refresh_rating(call=call, pack=pack, account_id=case.account_id)
    return ids


def unsettle_violations(*, call: Call, pack: PolicyPack, case: Case) -> list[str]:
    """Let the violations of a locked case count again, because what the settlement rested on was not kept; gives their ids.

    Where the facts closed one since, the next night says so.
    """
    lock_account(account_id=case.account_id)
    ids = list(case.action.violations.exclude(settled_on=None).order_by("violation_id").values_list("violation_id", flat=True))
    Violation.objects.filter(pk__in=ids).update(closed=None, settled_on=None)
    if ids:
        refresh_rating(call=call, pack=pack, account_id=case.account_id)
    return ids
