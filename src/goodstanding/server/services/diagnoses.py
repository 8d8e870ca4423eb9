"""Keeping diagnoses and ticked tasks of violations, and reading them again (requirements D2, D3, E1)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from goodstanding.core.appeals.diagnosis.model import Diagnosis
from goodstanding.core.appeals.diagnosis.records import from_record, to_record
from goodstanding.core.appeals.tasks import Tick, TickState
from goodstanding.server.services.assessments import BLOCK
from goodstanding.server.services.call import Call
from goodstanding.server.services.standing import open_violations
from goodstanding.server.store.models import DiagnosisRecord, EnforcementAction, Violation


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """What was found of one violation; `diagnosis` None: no metric is behind it."""

    diagnosis: Diagnosis | None
    ticks: tuple[Tick, ...]


def violations_to_diagnose() -> QuerySet[Violation]:
    """Open violations on which an action rests that is proposed or in force: somebody will read why. Accounts come at hand, in order."""
    acted_on = EnforcementAction.objects.filter(lifted_at=None).values("violations")
    return open_violations().filter(pk__in=acted_on).select_related("account").order_by("account_id", "violation_id")


def record_diagnoses(*, call: Call, as_of: date, found: Mapping[str, Diagnosed]) -> int:
    """Keep what was found of violations, by id, in the place of what an earlier night found; gives how many. Doing it again changes nothing.

    What is no longer open keeps its last diagnosis, as a reviewer may still read it.
    """
    rows = [
        DiagnosisRecord(
            violation_id=key,
            as_of=as_of,
            recorded_at=call.now,
            diagnosis=to_record(one.diagnosis) if one.diagnosis else None,
            ticks=[asdict(tick) for tick in one.ticks],
        )
        for key, one in sorted(found.items())
    ]
    names = ["as_of", "recorded_at", "diagnosis", "ticks"]
    for start in range(0, len(rows), BLOCK):
        with transaction.atomic():
            DiagnosisRecord.objects.bulk_create(rows[start : start + BLOCK], update_conflicts=True, unique_fields=["violation"], update_fields=names)
    return len(rows)


def diagnosed(violation: Violation) -> Diagnosed | None:
    """What the last night found of a violation; None where it was never looked at."""
    record: DiagnosisRecord | None = getattr(violation, "diagnosed", None)
    if record is None:
        return None
    return Diagnosed(from_record(record.diagnosis) if record.diagnosis else None, tuple(_tick(tick) for tick in record.ticks))


def _tick(told: Mapping[str, object]) -> Tick:
    ids = told["open_ids"]
    assert isinstance(ids, Sequence), "a list, as it was kept"
    return Tick(str(told["task"]), TickState(str(told["state"])), int(str(told["done"])), int(str(told["of"])), tuple(str(one) for one in ids))
