"""The reference pack says what the published rules say, cites every number and is complete in every language."""

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from goodstanding.core.facts import KINDS
from goodstanding.core.policy.pack import OURS
from goodstanding.core.policy.templates import TEMPLATES, placeholders_of
from goodstanding.core.terms import Act, ActionKind, Approval, Band, FoundBy, HolderKind, IdentifierKind, Severity, Weight
from goodstanding.packs import loader
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
FOLDER = Path(loader.__file__).parent


@pytest.mark.parametrize(
    ("metric", "days", "lag", "target"),
    [
        ("order_defect_rate", 60, 0, "< 1 %"),
        ("pre_fulfillment_cancellation_rate", 7, 0, "< 2.5 %"),
        ("late_shipment_rate_10d", 10, 0, "< 4 %"),
        ("late_shipment_rate_30d", 30, 0, "< 4 %"),
        ("overdue_unshipped", 30, 0, "= 0"),
        ("valid_tracking_rate", 30, 0, "> 95 %"),
        ("on_time_delivery_rate", 14, 7, ">= 90 %"),
        ("negative_feedback_rate", 60, 0, None),
        ("return_rate", 180, 0, "< 30 %"),
        ("late_response_rate", 30, 1, None),
    ],
)
def test_windows_and_targets_are_the_reference_values(metric, days, lag, target):
    found = PACK.metrics[metric]
    assert (found.window.days, found.window.lag) == (days, lag)
    assert (found.target.text if found.target else None) == target


def test_the_rating_is_the_published_scale_with_points_marked_as_ours():
    rating = PACK.rating
    assert (rating.start, rating.gain, rating.per_orders, rating.window_days) == (200, 4, 200, 180)
    assert [rating.band(value) for value in (1000, 200, 199, 100, 99, 0)] == [
        Band.HEALTHY, Band.HEALTHY, Band.AT_RISK, Band.AT_RISK, Band.UNHEALTHY, Band.UNHEALTHY,
    ]  # fmt: skip
    assert dict(rating.points) == {Severity.CRITICAL: 100, Severity.HIGH: 40, Severity.MEDIUM: 16, Severity.LOW: 4}
    assert rating.points_citation.source == OURS


def test_every_number_cites_a_source_and_a_date():
    """Walks the files themselves, so that a table nobody reads is found as well."""

    def tables(content, path):
        for key, value in content.items():
            for place, inner in [(f"{path}.{key}", value)] if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []:
                if isinstance(inner, dict):
                    yield f"{path}.{key}[{place}]", inner
                    yield from tables(inner, f"{path}.{key}")

    content = {}
    for name in ("pack.toml", "reasons.toml", "evidence.toml", "behaviour.toml"):
        content |= tomllib.loads((FOLDER / "amazon" / name).read_text("utf-8"))
    covered_by_parent = ("rating.bands", "linkage.weights", ".minimums", ".lasts")
    for path, table in tables(content, ""):
        numbers = [key for key, value in table.items() if isinstance(value, int) and not isinstance(value, bool)]
        if numbers and not any(part in path for part in covered_by_parent):
            assert table["source"] in PACK.sources, path
            assert isinstance(table["as_of"], date), path


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_every_language_says_everything(language):
    """Requirement C3: nothing is missing, and every letter may use the same placeholders in each language."""
    words, english = PACK.words[language], PACK.words["en"]
    assert set(words.reasons) == set(words.cures) == set(words.clauses) == set(PACK.reasons)
    assert set(words.templates) == set(TEMPLATES)
    assert set(words.terms) == set(english.terms)
    assert set(words.acts) == set(Act)
    for name, text in words.templates.items():
        assert set(placeholders_of(text)) <= TEMPLATES[name], name
        assert set(placeholders_of(text)) == set(placeholders_of(english.templates[name])), name


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_the_chinese_texts_hold_no_character_of_the_other_script(language):
    simplified, traditional = "订单发货账户诉认证时间关闭买卖权证", "訂單發貨賬戶帳訴認證時間關閉買賣權證"
    foreign = set(traditional) - set(simplified) if language == "zh-Hans" else set(simplified) - set(traditional)
    words = PACK.words[language]
    for part in (
        words.reasons,
        words.cures,
        words.clauses,
        words.metrics,
        words.evidence,
        words.terms,
        words.templates,
        words.tasks,
        words.prevention,
        words.guidance,
    ):
        for code, text in part.items():
            assert not foreign & set(text), (code, text)


def test_the_facts_columns_have_words_in_every_language():
    wanted = {column.name for kind in ("orders", "defects", "complaints", "returns", "sign_ins") for column in KINDS[kind].columns}
    for words in PACK.words.values():
        assert wanted - {"recorded_at", "caused_by"} <= set(words.terms)


def test_no_machine_alone_does_more_than_warn_or_hold():
    """Requirement H3: what cannot be undone by lifting it waits for a person; two eyes more for the gravest."""
    for rule in PACK.rules:
        if rule.approval is Approval.NONE:
            assert rule.action in (ActionKind.WARN, ActionKind.HOLD), rule.id
            assert not rule.limits & {Act.SELL, Act.SIGN_IN, Act.SEE_ORDERS}, rule.id
        assert Act.APPEAL not in rule.limits


def test_related_accounts_are_never_acted_on_without_a_senior():
    (rule,) = [rule for rule in PACK.rules if "RELATED_ACCOUNT" in rule.reasons]
    assert (rule.action, rule.approval) == (ActionKind.DEACTIVATE, Approval.SENIOR)


def test_a_household_that_shares_device_and_home_is_shown_but_not_proposed():
    device, bank = PACK.linkage.weights[IdentifierKind.DEVICE], PACK.linkage.weights[IdentifierKind.BANK_ACCOUNT]
    at_home = min(PACK.linkage.explained_cap, device.pair * device.at_home // 100 + PACK.linkage.household_cap)
    assert PACK.linkage.relate_at <= at_home < PACK.linkage.cluster_at < PACK.linkage.propose_at <= bank.pair


def test_every_reason_is_acted_on_by_some_rule():
    ruled = {code for rule in PACK.rules for code in rule.reasons}
    assert set(PACK.reasons) == ruled


def test_each_requirement_of_group_b_that_the_pack_covers_has_a_reason():
    covered = {reason.requirement for reason in PACK.reasons.values()}
    assert covered == {f"B{number}" for number in range(1, 21)}


CODES = [
    "PERF_ODR",
    "PERF_LATE_SHIPMENT",
    "PERF_CANCELLATION",
    "PERF_VALID_TRACKING",
    "PERF_ON_TIME_DELIVERY",
    "PERF_INVOICE_DEFECT",
    "AUTH_INAUTHENTIC",
    "AUTH_COUNTERFEIT",
    "COND_USED_SOLD_AS_NEW",
    "COND_NOT_AS_DESCRIBED",
    "SAFETY_PRODUCT",
    "COMPLIANCE_DOCS",
    "IP_TRADEMARK",
    "IP_COPYRIGHT",
    "IP_PATENT",
    "IP_GENERIC",
    "RESTRICTED_PRODUCT",
    "LISTING_ABUSE",
    "REVIEW_ABUSE",
    "SALES_RANK_MANIPULATION",
    "PRICING_POLICY",
    "DROPSHIPPING",
    "VELOCITY_REVIEW",
    "RELATED_ACCOUNT",
    "NEW_ACCOUNT_AFTER_SUSPENSION",
    "VERIF_IDENTITY",
    "VERIF_INFORM",
    "VERIF_ADDRESS",
    "VERIF_PAYMENT_METHOD",
    "SUPPLY_CHAIN",
    "FORGED_DOCUMENTS",
    "CODE_OF_CONDUCT",
    "SUPPORT_ABUSE",
    "ABUSE_REFUNDS",
    "BUYER_MESSAGE_ABUSE",
    "DECEPTIVE_ACTIVITY",
    "DORMANT_ACCOUNT",
    "ACCOUNT_REVIEW_FAILED",
    "CATEGORY_APPROVAL",
    "DECEPTIVE_LISTING",
    "PERF_ATOZ",
    "PERF_GENERIC",
    "GENERIC_POLICY_VIOLATION",
    "BUYER_RETURNS_ABUSE",
    "BUYER_CONCESSION_ABUSE",
    "BUYER_CANCEL_ABUSE",
    "BUYER_COMPLAINED_OF",
    "BUYER_FRAUD",
    "BUYER_PAYMENT_HOLD",
    "BUYER_GIFT_CARD",
    "BUYER_LINKED",
    "BUYER_COMMERCIAL_USE",
    "BUYER_REVIEW_ABUSE",
    "BUYER_TERMS_VIOLATION",
]
OURS_ALONE = {"BUYER_COMPLAINTS", "LISTING_CHANGE_RATE", "SUSPICIOUS_ACTIVITY", "UNPAID_FEES", "BUYER_SUSPICIOUS_ACTIVITY"}


def test_the_reasons_are_the_canonical_codes_and_five_of_our_own():
    """A legal basis (SECTION_3) and a stage (ACCOUNT_AT_RISK) are no reasons, so they are not among them."""
    assert set(PACK.reasons) == {*CODES, *OURS_ALONE}


def test_every_reason_says_what_puts_it_right_and_what_a_plan_should_hold():
    """B1-B20: documents with their kinds of files, tasks, prevention, guidance and grounds, in every language."""
    for reason in PACK.reasons.values():
        assert all((reason.evidence, reason.tasks, reason.prevention, reason.guidance, reason.grounds)), reason.code
        assert all(PACK.evidence[key].kinds for key in reason.evidence), reason.code
        for words in PACK.words.values():
            assert all(words.tasks[key] for key in reason.tasks)
            assert all(words.prevention[key] for key in reason.prevention)
            assert words.guidance[reason.guidance]
    for asked in PACK.evidence.values():
        assert all(field in words.terms for field in asked.fields for words in PACK.words.values()), asked.key


def test_the_gravest_reasons_are_never_settled_by_a_machine():
    """Requirement H3."""
    for reason in PACK.reasons.values():
        assert not (reason.settled_by_machine and (reason.severity is Severity.CRITICAL or reason.weight is Weight.SEVERE)), reason.code
        assert reason.weight is Weight.SEVERE or reason.severity is not Severity.CRITICAL, reason.code


def test_clauses_are_numbered_once_each():
    clauses = [reason.clause for reason in PACK.reasons.values()]
    assert len(clauses) == len(set(clauses))


def test_the_appeal_window_is_six_calendar_months_and_the_link_lives_as_long():
    """Requirement C6, DSA art. 20."""
    assert PACK.deadlines["appeal_window"].months == 6
    assert PACK.deadlines["notice_link_valid"] == PACK.deadlines["appeal_window"]


def test_buyers_and_sellers_have_rules_of_their_own():
    kinds = {reason.holder_kind for reason in PACK.reasons.values()}
    assert kinds == set(HolderKind)
    assert {way for reason in PACK.reasons.values() for way in FoundBy if reason.is_found_by(way)} == set(FoundBy)


@pytest.mark.real_data
def test_categories_keywords_and_content_types_are_those_of_the_database(real_data):
    """Requirement C4: against the database's own enumerations."""
    schema = json.loads((real_data / "dsa" / "schema.json").read_text("utf-8"))
    for reason in PACK.reasons.values():
        assert reason.category in schema["enums"]["category"]
        assert reason.keyword in (*schema["keyword_by_category"][reason.category], "KEYWORD_OTHER")
        assert set(reason.content_type) <= set(schema["enums"]["content_type"])


def test_on_time_delivery_is_enforced_in_each_store_from_its_announced_day():
    metric = PACK.metrics["on_time_delivery_rate"]
    assert {store: str(metric.first_enforced(store)) for store in ("US", "UK")} == {"US": "2024-09-25", "UK": "2025-09-16"}
    assert [metric.first_enforced(store) for store in ("CA", "DE", "JP")] == [date.min] * 3
    assert "CA, DE and JP none is known" in PACK.notes["on_time_delivery_stores"]


def test_the_five_stores_are_there_and_what_is_not_known_of_them_is_said():
    assert set(PACK.marketplaces) == {"US", "CA", "DE", "UK", "JP"}
    assert {"stores", "on_time_delivery_stores", "unit_on_time_delivery", "invoices", "appeal_window_stores"} <= set(PACK.notes)
