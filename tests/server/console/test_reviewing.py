"""What the reviewer's page adds around a decision, and the page of quality (requirements H2, H3, H7, H8)."""

import csv
import io
from collections.abc import Callable

from django.test import Client

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import Opened, Role
from goodstanding.core.values import Actor
from goodstanding.server.services.quality import blind_waiting
from goodstanding.server.store.models import BlindReview, Case, Opening, User, Violation, ViolationDecision
from tests.server.showcase import Showcase

Enter = Callable[[User], Client]


def path_of(case: Case) -> str:
    return f"/console/case/{case.pk}/"


def test_opening_a_notice_shows_and_logs_it_and_the_page_says_who_opened_what(show: Showcase, browser_of: Enter) -> None:
    """H8."""
    case, browser = show.cases["upheld"], browser_of(show.specialist)
    notice = case.notices.latest("created_at")
    told = "We have read your appeal and looked at every point again."
    assert told in notice.body
    assert told not in browser.get(path_of(case)).content.decode()
    text = browser.get(f"{path_of(case)}?open=notice:{notice.pk}").content.decode()
    assert told in text
    assert "What reviewers opened" in text
    assert set(Opening.objects.filter(case=case).values_list("part", flat=True)) == {Opened.FACTS, Opened.NOTICE}
    browser.get(f"{path_of(case)}?open=notice:N-NONE")
    browser.get(f"{path_of(case)}?open=appeal:AP-NONE")
    assert Opening.objects.filter(case=case).count() == 2


def test_evidence_that_a_reviewer_downloads_is_logged_and_an_auditors_is_not(show: Showcase, browser_of: Enter) -> None:
    """H8."""
    evidence = show.cases["submitted"].appeals.get().evidence.get(name="contract.pdf")
    browser_of(show.auditor).get(f"/console/evidence/{evidence.pk}/")
    assert not Opening.objects.exists()
    browser_of(show.specialist).get(f"/console/evidence/{evidence.pk}/")
    assert Opening.objects.get().part_id == evidence.pk


def test_two_reviewers_see_each_other(show: Showcase, browser_of: Enter) -> None:
    case = show.cases["in_review"]
    assert "Also open elsewhere" not in browser_of(show.specialist).get(path_of(case)).content.decode()
    assert "Maya Lindqvist looked at this case" in browser_of(show.colleague).get(path_of(case)).content.decode()


def test_a_draft_fills_the_answer_and_keeps_the_choice_and_an_answer_without_fact_is_refused(show: Showcase, browser_of: Enter) -> None:
    """H2."""
    case, browser = show.cases["in_review"], browser_of(show.specialist)
    [violation] = case.action.violations.all()
    form = {"violation": violation.pk, f"outcome-{violation.pk}": "overturned"}
    page = browser.post(path_of(case), form | {"do": f"fill:answer_overturned:{violation.pk}", f"because-{violation.pk}": ""})
    text = page.content.decode()
    assert page.status_code == 200
    assert violation.items[0]["id"] in text.split(f'name="because-{violation.pk}"')[1].split("</textarea>")[0]
    assert 'value="overturned" required checked' in text
    refused = browser.post(path_of(case), form | {"do": "decide", f"because-{violation.pk}": "We looked at it again and agree with you."})
    assert refused.status_code == 422
    assert b"names no fact of the case" in refused.content


def test_the_letter_can_be_seen_before_deciding(show: Showcase, browser_of: Enter) -> None:
    case, browser = show.cases["in_review"], browser_of(show.specialist)
    [violation] = case.action.violations.all()
    form = {"do": "preview:decide", "violation": violation.pk, f"outcome-{violation.pk}": "overturned"}
    page = browser.post(path_of(case), form | {f"because-{violation.pk}": f"{violation.items[0]['id']} 已退款。"})
    assert b"The letter as it would be sent" in page.content
    assert f"{violation.items[0]['id']} 已退款。" in page.content.decode().split('id="letter"')[1]
    case.refresh_from_db()
    assert case.state == CaseState.IN_REVIEW
    assert browser.post(path_of(case), form).status_code == 422


def test_similar_appeals_stand_beside_the_verdict(show: Showcase, browser_of: Enter) -> None:
    """H7."""
    case, past = show.cases["in_review"], show.cases["upheld"]
    reason = case.action.violations.get().reason
    Violation.objects.filter(actions=past.action_id).update(reason=reason)
    ViolationDecision.objects.filter(violation__actions=past.action_id).update(reason=reason)
    text = browser_of(show.specialist).get(path_of(case)).content.decode()
    assert "1 similar appeal of the past" in text
    assert past.pk in text


def test_a_blind_review_hides_the_outcome_until_the_verdict_is_in(show: Showcase, browser_of: Enter) -> None:
    """H8."""
    case, browser = show.cases["upheld"], browser_of(show.colleague)
    [violation] = case.action.violations.all()
    appeal = case.appeals.get()
    path = f"/console/quality/{appeal.pk}/"
    assert path in browser.get("/console/quality/").content.decode()
    text = browser.get(path).content.decode()
    assert appeal.corrective.split("\n")[0] in text
    assert "the contract you attached starts in December" not in text
    assert "Decision upheld" not in text
    assert browser.get(path_of(case))["Location"] == path, "also by its own address the case stays closed meanwhile"
    assert browser.post(path, {"violation": violation.pk}).status_code == 422
    form = {"violation": violation.pk, f"outcome-{violation.pk}": "overturned", f"because-{violation.pk}": "The contract is enough."}
    assert "The first reviewer decided otherwise." in browser.post(path, form, follow=True).content.decode()
    assert BlindReview.objects.get(appeal=appeal).agrees is False
    assert browser.get(path_of(case)).status_code == 200
    assert browser.get(path)["Location"] == "/console/quality/"


def test_the_figures_come_as_csv_and_json(show: Showcase, browser_of: Enter) -> None:
    """K4."""
    browser = browser_of(show.auditor)
    assert "50.0" in browser.get("/console/quality/").content.decode()
    rows = list(csv.DictReader(io.StringIO(browser.get("/console/quality/?format=csv").content.decode())))
    [whole] = [row for row in rows if (row["figure"], row["by"]) == ("overturned", "all")]
    assert (whole["part"], whole["of"]) == ("1", "2")
    assert len(browser.get("/console/quality/?format=json").json()["figures"]) == len(rows)


def test_who_reviews_blind_reads_the_outcome_on_no_page_of_the_account(show: Showcase, browser_of: Enter) -> None:
    """H8: the account's page, its relations and the exported case would all tell it."""
    case, browser = show.cases["upheld"], browser_of(show.colleague)
    blind = f"/console/quality/{case.appeals.get().pk}/"
    assert browser.get(blind).status_code == 200
    for path in (f"/console/account/{case.account_id}/", path_of(case), f"/console/relations/{case.account_id}/"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers.get("Location")) == (302, blind), path
    assert browser.get(f"/console/case/{case.pk}/export.zip").status_code == 403


def test_a_list_does_not_tell_the_outcome_to_who_may_still_review_blind_and_who_looks_may_no_longer(show: Showcase, browser_of: Enter) -> None:
    """H8."""
    case, browser = show.cases["upheld"], browser_of(show.colleague)
    row = browser.get("/console/?tab=all").content.decode().split(case.pk)[-1].split("</tr>")[0]
    assert "in the blind sample" in row
    assert "Upheld" not in row
    assert case.pk not in browser.get("/console/?tab=all&state=upheld").content.decode(), "being found by state would tell it"
    assert [one.appeal.case_id for one in blind_waiting(actor=actor_of(show.colleague))] == [case.pk]
    browser.get(f"/console/account/{case.account_id}/")
    assert blind_waiting(actor=actor_of(show.colleague)) == []
    assert "Upheld" in browser.get("/console/?tab=all").content.decode().split(case.pk)[-1].split("</tr>")[0]
    assert "in the blind sample" not in browser_of(show.auditor).get("/console/?tab=all").content.decode(), "an auditor reviews nothing"


def actor_of(user: User) -> Actor:
    return Actor(f"user:{user.pk}", Role(user.role))
