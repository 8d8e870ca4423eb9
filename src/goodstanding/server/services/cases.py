"""Cases as programs read them: in pages that a later change never shuffles, one by one, and with their letters."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Prefetch, Q

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import NotFound, UnusableInput
from goodstanding.server.store.models import Case, Notice, OutboxMessage

MOST_LISTED = 500
"""Cases on one page, at most."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list of cases: the moment of a case's last change, and its id where two changed at once."""

    changed_at: datetime
    case_id: str


def list_cases(
    *,
    account_id: str | None,
    state: CaseState | None,
    changed_since: datetime | None,
    after: Place | None,
    limit: int,
    among: Collection[str] | None = None,
) -> list[Case]:
    """Cases by their last change, the newest at the end, after a place. `changed_since` is aware; `among`: accounts beside which there are none, None: all.

    The place is found by the index, not by counting, so a late page costs what the first one does.
    """
    wanted: dict[str, Any] = {"account_id": account_id, "state": state, "changed_at__gte": in_utc(changed_since) if changed_since else None}
    found = Case.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    if among is not None:
        found = found.filter(account__in=among)
    if after is not None:
        found = found.filter(Q(changed_at__gt=after.changed_at) | Q(changed_at=after.changed_at, case_id__gt=after.case_id))
        found = found.filter(changed_at__gte=after.changed_at)  # said once more in the form that an index serves
    return list(found.select_related("action").order_by("changed_at", "case_id")[:limit])


def find_case(*, case_id: str, among: Collection[str] | None = None) -> Case:
    """One case with its action. `among`: accounts beside which there are none, None: all. Raises NotFound."""
    case = Case.objects.select_related("action").filter(pk=case_id).first()
    if case is None or (among is not None and case.account_id not in among):
        raise NotFound(f"there is no case {case_id}")
    return case


def list_notices(*, case_id: str, among: Collection[str] | None = None) -> list[Notice]:
    """The letters of a case, oldest first, each with its mail. Raises NotFound as `find_case`."""
    find_case(case_id=case_id, among=among)
    mails = Prefetch("outbox", OutboxMessage.objects.order_by("pk"))
    return list(Notice.objects.filter(case=case_id).defer("message").prefetch_related(mails).order_by("created_at", "notice_id"))


def in_utc(moment: datetime) -> datetime:
    """An aware moment in UTC, for databases know fewer offsets than ISO 8601 does. Raises UnusableInput for one beyond what a calendar holds."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise UnusableInput(f"{moment.isoformat()} is beyond the years 1 to 9999 in UTC") from error
