"""Appeals from the reviewer's side (requirements H1, H2, H4, H6, H7)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition, NotFound, NotPermitted, UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import ActionKind, AppealOutcome, Band, DecisionOutcome, NoticeKind, Role
from goodstanding.server.services.actions import propose_actions
from goodstanding.server.services.reading import case_file, cases_of
from goodstanding.server.services.reviews import ask_information, claim_case, decide_appeal, release_case
from goodstanding.server.store.models import Case, LedgerEntry, Limit, RatingReading, ViolationDecision
from tests.server.factories import (
    TODAY,
    automation,
    call_as,
    holder,
    make_account,
    make_action_in_force,
    make_item,
    make_proposed,
    make_rating,
    senior,
    server_pack,
    specialist,
)
from tests.server.services.appealing import INVOICE, appealed, at, claim, decide, submit, verdicts

UPHELD, OVERTURNED = DecisionOutcome.UPHELD, DecisionOutcome.OVERTURNED

db = pytest.mark.usefixtures("db")


def fresh(case: Case) -> Case:
    return Case.objects.select_related("action").get(pk=case.pk)


@db
def test_claiming_an_own_case_again_changes_nothing_and_others_are_told_who_holds_it(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(), pack)
    assert claim(case, pack, minutes=3).assignee == "user:1"
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="CaseClaimed").count() == 1
    with pytest.raises(IllegalTransition, match="user:1 holds case"):
        claim(case, pack, minutes=4, call=specialist("user:5", now=at(4)))


@db
def test_a_case_that_does_not_wait_cannot_be_claimed(pack: PolicyPack) -> None:
    with pytest.raises(IllegalTransition):
        claim(make_action_in_force(), pack)


@db
def test_nobody_reviews_an_own_decision(pack: PolicyPack) -> None:
    """H1: who approved the action neither claims nor decides, even if the assignment were forged."""
    case = make_action_in_force(approver=senior("user:2"))
    submit(case, pack)
    approver = senior("user:2", now=at(2))
    with pytest.raises(NotPermitted, match="your own decision"):
        claim(case, pack, call=approver)
    claim(case, pack)
    Case.objects.filter(pk=case.pk).update(assignee="user:2")
    with pytest.raises(NotPermitted, match="your own decision"):
        decide(case, pack, OVERTURNED, call=approver)
    assert fresh(case).state == CaseState.IN_REVIEW


@db
def test_only_who_holds_the_case_asks_and_decides(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(), pack)
    other = senior("user:5", now=at(3))
    with pytest.raises(NotPermitted, match="user:1"):
        decide(case, pack, OVERTURNED, call=other)
    with pytest.raises(NotPermitted, match="user:1"):
        ask_information(call=other, pack=pack, case_id=case.case_id, items=["invoice"])


@db
def test_a_case_is_released_by_its_reviewer_or_a_senior(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(), pack)
    with pytest.raises(NotPermitted, match="senior_specialist"):
        release_case(call=specialist("user:5", now=at(3)), pack=pack, case_id=case.case_id)
    release_case(call=senior("user:6", now=at(4)), pack=pack, case_id=case.case_id)
    assert claim(case, pack, minutes=5, call=specialist("user:5", now=at(5))).assignee == "user:5"


@db
@pytest.mark.parametrize("role", [Role.HOLDER, Role.AUDITOR, Role.POLICY_MANAGER, Role.INTEGRATION, Role.AUTOMATION])
def test_no_other_role_decides(pack: PolicyPack, role: Role) -> None:
    """H3: an adverse decision on appeal is never made by machine alone."""
    case = appealed(make_action_in_force(), pack)
    with pytest.raises(NotPermitted):
        decide(case, pack, UPHELD, call=call_as(role, "user:1", now=at(3), accounts=[case.account_id]))


@db
def test_asking_needs_named_things_and_asking_twice_asks_once(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(), pack)
    with pytest.raises(UnusableInput, match="name at least one thing"):
        ask_information(call=specialist(now=at(3)), pack=pack, case_id=case.case_id, items=[" ", ""])
    with pytest.raises(UnusableInput, match="at most 500"):
        ask_information(call=specialist(now=at(3)), pack=pack, case_id=case.case_id, items=["x" * 501])
    first = ask_information(call=specialist(now=at(3)), pack=pack, case_id=case.case_id, items=["invoice", "invoice ", "a photo"])
    assert first.items == ["invoice", "a photo"]
    again = ask_information(call=specialist(now=at(4)), pack=pack, case_id=case.case_id, items=["invoice", "a photo"])
    assert again.pk == first.pk
    letter = case.notices.get(kind=NoticeKind.INFORMATION_ASKED)
    assert "item=invoice [en]" in letter.body
    assert "item=a photo" in letter.body


@db
def test_an_upheld_appeal_keeps_the_rest_of_the_window(pack: PolicyPack) -> None:
    """H4: the decision does not start the months again, nor end them."""
    case = make_action_in_force()
    window = case.appeal_until
    appealed(case, pack)
    appeal = decide(case, pack, UPHELD)
    assert appeal.outcome == AppealOutcome.UPHELD
    now = fresh(case)
    assert (now.state, now.due_at, now.appeal_until) == (CaseState.UPHELD, window, window)
    assert Limit.objects.filter(action=case.action, lifted_at=None).count() == 2
    letter = case.notices.get(kind=NoticeKind.UPHELD).body
    assert "explanation=about counterfeit" in letter
    assert "attempts left" in letter


@db
def test_each_violation_gets_its_own_verdict(pack: PolicyPack) -> None:
    """H6: one reason overturned, another upheld; the action stays because its rule still calls for it."""
    account = make_account()
    make_rating(account, 4, points=200)
    case = appealed(make_action_in_force(account=account, reasons=["counterfeit", "related_account"]), pack)
    appeal = decide(case, pack, {"counterfeit": OVERTURNED, "related_account": UPHELD})
    assert appeal.outcome == AppealOutcome.PARTIALLY_REVERSED
    assert fresh(case).state == CaseState.UPHELD
    decided = dict(appeal.decisions.values_list("violation__reason", "outcome"))
    assert decided == {"counterfeit": OVERTURNED, "related_account": UPHELD}
    assert dict(case.action.violations.values_list("reason", "decided")) == decided
    latest = RatingReading.objects.filter(account=account).latest("as_of", "pk")
    assert latest.points == 100, "the overturned violation gives its points back"
    assert Limit.objects.filter(action=case.action, lifted_at=None).count() == 2


@db
def test_a_second_appeal_is_about_what_was_upheld_only(pack: PolicyPack) -> None:
    """H7: what was overturned is never decided again."""
    case = appealed(make_action_in_force(reasons=["counterfeit", "related_account"]), pack)
    decide(case, pack, {"counterfeit": OVERTURNED, "related_account": UPHELD})
    submit(case, pack, minutes=10, key="two")
    with pytest.raises(NotPermitted, match="your own decision"):
        claim(case, pack, minutes=11)
    claim(case, pack, call=specialist("user:8", now=at(11)))
    assert [v.reason for v in case.action.violations.filter(pk__in=verdicts(case, OVERTURNED))] == ["related_account"]
    appeal = decide(case, pack, OVERTURNED, call=specialist("user:8", now=at(12)))
    assert appeal.attempt == 2
    assert fresh(case).state == CaseState.REINSTATED


@db
def test_a_refusal_says_what_stays_limited_because_of_this_very_action(pack: PolicyPack) -> None:
    """C5: the letter is written from the resulting state, so it never says that nothing is limited while selling is."""
    case = appealed(make_action_in_force(reasons=["counterfeit"]), pack)
    decide(case, pack, UPHELD)
    letter = case.notices.get(kind=NoticeKind.UPHELD).body
    for act in Limit.objects.filter(action=case.action, lifted_at=None).values_list("act", flat=True):
        assert pack.words_for("en").acts[act] in letter


@db
def test_an_action_falls_when_its_rule_would_no_longer_call_for_it() -> None:
    """H6: partly overturned, and what is left is too little for the rule, so its limits are lifted."""
    pack = server_pack()
    pack = replace(pack, rules=tuple(replace(rule, least_open=2) if rule.id == "deactivate-counterfeit" else rule for rule in pack.rules))
    case = appealed(make_action_in_force(reasons=["counterfeit", "related_account"], pack=pack), pack)
    appeal = decide(case, pack, {"counterfeit": OVERTURNED, "related_account": UPHELD})
    assert appeal.outcome == AppealOutcome.PARTIALLY_REVERSED
    assert fresh(case).state == CaseState.REINSTATED
    assert not Limit.objects.filter(action=case.action, lifted_at=None).exists()
    letter = case.notices.get(kind=NoticeKind.REINSTATED).body
    assert "decision overturned" in letter
    assert "decision upheld" in letter


@db
def test_an_action_of_a_band_falls_when_the_rating_leaves_the_band() -> None:
    """The band is that of the rating without what was overturned, not the one of the day the action was taken."""
    pack = server_pack()
    below = frozenset({Band.AT_RISK, Band.UNHEALTHY})
    pack = replace(pack, rules=tuple(replace(rule, bands=below) if rule.id == "restrict-defects" else rule for rule in pack.rules))
    account = make_account()
    make_rating(account, 180, points=80)
    case = appealed(make_action_in_force(ActionKind.RESTRICT, account=account, reasons=["order_defects", "restricted_products"], pack=pack), pack)
    appeal = decide(case, pack, {"order_defects": OVERTURNED, "restricted_products": UPHELD})
    assert appeal.outcome == AppealOutcome.PARTIALLY_REVERSED
    latest = RatingReading.objects.filter(account=account).latest("as_of", "pk")
    assert (latest.rating, latest.band) == (220, Band.HEALTHY)
    assert fresh(case).state == CaseState.REINSTATED


@db
@pytest.mark.parametrize("kind", [ActionKind.WARN, ActionKind.HOLD, ActionKind.RESTRICT, ActionKind.DEACTIVATE, ActionKind.CLOSE])
def test_accepting_always_ends_in_a_settled_case_without_live_limits(pack: PolicyPack, kind: ActionKind) -> None:
    """H6, for every kind of action."""
    account = make_account(holder_kind="buyer") if kind == ActionKind.HOLD else make_account()
    case = appealed(make_action_in_force(kind, account=account), pack)
    decide(case, pack, OVERTURNED)
    assert fresh(case).state == CaseState.REINSTATED
    assert fresh(case).due_at is None
    assert not Limit.objects.filter(action=case.action, lifted_at=None).exists()
    assert fresh(case).action.lifted_at == at(3)


@db
def test_what_won_an_appeal_is_not_proposed_again(pack: PolicyPack) -> None:
    """H7: the same rule does not strike the same facts again."""
    case = appealed(make_action_in_force(), pack)
    decide(case, pack, OVERTURNED)
    assert propose_actions(call=automation(now=at(60)), pack=pack, as_of=TODAY + timedelta(days=1)) == []


@db
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda said: {}, "missing"),
        (lambda said: said | {"V-strange": (UPHELD, "why")}, "unknown"),
        (lambda said: dict.fromkeys(said, (UPHELD, " ")), "say why"),
        (lambda said: dict.fromkeys(said, ("perhaps", "why")), "decide one of: upheld, overturned"),
    ],
)
def test_an_unusable_decision_leaves_everything_as_it_was(pack: PolicyPack, change: Callable[[dict], dict], says: str) -> None:
    account = make_account()
    make_rating(account, 104, points=96)
    case = appealed(make_action_in_force(account=account), pack)
    before = LedgerEntry.objects.count()
    with pytest.raises(UnusableInput, match=says):
        decide_appeal(call=specialist(now=at(3)), pack=pack, case_id=case.case_id, verdicts=change(verdicts(case, OVERTURNED)))
    assert fresh(case).state == CaseState.IN_REVIEW
    assert not ViolationDecision.objects.exists()
    assert LedgerEntry.objects.count() == before
    assert RatingReading.objects.get().points == 96


@db
def test_a_failure_at_the_very_end_undoes_the_whole_decision(pack: PolicyPack, monkeypatch: pytest.MonkeyPatch) -> None:
    """H6: state, limits, points, ledger, notice and event are one transaction."""
    case = appealed(make_action_in_force(), pack)

    def crash(**_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("goodstanding.server.services.reviews.queue_event", crash)
    with pytest.raises(RuntimeError):
        decide(case, pack, OVERTURNED)
    assert fresh(case).state == CaseState.IN_REVIEW
    assert Limit.objects.filter(action=case.action, lifted_at=None).count() == 2
    assert not case.notices.filter(kind=NoticeKind.REINSTATED).exists()
    assert case.action.violations.get().decided == ""


@db
def test_a_rule_that_the_pack_has_dropped_does_not_leave_the_holder_without_an_answer(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(reasons=["counterfeit", "related_account"]), pack)
    newer = replace(pack, rules=())
    assert decide(case, newer, {"counterfeit": OVERTURNED, "related_account": UPHELD}).outcome == AppealOutcome.PARTIALLY_REVERSED
    assert fresh(case).state == CaseState.UPHELD


@db
def test_deciding_twice_is_refused(pack: PolicyPack) -> None:
    case = appealed(make_action_in_force(), pack)
    said = verdicts(case, OVERTURNED)
    decide(case, pack, OVERTURNED)
    with pytest.raises(IllegalTransition, match="is not in review; it is 'reinstated'"):
        decide_appeal(call=specialist(now=at(4)), pack=pack, case_id=case.case_id, verdicts=said)


@db
def test_a_reviewer_reads_everything_about_a_case(pack: PolicyPack, django_assert_max_num_queries) -> None:
    """H5."""
    case = make_action_in_force()
    submit(case, pack, uploads=[INVOICE])
    claim(case, pack)
    ask_information(call=specialist(now=at(3)), pack=pack, case_id=case.case_id, items=["invoice"])
    with django_assert_max_num_queries(20):
        file = case_file(actor=specialist().actor, case_id=case.case_id)
        assert [one.name for one in file.latest_appeal.evidence.all()] == ["invoice.pdf"]
        assert file.open_request.items == ["invoice"]
    assert [one.kind for one in file.happenings if one.kind != "NoticeIssued"][-2:] == ["CaseClaimed", "InformationAsked"]
    assert file.happenings[0].body["rule"] == "deactivate-counterfeit"
    assert len(file.limits) == 2
    assert all(one.is_contested for one in file.violations)


@db
def test_a_holder_reads_the_own_case_without_staff_and_other_accounts(pack: PolicyPack) -> None:
    """K5: a seller never learns another account's data from a related-account case."""
    account, stranger = make_account(), make_account()
    case = make_action_in_force(account=account, reasons=["related_account"])
    violation = case.action.violations.get()
    violation.items = [make_item(account.pk, "accounts"), make_item(stranger.pk, "accounts")]
    violation.save()
    appealed(case, pack)
    file = case_file(actor=holder(account).actor, case_id=case.case_id)
    assert [item["id"] for item in file.violations[0].items] == ["№ 1", "№ 2"]
    assert stranger.pk not in str(file.violations[0])
    assert "CaseClaimed" in [one.kind for one in file.happenings]
    assert {one.actor for one in file.happenings} == {"", f"holder:{account.pk}"}
    assert all(one.body == {} for one in file.happenings)
    with pytest.raises(NotFound):
        case_file(actor=holder(stranger).actor, case_id=case.case_id)
    with pytest.raises(NotFound):
        cases_of(actor=holder(stranger).actor, account_id=account.pk)
    with pytest.raises(NotPermitted):
        case_file(actor=call_as(Role.INTEGRATION, "key:1").actor, case_id=case.case_id)


@db
def test_a_holder_does_not_see_what_is_only_proposed() -> None:
    case = make_proposed()
    with pytest.raises(NotFound):
        case_file(actor=holder(case.account_id).actor, case_id=case.case_id)
    assert list(cases_of(actor=holder(case.account_id).actor, account_id=case.account_id)) == []
    assert list(cases_of(actor=specialist().actor, account_id=case.account_id)) == [case]


@db
def test_claims_of_unknown_cases_are_not_found(pack: PolicyPack) -> None:
    with pytest.raises(NotFound, match="there is no case C-NONE"):
        claim_case(call=specialist(), pack=pack, case_id="C-NONE")
