"""What staff opened of a case before they decided, and who else has it open now (requirement H8)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from goodstanding.core.cases.lifecycle import REVIEWERS
from goodstanding.core.terms import Opened
from goodstanding.server.services.call import Call
from goodstanding.server.services.waking import wake
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Case, Opening, Viewing

OPEN_FOR = timedelta(seconds=45)
"""How long a page counts as open after its last word; it says so every twenty seconds."""

STILL_OPEN = timedelta(minutes=10)
"""How long after asking for the page somebody counts as having it open."""


def note_opened(*, call: Call, case: Case, part: Opened, part_id: str = "") -> None:
    """Log that a reviewer opened a part of a case; once for each appeal. Others of the staff decide nothing, and are not logged."""
    if call.actor.role not in REVIEWERS:
        return
    row = Opening(case=case, attempt=case.attempts, actor=call.actor.id, part=part, part_id=part_id, at=call.now)
    Opening.objects.bulk_create([row], ignore_conflicts=True)


def note_viewing(*, call: Call, case: Case) -> list[tuple[str, int]]:
    """Note that the page of a case is open, and give who else has it open: (actor, minutes ago), the latest first."""
    if call.actor.role in REVIEWERS:
        # One statement, for every look at a case makes it.
        row = Viewing(case=case, actor=call.actor.id, seen_at=call.now)
        Viewing.objects.bulk_create([row], update_conflicts=True, unique_fields=["case", "actor"], update_fields=["seen_at"])
    others = Viewing.objects.filter(case=case, seen_at__gt=call.now - STILL_OPEN).exclude(actor=call.actor.id).order_by("-seen_at", "actor")
    return [(one.actor, max(0, int((call.now - one.seen_at).total_seconds() // 60))) for one in others]


def note_seen(*, call: Call, case_id: str) -> None:
    """Note that somebody has seen how a case stands, on whatever page."""
    Viewing.objects.update_or_create(case_id=case_id, actor=call.actor.id, defaults={"seen_at": call.now})


def note_open(*, call: Call, case_id: str) -> None:
    """Note that a reviewer's page of a case is open at this moment; said again and again while it is. Nobody is noted who has not asked for it."""
    rows = Viewing.objects.filter(case=case_id, actor=call.actor.id)
    is_new = not rows.filter(open_until__gt=call.now).exists()
    with transaction.atomic():
        if rows.update(open_until=call.now + OPEN_FOR) and is_new:
            wake(case_id=case_id)


def note_closed(*, call: Call, case_id: str) -> None:
    """Note that a reviewer has closed the page."""
    with transaction.atomic():
        if Viewing.objects.filter(case=case_id, actor=call.actor.id, open_until__gt=call.now).update(open_until=call.now):
            wake(case_id=case_id)


def who_has_open(*, case_ids: Sequence[str], now: datetime) -> dict[str, tuple[str, ...]]:
    """Who has the pages of cases open at this moment, by case."""
    found: dict[str, tuple[str, ...]] = {}
    for case_id, actor in Viewing.objects.filter(case__in=case_ids, open_until__gt=now).order_by("actor").values_list("case", "actor"):
        found[case_id] = (*found.get(case_id, ()), actor)
    return found


def openings_of(case: Case) -> Sequence[Opening]:
    """Everything that was opened of a case, oldest first."""
    return list(case.openings.order_by("at", "pk"))


def opened_by(*, case: Case, actor: str, attempt: int) -> list[dict[str, str]]:
    """What one person opened of a case while an appeal waited, as the ledger keeps it with the decision."""
    rows = _openings(case_id=case.pk, actor=actor)
    return [{"part": row.part, "id": row.part_id, "at": row.at.isoformat()} for row in rows if row.attempt == attempt]


_openings = compiled.Query(lambda case_id, actor: Opening.objects.filter(case=case_id, actor=actor).order_by("at", "pk"), texts=["case_id", "actor"])


def has_seen_since(*, case: Case, actor: str, since: object) -> bool:
    """Whether somebody asked for the page of a case since a moment, so that its outcome is no secret any more."""
    return Viewing.objects.filter(case=case, actor=actor, seen_at__gte=since).exists()
