"""Judgements on relations, and the accounts they free (requirements A7, B16, H1, I1, K5)."""

import pytest
from django.db import DatabaseError, connection, transaction

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Act, DecisionOutcome, OwnerKind, RelationGround, RelationVerdict, Role, Route
from goodstanding.server.services import ledger, releases
from goodstanding.server.services.actions import approve_action, propose_actions, rescind_action
from goodstanding.server.services.judgements import history_of, judge_relation
from goodstanding.server.services.releases import free_related, keep_limits, release_account, releases_waiting
from goodstanding.server.services.reviews import claim_case, decide_appeal
from goodstanding.server.services.standing import open_violations, standing_of
from goodstanding.server.store.models import Account, Case, Judgement, LedgerEntry, OutboxMessage, StruckAccount, Violation
from tests.server.factories import (
    TODAY,
    automation,
    call_as,
    make_account,
    make_action_in_force,
    make_endpoint,
    make_violation,
    senior,
    specialist,
)
from tests.server.services.appealing import at, claim, submit, verdicts

pytestmark = pytest.mark.django_db
CONFIRMED, DENIED = RelationVerdict.CONFIRMED, RelationVerdict.DENIED
DISPUTE = Answer(Route.DISPUTE, grounds="The shop was sold in May; the contract is attached.")


def related_to(other: Account, *, account: Account | None = None) -> Violation:
    """A violation of an account for its relation to another one, which some system has deactivated."""
    StruckAccount.objects.get_or_create(action_id=f"X-{other.pk}", defaults={"account_id": other.pk, "since": TODAY})
    return make_violation(account or make_account(), "related_account", other_account=other.pk)


def related_case(pack: PolicyPack, *, in_force: bool = True) -> tuple[Case, Account]:
    """The case of an account that is to be, or is, deactivated for its relation alone; and the other account."""
    other = make_account()
    account = related_to(other).account
    propose_actions(call=automation(), pack=pack, as_of=TODAY)
    case = Case.objects.get(account=account)
    if in_force:
        approve_action(call=senior("user:9"), pack=pack, case_id=case.pk)
    return Case.objects.select_related("action", "account").get(pk=case.pk), other


def judge(case, other, pack, verdict=DENIED, ground=RelationGround.SOLD_BUSINESS, *, call=None, note="contract of 3 May") -> Judgement:
    return judge_relation(
        call=call or specialist(now=at(5)), pack=pack, account_id=case.account_id, other_id=other.pk, verdict=verdict, ground=ground, note=note
    )


def kinds(case: Case) -> list[str]:
    return list(LedgerEntry.objects.filter(case_id=case.pk).order_by("sequence").values_list("kind", flat=True))


def may_sell(case: Case) -> bool:
    return standing_of(account_id=case.account_id, now=at(60)).permissions[Act.SELL].allowed


def as_policy(case: Case) -> None:
    """As if the pack had set the limits and no person."""
    case.action.limits.update(owner_kind=OwnerKind.POLICY, owner="example@1")


def test_a_denied_relation_frees_who_was_limited_for_nothing_else(pack):
    """I1: limits, points, notice, ledger and event in one transaction."""
    make_endpoint()
    case, other = related_case(pack)
    assert not may_sell(case)
    judge(case, other, pack)
    case.refresh_from_db()
    assert (case.state, case.outcome, may_sell(case)) == (CaseState.REINSTATED, "reversed", True)
    assert not open_violations().filter(account=case.account_id).exists()
    assert kinds(case)[-4:] == ["RelationJudged", "LimitsLifted", "AccountFreed", "NoticeIssued"]
    letter = case.notices.get(kind="reinstated")
    assert letter.body.startswith("greeting")
    assert "freed relation denied" in letter.body
    assert [one.payload["type"] for one in OutboxMessage.objects.filter(channel="webhook").order_by("pk")][-2:] == [
        "relation.judged",
        "action.lifted",
    ]
    assert list(ledger.verify()) == []


def test_the_freed_holder_reads_nothing_of_the_other_account(pack):
    """K5."""
    case, other = related_case(pack)
    judge(case, other, pack, note=f"{other.email} is the buyer of the shop")
    said = "".join(f"{one.subject}{one.body}{one.statement}{bytes(one.message).decode()}" for one in case.notices.all())
    assert not [part for part in (other.pk, other.email, other.display_name) if part in said]


def test_a_denied_relation_leaves_what_rests_on_something_else(pack):
    other = make_account()
    account = related_to(other).account
    make_violation(account, "counterfeit")
    propose_actions(call=automation(), pack=pack, as_of=TODAY)
    case = approve_action(call=senior("user:9"), pack=pack, case_id=Case.objects.get(account=account).pk)
    judge(case, other, pack)
    case.refresh_from_db()
    assert (case.state, may_sell(case)) == (CaseState.IN_FORCE, False)
    assert [one.reason for one in open_violations().filter(account=account)] == ["counterfeit"]
    assert kinds(case)[-1] == "RelationJudged"


def test_a_second_relation_still_holds(pack):
    other, third = make_account(), make_account()
    account = related_to(other).account
    related_to(third, account=account)
    propose_actions(call=automation(), pack=pack, as_of=TODAY)
    case = approve_action(call=senior("user:9"), pack=pack, case_id=Case.objects.get(account=account).pk)
    judge(case, other, pack)
    assert not may_sell(case)
    judge(case, third, pack)
    assert may_sell(case)


def test_a_proposal_that_rests_on_a_denied_relation_goes_and_the_holder_hears_nothing(pack):
    case, other = related_case(pack, in_force=False)
    judge(case, other, pack)
    case.refresh_from_db()
    assert (case.state, case.notices.count()) == (CaseState.DISMISSED, 0)
    assert kinds(case)[-1] == "ActionDismissed"


def test_a_confirmed_relation_changes_nothing_and_keeps_its_ground(pack):
    case, other = related_case(pack)
    judge(case, other, pack, CONFIRMED, RelationGround.SAME_OWNER)
    assert not may_sell(case)
    assert history_of((min(case.account_id, other.pk), max(case.account_id, other.pk))).get().ground == RelationGround.SAME_OWNER


def test_the_same_judgement_twice_is_one_and_a_later_one_supersedes_it(pack):
    case, other = related_case(pack)
    first = judge(case, other, pack, CONFIRMED, RelationGround.SAME_OWNER)
    assert judge(case, other, pack, CONFIRMED, RelationGround.SAME_OWNER).pk == first.pk
    judge(case, other, pack)
    assert list(Judgement.objects.order_by("pk").values_list("verdict", flat=True)) == [CONFIRMED, DENIED]
    assert kinds(case).count("RelationJudged") == 2


def test_who_may_judge_what_and_how(pack):
    case, other = related_case(pack)
    with pytest.raises(NotPermitted, match="judging a relation"):
        judge(case, other, pack, call=call_as(Role.AUDITOR, "user:7"))
    with pytest.raises(UnusableInput, match="no ground for 'denied'"):
        judge(case, other, pack, DENIED, RelationGround.SAME_OWNER)
    with pytest.raises(UnusableInput, match="say in 1 to 2000 characters"):
        judge(case, other, pack, note=" ")
    with pytest.raises(NotFound, match="there is no account"):
        judge(case, Account(account_id="S-nobody"), pack)
    assert not Judgement.objects.exists()


def test_the_database_refuses_to_change_or_delete_a_judgement(pack):
    case, other = related_case(pack)
    judge(case, other, pack)
    for change in (lambda: Judgement.objects.update(note="never said"), lambda: Judgement.objects.all()._raw_delete("default")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert Judgement.objects.get().note == "contract of 3 May", connection.vendor


def disputed(case: Case, pack: PolicyPack, answer: Answer = DISPUTE) -> Case:
    submit(case, pack, answer=answer)
    return claim(case, pack)


def test_a_dispute_that_is_won_denies_the_relation_on_its_ground(pack):
    """The reviewer's decision is the judgement, in the same transaction."""
    case, other = related_case(pack)
    disputed(case, pack)
    said = verdicts(case, DecisionOutcome.OVERTURNED)
    with pytest.raises(UnusableInput, match="on which ground the relation behind related_account is denied"):
        decide_appeal(call=specialist(now=at(3)), pack=pack, case_id=case.pk, verdicts=said)
    assert Case.objects.get(pk=case.pk).state == CaseState.IN_REVIEW
    grounds = dict.fromkeys(said, RelationGround.SOLD_BUSINESS)
    decide_appeal(call=specialist(now=at(3)), pack=pack, case_id=case.pk, verdicts=said, grounds=grounds)
    made = Judgement.objects.get()
    assert (made.verdict, made.ground, made.note, made.case_id) == (DENIED, RelationGround.SOLD_BUSINESS, "about related_account", case.pk)
    assert {made.account_a_id, made.account_b_id} == {case.account_id, other.pk}
    assert may_sell(case)


def test_a_plan_grants_the_relation_so_winning_it_denies_nothing_by_itself(pack):
    case, _ = related_case(pack)
    submit(case, pack)
    claim(case, pack)
    decide_appeal(call=specialist(now=at(3)), pack=pack, case_id=case.pk, verdicts=verdicts(case, DecisionOutcome.OVERTURNED))
    assert may_sell(case)
    assert not Judgement.objects.exists()


def test_who_confirmed_the_relation_does_not_review_the_dispute_about_it(pack):
    """H1."""
    case, other = related_case(pack)
    judge(case, other, pack, CONFIRMED, RelationGround.SAME_OWNER, call=specialist("user:5", now=at(0)))
    submit(case, pack, answer=DISPUTE)
    with pytest.raises(NotPermitted, match="own decision"):
        claim_case(call=specialist("user:5", now=at(2)), pack=pack, case_id=case.pk)
    assert claim(case, pack).state == CaseState.IN_REVIEW


def struck_and_related(pack: PolicyPack) -> tuple[Case, Case]:
    """An account that this server deactivated for its own deed, and one that is deactivated for being related to it."""
    first = make_action_in_force()
    account = make_violation(make_account(), "related_account", other_account=first.account_id).account
    propose_actions(call=automation(), pack=pack, as_of=TODAY)
    case = approve_action(call=senior("user:9"), pack=pack, case_id=Case.objects.get(account=account).pk)
    return first, case


def rescind(case: Case, pack: PolicyPack) -> None:
    rescind_action(call=senior(now=at(5)), pack=pack, case_id=case.pk, because="the complainant took it back")


def test_what_the_policy_set_is_lifted_when_the_first_account_is_free_again(pack):
    """I1."""
    make_endpoint()
    first, case = struck_and_related(pack)
    as_policy(case)
    assert free_related(call=automation(now=at(4)), pack=pack) == 0
    rescind(first, pack)
    assert free_related(call=automation(now=at(6)), pack=pack) == 1
    case.refresh_from_db()
    assert (case.state, may_sell(case)) == (CaseState.REINSTATED, True)
    assert "freed relation ended" in case.notices.get(kind="reinstated").body
    event = OutboxMessage.objects.filter(channel="webhook").latest("pk").payload
    assert (event["type"], event["account_id"], event["because"]) == ("action.lifted", case.account_id, "relation_ended")
    assert free_related(call=automation(now=at(7)), pack=pack) == 0
    assert list(ledger.verify()) == []


def test_what_a_person_set_is_proposed_to_a_person_when_the_first_account_is_free_again(pack):
    """A7: automation never lifts what a person set."""
    first, case = struck_and_related(pack)
    rescind(first, pack)
    assert free_related(call=automation(now=at(6)), pack=pack) == 1
    assert not may_sell(case)
    assert list(releases_waiting()) == [case]
    assert free_related(call=automation(now=at(7)), pack=pack) == 0
    release_account(call=specialist(now=at(8)), pack=pack, case_id=case.pk)
    release_account(call=specialist(now=at(9)), pack=pack, case_id=case.pk)
    assert may_sell(case)
    assert list(releases_waiting()) == []
    assert kinds(case).count("AccountFreed") == 1


def test_a_release_may_be_refused_with_a_reason_and_is_not_asked_again(pack):
    first, case = struck_and_related(pack)
    rescind(first, pack)
    free_related(call=automation(now=at(6)), pack=pack)
    with pytest.raises(NotPermitted):
        keep_limits(call=call_as(Role.AUDITOR, "user:7"), case_id=case.pk, because="no")
    with pytest.raises(UnusableInput, match="say why"):
        keep_limits(call=specialist(), case_id=case.pk, because=" ")
    keep_limits(call=specialist(now=at(8)), case_id=case.pk, because="it opened a third account meanwhile")
    assert free_related(call=automation(now=at(9)), pack=pack) == 0
    assert not may_sell(case)
    with pytest.raises(IllegalTransition):
        release_account(call=specialist(now=at(9)), pack=pack, case_id=case.pk)
    assert kinds(case)[-1] == "ReleaseRefused"


def test_a_release_that_nobody_proposed_cannot_be_decided(pack):
    case, _ = related_case(pack)
    with pytest.raises(IllegalTransition, match="no release is proposed"):
        release_account(call=specialist(), pack=pack, case_id=case.pk)


def test_an_account_that_another_system_still_holds_keeps_its_relations(pack):
    """What facts told of last night counts until a night tells that it is over."""
    first, _ = struck_and_related(pack)
    StruckAccount.objects.create(account_id=first.account_id, action_id="X-elsewhere", since=TODAY)
    rescind(first, pack)
    assert free_related(call=automation(now=at(6)), pack=pack) == 0
    StruckAccount.objects.all().delete()
    assert free_related(call=automation(now=at(7)), pack=pack) == 1


def test_a_case_that_fails_does_not_keep_the_others_limited(pack, monkeypatch):
    cases = [related_case(pack)[0] for _ in range(2)]
    StruckAccount.objects.all().delete()
    for case in cases:
        as_policy(case)
    broken = min(cases, key=lambda case: (case.opened_at, case.pk))
    plain = releases.free_unfounded

    def fails(*, case, **options):
        if case.pk == broken.pk:
            raise RuntimeError("a broken case")
        return plain(case=case, **options)

    monkeypatch.setattr(releases, "free_unfounded", fails)
    assert free_related(call=automation(now=at(6)), pack=pack) == 1
