"""Statements of reasons for the EU's DSA Transparency Database: of every action that took effect, once, and none that could not be put right there (C4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from goodstanding.core.enforcement.database_form import in_database_form, losses, names_found, refusals
from goodstanding.core.errors import NotPermitted, UnusableInput
from goodstanding.core.terms import NoticeKind, Role
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import Notice

MAY_EXPORT = frozenset({Role.POLICY_MANAGER, Role.AUDITOR})
"""Who may take statements out for the database."""

_SHORTEST_ID = 5
"""Characters from which an item's id is looked for; a shorter one is also a count."""


@dataclass(frozen=True, slots=True)
class StatementsToTell:
    """`statements` in the database's form, by the moment their actions took effect; `not_reportable`: how many restrict nothing, or nobody in the EEA.

    `held_back`: for each statement that the database would refuse or spoil, a line with its action, the field and what is wrong.
    """

    statements: tuple[dict[str, object], ...]
    not_reportable: int
    held_back: tuple[str, ...]


def statements_to_tell(*, call: Call, since: date, until: date) -> StatementsToTell:
    """The statements of all actions that took effect on the days `since` to `until` (UTC), each under its action's id, so that telling twice is noticed there.

    An action announced or proposed is not told: what the database has taken cannot be withdrawn. Raises NotPermitted, UnusableInput.
    """
    if call.actor.role not in MAY_EXPORT:
        raise NotPermitted("taking statements out for the EU's database", sorted(MAY_EXPORT))
    if until < since:
        raise UnusableInput(f"the last day {until} is before the first day {since}; give the earlier one first")
    statements, held_back, not_reportable = [], [], 0
    for notice, action_id in _last_of_each(since, until):
        payload = in_database_form(notice.statement, puid=action_id) if notice.statement else None
        if notice.statement is None:
            held_back.append(f"{action_id}: its statement was erased")
        elif payload is None:
            not_reportable += 1
        elif wrong := _faults(payload, notice):
            held_back.append(f"{action_id}: {'; '.join(wrong)}")
        else:
            statements.append(payload)
    return StatementsToTell(tuple(statements), not_reportable, tuple(held_back))


def _last_of_each(since: date, until: date) -> Iterator[tuple[Any, str]]:
    """Of each action the notice it was last stated by, and its id."""
    first, after = (datetime.combine(day, time(), UTC) for day in (since, until + timedelta(days=1)))
    notices = Notice.objects.filter(kind=NoticeKind.ACTION, case__action__effective_at__gte=first, case__action__effective_at__lt=after)
    in_order = notices.select_related("case__account").order_by("case__action__effective_at", "case__action_id", "created_at")
    for action_id, stated in groupby(in_order.iterator(), key=_action_of):
        *_, last = stated
        yield last, action_id


def _action_of(notice: Any) -> str:
    return str(notice.case.action_id)


def _faults(payload: dict[str, object], notice: Any) -> list[str]:
    account = notice.case.account
    items = (str(item["id"]) for given in notice.statement["reasons"] for item in given["items"])
    names = {account.pk, account.email, *(name for name in items if len(name) >= _SHORTEST_ID)}
    named = [f"{name} stands in it, and nobody's data may go there" for name in names_found(payload, names)]
    return [*(f"{field} {why}" for field, why in refusals(payload).items()), *losses(payload), *named]
