"""What an act would do to a holder, before it is done: it is done in full and undone, so what is seen beforehand can never differ from what is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from goodstanding.core.notices import Condition
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act
from goodstanding.server.services.call import Call
from goodstanding.server.services.force import acts_of, find_rule
from goodstanding.server.services.reviews import Grounds, Verdicts, decide_appeal
from goodstanding.server.store.models import Case, Limit, Notice

Foreseen = tuple[Act, datetime | None]
"""What would be forbidden, and until when; None: until a decision lifts it."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What an act would come to.

    `letters`: subject and text of each letter about the case, in the holder's language. `begins_at`: from when
    the limits would hold, where that is later than now. `freed`: what would be forbidden no more by this action.
    """

    letters: tuple[str, ...]
    limits: tuple[Foreseen, ...] = ()
    begins_at: datetime | None = None
    freed: tuple[Act, ...] = ()


def rehearse(*, pack: PolicyPack, case_id: str, doing: Callable[[], object]) -> Rehearsed:
    """Do something to a case, see what it came to, and undo it. Raises as `doing` does. Nothing is kept, and nothing leaves the house."""
    with transaction.atomic():
        letters = set(Notice.objects.filter(case=case_id).values_list("pk", flat=True))
        limits, announced = _running(case_id), _announced(pack, case_id)
        doing()
        new = Notice.objects.filter(case=case_id).exclude(pk__in=letters).order_by("created_at", "pk")
        texts, now = tuple(f"{one.subject}\n\n{one.body}" for one in new), _running(case_id)
        freed = tuple(act for key, (act, _) in limits.items() if key not in now)
        came = [limit for key, limit in now.items() if key not in limits]
        later = _announced(pack, case_id)
        transaction.set_rollback(True)
    if later is not None and later != announced:
        return Rehearsed(texts, later[1], later[0], freed)
    return Rehearsed(texts, tuple(sorted(came, key=lambda limit: list(Act).index(limit[0]))), None, freed)


def rehearse_decision(
    *, call: Call, pack: PolicyPack, case_id: str, verdicts: Verdicts, grounds: Grounds, conditions: Sequence[Condition] = ()
) -> str:
    """Subject and text of the letter that answers an appeal; empty where a second person has to agree first. Raises as `decide_appeal` does."""

    def decide() -> object:
        return decide_appeal(call=call, pack=pack, case_id=case_id, verdicts=verdicts, grounds=grounds, conditions=conditions)

    return "\n\n".join(rehearse(pack=pack, case_id=case_id, doing=decide).letters)


def _running(case_id: str) -> dict[str, tuple[Act, datetime | None]]:
    rows = Limit.objects.filter(action__case=case_id, lifted_at=None).order_by("since", "pk")
    return {key: (Act(act), ends_at) for key, act, ends_at in rows.values_list("pk", "act", "ends_at")}


def _announced(pack: PolicyPack, case_id: str) -> tuple[datetime, tuple[Foreseen, ...]] | None:
    """The moment for which the action of a case is announced, and the limits that it will set then; None where nothing is."""
    case = Case.objects.select_related("action").filter(pk=case_id).first()
    if case is None or case.action.scheduled_for is None or case.action.effective_at is not None:
        return None
    rule = find_rule(pack, case.action)
    return case.action.scheduled_for, tuple((act, case.action.ends_at) for act in acts_of(rule)) if rule else ()
