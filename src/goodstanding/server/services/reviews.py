"""Appeals from the reviewer's side: claim, release, ask for information, decide (requirements H1, H2, H6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from goodstanding.core.appeals.review import Conclusion, Verdict, conclude
from goodstanding.core.cases.lifecycle import CaseEvent, CaseState, events_open_to, follow
from goodstanding.core.errors import IllegalTransition, NotPermitted, UnusableInput
from goodstanding.core.linkage.judgements import pair_of
from goodstanding.core.notices import Condition, ViolationDecided, compose_information_asked, compose_reinstated, compose_upheld
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, AppealOutcome, DecisionOutcome, NoticeKind, RelationGround, RelationVerdict, Role, Route
from goodstanding.server.services import ledger
from goodstanding.server.services.actions import contested_rule, lift_action
from goodstanding.server.services.answers import check_answers
from goodstanding.server.services.appeals import appeals_left, latest_appeal
from goodstanding.server.services.call import Call
from goodstanding.server.services.commitments import Promise, make_commitments
from goodstanding.server.services.judgements import keep_judgement, lock_with_related, violations_of
from goodstanding.server.services.moves import lock_case, move
from goodstanding.server.services.notices import issue_notice, letter_for, remaining_limits
from goodstanding.server.services.openings import opened_by
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.ratings import band_without, refresh_rating
from goodstanding.server.services.sampling import draw_blind
from goodstanding.server.services.separation import check_may_review
from goodstanding.server.services.standing import violations_behind
from goodstanding.server.services.together import save_later, together
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Appeal, Case, EnforcementAction, FirstDecision, InformationRequest, Violation, ViolationDecision

Verdicts = Mapping[str, tuple[DecisionOutcome, str]]
"""Violation id -> what is decided of it, and why, in words that the holder will read."""

HELD_IN = frozenset({CaseState.IN_REVIEW, CaseState.ESCALATED})
"""States in which one reviewer may hold a case."""

AGREED = {
    CaseEvent.DECIDE_UPHELD: CaseEvent.SECOND_AGREES_UPHELD,
    CaseEvent.DECIDE_REINSTATED: CaseEvent.SECOND_AGREES_REINSTATED,
    CaseEvent.DECIDE_CONDITIONS: CaseEvent.SECOND_AGREES_CONDITIONS,
}
"""What a first decision is once a second person agrees."""

Grounds = Mapping[str, RelationGround]
"""Violation id -> on which ground its relation is denied."""

LONGEST_ITEM = 500
"""Characters of one thing asked for."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What verdicts on an appeal come to, before anything of it is written."""

    appeal: Appeal
    conclusion: Conclusion
    contested: tuple[Violation, ...]
    said: Mapping[str, Verdict]
    denied: tuple[tuple[Violation, RelationGround], ...]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """An appeal as decided inside its transaction: what it came to, per violation, and which acts were freed."""

    appeal: Appeal
    conclusion: Conclusion
    verdicts: tuple[Verdict, ...]
    lifted: tuple[Act, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def event(self) -> CaseEvent:
        """The event of the lifecycle that it is."""
        if self.conclusion.stands:
            return CaseEvent.DECIDE_UPHELD
        return CaseEvent.DECIDE_CONDITIONS if self.conditions else CaseEvent.DECIDE_REINSTATED


def claim_case(*, call: Call, pack: PolicyPack, case_id: str) -> Case:
    """Take a waiting appeal to review it; the holder's promised date stays. Claiming an own case again changes nothing.

    Raises IllegalTransition where it does not wait, or another reviewer holds it; NotPermitted for who decided the contested action.
    """
    with together():
        case = lock_case(call=call, case_id=case_id)
        if case.state in HELD_IN and case.assignee == call.actor.id:
            return case
        if case.state in HELD_IN and case.assignee:
            possible = [event for event in events_open_to(CaseState(case.state), call.actor.role) if event != CaseEvent.CLAIM]
            raise IllegalTransition(
                case.state, CaseEvent.CLAIM, possible, f"{case.assignee} holds case {case_id}; it can be released by them or a senior"
            )
        follow(CaseState(case.state), CaseEvent.CLAIM, call.actor.role)
        is_exception = check_may_review(actor=call.actor, case=case)
        move(call=call, case=case, event=CaseEvent.CLAIM, pack=pack)
        case.assignee = call.actor.id
        save_later(case, "assignee")
        ledger.append(
            call=call, case_id=case_id, kind="CaseClaimed", body={"assignee": case.assignee} | ({"nobody_else": True} if is_exception else {})
        )
    return case


def release_case(*, call: Call, pack: PolicyPack, case_id: str) -> Case:
    """Put a claimed case back into the queue at its place. May be done by who holds it, or by a senior."""
    with together():
        case = lock_case(call=call, case_id=case_id)
        follow(CaseState(case.state), CaseEvent.RELEASE, call.actor.role)
        if case.assignee != call.actor.id and call.actor.role != Role.SENIOR_SPECIALIST:
            raise NotPermitted(f"releasing case {case_id}", [case.assignee, Role.SENIOR_SPECIALIST])
        held_by = case.assignee
        move(call=call, case=case, event=CaseEvent.RELEASE, pack=pack)
        case.assignee = ""
        save_later(case, "assignee")
        ledger.append(call=call, case_id=case_id, kind="CaseReleased", body={"held_by": held_by})
    return case


def ask_information(*, call: Call, pack: PolicyPack, case_id: str, items: Sequence[str]) -> InformationRequest:
    """Ask the holder for named things, by the pack's date; the reviewer's clock rests until they come or lapse.

    `items`: kinds of evidence of the pack, or what else is wanted, in words. Asking the same again changes nothing. Raises UnusableInput
    where nothing is named, NotPermitted for who does not hold the case.
    """
    wanted = _wanted(items)
    with together():
        case = lock_case(call=call, case_id=case_id)
        if case.state == CaseState.INFORMATION_ASKED and (asked := _asked_before(call, case, wanted)):
            return asked
        appeal = _check_holds(call, case, CaseEvent.ASK_INFORMATION)
        move(call=call, case=case, event=CaseEvent.ASK_INFORMATION, pack=pack)
        assert case.due_at is not None, "a clock runs while information is asked"
        request = InformationRequest.objects.create(
            request_id=call.new_id("R"), appeal=appeal, items=wanted, asked_at=call.now, asked_by=call.actor.id, due_at=case.due_at
        )
        body = {"request_id": request.request_id, "items": wanted, "due_at": case.due_at.isoformat()}
        ledger.append(call=call, case_id=case_id, kind="InformationAsked", body=body)
        text = compose_information_asked(letter_for(call=call, case=case, pack=pack), items=wanted, due_at=case.due_at)
        issue_notice(call=call, case=case, kind=NoticeKind.INFORMATION_ASKED, text=text)
        queue_event(call=call, type="appeal.information_asked", case=case, body={"request_id": request.request_id})
    return request


def decide_appeal(
    *, call: Call, pack: PolicyPack, case_id: str, verdicts: Verdicts, conditions: Sequence[Condition] = (), grounds: Grounds | None = None
) -> Appeal:
    """Decide an appeal, violation by violation; everything that follows from it happens in the same transaction (requirement H6).

    The action stays in force exactly where its own rule would still call for it on what is upheld. If not, its limits are lifted, and no
    others. With `conditions` it is lifted whatever is upheld, and the conditions are watched for a time. Only who holds the case decides,
    never who decided the contested action. Where the pack asks for two people, what is decided waits for the second (`services.second`), and
    the appeal given back has no outcome yet. A dispute about related accounts that is won denies the relation on its ground of `grounds`; with
    a plan, which grants the relation, that is left open unless a ground is given. Raises UnusableInput where a verdict, its reason or such a
    ground is missing or about something else, IllegalTransition where the case is not in review (any more), NotPermitted.
    """
    with together():
        case = lock_with_related(call=call, case_id=case_id)
        appeal = _check_holds(call, case, CaseEvent.DECIDE_UPHELD)
        check_answers(pack=pack, case=case, appeal=appeal, because={key: because for key, (_, because) in verdicts.items()})
        drawn = draw_conclusion(pack=pack, case=case, appeal=appeal, verdicts=verdicts, conditions=conditions, grounds=grounds)
        if drawn.conclusion.stands and pack.needs_second(case.action.kind, case.severity):
            _pass_to_second(call, pack, case, appeal, verdicts, conditions, grounds or {})
            return appeal
        finish(call=call, pack=pack, case=case, decided=carry_out(call=call, pack=pack, case=case, drawn=drawn))
    return appeal


def draw_conclusion(
    *,
    pack: PolicyPack,
    case: Case,
    appeal: Appeal,
    verdicts: Verdicts,
    conditions: Sequence[Condition] = (),
    grounds: Grounds | None = None,
) -> Drawn:
    """What verdicts come to on a case that is locked with its account. Nothing is written, so that a second person may still say no.

    They are held against the action's rule, with the rating as it is once overturned violations give their points back. The account is locked, because another case of it, perhaps on the same violation, may be decided at the same moment.
    """
    contested = tuple(violation for violation in violations_behind(case.action) if violation.decided != DecisionOutcome.OVERTURNED)
    said = _read_verdicts(contested, verdicts)
    reasons = {violation.violation_id: violation.reason for violation in contested}
    denied = _denied_relations(appeal, contested, said, grounds or {})
    band = band_without(pack=pack, account_id=case.account_id, but=_overturned(case, said, denied))
    conclusion = conclude(said, reasons, contested_rule(pack, case.action, set(reasons.values())), band)
    if conditions and conclusion.stands:
        conclusion = Conclusion(AppealOutcome.PARTIALLY_REVERSED, stands=False)
    return Drawn(appeal, conclusion, contested, said, denied, tuple(conditions))


def carry_out(*, call: Call, pack: PolicyPack, case: Case, drawn: Drawn) -> Decided:
    """Write what was concluded: the verdicts, relations denied, the rating, and the action's limits lifted where it does not stand."""
    _write_verdicts(call, drawn.appeal, drawn.contested, drawn.said)
    for violation, ground in drawn.denied:
        note = drawn.said[violation.violation_id].because
        pair = pair_of(case.account_id, violation.other_account)
        keep_judgement(call=call, pair=pair, verdict=RelationVerdict.DENIED, ground=ground, note=note, case=case)
        case.action.behind = None  # it may have overturned more of them than were judged
    refresh_rating(call=call, pack=pack, account_id=case.account_id, is_locked=True)
    lifted = () if drawn.conclusion.stands else tuple(Act(limit.act) for limit in lift_action(call=call, pack=pack, case=case))
    verdicts = tuple(drawn.said[violation.violation_id] for violation in drawn.contested)
    return Decided(drawn.appeal, drawn.conclusion, verdicts, lifted, drawn.conditions)


def finish(*, call: Call, pack: PolicyPack, case: Case, decided: Decided, agreed: bool = False) -> None:
    """Everything that follows from a conclusion; `agreed`: by a second person, so the case comes from there."""
    _record(call, pack, case, decided, agreed=agreed)
    promises = [Promise(one.commitment, one.due, one.metric) for one in decided.conditions]
    make_commitments(call=call, pack=pack, case=case, promises=promises)
    _tell_holder(call, pack, case, decided)
    _tell_marketplace(call, case, decided)
    draw_blind(call=call, pack=pack, case=case, appeal=decided.appeal)


def contested_violations(action: EnforcementAction) -> QuerySet[Violation]:
    """The violations an appeal against an action is about: all it rests on, but those that were overturned already."""
    return action.violations.exclude(decided=DecisionOutcome.OVERTURNED).order_by("opened", "violation_id")


def _wanted(items: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(text for item in items if (text := item.strip())))
    if not wanted:
        raise UnusableInput("name at least one thing that the holder shall send")
    if too_long := [item for item in wanted if len(item) > LONGEST_ITEM]:
        raise UnusableInput(f"one thing asked for has {len(too_long[0])} characters; write at most {LONGEST_ITEM} for each")
    return wanted


def _asked_before(call: Call, case: Case, wanted: list[str]) -> InformationRequest | None:
    appeal = latest_appeal(case)
    asked = appeal.information_requests.filter(answered_at=None, lapsed_at=None, asked_by=call.actor.id).first() if appeal else None
    return asked if asked and asked.items == wanted else None


def _check_holds(call: Call, case: Case, event: CaseEvent) -> Appeal:
    """The appeal under review, where the actor holds the case and may decide it at all."""
    if case.state not in HELD_IN:
        possible = events_open_to(CaseState(case.state), call.actor.role)
        raise IllegalTransition(case.state, event, possible, f"case {case.case_id} is not in review; it is '{case.state}'")
    follow(CaseState(case.state), event, call.actor.role)
    check_may_review(actor=call.actor, case=case)
    if case.assignee != call.actor.id:
        raise NotPermitted(f"acting on case {case.case_id}", [case.assignee])
    appeal = latest_appeal(case)
    assert appeal is not None, "a case in review has an appeal"
    return appeal


def _read_verdicts(contested: Sequence[Violation], verdicts: Verdicts) -> dict[str, Verdict]:
    """The verdicts as values. Whether one is missing, strange or without a reason is told by `conclude`, which undoes everything."""
    reasons = {violation.violation_id: violation.reason for violation in contested}
    try:
        return {key: Verdict(key, reasons.get(key, ""), DecisionOutcome(outcome), because.strip()) for key, (outcome, because) in verdicts.items()}
    except ValueError as error:
        raise UnusableInput(f"{error}; decide one of: {', '.join(DecisionOutcome)}") from None


def _write_verdicts(call: Call, appeal: Appeal, contested: Sequence[Violation], said: Mapping[str, Verdict]) -> None:
    judged = [(violation, said[violation.violation_id]) for violation in contested if violation.violation_id in said]
    decided = {"appeal_id": appeal.pk, "decided_at": call.now, "decided_by": call.actor.id}
    compiled.insert(
        [
            compiled.new(ViolationDecision, violation_id=row.pk, reason=row.reason, outcome=verdict.outcome, because=verdict.because, **decided)
            for row, verdict in judged
        ]
    )
    for violation, verdict in judged:
        violation.decided, violation.decided_at = verdict.outcome, call.now
        compiled.update(violation, ["decided", "decided_at"])


def _denied_relations(
    appeal: Appeal, contested: Sequence[Violation], said: Mapping[str, Verdict], grounds: Grounds
) -> tuple[tuple[Violation, RelationGround], ...]:
    """The violations whose relation the verdicts deny, each with the ground, so that no later run finds it again.

    Raises UnusableInput where a dispute is won and the ground is missing.
    """
    denied = []
    for violation in contested:
        verdict, ground = said.get(violation.violation_id), grounds.get(violation.violation_id)
        if verdict is None or verdict.outcome != DecisionOutcome.OVERTURNED or not violation.other_account:
            continue
        if ground is None and appeal.route == Route.DISPUTE:
            raise UnusableInput(f"say on which ground the relation behind {violation.reason} is denied; it is kept and ends the relation for good")
        if ground is not None:
            denied.append((violation, ground))
    return tuple(denied)


def _overturned(case: Case, said: Mapping[str, Verdict], denied: Iterable[tuple[Violation, RelationGround]]) -> set[str]:
    """The violations that count no more after the verdicts: those overturned, and all that rest on a relation that is denied."""
    others = [violations_of(pair_of(case.account_id, violation.other_account)) for violation, _ in denied]
    related = {key for rows in others for key in rows.values_list("pk", flat=True)}
    return related | {key for key, verdict in said.items() if verdict.outcome == DecisionOutcome.OVERTURNED}


def _record(call: Call, pack: PolicyPack, case: Case, decided: Decided, *, agreed: bool) -> None:
    appeal, outcome = decided.appeal, decided.conclusion.outcome
    move(call=call, case=case, event=AGREED[decided.event] if agreed else decided.event, pack=pack)
    appeal.outcome, appeal.decided_at, appeal.decided_by = outcome, call.now, call.actor.id
    save_later(appeal, "outcome", "decided_at", "decided_by")
    case.outcome, case.assignee = outcome, ""
    save_later(case, "outcome", "assignee")
    body = {
        "appeal_id": appeal.appeal_id,
        "attempt": appeal.attempt,
        "outcome": outcome,
        "stands": decided.conclusion.stands,
        "verdicts": [{"violation_id": v.violation_id, "reason": v.reason, "outcome": v.outcome, "because": v.because} for v in decided.verdicts],
        "conditions": written_conditions(decided.conditions),
        "opened": opened_by(case=case, actor=call.actor.id, attempt=appeal.attempt),
        "pack": pack.name,
        "pack_digest": pack.digest,
    }
    ledger.append(call=call, case_id=case.case_id, kind="AppealDecided", body=body)


def written_conditions(conditions: Iterable[Condition]) -> list[dict[str, str]]:
    """Conditions as JSON."""
    return [{"commitment": one.commitment, "due": one.due.isoformat(), "metric": one.metric} for one in conditions]


def _pass_to_second(
    call: Call, pack: PolicyPack, case: Case, appeal: Appeal, verdicts: Verdicts, conditions: Sequence[Condition], grounds: Grounds
) -> None:
    """Keep what the first person decides; nothing of it happens before the second agrees."""
    move(call=call, case=case, event=CaseEvent.PASS_TO_SECOND, pack=pack)
    first = FirstDecision(
        decision_id=call.new_id("D"),
        appeal=appeal,
        event=CaseEvent.DECIDE_UPHELD,
        verdicts={key: [outcome, because.strip(), *([grounds[key]] if key in grounds else [])] for key, (outcome, because) in verdicts.items()},
        conditions=written_conditions(conditions),
        decided_at=call.now,
        decided_by=call.actor.id,
    )
    compiled.insert([first])
    body = {"decision_id": first.decision_id, "event": first.event, "verdicts": first.verdicts}
    ledger.append(call=call, case_id=case.case_id, kind="PassedToSecond", body=body)


def _tell_holder(call: Call, pack: PolicyPack, case: Case, decided: Decided) -> None:
    """The letter says what was decided of each violation, what is free again and what stays forbidden, from the state after it all."""
    letter = letter_for(call=call, case=case, pack=pack)
    told = [ViolationDecided(v.reason, v.outcome, v.because) for v in decided.verdicts]
    in_force = remaining_limits(case=case, now=call.now)
    if not decided.conclusion.stands:
        text = compose_reinstated(letter, lifted=decided.lifted, in_force=in_force, decided=told, conditions=decided.conditions)
        issue_notice(call=call, case=case, kind=NoticeKind.REINSTATED, text=text)
        return
    until = case.appeal_until
    assert until is not None, "what is appealed was told"
    left = appeals_left(pack, case) if until > call.now else 0
    text = compose_upheld(letter, decided=told, next_steps=(), attempts_left=left, appeal_until=until, in_force=in_force)
    issue_notice(call=call, case=case, kind=NoticeKind.UPHELD, text=text)


def _tell_marketplace(call: Call, case: Case, decided: Decided) -> None:
    appeal, stands = decided.appeal, decided.conclusion.stands
    body = {"appeal_id": appeal.appeal_id, "attempt": appeal.attempt, "outcome": appeal.outcome, "stands": stands}
    queue_event(call=call, type="appeal.decided", case=case, body=body)
    if not stands:
        queue_event(call=call, type="action.lifted", case=case, body={"action": case.action.kind})
