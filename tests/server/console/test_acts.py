"""The further doors of the page of a case, each shown only to who may use it (requirements H1, H4, A7, C2, I2)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import ActionKind, NoticeKind
from goodstanding.server.store.models import AccessLink, Case, EnforcementAction, FirstDecision, LedgerEntry, Limit, ReopeningRequest, User, Violation
from tests.server.showcase import Showcase

Enter = Callable[[User], Client]
WHY = "The serial numbers are checked."


def path_of(case: Case) -> str:
    return f"/console/case/{case.pk}/"


def offers(browser: Client, case: Case) -> set[str]:
    """The buttons of the page."""
    text = browser.get(path_of(case)).content.decode()
    return {part.split('"')[0] for part in text.split('name="do" value="')[1:]}


def press(browser: Client, case: Case, do: str, **typed: str) -> int:
    """Press a button; gives the status, and the fresh case."""
    status = browser.post(path_of(case), {"do": do, **typed}).status_code
    case.refresh_from_db()
    return status


def test_the_second_person_reads_the_first_decision_and_agrees(show: Showcase, browser_of: Enter) -> None:
    """H1: a grave decision that stands is told once two people agree, and neither the first nor who took the action is the second."""
    case = show.cases["second"]
    assert case.state == CaseState.SECOND_REVIEW
    for barred in (show.specialist, show.senior):
        assert not offers(browser_of(barred), case) & {"agree", "disagree"}
        assert press(browser_of(barred), case, "agree") == 403
    second = browser_of(show.colleague)
    text = second.get(path_of(case)).content.decode()
    assert "none of the three serial numbers" in text
    assert "Maya Lindqvist would decide" in text
    assert not case.notices.filter(kind=NoticeKind.UPHELD).exists()
    assert press(second, case, "agree") == 302
    assert (case.state, case.notices.filter(kind=NoticeKind.UPHELD).count()) == (CaseState.UPHELD, 1)
    assert press(second, case, "agree") == 409


def test_who_disagrees_says_why_and_the_first_person_reads_it(show: Showcase, browser_of: Enter) -> None:
    case, second = show.cases["second"], browser_of(show.colleague)
    assert press(second, case, "disagree", because=" ") == 422
    assert press(second, case, "disagree", because=WHY) == 302
    assert (case.state, case.assignee) == (CaseState.IN_REVIEW, f"user:{show.specialist.pk}")
    assert WHY in browser_of(show.specialist).get(path_of(case)).content.decode()
    assert FirstDecision.objects.get().agreed is False


def test_conditions_lift_the_action_and_are_followed_by_a_metric(show: Showcase, browser_of: Enter) -> None:
    """I2."""
    case, browser = show.cases["in_review"], browser_of(show.specialist)
    [violation] = case.action.violations.all()
    because = f"{WHY} ({violation.items[0]['id']})"
    form = {"violation": violation.pk, f"outcome-{violation.pk}": "upheld", f"because-{violation.pk}": because, "measure-1": "Check every delivery"}
    assert press(browser, case, "decide", **form) == 422
    due = (timezone.now() + timedelta(days=10)).date().isoformat()
    assert press(browser, case, "decide", **form, **{"due-1": due, "metric-1": violation.metric}) == 302
    [made] = case.commitments.all()
    assert (case.state, made.measure, made.metric) == (CaseState.MONITORING, "Check every delivery", violation.metric)
    assert not Limit.objects.filter(action=case.action, lifted_at=None).exists()


def test_who_holds_a_case_holds_it_longer_hands_it_over_or_passes_it_up(show: Showcase, browser_of: Enter) -> None:
    case, mine, other = show.cases["in_review"], browser_of(show.specialist), browser_of(show.auditor)
    assert {"extend", "hand_over", "escalate"} <= offers(mine, case)
    assert not offers(other, case)
    assert press(other, case, "extend") == 403
    before = case.lease_until
    assert press(mine, case, "extend") == 302
    assert case.lease_until > before
    assert press(mine, case, "hand_over", to="") == 422
    assert press(mine, case, "hand_over", to=str(show.senior.pk)) == 403, "the senior approved the action"
    assert press(mine, case, "hand_over", to=str(show.colleague.pk)) == 302
    assert case.assignee == f"user:{show.colleague.pk}"
    theirs = browser_of(show.colleague)
    assert press(theirs, case, "escalate", because=" ") == 422
    assert press(theirs, case, "escalate", because=WHY) == 302
    assert (case.state, case.assignee) == (CaseState.ESCALATED, "")
    assert press(theirs, case, "extend") == 403, "nobody holds it now"
    assert not offers(mine, case) & {"claim", "extend", "hand_over"}
    assert press(mine, case, "claim") == 403


def test_money_is_held_with_amount_reason_and_day_and_released_with_a_reason(show: Showcase, browser_of: Enter) -> None:
    """A7."""
    case, browser = show.cases["in_force"], browser_of(show.specialist)
    due = (timezone.now() + timedelta(days=20)).date().isoformat()
    form = {"amount": "1200.50", "currency": "eur", "because": WHY, "until": due}
    assert "hold_money" in offers(browser, case)
    assert "release_money" not in offers(browser, case)
    for missing in ({"amount": "a lot"}, {"until": ""}, {"currency": "EURO"}, {"because": " "}):
        assert press(browser, case, "hold_money", **form | missing) == 422
    assert press(browser_of(show.auditor), case, "hold_money", **form) == 403
    assert press(browser, case, "hold_money", **form) == 302
    held = Limit.objects.get(held_amount__isnull=False)
    assert (held.held_amount, held.currency) == (120050, "EUR")
    assert "1200.50 EUR" in browser.get(path_of(case)).content.decode()
    assert press(browser, case, "release_money", because="") == 422
    assert press(browser, case, "release_money", because="The returns are paid.") == 302
    assert press(browser, case, "release_money", because="The returns are paid.") == 302, "pressed twice it is done once"
    held.refresh_from_db()
    assert held.lifted_by == f"user:{show.specialist.pk}"
    assert case.notices.filter(kind=NoticeKind.MONEY_RELEASED).count() == 1


def test_money_is_not_held_by_what_is_not_in_force(show: Showcase, browser_of: Enter) -> None:
    due = (timezone.now() + timedelta(days=20)).date().isoformat()
    case = show.cases["reinstated"]
    assert not offers(browser_of(show.specialist), case) & {"hold_money", "release_money"}
    form = {"amount": "12", "currency": "EUR", "because": WHY, "until": due}
    assert press(browser_of(show.specialist), case, "hold_money", **form) == 409
    assert press(browser_of(show.specialist), case, "release_money", because=WHY) == 409


def test_a_business_account_is_closed_at_once_only_by_an_exception_that_holds(show: Showcase, browser_of: Enter) -> None:
    """P2B art. 4(4)."""
    case = show.cases["proposed_senior"]
    assert "at_once" not in offers(browser_of(show.senior), case), "only a closing has a time of notice"
    EnforcementAction.objects.filter(pk=case.action_id).update(kind=ActionKind.CLOSE)
    assert "at_once" not in offers(browser_of(show.specialist), case)
    browser = browser_of(show.senior)
    assert "at_once" in offers(browser, case)
    assert press(browser, case, "at_once", exception="", because=WHY) == 422
    assert press(browser, case, "at_once", exception="repeated_infringement", because=WHY) == 422, "nothing was upheld before"
    assert press(browser_of(show.specialist), case, "at_once", exception="legal_obligation", because=WHY) == 403
    assert press(browser, case, "at_once", exception="legal_obligation", because=WHY) == 302
    assert (case.state, case.notices.count()) == (CaseState.IN_FORCE, 1)


def test_links_of_letters_are_withdrawn_by_a_reviewer(show: Showcase, browser_of: Enter) -> None:
    """C2."""
    case, browser = show.cases["in_force"], browser_of(show.specialist)
    AccessLink.objects.create(case=case, token_sha256="a" * 64, created_at=timezone.now(), expires_at=timezone.now() + timedelta(days=9))
    assert "withdraw_links" in offers(browser, case)
    assert press(browser_of(show.auditor), case, "withdraw_links") == 403
    assert press(browser, case, "withdraw_links") == 302
    assert not AccessLink.objects.filter(case=case, withdrawn_at=None).exists()
    assert LedgerEntry.objects.filter(case_id=case.pk, kind="LinksWithdrawn").count() == 1


def test_a_case_whose_violations_are_put_right_can_be_lifted_by_a_reviewer(show: Showcase, browser_of: Enter) -> None:
    case, browser = show.cases["in_force"], browser_of(show.specialist)
    assert "cure" not in offers(browser, case)
    assert press(browser, case, "cure", because=WHY) == 409
    case.action.violations.update(closed=timezone.now().date())
    assert press(browser, case, "cure", because="") == 422
    assert press(browser, case, "cure", because=WHY) == 302
    assert case.state == CaseState.SETTLED


def test_a_violation_is_recorded_by_hand_with_what_it_rests_on(show: Showcase, browser_of: Enter) -> None:
    path, browser = "/console/account/S-1001/violation/", browser_of(show.specialist)
    assert browser.get(path).status_code == 200
    assert browser_of(show.auditor).get(path).status_code == 403
    assert browser.get("/console/account/S-9/violation/").status_code == 404
    text = browser.get(path).content.decode()
    reason = next(part.split('"')[0] for part in text.split('<option value="')[2:])
    form = {"reason": reason, "items": "D-1\nD-2\n", "because": WHY}
    for missing in ({"reason": ""}, {"items": " "}, {"because": ""}):
        assert browser.post(path, form | missing).status_code == 422
    assert browser.post(path, form).status_code == 302
    assert browser.post(path, form).status_code == 302
    found = Violation.objects.get(account="S-1001", reason=reason)
    assert [item["id"] for item in found.items] == ["D-1", "D-2"]
    assert LedgerEntry.objects.filter(case_id=found.pk, kind="ViolationRecorded").count() == 1


@pytest.mark.parametrize(("do", "granted"), [("grant", True), ("refuse", False)])
def test_requests_to_reopen_wait_in_a_list_and_are_answered_with_a_reason(show: Showcase, browser_of: Enter, do: str, granted: bool) -> None:
    """A4."""
    asked = ReopeningRequest.objects.create(request_id="Q-1", account_id="S-1001", because="We are back.", requested_at=timezone.now())
    browser, path = browser_of(show.specialist), "/console/account/S-1001/reopening/Q-1/"
    assert "We are back." in browser.get("/console/reopenings/").content.decode()
    assert browser.get(path).status_code == 200
    assert browser.get("/console/account/S-1002/reopening/Q-1/").status_code == 404
    assert browser.post(path, {"do": do, "because": " "}).status_code == 422
    assert browser_of(show.auditor).post(path, {"do": do, "because": WHY}).status_code == 403
    assert browser.post(path, {"do": do, "because": WHY}).status_code == 302
    asked.refresh_from_db()
    assert asked.granted is granted
    other = "refuse" if granted else "grant"
    assert browser.post(path, {"do": other, "because": WHY}).status_code == 409
    assert "We are back." not in browser.get("/console/reopenings/").content.decode()
