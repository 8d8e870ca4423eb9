"""The letters, word for word in three languages, and what they must never do (requirements C1, C3, C5, H2, I1)."""

import csv
import io
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.enforcement.reasons import Decision, FactRow, ViolationFacts, state_reasons
from goodstanding.core.notices import (
    Condition,
    Letter,
    RemainingLimit,
    ViolationDecided,
    compose_acknowledgement,
    compose_action_notice,
    compose_information_asked,
    compose_reinstated,
    compose_upheld,
    facts_csv,
    rows_csv,
)
from goodstanding.core.terms import Act, ActionKind, DecisionOutcome, HolderKind, OwnerKind
from goodstanding.packs.loader import load_pack

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = ("en", "zh-Hans", "zh-Hant")
PACK = load_pack("amazon")
NAMES = {"en": "Blue Kettle Ltd", "zh-Hans": "蓝壶商贸有限公司", "zh-Hant": "藍壺商行"}
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
UNTIL = datetime(2027, 5, 22, 9, 30, tzinfo=UTC)

DECISION = Decision(
    action_id="ACT-1",
    kind=ActionKind.RESTRICT,
    limits=frozenset({Act.SELL, Act.LIST}),
    applies_from=NOW,
    marketplace="DE",
    holder_kind=HolderKind.SELLER,
    decided_by=OwnerKind.POLICY,
    account_since=date(2020, 5, 1),
    confirmed_by_person=True,
)


def late_orders(many):
    return tuple(
        FactRow(f"302-{number:07}", "orders", (("ship_by", "2026-11-10"), ("shipped_at", "2026-11-13"), ("fulfilment", "merchant")))
        for number in range(1, many + 1)
    )


LATE = ViolationFacts("V-1", "PERF_LATE_SHIPMENT", date(2026, 11, 8), late_orders(23), "late_shipment_rate_30d", 23, 112, date(2026, 11, 21))
TRADEMARK = ViolationFacts(
    "V-2", "IP_TRADEMARK", date(2026, 11, 19), complaint_sources=frozenset({"rights_owner"}),
    items=(FactRow("C-9", "complaints", (("at", "2026-11-19"), ("source", "rights_owner"), ("product_id", "P-77"), ("text", "The mark is ours."))),),
)  # fmt: skip
OTHER_LIMIT = RemainingLimit(Act.WITHDRAW, ("VERIF_PAYMENT_METHOD",))


def letter(language="en", name=None):
    return Letter(PACK.words[language], name or NAMES[language], "GS-2026-0042", "https://market.example/c/x7Kq")


def statement(language="en", violations=(LATE, TRADEMARK), **changes):
    return state_reasons(replace(DECISION, **changes), violations, PACK, language)


def action_notice(language="en", **changes):
    return compose_action_notice(statement(language, **changes), letter(language), appeal_until=UNTIL, in_force=[OTHER_LIMIT])


def decided(language):
    explanations = {
        "en": ("20 of the 23 orders were shipped late by your own records.", "The owner withdrew the complaint."),
        "zh-Hans": ("根据您自己的记录，23 个订单中有 20 个迟发。", "权利人已撤回投诉。"),
        "zh-Hant": ("依您自己的紀錄，23 筆訂單中有 20 筆延遲出貨。", "權利人已撤回檢舉。"),
    }[language]
    outcomes = (("PERF_LATE_SHIPMENT", DecisionOutcome.UPHELD), ("IP_TRADEMARK", DecisionOutcome.OVERTURNED))
    return [ViolationDecided(reason, outcome, text) for (reason, outcome), text in zip(outcomes, explanations, strict=True)]


def warning(language):
    return compose_action_notice(
        statement(language, (LATE,), kind=ActionKind.WARN, limits=frozenset(), confirmed_by_person=False), letter(language), appeal_until=UNTIL
    )


LETTERS = {
    "action": action_notice,
    "warning": warning,
    "acknowledgement": lambda language: compose_acknowledgement(
        letter(language), received_at=NOW, files=["plan.pdf", "scans.zip"], answer_by=datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    ),
    "information_asked": lambda language: compose_information_asked(
        letter(language), items=["shipping_records", "invoices_365d"], due_at=datetime(2026, 12, 6, 9, 30, tzinfo=UTC), message="302-0000001?"
    ),
    "upheld": lambda language: compose_upheld(
        letter(language), decided=decided(language), next_steps=["shipping_records"], attempts_left=2, appeal_until=UNTIL,
        lifted=[Act.SELL], in_force=[RemainingLimit(Act.LIST, ("PERF_LATE_SHIPMENT",))],
    ),
    "reinstated": lambda language: compose_reinstated(
        letter(language), lifted=[Act.SELL, Act.LIST], in_force=[OTHER_LIMIT], decided=decided(language)[1:],
        conditions=[Condition("302-0000001 … 302-0000023", date(2026, 12, 1))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTERS)
def test_each_letter_reads_as_agreed(kind, language):
    """Golden texts; run with GOLDEN_WRITE=1 to write them anew, then read them."""
    made = LETTERS[kind](language)
    text = f"Subject: {made.subject}\n\n{made.body}"
    golden = GOLDEN / f"notice_{kind}.{language}.txt"
    if os.environ.get("GOLDEN_WRITE"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")
    assert made.language == language


def test_the_first_twenty_items_are_listed_and_the_rest_is_attached():
    notice = action_notice(violations=(LATE,))
    assert "302-0000020" in notice.body
    assert "302-0000021" not in notice.body
    assert "and 3 more; all of them are in the attached list" in notice.body
    assert len(notice.attachment_rows) == 1 + 23


def test_what_the_holder_may_still_do_follows_from_all_limits_together():
    """Requirement A7: a limit of another action counts too."""
    body = action_notice().body
    assert "You can still: sign in, see past orders, use membership benefits, appeal." in body
    assert "- withdraw funds (Account information incomplete or out of date)" in body


def test_a_buyer_is_not_told_of_selling_or_funds():
    buyer = statement(violations=(TRADEMARK,), holder_kind=HolderKind.BUYER, limits=frozenset({Act.USE_BENEFITS}))
    body = compose_action_notice(buyer, letter(), appeal_until=UNTIL).body
    assert "You can still: sign in, see past orders, buy, appeal." in body


def test_an_end_is_told_with_its_time_zone():
    body = action_notice(kind=ActionKind.HOLD, ends_at=datetime(2026, 11, 25, 9, 30, tzinfo=UTC)).body
    assert "From 2026-11-22 09:30 UTC to 2026-11-25 09:30 UTC." in body


def test_an_act_that_another_limit_still_forbids_is_not_told_as_given_back():
    """Requirement I1: the text comes from the resulting state."""
    held = compose_reinstated(letter(), lifted=[Act.SELL, Act.LIST], in_force=[RemainingLimit(Act.LIST, ("LISTING_ABUSE",))]).body
    again, still = held.split("WHAT STAYS LIMITED")
    assert "- sell" in again
    assert "list products" not in again
    assert "- list products (Misuse of product pages)" in still


def test_nothing_left_over_is_said_plainly():
    body = compose_reinstated(letter(), lifted=[Act.SELL]).body
    assert "Nothing in your account is limited any more." in body


def test_the_last_refusal_says_that_it_is_the_last():
    body = compose_upheld(letter(), decided=decided("en"), next_steps=[], attempts_left=0, appeal_until=UNTIL).body
    assert "There is no further appeal to us against this decision." in body
    assert "out-of-court" in body


def test_without_next_steps_the_cure_of_the_upheld_reason_is_given():
    body = compose_upheld(letter(), decided=decided("en"), next_steps=[], attempts_left=1, appeal_until=UNTIL).body
    assert "- The rate back within the target and staying there; all overdue orders shipped or settled with the buyers." in body


def test_a_name_with_line_breaks_forges_neither_a_line_nor_a_header():
    evil = letter(name="Shop\r\nBcc: all@example.com\n\nWHY\nNothing.")
    made = compose_acknowledgement(evil, received_at=NOW, files=["a\nb.pdf"], answer_by=NOW)
    assert "\n" not in made.subject
    assert "Dear Shop Bcc: all@example.com WHY Nothing.," in made.body
    assert "a b.pdf" in made.body


def test_a_buyers_text_is_shown_as_written_and_never_read_as_a_template():
    text = "claim: pay ${platform} $5 %s {0}"
    notice = action_notice(violations=(replace(TRADEMARK, items=(FactRow("C-1", "complaints", (("text", text),)),)),))
    assert text in notice.body


@pytest.mark.parametrize(("language", "told"), [("en", "2026-11-01 09:10 UTC"), ("zh-Hans", "2026年11月01日 09:10（UTC）")])
def test_a_moment_among_the_facts_is_told_as_people_write_it(language, told):
    rows = tuple(
        FactRow(name, "orders", (("placed_at", moment),)) for name, moment in (("O-1", "2026-11-01T09:10:00+00:00"), ("O-2", "2026-11-01T09:10"))
    )
    body = action_notice(language, violations=(replace(TRADEMARK, items=rows),)).body
    assert body.count(told) == 2
    assert "T09:10" not in body


def test_codes_are_told_in_words_but_evidence_is_left_as_it_is():
    rows = (FactRow("C-1", "complaints", (("source", "rights_owner"), ("text", "claim"))),)
    body = action_notice("zh-Hans", violations=(replace(TRADEMARK, items=rows),)).body
    assert "来源：权利人；内容：claim" in body


def test_the_attached_list_reads_back_with_every_item():
    made = statement(violations=(LATE, TRADEMARK))
    rows = list(csv.reader(io.StringIO(facts_csv(made, PACK.words["en"]).removeprefix("\ufeff"), newline="")))
    assert rows[0][:3] == ["reason", "kind", "number"]
    assert {row[2] for row in rows[1:]} == {"C-9", *(f"302-{number:07}" for number in range(1, 24))}
    assert len({len(row) for row in rows}) == 1


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=5))
def test_no_cell_of_the_attached_list_is_ever_run_as_a_formula(rows):
    table = csv.reader(io.StringIO(rows_csv(rows).removeprefix("\ufeff"), newline=""))
    for row in table:
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(min_size=1), st.text(), st.text(min_size=1))
def test_whatever_facts_say_a_letter_is_made_of_whole_lines(item_id, value, name):
    facts = replace(TRADEMARK, items=(FactRow(item_id, "complaints", (("text", value),)),))
    usual = compose_action_notice(statement(violations=(TRADEMARK,)), letter(), appeal_until=UNTIL)
    made = compose_action_notice(statement(violations=(facts,)), letter(name=name), appeal_until=UNTIL)
    assert len(made.body.splitlines()) == len(usual.body.splitlines())
    assert len(made.subject.splitlines()) == 1
