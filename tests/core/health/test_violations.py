"""When a violation opens, what it points to, and what closes it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.facts import Account, Complaint, Order, SignIn
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.health.violations import Violation, breach_spans, violation_id, violations
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import MetricRule, Severity
from tests.factories import make_metric, make_pack

NOON = datetime(2026, 3, 10, 12)
DAY = NOON.date()
ONE = timedelta(days=1)
SELLER = Account("ann", "seller", "US", NOON - 30 * ONE)


def days(*numbers: int) -> list[date]:
    return [DAY + n * ONE for n in numbers]


def found(as_of: int, pack: PolicyPack | None = None, **facts: Any) -> list[Violation]:
    return violations(pack or make_pack(), AccountFacts("ann", **{"accounts": [SELLER]} | facts), DAY + as_of * ONE)


def late_pack(**values: Any) -> PolicyPack:
    metric = make_metric(MetricRule.LATE_SHIPMENT_RATE, days=2, reason="late_shipment", **values)
    return make_pack(metrics={metric.name: metric})


@pytest.mark.parametrize(
    ("breaches", "recover", "expected"),
    [
        (days(0, 1), 1, [(0, 3)]),
        (days(0, 2), 1, [(0, 2), (2, 4)]),
        (days(0, 2), 2, [(0, 5)]),
        (days(0, 3), 3, [(0, 7)]),
        (days(0, 4), 3, [(0, 4), (4, 8)]),
        (days(0, 1), 0, [(0, 2)]),
        (days(19), 3, [(19, None)]),
    ],
)
def test_a_violation_closes_after_its_days_within_target_in_a_row(breaches: list[date], recover: int, expected: list[tuple[int, int | None]]):
    spans = breach_spans(breaches, recover, DAY + 20 * ONE)
    assert spans == [(DAY + opened * ONE, None if closed is None else DAY + closed * ONE) for opened, closed in expected]


@given(st.sets(st.integers(0, 40)), st.integers(0, 6))
def test_every_breach_lies_in_exactly_one_violation_and_violations_never_overlap(numbers: set[int], recover: int):
    spans = breach_spans([DAY + n * ONE for n in sorted(numbers)], recover, DAY + 100 * ONE)
    ends = [closed or date.max for _, closed in spans]
    assert all(sum(opened <= DAY + n * ONE < end for (opened, _), end in zip(spans, ends, strict=True)) == 1 for n in numbers)
    assert all(end <= opened for end, (opened, _) in zip(ends, spans[1:], strict=False))
    assert all(opened - DAY in {n * ONE for n in numbers} for opened, _ in spans)


def test_over_target_is_a_violation_that_names_the_orders_and_the_rate_it_opened_with():
    """B8, C1: the exact orders it rests on."""
    orders = [
        Order("late", "ann", NOON, ship_by=NOON, shipped_at=NOON + ONE),
        Order("later", "ann", NOON, ship_by=NOON, shipped_at=NOON + 2 * ONE),
        Order("fine", "ann", NOON, ship_by=NOON + ONE, shipped_at=NOON + ONE),
    ]
    (violation,) = found(10, late_pack(recover_days=2), orders=orders)
    assert (violation.reason, violation.metric, violation.severity, violation.points) == ("late_shipment", "late_shipment_rate", Severity.MEDIUM, 16)
    assert (violation.opened, violation.closed) == (DAY + ONE, DAY + 6 * ONE)
    assert (violation.numerator, violation.denominator, violation.subject_kind) == (1, 2, "orders")
    assert violation.subject_ids == ("late", "later")


def test_too_few_orders_are_shown_but_never_a_violation():
    assert found(10, late_pack(minimum_volume=2), orders=[Order("o1", "ann", NOON, ship_by=NOON, shipped_at=NOON + ONE)]) == []


def test_an_id_is_the_same_in_every_run_and_differs_by_each_of_its_parts():
    base = violation_id("ann", "late_shipment", "late_shipment_rate", DAY)
    assert base == violation_id("ann", "late_shipment", "late_shipment_rate", DAY)
    others = [
        ("bob", "late_shipment", "m", DAY),
        ("ann", "x", "m", DAY),
        ("ann", "late_shipment", "n", DAY),
        ("ann", "late_shipment", "m", DAY + ONE),
    ]
    assert len({base, *(violation_id(*parts) for parts in others)}) == 5
    assert base.startswith("V-")
    assert len(base) == 18


def test_a_complaint_is_a_violation_until_it_is_resolved():
    """B3."""
    complaint = Complaint("c1", "ann", "counterfeit", NOON, resolved_at=NOON + 5 * ONE)
    (before,), (after,) = found(4, complaints=[complaint]), found(5, complaints=[complaint])
    assert (before.opened, before.closed, before.points, before.subject_ids) == (DAY, None, 100, ("c1",))
    assert (after.closed, after.violation_id) == (DAY + 5 * ONE, before.violation_id)


@pytest.mark.parametrize("values", [{"reason": "late_shipment"}, {"reason": "unheard of"}, {"reason": "counterfeit", "caused_by": "action-1"}])
def test_a_complaint_counts_only_for_a_reason_that_complaints_reveal_and_not_by_our_own_doing(values: dict[str, Any]):
    assert found(3, complaints=[Complaint("c1", "ann", at=NOON, **values)]) == []


def test_a_complaint_corrected_to_another_reason_closes_one_violation_and_opens_another():
    told = [Complaint("c1", "ann", "counterfeit", NOON), Complaint("c1", "ann", "restricted_products", NOON, recorded_at=NOON + 3 * ONE)]
    assert [(v.reason, v.closed) for v in found(5, complaints=told)] == [("counterfeit", DAY + 3 * ONE), ("restricted_products", None)]


def test_incomplete_information_is_a_violation_until_a_version_says_it_is_complete():
    """B18."""
    versions = [
        Account("ann", "seller", "US", NOON, information_complete=False),
        Account("ann", "seller", "US", NOON, recorded_at=NOON + 2 * ONE),
        Account("ann", "seller", "US", NOON, information_complete=True, recorded_at=NOON + 4 * ONE),
    ]
    assert [(v.reason, v.opened, v.closed) for v in found(6, accounts=versions)] == [("stale_information", DAY, DAY + 4 * ONE)]
    assert [v.closed for v in found(3, accounts=versions)] == [None]


def sign_in(number: int, day: int, country: str | None = "US", device: str | None = "laptop", **values: Any) -> SignIn:
    return SignIn(str(number), "ann", NOON + day * ONE + timedelta(minutes=number), device, country, **{"succeeded": True} | values)


USUAL = [sign_in(n, n) for n in range(3)]


def test_a_sign_in_from_a_new_country_on_a_new_device_is_unlike_the_accounts_own():
    """B15: both of that day make one violation, since the second was on a device seen by then."""
    strange = [sign_in(7, 5, "FR", "phone"), sign_in(8, 5, "CN", "tablet")]
    (violation,) = found(6, sign_ins=USUAL + strange)
    assert (violation.reason, violation.opened, violation.subject_kind, violation.subject_ids) == (
        "unlike_sign_in",
        DAY + 5 * ONE,
        "sign_ins",
        ("7", "8"),
    )


@pytest.mark.parametrize(
    "entry",
    [
        sign_in(7, 5, "FR", "laptop"),
        sign_in(7, 5, "US", "phone"),
        sign_in(7, 5, "FR", "phone", succeeded=False),
        sign_in(7, 5, None, "phone"),
        sign_in(7, 5, "FR", None),
        sign_in(7, 1, "FR", "phone"),
    ],
    ids=["known device", "known country", "did not succeed", "no country", "no device", "too little history"],
)
def test_a_sign_in_that_is_half_known_unproven_or_too_early_to_judge_is_no_violation(entry: SignIn):
    assert found(6, sign_ins=[*USUAL, entry]) == []


def test_a_sign_in_is_judged_by_what_was_known_on_its_day():
    """A6: an earlier sign-in that is recorded afterwards changes no judgement of the past."""
    told_later = sign_in(3, 3, "FR", "phone", recorded_at=NOON + 8 * ONE)
    assert [v.opened for v in found(9, sign_ins=[*USUAL, told_later, sign_in(7, 5, "FR", "phone")])] == [DAY + 5 * ONE, DAY + 8 * ONE]


def test_old_habits_are_forgotten_with_time():
    long_ago = [sign_in(0, 0, "FR", "phone"), *(sign_in(n, 60 + n) for n in range(1, 4)), sign_in(9, 100, "FR", "phone")]
    assert [v.opened for v in found(100, sign_ins=long_ago)] == [DAY + 100 * ONE]
