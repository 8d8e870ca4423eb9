"""Keeping what lies behind the metrics of accounts that miss a target, and reading it again (requirement A5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from goodstanding.core.errors import NotFound
from goodstanding.core.values import Actor
from goodstanding.server.services.assessments import BLOCK
from goodstanding.server.services.reading import READERS
from goodstanding.server.store.models import Account, MetricItems


@dataclass(frozen=True, slots=True)
class Behind:
    """The items behind one metric of one account: how many, and the newest of them with their facts."""

    count: int
    items: tuple[Mapping[str, object], ...]


def record_metric_items(*, as_of: date, behind: Mapping[tuple[str, str], Behind]) -> int:
    """Replace what lies behind all metrics by what a nightly run found, by (account, metric); gives how many lists there are.

    Doing it again changes nothing. Accounts that are not known are left out.
    """
    known = set(Account.objects.filter(pk__in={account for account, _ in behind}).values_list("pk", flat=True))
    rows = [
        MetricItems(account_id=account, metric=metric, as_of=as_of, count=one.count, items=list(one.items))
        for (account, metric), one in sorted(behind.items())
        if account in known
    ]
    with transaction.atomic():
        MetricItems.objects.all().delete()
        MetricItems.objects.bulk_create(rows, batch_size=BLOCK)
    return len(rows)


def items_behind(*, actor: Actor, account_id: str, metric: str) -> MetricItems:
    """What lies behind a metric, for its holder, delegates and for staff who read cases. Raises NotFound where nothing is kept or nobody may know of it."""
    if not actor.reaches(account_id) or (not actor.is_outside and actor.role not in READERS):
        raise NotFound(f"there is no account {account_id}")
    found = MetricItems.objects.filter(account=account_id, metric=metric).first()
    if found is None:
        raise NotFound(f"nothing is kept behind {metric} of account {account_id}")
    return found
