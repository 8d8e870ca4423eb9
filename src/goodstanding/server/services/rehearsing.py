"""The letter of a decision before it is taken: the decision is made in full and undone, so the preview can never differ from the letter."""

from collections.abc import Sequence

from django.db import transaction

from goodstanding.core.notices import Condition
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import NoticeKind
from goodstanding.server.services.call import Call
from goodstanding.server.services.reviews import Grounds, Verdicts, decide_appeal
from goodstanding.server.store.models import Notice

ANSWERS = (NoticeKind.UPHELD, NoticeKind.REINSTATED)
"""The letters that answer an appeal."""


def rehearse_decision(
    *, call: Call, pack: PolicyPack, case_id: str, verdicts: Verdicts, grounds: Grounds, conditions: Sequence[Condition] = ()
) -> str:
    """Subject and text of the letter; empty where a second person has to agree first. Raises as `decide_appeal` does. Nothing is kept."""
    with transaction.atomic():
        before = set(Notice.objects.filter(case=case_id).values_list("pk", flat=True))
        decide_appeal(call=call, pack=pack, case_id=case_id, verdicts=verdicts, grounds=grounds, conditions=conditions)
        notice = Notice.objects.filter(case=case_id, kind__in=ANSWERS).exclude(pk__in=before).first()
        text = f"{notice.subject}\n\n{notice.body}" if notice else ""
        transaction.set_rollback(True)
    return text
