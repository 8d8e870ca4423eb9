"""Reported rates are counted again and held against the pack; what contradicts itself is named one by one (issue 6, point 2)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.health.reported import ReportedCount, ReportedRate, agrees, judge_count, judge_rate
from goodstanding.core.values import Rate, Target
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
MARCH = {"first": date(2026, 3, 1), "last": date(2026, 3, 30)}


def codes(reported: ReportedRate) -> list[str]:
    return [doubt.code for doubt in judge_rate(PACK, "US", reported, "US").doubts]


def test_the_packs_target_counts_and_not_the_reports_own():
    """Amazon's example gives 1 % for cancellations, its policy 2.5 %."""
    own = Target.parse("< 1 %")
    judged = judge_rate(PACK, "US", ReportedRate("x", "pre_fulfillment_cancellation_rate", 2, 100, target=own, **MARCH), "US")
    assert (judged.met, judged.target and judged.target.text, judged.is_packs_target) == (True, "< 2.5 %", True)


def test_of_two_metrics_the_one_with_the_reports_window_is_meant():
    judged = judge_rate(PACK, "US", ReportedRate("x", "late_shipment_rate", 5, 100, **MARCH), "US")
    assert (judged.name, judged.met) == ("late_shipment_rate_30d", False)
    ten = {"first": date(2026, 3, 1), "last": date(2026, 3, 10)}
    assert judge_rate(PACK, "US", ReportedRate("x", "late_shipment_rate", 5, 100, **ten), "US").name == "late_shipment_rate_10d"


def test_a_rate_that_the_pack_has_not_is_held_against_the_reports_target():
    judged = judge_rate(PACK, "US", ReportedRate("x", "invoice_defect_rate", 6, 100, target=Target.parse("< 5 %")), "US")
    assert (judged.name, judged.met, judged.is_packs_target) == ("invoice_defect_rate", False, False)


def test_few_orders_and_days_before_the_rule_are_shown_and_not_enforced():
    few = judge_rate(PACK, "US", ReportedRate("x", "late_shipment_rate", 1, 10, **MARCH), "US")
    assert (few.met, few.is_enforced) == (False, False)
    early = ReportedRate("x", "on_time_delivery_rate", 80, 100, last=date(2024, 9, 24))
    assert judge_rate(PACK, "US", early, "US").is_enforced is False


def test_nothing_to_divide_by_is_neither_good_nor_bad():
    judged = judge_rate(PACK, "US", ReportedRate("x", "late_shipment_rate", 0, 0, rate=Decimal(0), status="GOOD", **MARCH), "US")
    assert (judged.met, judged.doubts) == (None, ())


@pytest.mark.parametrize(
    ("reported", "code"),
    [
        (ReportedRate("x", "late_shipment_rate", 101, 100), "impossible_counts"),
        (ReportedRate("x", "order_defect_rate", 9, 100, parts={"a": 2, "b": 3}), "parts_disagree"),
        (ReportedRate("x", "order_defect_rate", 1, 100, parts={"a": 2, "b": 3}), "parts_disagree"),
        (ReportedRate("x", "order_defect_rate", 1, 100, fulfilment="afn", says="mfn"), "wrong_fulfilment"),
        (ReportedRate("x", "late_shipment_rate", 1, 100, first=date(2026, 3, 2), last=date(2026, 3, 1)), "range_reversed"),
        (ReportedRate("x", "late_shipment_rate", 5, 100, rate=Decimal("0.03")), "rate_disagrees"),
        (ReportedRate("x", "late_shipment_rate", 5, 100, status="GOOD", target=Target.parse("< 4 %")), "status_disagrees"),
        (ReportedRate("x", "late_shipment_rate", 1, 100, status="BAD", target=Target.parse("< 4 %")), "status_disagrees"),
    ],
)
def test_each_contradiction_is_named(reported: ReportedRate, code: str):
    assert codes(reported) == [code]


def test_impossible_counts_are_judged_by_nobody():
    assert judge_rate(PACK, "US", ReportedRate("x", "valid_tracking_rate", 120, 100, **MARCH), "US").met is None


def test_a_count_is_held_against_its_target():
    judged = judge_count(ReportedCount("documentRequests", 8, "GOOD", Target.parse("= 0"), date(2026, 3, 2), date(2026, 3, 1)), "US")
    assert judged.met is False
    assert [doubt.code for doubt in judged.doubts] == ["range_reversed", "status_disagrees"]


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(4, 12), st.booleans())
def test_a_rate_rounded_to_its_digits_agrees_as_a_fraction_and_in_percent(denominator: int, numerator: int, digits: int, in_percent: bool):
    counted = Decimal(numerator) / Decimal(denominator)
    written = round(counted * 100 if in_percent else counted, digits)
    assert agrees(written, Rate(numerator, denominator))
