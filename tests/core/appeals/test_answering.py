"""Answers to holders: drafts with the facts filled in, and the refusal of what could be sent to anybody (requirement H2)."""

from datetime import date

import pytest

from goodstanding.core.appeals.answering import DRAFTS, CaseFacts, check_answer, draft_answer
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
FACTS = CaseFacts(
    name="Late shipment", items=("701-4402817-6180", "701-4406728-6187"), counts="9 of 112 orders", numbers=(9, 112, 2), days=(date(2026, 11, 3),),
    files=("contract.pdf",),
)  # fmt: skip


@pytest.mark.parametrize("language", PACK.languages)
@pytest.mark.parametrize("template", DRAFTS)
def test_a_draft_names_facts_and_is_refused_until_its_gap_is_filled(template: str, language: str) -> None:
    words = PACK.words[language]
    draft = draft_answer(template, FACTS, words)
    assert "701-4402817-6180" in draft
    finding = check_answer(draft, FACTS, words)
    assert finding is not None
    assert (finding.code, bool(finding.hint)) == ("answer-gap", True)
    assert check_answer(draft.replace(words.templates["answer_gap"], "the carrier's scan is from the 5th."), FACTS, words) is None


@pytest.mark.parametrize(
    "text",
    [
        "Your plan is not enough. Please read our policies.",
        "We have carefully reviewed your appeal and decided that the violation stands.",
        "您的申诉不符合要求，维持原决定。",
        "There were 5 late orders in 2026.",
        "We looked at 9 things and stand by it.",
        "We answered 9 of your 9 questions.",
    ],
)
def test_an_answer_that_could_be_sent_to_anybody_is_refused_with_what_it_might_name(text: str) -> None:
    finding = check_answer(text, FACTS, PACK.words["en"])
    assert finding is not None
    assert finding.code == "answer-without-fact"
    assert "701-4402817-6180" in finding.hint


@pytest.mark.parametrize(
    "text",
    [
        "Order 701-4402817-6180 left two days late.",
        "9 of 112 orders were late.",
        "112 个订单中有 9 个延迟发货。",
        "CONTRACT.PDF names another carrier.",
        "Since 2026-11-03 nothing has changed.",
        "You name two orders; 112 were shipped.",
    ],
)
def test_one_fact_of_the_case_is_enough_in_whatever_form(text: str) -> None:
    assert check_answer(text, FACTS, PACK.words["en"]) is None


def test_a_case_without_any_fact_to_name_still_says_what_to_do() -> None:
    finding = check_answer("No.", CaseFacts("Fraud", (), "", (0,), (), ()), PACK.words["en"])
    assert finding is not None
    assert finding.hint
