"""Faults that other systems of this kind have published or shown when run, each by name: none of them may happen here."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from goodstanding.core.cases.lifecycle import TABLE, CaseEvent, CaseState, targets_of
from goodstanding.core.cases.queue import Lane
from goodstanding.core.errors import IllegalTransition, NotPermitted
from goodstanding.core.facts import Defect, Order
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.health.metrics import count
from goodstanding.core.notices import Condition
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, ActionKind, Approval, DecisionOutcome, MetricRule, NoticeKind, OwnerKind
from goodstanding.core.values import Span
from goodstanding.server.mailroom.failures import DeliveryFailed
from goodstanding.server.services import reviews
from goodstanding.server.services.actions import approve_action, lift_action, rescind_action
from goodstanding.server.services.appeals import submit_appeal
from goodstanding.server.services.cures import cure_action, cure_cases
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.moves import lock_case
from goodstanding.server.services.outbox import WAITS, send_due
from goodstanding.server.services.queue import Wanted, appeals
from goodstanding.server.services.reviews import decide_appeal
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Appeal, Case, Deadline, LedgerEntry, Limit, Notice, OutboxMessage, Violation
from tests.factories import make_metric
from tests.server.factories import (
    NOW,
    automation,
    holder,
    make_account,
    make_action_in_force,
    make_endpoint,
    make_proposed,
    senior,
    server_pack,
    specialist,
)
from tests.server.histories import pack_with_everything
from tests.server.services.appealing import PLAN, appealed, at, claim, decide, submit, verdicts

pytestmark = pytest.mark.django_db
UP, OVER = DecisionOutcome.UPHELD, DecisionOutcome.OVERTURNED
SETTLED = {CaseState.REINSTATED, CaseState.MONITORING, CaseState.SETTLED}


@pytest.fixture
def pack() -> PolicyPack:
    """The pack of server tests with every clock, and two people for what is grave."""
    return pack_with_everything()


def fresh(case: Case) -> Case:
    """The case as it is kept."""
    return Case.objects.select_related("action", "account").get(pk=case.pk)


def test_lost_second_appeal(pack: PolicyPack) -> None:
    """A second appeal while the first waits was taken with a success and dropped: here it is refused aloud, and taken once the first is answered."""
    case = make_action_in_force(ActionKind.RESTRICT, pack=pack)
    first = submit(case, pack, key="first")
    with pytest.raises(IllegalTransition, match="still being looked at"):
        submit(case, pack, key="second", minutes=2)
    assert list(Appeal.objects.all()) == [first]
    assert submit(case, pack, key="first", minutes=3) == first, "the same submission again is the same appeal"
    claim(case, pack, minutes=4)
    decide(case, pack, UP, minutes=5)
    second = submit(case, pack, key="second", minutes=6)
    assert (second.attempt, fresh(case).state, fresh(case).lane) == (2, CaseState.SUBMITTED, Lane.APPEAL)
    assert [one.pk for one in appeals(actor=senior().actor, wanted=Wanted()).cases] == [case.pk]
    assert Notice.objects.filter(kind=NoticeKind.ACKNOWLEDGEMENT).count() == 2


def test_an_appeal_is_never_answered_with_success_before_it_is_kept(pack: PolicyPack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A success was sent before the enqueueing, whose failure nobody saw: here what cannot be kept whole is not kept at all, and says so."""
    case = make_action_in_force(ActionKind.RESTRICT, pack=pack)

    def broken(**_options: object) -> None:
        raise RuntimeError("the queue is gone")

    monkeypatch.setattr("goodstanding.server.services.appeals.queue_event", broken)
    with pytest.raises(RuntimeError):
        submit_appeal(call=holder(case.account_id), pack=pack, case_id=case.pk, submission_key="x", answer=PLAN, language="en")
    assert (Appeal.objects.count(), fresh(case).state, fresh(case).attempts) == (0, CaseState.IN_FORCE, 0)


@pytest.mark.parametrize("way", ["overturned", "conditions", "rescinded", "put right"])
def test_accepted_appeal_that_never_closes(pack: PolicyPack, way: str) -> None:
    """An appeal accepted by reversing the action never closed its report: here every way that lifts the action answers the appeal and settles the case."""
    case = make_action_in_force(ActionKind.RESTRICT, pack=pack)
    submit(case, pack)
    if way == "put right":
        Violation.objects.update(closed=NOW.date())
        cure_action(call=specialist(now=at(3)), pack=pack, case_id=case.pk)
    else:
        claim(case, pack)
    if way == "overturned":
        decide(case, pack, OVER)
    if way == "conditions":
        promised = [Condition("Check every supplier", NOW.date() + timedelta(9))]
        decide_appeal(call=specialist(now=at(3)), pack=pack, case_id=case.pk, verdicts=verdicts(case, UP), conditions=promised)
    if way == "rescinded":
        rescind_action(call=senior("user:8", now=at(5)), pack=pack, case_id=case.pk, because="our feed was wrong")
    done = fresh(case)
    assert done.state in SETTLED
    assert (done.lane, done.assignee) == ("", "")
    assert not case.appeals.filter(outcome="").exists()
    assert not Limit.objects.filter(action=case.action, lifted_at=None).exists()
    assert not Deadline.objects.filter(case=case, clock__in=("review_due", "review_lease", "follow_up"), done_at=None, cancelled_at=None).exists()


def test_no_row_of_the_table_accepts_an_appeal_and_leaves_its_case_open() -> None:
    """The same fault, in the table itself."""
    lifting = {CaseEvent.DECIDE_REINSTATED, CaseEvent.DECIDE_CONDITIONS, CaseEvent.SECOND_AGREES_REINSTATED, CaseEvent.SECOND_AGREES_CONDITIONS}
    rows = [row for row in TABLE.values() if row.event in lifting | {CaseEvent.RESCIND, CaseEvent.CURE}]
    assert rows
    assert {state for row in rows for state in targets_of(row)} <= SETTLED | {CaseState.DISMISSED}


def test_decision_recorded_but_callback_lost(pack: PolicyPack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision was kept, and its callback sent once, after the fact, without a retry: here both are one transaction, and the callback is retried."""
    make_endpoint()
    case = appealed(make_action_in_force(ActionKind.RESTRICT, pack=pack), pack)
    OutboxMessage.objects.all().delete()
    with monkeypatch.context() as patch:

        def broken(**_options: object) -> None:
            raise RuntimeError("no outbox")

        patch.setattr(reviews, "queue_event", broken)
        with pytest.raises(RuntimeError), transaction.atomic():
            decide(case, pack, OVER)
    assert (fresh(case).state, OutboxMessage.objects.count()) == (CaseState.IN_REVIEW, 0), "no callback, so no decision either"
    decide(case, pack, OVER)
    told: list[tuple[str, str]] = []

    def refuse(_message: OutboxMessage, _now: object) -> None:
        raise DeliveryFailed("the marketplace is down")

    def take(message: OutboxMessage, _now: object) -> None:
        if message.payload:
            told.append((message.key, message.payload["type"]))

    send_due(now=at(4), deliver=refuse)
    send_due(now=at(4) + WAITS[0], deliver=take)
    send_due(now=at(4) + WAITS[0], deliver=take)
    assert sorted(kind for _, kind in told) == ["action.lifted", "appeal.decided"]
    assert len({key for key, _ in told}) == 2, "each once, under its own key"
    assert all(message.payload["acts"]["sell"] for message in OutboxMessage.objects.exclude(endpoint=None)), (
        "the callback carries the resulting state"
    )


def test_a_rejection_is_told_as_an_acceptance_is(pack: PolicyPack) -> None:
    """A rejection sent nothing to anybody: here the holder gets a letter with the reason, and the marketplace its event."""
    make_endpoint()
    case = appealed(make_action_in_force(ActionKind.RESTRICT, pack=pack), pack)
    decide(case, pack, UP)
    assert "about order_defects" in Notice.objects.get(kind=NoticeKind.UPHELD).body
    assert OutboxMessage.objects.filter(payload__type="appeal.decided").count() == 1


def test_automation_lifting_a_human_hold(pack: PolicyPack) -> None:
    """Automation set a suspended account free that a person had suspended: here it can lift nothing of a person, by no way."""
    case = make_action_in_force(ActionKind.RESTRICT, pack=pack)
    assert {limit.owner_kind for limit in Limit.objects.all()} == {OwnerKind.PERSON}
    Violation.objects.update(closed=NOW.date())
    all_by_machine = {code: replace(reason, settled_by_machine=True) for code, reason in pack.reasons.items()}
    cure_cases(call=automation(now=at(9)), pack=replace(pack, reasons=all_by_machine))
    fire_due(call=automation(now=at(60 * 24 * 20)), pack=pack)
    assert fresh(case).state == CaseState.IN_FORCE
    with pytest.raises(NotPermitted), transaction.atomic():
        lift_action(call=automation(now=at(9)), pack=pack, case=lock_case(call=automation(), case_id=case.pk))
    assert Limit.objects.filter(lifted_at=None).count() == 2


def test_one_rule_lifted_never_frees_what_another_forbids(pack: PolicyPack) -> None:
    """A fraud suspension fell when a probation ended: here each limit ends with its own action only."""
    account = make_account()
    fraud = make_action_in_force(ActionKind.DEACTIVATE, account=account, pack=pack)
    mild = appealed(make_action_in_force(ActionKind.RESTRICT, account=account, pack=pack), pack)
    decide(mild, pack, OVER)
    assert not standing_of(account_id=account.pk, now=at(9)).permissions[Act.SELL].allowed
    assert fresh(fraud).state == CaseState.IN_FORCE


def test_delayed_enforcement_skipping_approval(pack: PolicyPack) -> None:
    """A delayed action took effect without the second approval it would have needed: here its approval is asked for again on its day."""
    case = make_proposed(ActionKind.CLOSE, pack=pack)
    approve_action(call=senior("user:9"), pack=pack, case_id=case.pk)
    assert fresh(case).state == CaseState.SCHEDULED
    case.refresh_from_db()
    case.action.refresh_from_db()
    case.action.decided_role = "specialist"
    case.action.save()
    assert case.action.approval == Approval.SENIOR
    fire_due(call=automation(now=NOW + timedelta(days=30)), pack=pack)
    assert fresh(case).state == CaseState.PROPOSED
    assert not Limit.objects.exists()
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="ApprovalLapsed").exists()


def test_you_are_available_again_while_not(pack: PolicyPack) -> None:
    """A letter said that all was free while another suspension held: here the letter is written from the state that results."""
    account = make_account()
    make_action_in_force(ActionKind.DEACTIVATE, account=account, pack=pack)
    mild = appealed(make_action_in_force(ActionKind.RESTRICT, account=account, pack=pack), pack)
    decide(mild, pack, OVER)
    letter = Notice.objects.get(kind=NoticeKind.REINSTATED)
    lifted, remaining = letter.body.split("remaining heading")
    assert "remaining line" in remaining
    assert "sell" in remaining
    assert "counterfeit" in remaining
    assert "act=list" in lifted.replace(" [en]", "")


def test_one_appeal_for_ever(pack: PolicyPack) -> None:
    """A rejected holder had no second try: here there are as many as the pack says, each with what came before at hand."""
    three = replace(server_pack(), most_appeals=3, deadlines={**pack.deadlines, "appeal_window": Span(months=6)})
    case = make_action_in_force(ActionKind.RESTRICT, pack=three)
    for attempt in (1, 2, 3):
        submit(fresh(case), three, key=str(attempt), minutes=attempt * 10)
        who = senior(f"user:{20 + attempt}", now=at(attempt * 10 + 1))
        claim(case, three, call=who)
        decide(fresh(case), three, UP, call=who)
    assert [one.attempt for one in case.appeals.order_by("attempt")] == [1, 2, 3]


def test_own_refunds_counted_against_the_account() -> None:
    """Refunds that the platform forced raised the very rate that froze payouts again: here a fact that our own action caused counts for nobody."""
    noon = datetime(2026, 3, 10, 12)
    orders = [Order(order_id=f"o{n}", account_id="ann", placed_at=noon) for n in range(100)]
    claims = [Defect(f"d{n}", f"o{n}", "ann", "claim", noon + timedelta(days=1), caused_by="A-1") for n in range(50)]
    own = count(make_metric(MetricRule.ORDER_DEFECT_RATE), AccountFacts("ann", orders=orders, defects=claims), noon.date() + timedelta(days=2))
    assert (own.numerator, own.denominator) == (0, 100)
    theirs = [replace(one, caused_by=None) for one in claims]
    real = count(make_metric(MetricRule.ORDER_DEFECT_RATE), AccountFacts("ann", orders=orders, defects=theirs), noon.date() + timedelta(days=2))
    assert real.numerator == 50, "the same claims of buyers count"
