"""The page of a case for staff, and what its buttons do (requirements H1, H2, H5, H6)."""

import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.server.pages.language import pack_words
from goodstanding.server.store.models import Case, User
from tests.server.showcase import Showcase

Enter = Callable[[User], Client]


def path_of(case: Case) -> str:
    return f"/console/case/{case.pk}/"


def test_one_page_holds_facts_plan_evidence_rating_limits_notices_and_ledger(show: Showcase, browser_of: Enter) -> None:
    """H5."""
    case = show.cases["in_review"]
    text = browser_of(show.specialist).get(path_of(case)).content.decode()
    for part in ("Order defect rate", "密封圈尺寸偏小", "contract.pdf", "<svg", "Samuel Okafor", "停用", "Case claimed", "Appeal received"):
        assert part in text
    for violation in case.action.violations.all():
        assert all(item["id"] in text for item in violation.items)


def test_the_checks_stand_beside_the_plan_in_the_reviewers_language(show: Showcase, browser_of: Enter) -> None:
    """F3, H5: what the plan claims is held against the facts on the same page."""
    case = show.cases["in_review"]
    case.appeals.update(root_cause="有时候买家会投诉。我们的订单缺陷率为0.01%。")
    text = browser_of(show.specialist).get(path_of(case)).content.decode()
    assert text.index("有时候买家会投诉") < text.index("What the checks found")
    assert "Found by rules, not by a person." in text
    assert text.index("you write 0.01 %; the facts show") < text.index("“有时候” is vague"), "what stands against the facts comes first"


def test_a_related_account_is_shown_to_staff_with_its_evidence(show: Showcase, browser_of: Enter) -> None:
    """B16, H5."""
    text = browser_of(show.specialist).get(path_of(show.cases["submitted"])).content.decode()
    assert 'href="/console/account/S-2031/"' in text
    assert text.index("…9f") < text.index("…2A"), "the weightiest evidence comes first"


def test_claiming_makes_the_case_ones_own(show: Showcase, browser_of: Enter) -> None:
    case = show.cases["submitted"]
    page = browser_of(show.specialist).post(path_of(case), {"do": "claim"}, follow=True)
    assert b"The case is yours." in page.content
    case.refresh_from_db()
    assert (case.state, case.assignee) == (CaseState.IN_REVIEW, f"user:{show.specialist.pk}")


def test_who_approved_the_action_cannot_claim_its_appeal(show: Showcase, browser_of: Enter) -> None:
    """H1: nobody reviews an own decision."""
    case, browser = show.cases["submitted"], browser_of(show.senior)
    assert (
        "somebody else reviews the appeal" in browser.get(path_of(case)).content.decode()
        or 'value="claim"' not in browser.get(path_of(case)).content.decode()
    )
    assert browser.post(path_of(case), {"do": "claim"}).status_code == 403


def test_a_specialist_approves_and_the_holder_is_told(show: Showcase, browser_of: Enter) -> None:
    case = show.cases["proposed"]
    page = browser_of(show.specialist).post(path_of(case), {"do": "approve"}, follow=True)
    assert b"The action is in force and the holder is told." in page.content
    assert case.notices.count() == 1


def test_the_letter_and_the_limits_of_a_proposal_are_seen_before_it_is_approved(show: Showcase, browser_of: Enter) -> None:
    """A7, H1: exactly what will leave, in the holder's language, and what it will forbid; seeing it does nothing."""
    case, browser = show.cases["proposed"], browser_of(show.specialist)
    seen = browser.post(path_of(case), {"do": "preview:approve"}).content.decode().split('id="letter"')[1].split("</section>")[0]
    case.refresh_from_db()
    assert (case.state, case.notices.count(), case.action.limits.count()) == (CaseState.PROPOSED, 0, 0)
    assert 'value="approve"' in seen, "the button stands under what was read"
    browser.post(path_of(case), {"do": "approve"})
    sent = case.notices.get()
    shown = unescape(seen.split('<pre class="letter" lang="zh-Hans">')[1].split("</pre>")[0])
    kept = [re.sub(r"/n/\S+/|\d\d:\d\d", "", text) for text in (shown, f"{sent.subject}\n\n{sent.body}")]
    assert kept[0] == kept[1]
    forbidden = set(case.action.limits.values_list("act", flat=True))
    assert {pack_words().acts[act] for act in forbidden} == set(re.findall(r"<li><strong>(.+?)</strong>", seen))


def test_a_preview_that_is_refused_says_why_and_an_unknown_one_shows_nothing(show: Showcase, browser_of: Enter) -> None:
    case, browser = show.cases["proposed_senior"], browser_of(show.specialist)
    refused = browser.post(path_of(case), {"do": "preview:approve"})
    assert refused.status_code == 403
    assert b"It may be done by: Senior specialist" in refused.content
    assert browser.post(path_of(case), {"do": "preview:release"}).status_code == 422


def test_a_grave_proposal_shows_a_specialist_no_button_to_approve(show: Showcase, browser_of: Enter) -> None:
    case, browser = show.cases["proposed_senior"], browser_of(show.specialist)
    assert 'value="approve"' not in browser.get(path_of(case)).content.decode()
    refused = browser.post(path_of(case), {"do": "approve"})
    assert refused.status_code == 403
    assert b"It may be done by: Senior specialist" in refused.content
    assert browser_of(show.senior).post(path_of(case), {"do": "approve"}).status_code == 302


def test_dismissing_needs_a_reason(show: Showcase, browser_of: Enter) -> None:
    case, browser = show.cases["proposed"], browser_of(show.specialist)
    assert browser.post(path_of(case), {"do": "dismiss", "because": " "}).status_code == 422
    page = browser.post(path_of(case), {"do": "dismiss", "because": "The passport came yesterday."}, follow=True)
    assert b"The passport came yesterday." in page.content


def test_asking_sends_the_named_items(show: Showcase, browser_of: Enter) -> None:
    """H2."""
    case = show.cases["in_review"]
    form = {"do": "ask", "evidence": ["refund_records"], "items": "质检报告\n\n供应商退货单"}
    page = browser_of(show.specialist).post(path_of(case), form, follow=True)
    assert b"The question is sent to the holder." in page.content
    assert case.appeals.get().information_requests.get().items == ["refund_records", "质检报告", "供应商退货单"]


def test_a_decision_without_a_reason_is_not_taken_and_what_was_typed_stays(show: Showcase, browser_of: Enter) -> None:
    """H2."""
    case = show.cases["in_review"]
    [violation] = case.action.violations.all()
    form = {"do": "decide", "violation": violation.pk, f"outcome-{violation.pk}": "overturned", f"because-{violation.pk}": ""}
    page = browser_of(show.specialist).post(path_of(case), form)
    assert page.status_code == 422
    assert b"say why; the holder will read it" in page.content
    assert 'value="overturned" required checked' in page.content.decode()


def test_deciding_reinstates_and_tells(show: Showcase, browser_of: Enter) -> None:
    """H6."""
    case = show.cases["in_review"]
    [violation] = case.action.violations.all()
    form = {
        "do": "decide",
        "violation": violation.pk,
        f"outcome-{violation.pk}": "overturned",
        f"because-{violation.pk}": f"退款属实：{violation.items[0]['id']}。",
    }
    page = browser_of(show.specialist).post(path_of(case), form, follow=True)
    assert b"The appeal is decided and the holder is told." in page.content
    case.refresh_from_db()
    assert case.state == CaseState.REINSTATED


def test_a_colleague_sees_who_holds_the_case_and_cannot_decide(show: Showcase, browser_of: Enter) -> None:
    case, browser = show.cases["in_review"], browser_of(show.senior)
    text = browser.get(path_of(case)).content.decode()
    assert "held by Maya Lindqvist" in text
    assert 'value="decide"' not in text
    assert browser.post(path_of(case), {"do": "release"}).status_code == 302


def test_a_senior_rescinds_with_a_reason(show: Showcase, browser_of: Enter) -> None:
    case = show.cases["in_force"]
    assert 'value="rescind"' not in browser_of(show.specialist).get(path_of(case)).content.decode()
    page = browser_of(show.senior).post(path_of(case), {"do": "rescind", "because": "Our carrier feed was wrong."}, follow=True)
    assert b"The action is taken back and the holder is told." in page.content


def test_an_auditor_reads_and_does_nothing(show: Showcase, browser_of: Enter) -> None:
    """K5."""
    case, browser = show.cases["proposed"], browser_of(show.auditor)
    text = browser.get(path_of(case)).content.decode()
    assert 'name="do"' not in text
    assert browser.post(path_of(case), {"do": "approve"}).status_code == 403


def test_an_event_at_the_wrong_moment_says_what_is_possible(show: Showcase, browser_of: Enter) -> None:
    page = browser_of(show.specialist).post(path_of(show.cases["submitted"]), {"do": "release"})
    assert page.status_code == 409
    assert b"Possible now: Claim the case" in page.content


def test_an_unknown_button_does_nothing(show: Showcase, browser_of: Enter) -> None:
    assert browser_of(show.specialist).post(path_of(show.cases["proposed"]), {"do": "erase"}).status_code == 422


def test_an_unknown_case_is_not_found(show: Showcase, browser_of: Enter) -> None:
    assert browser_of(show.specialist).get("/console/case/C-UNKNOWN/").status_code == 404


def test_evidence_comes_as_a_download_that_no_browser_runs(show: Showcase, browser_of: Enter) -> None:
    """F5."""
    evidence = show.cases["submitted"].appeals.get().evidence.get(name="contract.pdf")
    answer = browser_of(show.auditor).get(f"/console/evidence/{evidence.pk}/file/")
    assert answer["Content-Disposition"] == 'attachment; filename="contract.pdf"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert browser_of(show.auditor).get("/console/evidence/F-UNKNOWN/file/").status_code == 404


def test_an_account_shows_its_standing_limits_and_cases(show: Showcase, browser_of: Enter) -> None:
    text = browser_of(show.specialist).get("/console/account/S-1001/").content.decode()
    for part in ("Harbour Lane Goods", "Restricted", "list products", "Samuel Okafor", show.cases["in_force"].pk, "Target missed"):
        assert part in text
    assert browser_of(show.specialist).get("/console/account/S-9999/").status_code == 404
