"""Drawing the blind sample, inside the transaction of the decision, so that no decision slips past it (requirement H8)."""

from goodstanding.core.appeals.quality import degree_of, is_drawn
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import FoundBy, Role
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import Appeal, BlindReview, Case


def draw_blind(*, call: Call, pack: PolicyPack, case: Case, appeal: Appeal) -> None:
    """Put a decided appeal into the sample where its digest says so."""
    if not is_drawn(appeal.appeal_id, pack.reviewing.blind_per_1000):
        return
    action = case.action
    found_by = [FoundBy(one) for one in action.violations.values_list("found_by", flat=True)]
    degree = degree_of(approved_by_machine=action.decided_role == Role.AUTOMATION, found_by=found_by)
    BlindReview.objects.create(appeal=appeal, drawn_at=call.now, rule=action.rule, automation=degree)
