"""Appeals from the holder's side (requirements F0, G1, G2)."""

from datetime import timedelta

import pytest

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, AppealOutcome, DecisionOutcome, NoticeKind, Route
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.appeals import give_information, submit_appeal, withdraw_appeal
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.evidence import Upload
from goodstanding.server.services.ledger import verify
from goodstanding.server.services.reviews import ask_information, release_case
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Appeal, Case, Deadline, LedgerEntry, Limit, OutboxMessage
from tests.factories import make_reason
from tests.server.factories import (
    NOW,
    automation,
    holder,
    make_account,
    make_action_in_force,
    make_endpoint,
    make_proposed,
    make_rating,
    make_violation,
    senior,
    server_pack,
    specialist,
)
from tests.server.services.appealing import INVOICE, PDF, PLAN, appealed, at, claim, decide, submit, verdicts

pytestmark = pytest.mark.usefixtures("db")

MONTHS_LATER = NOW + timedelta(days=200)


def kinds(case: Case) -> list[str]:
    return list(LedgerEntry.objects.filter(case_id=case.case_id).order_by("sequence").values_list("kind", flat=True))


def fresh(case: Case) -> Case:
    return Case.objects.select_related("action").get(pk=case.pk)


def ask(case: Case, pack: PolicyPack, *items: str, minutes: int = 4):
    return ask_information(call=specialist(now=at(minutes)), pack=pack, case_id=case.case_id, items=items or ["invoice"])


def give(case: Case, pack: PolicyPack, answer: str = "Here it is.", *, minutes: int = 5, uploads=()):
    return give_information(call=holder(case.account_id, now=at(minutes)), pack=pack, case_id=case.case_id, answer=answer, uploads=uploads)


def test_from_the_notice_to_selling_again(pack: PolicyPack) -> None:
    """The whole path: notice, appeal, question, answer, overturned, and the account sells again (G1, G2, H2, I1)."""
    account = make_account()
    make_rating(account, 104, points=96)
    make_endpoint()
    case = make_action_in_force(account=account)
    assert not standing_of(account_id=account.pk, now=at(1)).permissions[Act.SELL].allowed

    submit(case, pack, uploads=[INVOICE])
    claim(case, pack)
    asked = ask(case, pack, "invoice", "a photo of the label")
    assert fresh(case).due_at == asked.due_at == at(4) + timedelta(days=10)
    given = give(case, pack, uploads=[Upload("label.txt", b"LOT 7")])
    assert given.evidence.get().name == "label.txt"
    assert (fresh(case).state, fresh(case).assignee) == (CaseState.IN_REVIEW, "user:1")
    appeal = decide(case, pack, DecisionOutcome.OVERTURNED, minutes=6)

    assert appeal.outcome == AppealOutcome.REVERSED
    assert (fresh(case).state, fresh(case).outcome, fresh(case).assignee) == (CaseState.REINSTATED, AppealOutcome.REVERSED, "")
    assert standing_of(account_id=account.pk, now=at(7)).permissions[Act.SELL].allowed
    assert not Limit.objects.filter(action=case.action, lifted_at=None).exists()
    letters = list(case.notices.order_by("created_at").values_list("kind", flat=True))
    assert letters == [
        NoticeKind.ACTION,
        NoticeKind.ACKNOWLEDGEMENT,
        NoticeKind.INFORMATION_ASKED,
        NoticeKind.ACKNOWLEDGEMENT,
        NoticeKind.REINSTATED,
    ]
    told = kinds(case)
    assert [kind for kind in told if kind != "NoticeIssued"] == [
        "ActionProposed",
        "ActionApproved",
        "AppealSubmitted",
        "CaseClaimed",
        "InformationAsked",
        "InformationGiven",
        "LimitsLifted",
        "AppealDecided",
    ]
    assert told.count("NoticeIssued") == len(letters)
    events = OutboxMessage.objects.filter(channel="webhook").order_by("pk").values_list("payload", flat=True)
    assert [event["type"] for event in events] == [
        "action.in_force",
        "appeal.submitted",
        "appeal.information_asked",
        "appeal.information_given",
        "appeal.decided",
        "action.lifted",
    ]
    assert events.last()["acts"]["sell"] is True
    assert list(verify()) == []


def test_the_receipt_names_the_files_and_the_promised_day(pack: PolicyPack) -> None:
    """G2: an acknowledgement at once."""
    case = make_action_in_force()
    submit(case, pack, uploads=[INVOICE])
    receipt = case.notices.get(kind=NoticeKind.ACKNOWLEDGEMENT)
    assert "files=invoice.pdf" in receipt.body
    assert "answer_by=2026-11-22 09:31 UTC" in receipt.body
    assert fresh(case).due_at == at(1) + timedelta(days=2)


def test_the_same_submission_sent_twice_is_one_appeal(pack: PolicyPack) -> None:
    """G2: nothing sent is ever taken twice."""
    case = make_action_in_force()
    first = submit(case, pack, uploads=[INVOICE])
    again = submit(case, pack, minutes=2, uploads=[INVOICE])
    assert again.pk == first.pk
    assert Appeal.objects.count() == 1
    assert kinds(case).count("AppealSubmitted") == 1
    assert case.notices.filter(kind=NoticeKind.ACKNOWLEDGEMENT).count() == 1


def test_the_same_submission_sent_again_after_the_decision_changes_nothing(pack: PolicyPack) -> None:
    case = make_action_in_force()
    first = submit(case, pack)
    claim(case, pack)
    decide(case, pack, DecisionOutcome.UPHELD)
    assert submit(case, pack, minutes=9).pk == first.pk
    assert fresh(case).state == CaseState.UPHELD


def test_another_appeal_while_one_waits_is_refused_in_plain_words(pack: PolicyPack) -> None:
    """Never silently dropped, never an error page."""
    case = make_action_in_force()
    submit(case, pack)
    with pytest.raises(
        IllegalTransition, match=r"your appeal 1 of this case is still being looked at; the answer is due by 2026-11-22 09:31 UTC"
    ) as refused:
        submit(case, pack, minutes=2, key="two")
    assert "withdraw_appeal" in refused.value.possible
    assert fresh(case).attempts == 1


def test_another_accounts_holder_learns_nothing(pack: PolicyPack) -> None:
    """K5: the answer is the same as for a case that does not exist."""
    case, stranger = make_action_in_force(), make_account()
    call = holder(stranger, now=at(1))
    with pytest.raises(NotFound, match=f"there is no case {case.case_id}"):
        withdraw_appeal(call=call, pack=pack, case_id=case.case_id)
    with pytest.raises(NotFound, match="there is no case"):
        give_information(call=call, pack=pack, case_id=case.case_id, answer="hello")
    case.account_id = stranger.pk
    with pytest.raises(NotFound, match="there is no case"):
        submit(case, pack)


def test_staff_do_not_appeal_for_a_holder(pack: PolicyPack) -> None:
    case = make_action_in_force()
    with pytest.raises(NotPermitted, match="holder"):
        submit_appeal(call=specialist(now=at(1)), pack=pack, case_id=case.case_id, submission_key="x", answer=PLAN, language="en")


def test_only_a_truly_empty_appeal_is_refused(pack: PolicyPack) -> None:
    """F2: checks advise and score; they never block sending."""
    case = make_action_in_force()
    with pytest.raises(UnusableInput, match="the appeal is empty; write at least one of: root cause, corrective, preventive"):
        submit(case, pack, answer=Answer(Route.PLAN, " ", "\n", "", grounds="written under the other route"))
    assert submit(case, pack, answer=Answer(Route.PLAN, root_cause="sorry")).attempt == 1


@pytest.mark.parametrize("key", ["", "  ", "x" * 81])
def test_a_submission_needs_a_usable_key(pack: PolicyPack, key: str) -> None:
    with pytest.raises(UnusableInput, match="needs a key"):
        submit(make_action_in_force(), pack, key=key)


def test_a_route_that_no_reason_opens_is_refused_with_those_that_are() -> None:
    """F0: the pack says which ways are open."""
    pack = server_pack()
    pack = server_pack(reasons=dict(pack.reasons) | {"counterfeit": make_reason("counterfeit", routes=frozenset({Route.DISPUTE}))})
    case = make_action_in_force(pack=pack)
    with pytest.raises(UnusableInput, match="the route 'plan' is not open for the reasons of this case; open: dispute"):
        submit(case, pack)
    assert submit(case, pack, answer=Answer(Route.DISPUTE, grounds="These are genuine.")).route == Route.DISPUTE


def test_attempts_end_and_the_holder_is_told(pack: PolicyPack) -> None:
    """H4: up to the pack's number of times."""
    case = make_action_in_force()
    for number in range(pack.most_appeals):
        start = 10 * (number + 1)
        submit(case, pack, minutes=start, key=f"try {number}")
        claim(case, pack, call=specialist(f"user:{start}", now=at(start + 1)))
        decide(case, pack, DecisionOutcome.UPHELD, call=specialist(f"user:{start}", now=at(start + 2)))
    with pytest.raises(IllegalTransition, match="all 2 appeals of this case are used"):
        submit(case, pack, minutes=90, key="once more")
    last = case.notices.filter(kind=NoticeKind.UPHELD).order_by("-created_at").first()
    assert "attempts none" in last.body


def test_after_the_window_there_is_no_appeal_even_before_the_clock_was_looked_at(pack: PolicyPack) -> None:
    case = make_action_in_force()
    call = holder(case.account_id, now=MONTHS_LATER)
    with pytest.raises(IllegalTransition, match="the time to appeal ended on 2027-05-20 09:30 UTC"):
        submit_appeal(call=call, pack=pack, case_id=case.case_id, submission_key="late", answer=PLAN, language="en")


def test_a_proposal_cannot_be_appealed(pack: PolicyPack) -> None:
    with pytest.raises(IllegalTransition):
        submit(make_proposed(), pack)


def test_a_withdrawn_appeal_leaves_the_action_and_the_rest_of_the_window(pack: PolicyPack) -> None:
    case = make_action_in_force()
    window = case.appeal_until
    submit(case, pack)
    claim(case, pack)
    ask(case, pack)
    appeal = withdraw_appeal(call=holder(case.account_id, now=at(6)), pack=pack, case_id=case.case_id)
    assert appeal.outcome == AppealOutcome.OMITTED
    assert appeal.information_requests.get().lapsed_at == at(6)
    now = fresh(case)
    assert (now.state, now.due_at, now.assignee) == (CaseState.IN_FORCE, window, "")
    assert Limit.objects.filter(action=case.action, lifted_at=None).count() == 2
    again = withdraw_appeal(call=holder(case.account_id, now=at(7)), pack=pack, case_id=case.case_id)
    assert again.pk == appeal.pk
    assert kinds(case).count("AppealWithdrawn") == 1
    assert submit(case, pack, minutes=8, key="two").attempt == 2


def test_an_answer_needs_a_word_or_a_file(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(), pack)
    ask(case, pack)
    with pytest.raises(UnusableInput, match="the answer is empty"):
        give(case, pack, "  ")
    assert give(case, pack, "", uploads=[Upload("a.pdf", PDF)]).answered_at == at(5)


def test_the_same_answer_sent_twice_is_taken_once(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(), pack)
    ask(case, pack)
    first = give(case, pack, uploads=[INVOICE])
    again = give(case, pack, minutes=6, uploads=[INVOICE])
    assert again.pk == first.pk
    assert kinds(case).count("InformationGiven") == 1
    assert first.evidence.count() == 1


def test_an_answer_that_nobody_asked_for_is_refused_in_plain_words(pack: PolicyPack) -> None:
    case = make_action_in_force()
    submit(case, pack)
    with pytest.raises(IllegalTransition, match="nothing is asked of you at the moment"):
        give(case, pack)


def test_silence_gives_the_case_back_to_its_reviewer(pack: PolicyPack) -> None:
    """H2: named items, with a deadline."""
    case = appealed(make_action_in_force(), pack)
    request = ask(case, pack)
    late = automation(now=request.due_at + timedelta(minutes=1))
    assert fire_due(call=late, pack=pack) == 1
    assert fire_due(call=late, pack=pack) == 0
    request.refresh_from_db()
    assert request.lapsed_at == late.now
    assert (fresh(case).state, fresh(case).assignee) == (CaseState.IN_REVIEW, "user:1")
    assert kinds(case)[-1] == "InformationLapsed"
    with pytest.raises(IllegalTransition, match="nothing is asked"):
        give_information(call=holder(case.account_id, now=late.now), pack=pack, case_id=case.case_id, answer="too late")
    decide_late = specialist(now=late.now + timedelta(hours=1))
    assert decide(case, pack, DecisionOutcome.UPHELD, call=decide_late).outcome == AppealOutcome.UPHELD
    assert list(verify()) == []


def test_the_end_of_the_window_is_final_and_leaves_the_limits(pack: PolicyPack) -> None:
    case = make_action_in_force()
    assert fire_due(call=automation(now=MONTHS_LATER), pack=pack) == 1
    assert fresh(case).state == CaseState.FINAL
    assert kinds(case)[-1] == "AppealWindowEnded"
    assert Limit.objects.filter(action=case.action, lifted_at=None).exists()
    assert not Deadline.objects.filter(case=case, done_at=None, cancelled_at=None).exists()


def test_a_released_case_keeps_the_day_promised_to_its_holder(pack: PolicyPack) -> None:
    """G3: nothing costs the place in the queue."""
    case = make_action_in_force()
    submit(case, pack)
    promised = fresh(case).due_at
    claim(case, pack)
    release_case(call=specialist(now=at(3)), pack=pack, case_id=case.case_id)
    assert (fresh(case).state, fresh(case).assignee, fresh(case).due_at) == (CaseState.SUBMITTED, "", promised)


def test_lifting_one_of_two_actions_leaves_the_other(pack: PolicyPack) -> None:
    """A7, I1: exactly this action's limits are lifted, and the letter says what stays."""
    account = make_account()
    make_violation(account, "order_defects")
    case = make_action_in_force(account=account)
    other = Case.objects.get(account=account, action__kind="restrict")
    approve_action(call=senior("user:9"), pack=pack, case_id=other.case_id)
    appealed(case, pack)
    decide(case, pack, DecisionOutcome.OVERTURNED)
    standing = standing_of(account_id=account.pk, now=at(9))
    assert not standing.permissions[Act.SELL].allowed
    assert {limit.action_id for limit in standing.permissions[Act.SELL].because} == {other.action_id}
    assert standing.permissions[Act.WITHDRAW].allowed
    letter = case.notices.get(kind=NoticeKind.REINSTATED).body
    assert "remaining line act=sell [en]" in letter
    assert "lifted line act=withdraw [en]" in letter
    assert "lifted line act=sell [en]" not in letter


def test_verdicts_cover_what_is_contested(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(reasons=["counterfeit", "related_account"]), pack)
    assert len(verdicts(case, DecisionOutcome.UPHELD)) == 2
