"""`goodstanding draft`: the facts' own numbers, marked gaps, and the way to `check` and back (requirements F3, F4, L1)."""

import json
from pathlib import Path

FACTS = Path(__file__).parent.parent.parent / "examples" / "first-loop"


def test_a_draft_on_facts_is_checked_to_its_gaps_and_nothing_else(run, tmp_path):
    plan, facts = tmp_path / "plan.md", ("--facts", FACTS, "--account", "S-1")
    code, out, _ = run("draft", "--reason", "PERF_LATE_SHIPMENT", *facts, "--out", plan)
    assert code == 0
    assert "gaps to fill" in out
    assert "3 of 39 (7.69 %)" in plan.read_text("utf-8")
    code, out, _ = run("check", plan, "--reason", "PERF_LATE_SHIPMENT", *facts, "--json")
    told = json.loads(out)
    assert code == 1
    assert {one["code"] for one in told["findings"]} == {"gap"}
    assert told["answered"] == {"PERF_LATE_SHIPMENT": True}


def test_a_claim_that_the_facts_do_not_bear_is_shown(run, tmp_path):
    plan = tmp_path / "plan.md"
    plan.write_text("## Root cause\n- Our late shipment rate was 0.5 % in October 2026.\n- We shipped 52 orders.\n", "utf-8")
    _, out, _ = run("check", plan, "--facts", FACTS, "--account", "S-1", "--json")
    said = {one["code"]: one["message"] for one in json.loads(out)["findings"]}
    assert said["false-rate"] == "you write 0.5 %; the facts show 7.69 % (3 of 39)"
    assert "you claim 52 shipped; the facts show 37 of 37" in said["false-count"]


def test_a_dispute_in_another_language_has_its_own_parts(run):
    _, out, _ = run("draft", "--reason", "IP_TRADEMARK", "--route", "dispute", "--language", "zh-TW")
    assert "## 申辯理由" in out
    assert "撤回函" in out


NOTICE = """Your late shipment rate is above the target of less than 4%. Your selling privileges are suspended.
Please send a plan of action and the invoices of the last 365 days for ASIN B0TEST0001."""


def test_a_notice_says_what_the_draft_has_to_answer(run, tmp_path):
    notice, plan = tmp_path / "notice.txt", tmp_path / "plan.md"
    notice.write_text(NOTICE, "utf-8")
    code, _, _ = run("draft", notice, "--out", plan)
    assert code == 0
    assert "# Plan of action: Late shipment" in plan.read_text("utf-8")
    assert "Products concerned: B0TEST0001" in plan.read_text("utf-8")
    _, out, _ = run("check", plan, "--notice", notice, "--json")
    assert {one["code"] for one in json.loads(out)["findings"]} == {"gap"}


def test_a_plan_that_answers_another_notice_is_told_so(run, tmp_path):
    notice, plan, photo = tmp_path / "notice.txt", tmp_path / "plan.md", tmp_path / "shelf.txt"
    notice.write_text(NOTICE, "utf-8")
    plan.write_text("根本原因：商品上架前没有检索商标。", "utf-8")
    photo.write_text("x", "utf-8")
    _, out, _ = run("check", plan, "--notice", notice, "--attach", photo, "--json")
    told = json.loads(out)
    assert {"product-unanswered", "wrong-language", "document-missing", "reason-unanswered"} <= {one["code"] for one in told["findings"]}
    assert told["answered"] == {"PERF_LATE_SHIPMENT": False}


def test_a_notice_without_a_known_reason_asks_for_one(run, tmp_path):
    notice = tmp_path / "notice.txt"
    notice.write_text("Hello, please call us.", "utf-8")
    code, _, err = run("draft", notice)
    assert code == 2
    assert "name one with --reason" in err


def test_a_file_that_is_there_is_not_written_over(run, tmp_path):
    plan = tmp_path / "plan.md"
    plan.write_text("mine", "utf-8")
    code, _, err = run("draft", "--reason", "PERF_ODR", "--out", plan)
    assert code == 2
    assert "--force" in err
    assert plan.read_text("utf-8") == "mine"


def test_facts_need_an_account_and_a_reason_has_to_be_known(run):
    assert "needs --account" in run("draft", "--reason", "PERF_ODR", "--facts", FACTS)[2]
    assert "needs --facts" in run("draft", "--reason", "PERF_ODR", "--account", "S-1")[2]
    assert "no reason 'NONSENSE'" in run("draft", "--reason", "NONSENSE")[2]
    assert "name one with --reason" in run("draft")[2]
