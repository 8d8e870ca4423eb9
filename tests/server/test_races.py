"""Two at the same instant, and processes killed in the middle: nothing lost, nothing doubled (requirements G2, H6, J3; issue 5).

Needs PostgreSQL, because SQLite lets one writer in at a time. `GOODSTANDING_RACES=200` runs each race two hundred times instead of three.
"""

import json
from collections import Counter
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import Act, ActionKind, CallOutcome, DecisionOutcome, NoticeKind, RelationGround, Route
from goodstanding.server.services import ledger, second
from goodstanding.server.services.actions import approve_action, propose_actions, rescind_action
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.endings import settle_window
from goodstanding.server.services.held_money import hold_money, release_money
from goodstanding.server.services.outbox import LEASE, send_due
from goodstanding.server.services.reviews import claim_case, decide_appeal
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Case, Deadline, LedgerBody, LedgerEntry, Limit, Notice, OutboxMessage, StruckAccount, Violation
from tests.server.factories import (
    NOW,
    TODAY,
    automation,
    make_account,
    make_action_in_force,
    make_endpoint,
    make_proposed,
    make_violation,
    senior,
    specialist,
)
from tests.server.histories import check, pack_with_everything
from tests.server.processes import REPETITIONS, kill_points, killed, race, tally
from tests.server.services.appealing import appealed, at, claim, decide, submit, verdicts
from tests.server.services.assuring import ask_for_call, assured_pack, call_holder, make_window, send_plan
from tests.server.services.test_judgements import judge

pytestmark = pytest.mark.usefixtures("transactional_db")

UPHELD, OVERTURNED = DecisionOutcome.UPHELD, DecisionOutcome.OVERTURNED
PACK, ASSURED = pack_with_everything(), assured_pack()
REFUSED, NOT_YOURS = "IllegalTransition", "NotPermitted"


@pytest.fixture(autouse=True)
def _told_once(transactional_db):
    """On PostgreSQL only; after every race each chain holds, and each letter and event is one row of the outbox that leaves once."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: SQLite lets one writer in at a time, which hides lost updates")
    make_endpoint()
    yield
    assert list(ledger.verify()) == []
    took: Counter[str] = Counter()
    send_due(now=NOW + timedelta(days=900), limit=100_000, deliver=lambda message, _: took.update([message.key]))
    assert took.total() == len(took)
    assert not OutboxMessage.objects.filter(sent_at=None).exists()
    mails = Counter(OutboxMessage.objects.filter(channel="email").values_list("notice_id", flat=True))
    assert mails == Counter(Notice.objects.values_list("pk", flat=True))
    told = LedgerEntry.objects.filter(kind="NoticeIssued").count()
    assert told == len(mails)


def kinds(case: Case) -> Counter:
    return Counter(LedgerEntry.objects.filter(case_id=case.pk).values_list("kind", flat=True))


def events(case: Case) -> Counter:
    return Counter(OutboxMessage.objects.filter(payload__case_id=case.pk).values_list("payload__type", flat=True))


def letters(case: Case) -> Counter:
    return Counter(Notice.objects.filter(case=case).values_list("kind", flat=True))


def fresh(case: Case) -> Case:
    return Case.objects.select_related("action", "account").get(pk=case.pk)


def may_sell(case: Case, now: datetime) -> bool:
    return standing_of(account_id=case.account_id, now=now).permissions[Act.SELL].allowed


def fire(pack, now: datetime) -> int:
    """The worker, who comes again while something due is left: what another process holds, it passes over."""
    fired = 0
    for _ in range(200):
        fired += fire_due(call=automation(now=now), pack=pack)
        if not Deadline.objects.filter(done_at=None, cancelled_at=None, due_at__lte=now).exists():
            break
    return fired


def decided_once(case: Case, now: datetime) -> Case:
    """One decision, with its one letter and its one event, and limits that go with it."""
    case = fresh(case)
    assert kinds(case)["AppealDecided"] == events(case)["appeal.decided"] == 1
    assert letters(case)["upheld"] + letters(case)["reinstated"] == 1
    lifted = case.state in (CaseState.REINSTATED, CaseState.MONITORING)
    assert lifted == (letters(case)["reinstated"] == 1) == (kinds(case)["LimitsLifted"] == 1)
    check(case.account_id, now)
    return case


@pytest.mark.parametrize("turn", range(REPETITIONS))
def test_two_reviewers_who_decide_at_once_decide_once(turn):
    """H6: whoever is later is told that it is decided; no verdict is mixed with another."""
    case = appealed(make_action_in_force(ActionKind.RESTRICT), PACK)
    yes, no = verdicts(case, OVERTURNED), verdicts(case, UPHELD)
    works = [partial(decide_appeal, call=specialist(now=at(3)), pack=PACK, case_id=case.pk, verdicts=said) for said in (yes, no)]
    came = race(*works, seed=turn)
    assert tally(came) == [REFUSED, "done"]
    case = decided_once(case, at(3))
    assert (case.state == CaseState.REINSTATED) == (came[0] == "done") == may_sell(case, at(3))


@pytest.mark.parametrize("turn", range(REPETITIONS))
def test_two_reviewers_who_take_a_case_at_once_and_decide_it_are_one(turn):
    case = make_action_in_force(ActionKind.RESTRICT)
    submit(case, PACK)

    def review(name: str, outcome: DecisionOutcome) -> None:
        claim_case(call=specialist(name, now=at(2)), pack=PACK, case_id=case.pk)
        decide_appeal(call=specialist(name, now=at(3)), pack=PACK, case_id=case.pk, verdicts=verdicts(case, outcome))

    came = race(partial(review, "user:1", UPHELD), partial(review, "user:3", OVERTURNED), seed=turn)
    assert tally(came) == [REFUSED, "done"]
    decided_once(case, at(3))
    assert kinds(case)["CaseClaimed"] == 1


@pytest.mark.parametrize("turn", range(REPETITIONS))
@pytest.mark.parametrize("keys", [("one", "one"), ("one", "two")], ids=["again", "twice"])
def test_an_appeal_submitted_twice_at_once_is_one_appeal(turn, keys):
    """G2: nothing sent is ever lost or taken twice."""
    case = make_action_in_force(ActionKind.RESTRICT)
    came = race(*(partial(submit, case, PACK, key=key) for key in keys), seed=turn)
    assert tally(came) == (["done", "done"] if keys[0] == keys[1] else [REFUSED, "done"])
    case = fresh(case)
    assert (case.state, case.attempts, case.appeals.count()) == (CaseState.SUBMITTED, 1, 1)
    assert kinds(case)["AppealSubmitted"] == events(case)["appeal.submitted"] == letters(case)["acknowledgement"] == 1
    check(case.account_id, at(1))


@pytest.mark.parametrize("turn", range(REPETITIONS))
@pytest.mark.parametrize("outcome", [OVERTURNED, UPHELD])
def test_a_decision_and_the_end_of_the_action_at_the_same_instant_are_both_kept(turn, outcome):
    """An accepted appeal ends in a settled case, also where its action expires meanwhile; one that is refused rests where the action is over."""
    case = make_action_in_force(ActionKind.HOLD)
    end = case.action.ends_at
    submit(case, PACK)
    Deadline.objects.filter(case=case, clock__in=("follow_up", "review_lease")).delete()
    claim(case, PACK)
    Deadline.objects.filter(case=case, clock="review_lease").delete()
    came = race(lambda: decide(case, PACK, outcome, call=specialist(now=end)), lambda: fire(PACK, end), seed=turn)
    assert tally(came) == ["done", "done"]
    fire(PACK, end)
    case = decided_once(case, end)
    if outcome == OVERTURNED:
        assert (case.state, kinds(case)["ActionExpired"] <= 1) == (CaseState.REINSTATED, True)
    else:
        assert (case.state, kinds(case)["ActionExpired"], letters(case)["expired"]) == (CaseState.EXPIRED, 1, 1)
    assert standing_of(account_id=case.account_id, now=end).permissions[Act.BUY].allowed


@pytest.mark.parametrize("turn", range(REPETITIONS))
def test_an_appeal_and_the_end_of_the_time_to_appeal_at_the_same_instant_are_one_of_both(turn):
    case = make_action_in_force(ActionKind.RESTRICT)
    end = case.appeal_until
    before = round((end - timedelta(seconds=1) - NOW).total_seconds() / 60)
    came = race(lambda: submit(case, PACK, minutes=before), lambda: fire(PACK, end), seed=turn)
    case = fresh(case)
    taken = came[0] == "done"
    assert came[1] == "done"
    assert (case.state, case.appeals.count()) == ((CaseState.SUBMITTED, 1) if taken else (CaseState.FINAL, 0)), came
    assert kinds(case)["AppealWindowEnded"] == (not taken)
    assert kinds(case)["AppealSubmitted"] == letters(case)["acknowledgement"] == taken


@pytest.mark.parametrize("turn", range(REPETITIONS))
def test_a_second_appeal_while_the_first_is_decided_is_kept_or_refused_but_never_lost(turn):
    """The peers' fault by name: a second appeal that is taken and then waits for nobody."""
    case = appealed(make_action_in_force(ActionKind.RESTRICT), PACK)
    came = race(lambda: decide(case, PACK, UPHELD), lambda: submit(case, PACK, key="two", minutes=4), seed=turn)
    assert came[0] == "done"
    case, taken = decided_once(case, at(4)), came[1] == "done"
    assert taken or tally(came)[0] == REFUSED
    assert (case.state, case.attempts) == ((CaseState.SUBMITTED, 2) if taken else (CaseState.UPHELD, 1))
    assert letters(case)["acknowledgement"] == kinds(case)["AppealSubmitted"] == 1 + taken
    if taken:
        # Whoever comes next finds it in the queue and can answer it.
        claim(case, PACK, minutes=5, call=specialist("user:3", now=at(5)))
        decide(case, PACK, OVERTURNED, call=specialist("user:3", now=at(6)))
        assert fresh(case).state == CaseState.REINSTATED


@pytest.mark.parametrize("turn", range(REPETITIONS))
def test_an_approval_and_a_rescission_at_once_leave_no_limit_without_its_action(turn):
    case = make_action_in_force(ActionKind.RESTRICT)
    submit(case, PACK)
    works = [partial(rescind_action, call=senior(name, now=at(3)), pack=PACK, case_id=case.pk, because="wrong") for name in ("user:2", "user:4")]
    came = race(*works, seed=turn)
    assert tally(came) == [REFUSED, "done"]
    assert kinds(case)["ActionRescinded"] == kinds(case)["LimitsLifted"] == letters(case)["reinstated"] == 1
    assert may_sell(case, at(3))
    check(case.account_id, at(3))


def solvable() -> Case:
    """A window that may be settled now, and ends as unsolved in the same instant."""
    case = make_window(ASSURED)
    send_plan(ASSURED, case, hours=1)
    ask_for_call(ASSURED, case, hours=1)
    call_holder(ASSURED, case, CallOutcome.REACHED, hours=2)
    case.window.refresh_from_db()
    case.window.answered_at = at(180)
    case.window.save(update_fields=["answered_at"])
    return case


@pytest.mark.parametrize("turn", range(REPETITIONS))
def test_a_window_settled_and_ended_at_the_same_instant_is_one_of_both(turn):
    """J3: settled or deactivated, exactly once."""
    case, end = solvable(), NOW + timedelta(hours=72)
    came = race(
        lambda: settle_window(call=specialist(now=end), pack=ASSURED, case_id=case.pk, because="Mended."), lambda: fire(ASSURED, end), seed=turn
    )
    fire(ASSURED, end)
    case, settled = Case.objects.select_related("window", "action").get(pk=case.pk), came[0] == "done"
    assert came[1] == "done"
    assert settled or tally(came)[0] == REFUSED
    assert (case.state, case.window.outcome) == ((CaseState.SETTLED, "settled") if settled else (CaseState.IN_FORCE, "unsolved"))
    assert kinds(case)["WindowSettled"] + kinds(case)["ActionTookEffect"] == letters(case)["settled"] + letters(case)["action"] == 1
    assert may_sell(case, end) == settled
    check(case.account_id, end)


def held() -> Case:
    """A deactivation in force that also holds money, with an appeal before its reviewer."""
    case = appealed(make_action_in_force(ActionKind.RESTRICT), PACK)
    said = {"amount": 12_050, "currency": "EUR", "because": "claims are open", "until": NOW + timedelta(days=30)}
    hold_money(call=specialist("user:3", now=at(2)), pack=PACK, case_id=case.pk, **said)
    return case


def release(case: Case, name: str) -> None:
    release_money(call=specialist(name, now=at(3)), pack=PACK, case_id=case.pk, because="The claims are paid.")


def check_released_once(case: Case) -> None:
    limit = Limit.objects.get(action=case.action_id, act=Act.WITHDRAW)
    assert limit.lifted_at == at(3)
    assert kinds(case)["MoneyReleased"] == events(case)["money.released"] == letters(case)["money_released"] <= 1
    assert standing_of(account_id=case.account_id, now=at(3)).permissions[Act.WITHDRAW].allowed
    check(case.account_id, at(3))


@pytest.mark.parametrize("turn", range(REPETITIONS))
def test_money_released_twice_at_once_is_released_once(turn):
    """A7: whoever is later gets the limit that was released, and the holder one letter."""
    case = held()
    came = race(*(partial(release, case, name) for name in ("user:3", "user:4")), seed=turn)
    assert tally(came) == ["done", "done"]
    check_released_once(case)
    assert kinds(case)["MoneyReleased"] == 1


@pytest.mark.parametrize("turn", range(REPETITIONS))
def test_money_released_while_the_action_is_lifted_is_free_once_by_one_of_both(turn):
    """A7: the limit names the one who lifted it, and nothing is lifted that is free already."""
    case = held()
    came = race(partial(release, case, "user:4"), lambda: decide(case, PACK, OVERTURNED), seed=turn)
    assert came[1] == "done", came
    # After the decision the money is free by it, and the later one is given the limit as it was freed.
    assert came[0] == "done", came
    case = decided_once(case, at(3))
    assert case.state == CaseState.REINSTATED
    check_released_once(case)
    lifted = {
        one["id"]
        for (text,) in LedgerBody.objects.filter(entry__case_id=case.pk, entry__kind="LimitsLifted").values_list("text")
        for one in json.loads(text)["limits"]
    }
    own = Limit.objects.get(action=case.action_id, act=Act.WITHDRAW)
    assert (own.pk in lifted) != bool(kinds(case)["MoneyReleased"])
    assert own.lifted_by == ("user:4" if kinds(case)["MoneyReleased"] else "user:1")


DISPUTE = Answer(Route.DISPUTE, grounds="The shop was sold in May; the contract is attached.")


def related_both_ways() -> list[Case]:
    """Two accounts, each deactivated only for its relation to the other, and both dispute it before their reviewers."""
    one, other = make_account(), make_account()
    for mine, theirs in ((one, other), (other, one)):
        StruckAccount.objects.create(action_id=f"X-{theirs.pk}", account_id=theirs.pk, since=TODAY)
        make_violation(mine, "related_account", other_account=theirs.pk)
    propose_actions(call=automation(), pack=PACK, as_of=TODAY)
    cases = list(Case.objects.filter(account__in=(one, other)).order_by("pk"))
    for case in cases:
        approve_action(call=senior("user:9"), pack=PACK, case_id=case.pk)
        submit(case, PACK, answer=DISPUTE)
        claim(case, PACK)
    return [fresh(case) for case in cases]


def grant(case: Case) -> None:
    """Decide the dispute for the holder: the relation is denied, for both accounts."""
    said = verdicts(case, OVERTURNED)
    grounds = dict.fromkeys(said, RelationGround.SOLD_BUSINESS)
    decide_appeal(call=specialist(now=at(3)), pack=PACK, case_id=case.pk, verdicts=said, grounds=grounds)


@pytest.mark.parametrize("turn", range(REPETITIONS))
def test_both_ends_of_a_relation_decided_at_once_wait_in_no_ring(turn):
    cases = related_both_ways()
    came = race(*(partial(grant, case) for case in cases), seed=turn)
    # Whoever comes second finds that nothing is contested any more, and is told so.
    assert "done" in came
    assert set(tally(came)) <= {"done", REFUSED, "UnusableInput"}, came
    for case, said in zip(cases, came, strict=True):
        if said == "done":
            decided_once(case, at(3))
        assert not Violation.objects.filter(actions=case.action_id).exclude(decided=OVERTURNED).exists()


@pytest.mark.parametrize("turn", range(REPETITIONS))
@pytest.mark.parametrize("which", [0, 1])
def test_a_judgement_and_the_decision_of_its_dispute_at_once_wait_in_no_ring(turn, which):
    """I1: whoever comes first frees the account; the other finds it free."""
    cases = related_both_ways()
    case, other = cases[which], cases[1 - which].account
    came = race(lambda: judge(case, other, PACK, call=specialist("user:3", now=at(3))), partial(grant, case), seed=turn)
    assert came[0] == "done", came
    assert tally(came[1:])[0] in {"done", REFUSED}, came
    assert may_sell(case, at(3))
    assert fresh(case).state == CaseState.REINSTATED
    assert kinds(case)["LimitsLifted"] == letters(case)["reinstated"] == 1
    check(case.account_id, at(3))


def finished(work) -> str:
    """Do it again after a crash, as whoever pressed the button would."""
    try:
        work()
    except Exception as error:
        return type(error).__name__
    return "done"


@pytest.mark.parametrize("outcome", [OVERTURNED, UPHELD])
def test_a_decision_killed_anywhere_is_taken_once(outcome):
    """H6: all of it or nothing of it, and a second try finds which."""
    for after in kill_points(partial(decide, appealed(make_action_in_force(ActionKind.RESTRICT), PACK), PACK, outcome)):
        case = appealed(make_action_in_force(ActionKind.RESTRICT), PACK)
        work = partial(decide, case, PACK, outcome)
        killed(work, after)
        came = finished(work)
        assert came in {"done", REFUSED}
        decided_once(case, at(3))


def test_a_decision_by_two_people_killed_anywhere_is_taken_once():
    """H1, H6: each of its two transactions happens or does not."""

    def waiting() -> Case:
        return appealed(make_action_in_force(ActionKind.DEACTIVATE), PACK)

    def both(case: Case) -> None:
        if fresh(case).state == CaseState.IN_REVIEW:
            decide(case, PACK, UPHELD)
        second.agree(call=senior("user:3", now=at(4)), pack=PACK, case_id=case.pk)

    for after in kill_points(partial(both, waiting())):
        case = waiting()
        killed(partial(both, case), after)
        came = finished(partial(both, case))
        assert came in {"done", REFUSED}
        case = decided_once(case, at(4))
        assert (case.state, kinds(case)["PassedToSecond"], kinds(case)["SecondAgreed"]) == (CaseState.UPHELD, 1, 1)


def announced() -> tuple[Case, datetime]:
    """A closing that takes effect in thirty days."""
    case = approve_action(call=senior("user:9"), pack=PACK, case_id=make_proposed(ActionKind.CLOSE, pack=PACK).pk)
    return case, case.action.scheduled_for


def test_a_worker_killed_while_an_announced_action_takes_effect_puts_it_in_force_once():
    due = announced()[1]
    for after in kill_points(partial(fire, PACK, due)):
        case, due = announced()
        killed(lambda due=due: fire(PACK, due), after)
        fire(PACK, due)
        case = fresh(case)
        assert (case.state, may_sell(case, due)) == (CaseState.IN_FORCE, False)
        assert kinds(case)["ActionTookEffect"] == events(case)["action.in_force"] == 1
        assert letters(case)[NoticeKind.ACTION] == 2, "announced, and in force"
        check(case.account_id, due)


def test_a_worker_killed_while_windows_end_deactivates_each_account_once():
    """J3: exactly once, also across crashes; several windows, so that the kill falls before, inside and after each one's transaction."""
    end = NOW + timedelta(hours=72)
    for _ in range(2):
        make_window(ASSURED)
    for after in kill_points(partial(fire, ASSURED, end)):
        cases = [make_window(ASSURED) for _ in range(2)]
        killed(partial(fire, ASSURED, end), after)
        fire(ASSURED, end)
        for case in cases:
            assert (fresh(case).state, may_sell(case, end)) == (CaseState.IN_FORCE, False)
            assert kinds(case)["ActionTookEffect"] == events(case)["action.in_force"] == letters(case)["action"] == 1
            check(case.account_id, end)


def test_a_worker_killed_while_sending_sends_again_under_the_same_key():
    """What was sent without being marked is sent again; the key lets the other side take it once."""
    took: Counter[str] = Counter()
    make_action_in_force(ActionKind.RESTRICT)
    send = partial(send_due, now=NOW, deliver=lambda *_: None)
    for after in kill_points(send):
        make_action_in_force(ActionKind.RESTRICT)
        killed(send, after)
        send_due(now=NOW + LEASE, deliver=lambda message, _: took.update([message.key]))
        assert not OutboxMessage.objects.filter(sent_at=None).exists()
    assert took.total() == len(took)
