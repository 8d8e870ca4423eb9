"""Around a decision: what was opened, precedents, answers, the small house, the blind sample (requirements H1, H3, H4, H7, H8)."""

import re
from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.policy.queueing import Reviewing
from goodstanding.core.terms import ActionKind, Automation, DecisionOutcome, Opened, Role
from goodstanding.server.services import ledger
from goodstanding.server.services.actions import propose_actions
from goodstanding.server.services.call import Call
from goodstanding.server.services.openings import note_opened, note_viewing
from goodstanding.server.services.precedents import similar_appeals
from goodstanding.server.services.quality import blind_waiting, figures, held_blind_of, open_blind, review_blind
from goodstanding.server.services.reading import case_file
from goodstanding.server.services.rehearsing import rehearse_decision
from goodstanding.server.services.reviews import claim_case, decide_appeal
from goodstanding.server.services.separation import may_review
from goodstanding.server.store.models import BlindReview, Case, EnforcementAction, Notice, Opening, OutboxMessage, User, Violation
from tests.server.factories import (
    TODAY,
    automation,
    call_as,
    make_account,
    make_action_in_force,
    make_item,
    make_violation,
    senior,
    server_pack,
    specialist,
)
from tests.server.services.appealing import appealed, at, claim, decide, submit, verdicts

pytestmark = pytest.mark.django_db
UP, OVER = DecisionOutcome.UPHELD, DecisionOutcome.OVERTURNED


@pytest.fixture
def pack() -> PolicyPack:
    """The pack of server tests, with every decision in the blind sample."""
    return replace(server_pack(), reviewing=Reviewing(blind_per_1000=1000))


def fresh(case: Case) -> Case:
    """The case as it is kept."""
    return Case.objects.select_related("action").get(pk=case.pk)


def hire(name: str, role: Role) -> Call:
    """A reviewer with a row, as the rule for a small house asks for."""
    user = User.objects.create_user(f"{name}@x.example", None, name=name, role=role)
    return call_as(role, f"user:{user.pk}", now=at(500))


def test_what_the_reviewer_opened_is_kept_once_and_goes_into_the_ledger_with_the_decision(pack: PolicyPack) -> None:
    """H8."""
    case = appealed(make_action_in_force(ActionKind.RESTRICT), pack)
    call = specialist(now=at(3))
    for _ in range(2):
        note_opened(call=call, case=case, part=Opened.FACTS)
        note_opened(call=call, case=case, part=Opened.NOTICE, part_id="N-1")
    note_opened(call=call_as(Role.AUDITOR, "user:8"), case=case, part=Opened.FACTS)
    assert Opening.objects.count() == 2
    decide(case, pack, UP, minutes=9)
    file = case_file(actor=senior().actor, case_id=case.pk)
    [decided] = [one for one in file.happenings if one.kind == "AppealDecided"]
    assert [(one["part"], one["id"]) for one in decided.body["opened"]] == [("facts", ""), ("notice", "N-1")]  # type: ignore[index, attr-defined]
    assert list(ledger.verify()) == []


def test_the_database_itself_refuses_to_change_what_was_opened(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(ActionKind.RESTRICT), pack)
    note_opened(call=specialist(), case=case, part=Opened.FACTS)
    for change in (lambda: Opening.objects.update(actor="user:2"), lambda: Opening.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_two_reviewers_on_one_case_see_each_other_for_a_while(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(ActionKind.RESTRICT), pack)
    assert note_viewing(call=specialist("user:1", now=at(0)), case=case) == []
    assert note_viewing(call=specialist("user:3", now=at(4)), case=case) == [("user:1", 4)]
    assert note_viewing(call=specialist("user:1", now=at(5)), case=case) == [("user:3", 1)]
    assert note_viewing(call=specialist("user:3", now=at(40)), case=case) == []


def test_an_answer_that_names_no_fact_is_refused_with_the_remedy_and_nothing_is_decided(pack: PolicyPack) -> None:
    """H2."""
    strict = replace(pack, reviewing=Reviewing(names_a_fact=True))
    case = appealed(make_action_in_force(ActionKind.RESTRICT), strict)
    [violation] = case.action.violations.all()
    item = violation.items[0]["id"]
    call = specialist(now=at(3))
    with pytest.raises(UnusableInput, match=f"names no fact of the case.*{item}"):
        decide_appeal(call=call, pack=strict, case_id=case.pk, verdicts={violation.pk: (UP, "It stands.")})
    assert fresh(case).state == CaseState.IN_REVIEW
    decide_appeal(call=call, pack=strict, case_id=case.pk, verdicts={violation.pk: (UP, f"{item} is not what was pictured.")})
    assert fresh(case).state == CaseState.UPHELD


def test_the_letter_seen_beforehand_is_the_letter_that_is_sent_and_seeing_it_does_nothing(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(ActionKind.RESTRICT), pack)
    said, call = verdicts(case, OVER), specialist(now=at(3))
    before = (Notice.objects.count(), OutboxMessage.objects.count(), Violation.objects.filter(decided="").count())
    letter = rehearse_decision(call=call, pack=pack, case_id=case.pk, verdicts=said, grounds={})
    assert (Notice.objects.count(), OutboxMessage.objects.count(), Violation.objects.filter(decided="").count()) == before
    assert fresh(case).state == CaseState.IN_REVIEW
    decide_appeal(call=call, pack=pack, case_id=case.pk, verdicts=said)
    sent = Notice.objects.latest("created_at")
    with_links = [re.sub(r"/n/\S+/", "/n/.../", text) for text in (letter, f"{sent.subject}\n\n{sent.body}")]
    assert with_links[0] == with_links[1], "but for the link, which is made anew and was never valid"


def test_facts_that_won_an_appeal_are_not_struck_again_by_a_later_finding(pack: PolicyPack) -> None:
    """H7."""
    account = make_account()
    case = appealed(make_action_in_force(account=account), pack)
    decide(case, pack, OVER)
    [won] = case.action.violations.all()
    again = make_violation(account, items=0)
    again.items = won.items[:1]
    again.save()
    propose_actions(call=automation(), pack=pack, as_of=TODAY)
    assert not EnforcementAction.objects.filter(account=account).exclude(pk=case.action_id).exists()
    again.items = [*again.items, make_item("C-NEW", "complaints")]
    again.save()
    propose_actions(call=automation(), pack=pack, as_of=TODAY)
    assert EnforcementAction.objects.filter(account=account).count() == 2, "a new complaint is a new fact"


def test_similar_appeals_of_other_accounts_are_shown_with_their_outcome(pack: PolicyPack) -> None:
    """H7."""
    decided = appealed(make_action_in_force(), pack)
    decide(decided, pack, OVER)
    case = appealed(make_action_in_force(), pack)
    [violation] = case.action.violations.all()
    [(near, past)] = similar_appeals(pack=pack, case=case)[violation.pk]
    assert (past.case_id, past.outcome, past.because) == (decided.pk, OVER, "about counterfeit")
    assert near > 50


def test_nobody_reviews_an_own_decision_but_in_a_house_of_two_a_third_appeal_is_still_heard(pack: PolicyPack) -> None:
    """H1, H4: a senior who had no part in the latest decision hears it, once nobody else is left."""
    long = replace(pack, most_appeals=3)
    boss, colleague = hire("boss", Role.SENIOR_SPECIALIST), hire("colleague", Role.SENIOR_SPECIALIST)
    case = make_action_in_force(ActionKind.RESTRICT, pack=long, approver=boss)
    submit(case, long, key="1", minutes=501)
    with pytest.raises(NotPermitted, match="your own decision"):
        claim(case, long, call=boss)
    for attempt, (may, may_not) in enumerate([(colleague, boss), (boss, colleague), (colleague, boss)], 1):
        if attempt > 1:
            submit(fresh(case), long, key=str(attempt), minutes=501 + attempt)
        with pytest.raises(NotPermitted, match="your own decision"):
            claim(case, long, call=may_not)
        offered = {call.actor.id: may_review(actor=call.actor, case=fresh(case)) for call in (may, may_not)}
        assert offered == {may.actor.id: True, may_not.actor.id: False}, "pages offer what is not refused"
        claim(case, long, call=may)
        decide(fresh(case), long, UP, call=may)
    kinds = [one.body.get("nobody_else") for one in case_file(actor=boss.actor, case_id=case.pk).happenings if one.kind == "CaseClaimed"]
    assert kinds == [None, True, True], "the exception is told in the ledger"


def test_with_a_third_reviewer_there_is_no_exception_and_a_specialist_never_is_one(pack: PolicyPack) -> None:
    boss, colleague, newcomer = hire("boss", Role.SENIOR_SPECIALIST), hire("colleague", Role.SPECIALIST), hire("new", Role.SPECIALIST)
    case = make_action_in_force(ActionKind.RESTRICT, pack=pack, approver=boss)
    submit(case, pack, key="1", minutes=501)
    claim(case, pack, call=colleague)
    decide(fresh(case), pack, UP, call=colleague)
    submit(fresh(case), pack, key="2", minutes=502)
    for own in (boss, colleague):
        with pytest.raises(NotPermitted):
            claim(case, pack, call=own)
    claim(case, pack, call=newcomer)
    assert fresh(case).assignee == newcomer.actor.id


def test_no_machine_decides_an_appeal(pack: PolicyPack) -> None:
    """H3: adverse decisions on appeal are never made by a machine alone, nor are others."""
    case = make_action_in_force(ActionKind.RESTRICT)
    submit(case, pack)
    for act in (
        lambda: claim_case(call=automation(now=at(2)), pack=pack, case_id=case.pk),
        lambda: decide_appeal(call=automation(now=at(2)), pack=pack, case_id=case.pk, verdicts=verdicts(case, UP)),
    ):
        with pytest.raises((NotPermitted, IllegalTransition)):
            act()
    claim(case, pack)
    with pytest.raises(NotPermitted):
        decide_appeal(call=automation(now=at(3)), pack=pack, case_id=case.pk, verdicts=verdicts(case, UP))
    assert fresh(case).state == CaseState.IN_REVIEW


def test_the_blind_sample_is_reviewed_by_who_neither_decided_nor_knows(pack: PolicyPack) -> None:
    """H8."""
    case = appealed(make_action_in_force(ActionKind.RESTRICT), pack)
    appeal = decide(case, pack, UP)
    row = BlindReview.objects.get()
    assert (row.appeal_id, row.automation, row.rule) == (appeal.pk, Automation.PARTIALLY, "restrict-defects")
    for had_a_part in ("user:1", "user:9"):
        assert blind_waiting(actor=senior(had_a_part).actor) == []
        with pytest.raises(NotPermitted, match="part in the case"):
            open_blind(call=senior(had_a_part, now=at(9)), appeal_id=appeal.pk)
    note_viewing(call=specialist("user:4", now=at(8)), case=case)
    with pytest.raises(NotPermitted, match="seen the outcome"):
        open_blind(call=specialist("user:4", now=at(9)), appeal_id=appeal.pk)
    second = specialist("user:5", now=at(9))
    assert [one.pk for one in blind_waiting(actor=second.actor)] == [appeal.pk]
    open_blind(call=second, appeal_id=appeal.pk)
    assert held_blind_of(actor=second.actor, account_id=case.account_id) == appeal.pk
    with pytest.raises(NotPermitted, match="colleague"):
        open_blind(call=specialist("user:6", now=at(9)), appeal_id=appeal.pk)
    said = dict.fromkeys(verdicts(case, OVER), (OVER, "the refunds are there"))
    with pytest.raises(UnusableInput):
        review_blind(call=second, appeal_id=appeal.pk, verdicts={})
    assert review_blind(call=second, appeal_id=appeal.pk, verdicts=said).agrees is False
    with pytest.raises(IllegalTransition):
        review_blind(call=second, appeal_id=appeal.pk, verdicts=said)
    assert fresh(case).state == CaseState.UPHELD, "nothing of the case changes"


def test_figures_tell_overturns_and_agreement_by_rule_person_and_degree(pack: PolicyPack) -> None:
    """H8, K4."""
    for outcome in (UP, OVER, OVER):
        case = appealed(make_action_in_force(ActionKind.RESTRICT), pack)
        appeal = decide(case, pack, outcome)
        call = specialist("user:5", now=at(9))
        review_blind(call=call, appeal_id=appeal.pk, verdicts=dict.fromkeys(verdicts(case, OVER), (OVER, "seen")) or said_of(appeal))
    found = figures(actor=call_as(Role.AUDITOR, "user:8").actor)
    for group, value in (("all", ""), ("rule", "restrict-defects"), ("decider", "user:9"), ("reviewer", "user:1"), ("automation", "partially")):
        assert (found.overturned[group][value].part, found.overturned[group][value].whole) == (2, 3)
        assert (found.agreement[group][value].part, found.agreement[group][value].whole) == (2, 3)
    assert {"figure": "overturned", "by": "all", "value": "", "part": 2, "of": 3} in found.rows()
    with pytest.raises(NotPermitted):
        figures(actor=call_as(Role.HOLDER, "holder:x").actor)


def said_of(appeal: object) -> dict[str, tuple[DecisionOutcome, str]]:
    """Overturned for every violation an appeal decided, where none is contested any more."""
    return {one.violation_id: (OVER, "seen") for one in appeal.decisions.all()}  # type: ignore[attr-defined]
