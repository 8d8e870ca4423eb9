"""The second pair of eyes: what one person decided happens only once another agrees (requirement H1)."""

from datetime import date

from goodstanding.core.cases.lifecycle import CaseEvent, CaseState, follow
from goodstanding.core.errors import NotFound, UnusableInput
from goodstanding.core.notices import Condition
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import DecisionOutcome, RelationGround
from goodstanding.server.services import ledger
from goodstanding.server.services.call import Call
from goodstanding.server.services.judgements import lock_with_related
from goodstanding.server.services.moves import move
from goodstanding.server.services.reviews import carry_out, draw_conclusion, finish
from goodstanding.server.services.separation import check_may_review
from goodstanding.server.services.together import together
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Appeal, Case, FirstDecision


def agree(*, call: Call, pack: PolicyPack, case_id: str) -> Appeal:
    """Agree with the first person: the decision is taken and everything follows from it at once.

    It is drawn anew from the verdicts, on the state of now: should the action no longer stand (another decision has come between), it is lifted.
    Raises IllegalTransition where nothing waits for a second person, NotPermitted for the first person and who decided before.
    """
    with together():
        case, first = _waiting(call, case_id, CaseEvent.SECOND_AGREES_UPHELD)
        verdicts = {key: (DecisionOutcome(outcome), because) for key, (outcome, because, *_) in first.verdicts.items()}
        grounds = {key: RelationGround(ground) for key, (_, _, *said) in first.verdicts.items() for ground in said}
        conditions = [Condition(one["commitment"], date.fromisoformat(one["due"]), one.get("metric", "")) for one in first.conditions]
        drawn = draw_conclusion(pack=pack, case=case, appeal=first.appeal, verdicts=verdicts, conditions=conditions, grounds=grounds)
        decided = carry_out(call=call, pack=pack, case=case, drawn=drawn)
        _answer(call, first, agreed=True)
        ledger.append(call=call, case_id=case_id, kind="SecondAgreed", body={"decision_id": first.decision_id, "first": first.decided_by})
        finish(call=call, pack=pack, case=case, decided=decided, agreed=True)
    return first.appeal


def disagree(*, call: Call, pack: PolicyPack, case_id: str, because: str) -> Case:
    """Give the case back to the first person with the reason; nothing of what was decided happens. Raises as `agree`, and UnusableInput."""
    if not because.strip():
        raise UnusableInput("say why you disagree; the first person reads it")
    with together():
        case, first = _waiting(call, case_id, CaseEvent.SECOND_DISAGREES)
        move(call=call, case=case, event=CaseEvent.SECOND_DISAGREES, pack=pack)
        _answer(call, first, agreed=False, because=because.strip())
        body = {"decision_id": first.decision_id, "first": first.decided_by, "because": because.strip()}
        ledger.append(call=call, case_id=case_id, kind="SecondDisagreed", body=body)
    return case


def _waiting(call: Call, case_id: str, event: CaseEvent) -> tuple[Case, FirstDecision]:
    case = lock_with_related(call=call, case_id=case_id)
    follow(CaseState(case.state), event, call.actor.role)
    first = next(iter(_first(case_id=case_id)), None)
    if first is None:
        raise NotFound(f"nothing of case {case_id} waits for a second person")
    check_may_review(actor=call.actor, case=case, never=frozenset({first.decided_by}))
    return case, first


def _answer(call: Call, first: FirstDecision, *, agreed: bool, because: str = "") -> None:
    first.answered_at, first.answered_by, first.agreed, first.answered_because = call.now, call.actor.id, agreed, because
    compiled.update(first, ["answered_at", "answered_by", "agreed", "answered_because"])


_first = compiled.Query(
    lambda case_id: FirstDecision.objects.select_related("appeal").filter(appeal__case=case_id, answered_at=None).order_by("pk"), texts=["case_id"]
)
