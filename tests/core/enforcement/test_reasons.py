"""The statement of reasons is derived from decision, violations and pack, and names facts or does not exist (requirements C1, C4, C5)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from goodstanding.core.enforcement.reasons import Decision, FactRow, ViolationFacts, state_reasons
from goodstanding.core.errors import MissingFacts, NotFound
from goodstanding.core.terms import Act, ActionKind, FoundBy, HolderKind, OwnerKind, Route
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
DECISION = Decision(
    action_id="ACT-1",
    kind=ActionKind.RESTRICT,
    limits=frozenset({Act.LIST}),
    applies_from=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    marketplace="DE",
    holder_kind=HolderKind.SELLER,
    decided_by=OwnerKind.POLICY,
    account_since=date(2020, 5, 1),
    confirmed_by_person=True,
)
ORDERS = tuple(FactRow(f"302-{number:07}", "orders", (("ship_by", "2026-11-10"), ("shipped_at", "2026-11-13"))) for number in range(4))
LATE = ViolationFacts("V-1", "PERF_LATE_SHIPMENT", date(2026, 11, 8), ORDERS, "late_shipment_rate_30d", 4, 112 - 12, date(2026, 11, 21))
FAKE = ViolationFacts(
    "V-2", "AUTH_COUNTERFEIT", date(2026, 11, 20), (FactRow("C-9", "complaints", (("text", "call me: ann@example.com"),)),),
    complaint_sources=frozenset({"rights_owner"}),
)  # fmt: skip


def test_the_counts_are_told_with_rate_target_and_window():
    (given,) = state_reasons(DECISION, [LATE], PACK, "en").reasons
    assert given.counts == "4 of 100 orders, 4.00 %, target < 4 %"
    assert given.window == (date(2026, 10, 23), date(2026, 11, 21))
    assert given.is_found_automatically


def test_the_gravest_reason_comes_first_and_gives_the_category():
    statement = state_reasons(DECISION, [LATE, FAKE], PACK, "en")
    assert [given.code for given in statement.reasons] == ["AUTH_COUNTERFEIT", "PERF_LATE_SHIPMENT"]
    assert statement.category == "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"
    assert statement.category_addition == ("STATEMENT_CATEGORY_OTHER_VIOLATION_TC",)
    assert statement.keyword == ("KEYWORD_TRADEMARK_INFRINGEMENT", "KEYWORD_OTHER")


def test_an_action_without_a_violation_is_refused():
    with pytest.raises(MissingFacts, match="names no violation"):
        state_reasons(DECISION, [], PACK, "en")


def test_a_violation_with_neither_item_nor_counts_is_refused():
    empty = replace(LATE, items=(), numerator=None, denominator=None)
    with pytest.raises(MissingFacts, match="neither an item nor counts; nobody could answer it"):
        state_reasons(DECISION, [FAKE, empty], PACK, "en")


def test_a_reason_of_another_pack_version_is_told():
    with pytest.raises(NotFound, match="use the pack version that was in force on 2026-11-08"):
        state_reasons(DECISION, [replace(LATE, reason="GONE")], PACK, "en")


@pytest.mark.parametrize(
    ("kind", "limits", "account", "provision", "monetary"),
    [
        (ActionKind.WARN, set(), None, None, None),
        (ActionKind.HOLD, {Act.WITHDRAW}, None, None, "DECISION_MONETARY_SUSPENSION"),
        (ActionKind.RESTRICT, {Act.LIST}, None, "DECISION_PROVISION_PARTIAL_SUSPENSION", None),
        (ActionKind.DEACTIVATE, {Act.SELL, Act.LIST, Act.WITHDRAW}, "DECISION_ACCOUNT_SUSPENDED", None, "DECISION_MONETARY_SUSPENSION"),
        (ActionKind.CLOSE, {Act.SELL, Act.LIST}, "DECISION_ACCOUNT_TERMINATED", None, None),
    ],
)
def test_the_kind_of_restriction_follows_from_action_and_limits(kind, limits, account, provision, monetary):
    statement = state_reasons(replace(DECISION, kind=kind, limits=frozenset(limits)), [LATE], PACK, "en")
    assert (statement.decision_account, statement.decision_provision, statement.decision_monetary) == (account, provision, monetary)


@pytest.mark.parametrize(
    ("decided_by", "confirmed", "told"),
    [
        (OwnerKind.POLICY, False, "AUTOMATED_DECISION_FULLY"),
        (OwnerKind.POLICY, True, "AUTOMATED_DECISION_PARTIALLY"),
        (OwnerKind.PERSON, True, "AUTOMATED_DECISION_NOT_AUTOMATED"),
    ],
)
def test_how_far_a_machine_decided_is_said_as_it_was(decided_by, confirmed, told):
    statement = state_reasons(replace(DECISION, decided_by=decided_by, confirmed_by_person=confirmed), [LATE], PACK, "en")
    assert statement.automated_decision == told


def test_who_found_it_decides_source_and_detection():
    by_machine, by_owner = state_reasons(DECISION, [LATE], PACK, "en"), state_reasons(DECISION, [FAKE], PACK, "en")
    assert (by_machine.source_type, by_machine.automated_detection) == ("SOURCE_VOLUNTARY", "Yes")
    assert (by_owner.source_type, by_owner.automated_detection) == ("SOURCE_ARTICLE_16", "No")
    by_buyer = state_reasons(DECISION, [replace(FAKE, complaint_sources=frozenset({"buyer"}))], PACK, "en")
    assert by_buyer.source_type == "SOURCE_TYPE_OTHER_NOTIFICATION"
    entered = state_reasons(DECISION, [replace(LATE, found_by=FoundBy.PERSON)], PACK, "en")
    assert entered.automated_detection == "No"


def test_the_public_facts_name_no_order_and_no_text_of_a_person():
    """DSA art. 24(5): no personal data in the database."""
    statement = state_reasons(DECISION, [LATE, FAKE], PACK, "en")
    assert "4 of 100 orders" in statement.decision_facts
    for private in ("302-", "ann@example.com", "C-9", "V-1", "ACT-1"):
        assert private not in statement.decision_facts + statement.incompatible_content_explanation + statement.incompatible_content_ground


def test_a_statement_speaks_the_language_nearest_to_the_holders():
    statement = state_reasons(DECISION, [LATE], PACK, "zh-TW")
    assert statement.language == "zh-Hant"
    assert statement.reasons[0].counts == "100 筆訂單中有 4 筆，4.00 %，目標 < 4 %"


def test_the_end_of_a_limited_action_is_a_day_of_the_store():
    statement = state_reasons(replace(DECISION, ends_at=datetime(2026, 11, 25, 9, 30, tzinfo=UTC)), [LATE], PACK, "en")
    assert (statement.application_date, statement.end_date) == (date(2026, 11, 22), date(2026, 11, 25))
    assert statement.territorial_scope == ("DE",)


def test_evidence_asked_for_is_named_once_in_order_of_the_reasons():
    statement = state_reasons(DECISION, [FAKE, replace(FAKE, violation_id="V-3"), LATE], PACK, "en")
    assert statement.evidence == ("invoices_365d", "letter_of_authorization", "rights_owner_retraction", "shipping_records", "tracking_records")
    assert statement.routes == (Route.PLAN, Route.DISPUTE)
