"""A statement of reasons goes to the EU's database in its form, or not at all (requirement C4)."""

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.enforcement.database_form import FIELDS, in_database_form, losses, names_found, refusals
from goodstanding.core.enforcement.reasons import Decision, StatementOfReasons, ViolationFacts, state_reasons
from goodstanding.core.terms import Act, ActionKind, HolderKind, OwnerKind
from goodstanding.packs.loader import load_pack
from tests.conftest import DATA
from tests.core.enforcement.test_reasons import DECISION, FAKE, LATE, ORDERS, PACK

EXAMPLES = DATA / "dsa" / "examples.jsonl"


def kept(statement: StatementOfReasons) -> dict[str, Any]:
    """As a notice keeps it: JSON."""
    done: dict[str, Any] = json.loads(
        json.dumps(asdict(statement), default=lambda one: sorted(one) if isinstance(one, frozenset) else one.isoformat())
    )
    return done


def told(decision: Decision = DECISION, *violations: ViolationFacts) -> dict[str, Any]:
    payload = in_database_form(kept(state_reasons(decision, violations or [LATE, FAKE], PACK, "en")), puid="ACT-7QX")
    assert payload is not None
    return payload


def test_a_restriction_is_told_with_its_ground_its_counts_and_nobodys_data():
    assert told(DECISION, LATE) == {
        "puid": "ACT-7QX",
        "decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION",
        "account_type": "ACCOUNT_TYPE_BUSINESS",
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": f"{PACK.reasons['PERF_LATE_SHIPMENT'].clause} {PACK.words['en'].reasons['PERF_LATE_SHIPMENT']}",
        "incompatible_content_explanation": f"{PACK.words['en'].reasons['PERF_LATE_SHIPMENT']}: {PACK.words['en'].clauses['PERF_LATE_SHIPMENT']}",
        "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        "category_specification": ["KEYWORD_OTHER"],
        "category_specification_other": f"{PACK.reasons['PERF_LATE_SHIPMENT'].clause} {PACK.words['en'].reasons['PERF_LATE_SHIPMENT']}",
        "content_type": ["CONTENT_TYPE_OTHER"],
        "content_type_other": "seller account",
        "content_date": "2020-05-01",
        "territorial_scope": ["DE"],
        "application_date": "2026-11-22",
        "decision_facts": told(DECISION, LATE)["decision_facts"],
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
    }
    assert "4 of 100 orders" in told(DECISION, LATE)["decision_facts"]
    assert names_found(told(), [*(row.id for row in ORDERS), "C-9", "ann@example.com"]) == []


def test_held_money_and_a_closed_account_end_on_their_day():
    held = replace(DECISION, kind=ActionKind.DEACTIVATE, limits=frozenset({Act.SELL, Act.WITHDRAW}), ends_at=datetime(2027, 2, 20, 9, 30, tzinfo=UTC))
    payload = told(held)
    assert (payload["decision_account"], payload["decision_monetary"]) == ("DECISION_ACCOUNT_SUSPENDED", "DECISION_MONETARY_SUSPENSION")
    assert payload["end_date_account_restriction"] == payload["end_date_monetary_restriction"] == "2027-02-20"
    assert "end_date_service_restriction" not in payload


@pytest.mark.parametrize("change", [{"kind": ActionKind.WARN, "limits": frozenset()}, {"marketplace": "US"}])
def test_what_restricts_nothing_or_nobody_in_the_eea_is_not_told(change: dict[str, Any]):
    assert in_database_form(kept(state_reasons(replace(DECISION, **change), [LATE], PACK, "en")), puid="ACT-7QX") is None


@given(
    reasons=st.sets(st.sampled_from(sorted(load_pack("amazon").reasons)), min_size=1, max_size=6),
    kind=st.sampled_from([kind for kind in ActionKind if kind is not ActionKind.WARN]),
    limits=st.frozensets(st.sampled_from([Act.SELL, Act.LIST, Act.BUY, Act.WITHDRAW]), min_size=1),
    holder=st.sampled_from(HolderKind),
    owner=st.sampled_from(OwnerKind),
    language=st.sampled_from(["en", "zh-Hans", "zh-Hant"]),
    ends=st.none() | st.datetimes(datetime(2026, 11, 23), datetime(2037, 12, 30), timezones=st.just(UTC)),
)
def test_whatever_a_pack_decides_is_taken_by_the_database_as_it_is(reasons, kind, limits, holder, owner, language, ends):
    decision = replace(DECISION, kind=kind, limits=limits, holder_kind=holder, decided_by=owner, ends_at=ends)
    violations = [ViolationFacts(f"V-{code}", code, date(2026, 11, 8), ORDERS) for code in sorted(reasons)]
    payload = in_database_form(kept(state_reasons(decision, violations, PACK, language)), puid="ACT-7QX")
    assert payload is not None
    assert refusals(payload) == {}
    assert losses(payload) == []


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"puid": "seller S-1"}, "puid", "not of its form"),
        ({"puid": None}, "puid", "missing"),
        ({"decision_facts": "x" * 5001}, "decision_facts", "5000 are the most"),
        ({"content_date": "1999-12-31"}, "content_date", "before 2000-01-01"),
        ({"content_date": "2026-02-30"}, "content_date", "no day"),
        ({"end_date_service_restriction": "2038-01-02"}, "end_date_service_restriction", "leave out what has no end"),
        ({"category": "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE"}, "category", "unknown value"),
        ({"territorial_scope": ["DE", "EL"]}, "territorial_scope", "unknown value EL"),
        ({"content_type": "CONTENT_TYPE_OTHER"}, "content_type", "not a list"),
        ({"content_type_other": " "}, "content_type_other", "missing"),
        ({"category_addition": None}, "category_addition", "leave it out"),
        ({"automated_detection": True}, "automated_detection", "not a text"),
        ({"decision_provision": None}, "decision_account", "missing"),
        ({"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, "illegal_content_legal_ground", "missing"),
    ],
)
def test_what_the_database_refuses_is_told_by_field(change: dict[str, Any], field: str, why: str):
    assert why in refusals(told(DECISION, LATE) | change)[field]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seller_name": "Ann"}, "seller_name is no field"),
        ({"illegal_content_explanation": "x"}, "does not go with the rest"),
        ({"source_identity": "Ann"}, "source_identity does not go with the rest"),
        ({"end_date_service_restriction": "2026-11-21"}, "before application_date"),
        ({"end_date_account_restriction": "2026-12-21"}, "ends what decision_account does not begin"),
        ({"content_date": "2026-11-23"}, "content_date is after application_date"),
        ({"territorial_scope": []}, "names no country"),
        ({"category_specification": ["KEYWORD_PHISHING"]}, "belongs to none of the categories"),
        ({"category_specification_other": None}, "is not explained"),
        ({"account_type": "null"}, "is the text 'null'"),
        ({"decision_facts": " late "}, "begins or ends with a space"),
        ({"content_id_ean": "4006381333932"}, "last digit"),
        ({"content_id": {"ASIN": "B0"}}, "other than EAN-13"),
    ],
)
def test_what_the_database_would_take_and_lose_is_told_before(change: dict[str, Any], says: str):
    payload = told(DECISION, LATE) | change
    assert refusals(payload) == {}
    assert any(says in line for line in losses(payload)), losses(payload)


def test_a_name_is_found_whole_and_not_inside_another_word():
    assert names_found({"puid": "S-1", "decision_facts": "S-1 and S-22 were late"}, ["S-1", "S-2", "late", ""]) == ["S-1", "late"]


@pytest.mark.skipif(not EXAMPLES.is_file(), reason="no example statements: dsa/examples.jsonl is not in the folder of real data")
def test_every_example_of_the_database_gets_its_verdict_and_its_fields():
    rows = [json.loads(line) for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]
    single = [row for row in rows if row["endpoint"] == "single"]
    batches = [row for row in rows if row["endpoint"] == "batch"]
    assert (len(single), len(batches)) == (47, 5)
    for row in single:
        assert sorted(refusals(row["payload"])) == sorted(row["expect_error_fields"]), row["id"]
        assert bool(losses(row["payload"])) >= bool(row.get("our_exporter_should")), row["id"]
    for row in batches:
        found = {f"statement_{number}": sorted(wrong) for number, one in enumerate(row["payload"]["statements"]) if (wrong := refusals(one))}
        assert found == (row["expect_error_fields"] or {}), row["id"]


@pytest.mark.skipif(not EXAMPLES.is_file(), reason="no schema of the database: dsa/schema.json is not in the folder of real data")
def test_every_field_of_the_published_schema_is_known_with_its_values():
    schema = json.loads((EXAMPLES.parent / "schema.json").read_text(encoding="utf-8"))
    assert set(FIELDS) == set(schema["fields"])
    for name, field in FIELDS.items():
        listed = schema["enums"].get(schema["fields"][name].get("enum", ""))
        assert set(field.values or ()) == set(listed or ()), name
        assert field.longest == schema["fields"][name].get("max_length"), name
