"""A planted cause is named, chance is not, and the same orders are named once (requirement D2)."""

from dataclasses import replace
from datetime import datetime

import pytest

from goodstanding.core.appeals.diagnosis.diagnosing import diagnose, metric_to_diagnose
from goodstanding.core.appeals.diagnosis.model import Background, Confidence
from goodstanding.core.appeals.diagnosis.records import from_record, to_record
from goodstanding.core.errors import UnusableInput
from goodstanding.core.facts import Defect, ListingChange, Message, Order, SignIn
from goodstanding.core.health.known import AccountFacts
from tests.core.appeals.diagnosis.made import COUNT, LAST, LATE, ONE, PACK, diagnosis_of, seller, shipped_on, values_of


def every(number: int, nth: int) -> bool:
    return number * 37 % nth == 0


def test_the_carrier_that_is_late_is_named_with_its_numbers():
    """Requirement D2: the surface cause is the metric, the root-cause candidate the carrier."""
    told = diagnosis_of(lambda n: (values_of(n)["carrier"] == "Heron" and every(n, 5)) or every(n, 97))
    assert (told.metric, told.reason, told.met) == (LATE.name, "PERF_LATE_SHIPMENT", False)
    (cause,) = told.causes
    assert (cause.dimension, cause.value, cause.confidence) == ("carrier", "Heron", Confidence.HIGH)
    recent = [n for n in range(COUNT) if (LAST - shipped_on(n).date()).days < 30]
    assert cause.orders == sum(values_of(n)["carrier"] == "Heron" for n in recent)
    assert cause.of_orders == len(recent) == told.denominator
    assert cause.defects == len(cause.ids) <= cause.of_defects == told.numerator
    assert 0 < cause.excess < cause.defects
    assert cause.p_value < 0.001


def test_what_is_spread_evenly_has_no_cause():
    told = diagnosis_of(lambda n: every(n, 17))
    assert told.numerator
    assert told.causes == ()
    assert told.looks > 20


def test_too_few_orders_gone_wrong_are_no_ground_for_anything():
    told = diagnosis_of(lambda n: n >= COUNT - 2)
    assert (told.numerator, told.causes, told.looks) == (2, (), 0)


def test_a_bad_week_is_named_by_its_days_and_marked_on_the_time_line():
    """Requirements D2, D3."""
    told = diagnosis_of(lambda n: (380 <= n < 450 and n % 2 == 0) or every(n, 89))
    (cause,) = told.causes
    assert (cause.kind, cause.dimension) == ("span", "shipped_at")
    assert (cause.first, cause.last) == (shipped_on(380).date(), shipped_on(449).date())
    unusual = {day.day for day in told.timeline if day.is_unusual}
    assert {shipped_on(n).date() for n in range(380, 450)} <= unusual
    assert len(unusual) < 12


def test_a_product_inside_a_carrier_is_not_told_twice():
    """Nested groups: all of one product goes by one carrier; the product is what is late."""
    told = diagnosis_of(lambda n: values_of(n)["product_id"] == "P-3" and values_of(n)["carrier"] == "Swift")
    assert len(told.causes) == 1


def test_two_causes_at_once_are_two():
    told = diagnosis_of(lambda n: (values_of(n)["carrier"] == "Heron" and every(n, 5)) or (values_of(n)["product_id"] == "P-4" and n % 2 == 0))
    assert {(cause.dimension, cause.value) for cause in told.causes} == {("carrier", "Heron"), ("product_id", "P-4")}


def test_the_days_of_an_employee_are_named_by_who_signed_in():
    noon = datetime(LAST.year, LAST.month, LAST.day, 8)
    rota = {"zoe": (0, 3, 7, 9, 14, 18, 22, 27), "yan": (1, 2, 4, 5, 6, 8, 10, 12, 13, 16, 20)}
    sign_ins = tuple(SignIn(f"{who}-{back}", "ann", noon - back * ONE, "office", "US", True) for who, backs in rota.items() for back in backs)
    users = {entry.sign_in_id: {"user": entry.sign_in_id.split("-")[0]} for entry in sign_ins}
    late_days = {(noon - back * ONE).date() for back in rota["zoe"]}
    told = diagnosis_of(lambda n: (shipped_on(n).date() in late_days and n % 3 == 0) or every(n, 101), sign_ins=sign_ins, users=users)
    assert (told.causes[0].kind, told.causes[0].dimension, told.causes[0].value) == ("sign_in", "sign_in_user", "zoe")


def test_a_changed_product_page_is_a_cause_only_where_things_were_better_before():
    change = ListingChange("c-1", "ann", "P-4", shipped_on(400) - 3 * ONE, "handling_time")
    told = diagnosis_of(lambda n: (values_of(n)["product_id"] == "P-4" and n >= 400 and n % 4 < 3) or every(n, 97), changes=(change,))
    assert (told.causes[0].dimension, told.causes[0].value) == ("listing_change", "P-4 handling_time")
    always = diagnosis_of(lambda n: (values_of(n)["product_id"] == "P-4" and n % 4 < 3) or every(n, 97), changes=(change,))
    assert (always.causes[0].dimension, always.causes[0].value) == ("product_id", "P-4")


def test_what_happened_when_a_cause_began_is_named_beside_it():
    new = SignIn("s-2", "ann", shipped_on(390), "phone-9", "BR", True)
    known = SignIn("s-1", "ann", shipped_on(0), "office", "US", True)
    told = diagnosis_of(lambda n: 380 <= n < 450 and n % 2 == 0, sign_ins=(known, new))
    near = {(one.what, one.value) for one in told.causes[0].near}
    assert {("device_id", "phone-9"), ("country", "BR")} <= near


def test_young_orders_make_old_ones_no_cause():
    """Bad news of an order comes late: every order has the same chance, but only of the older ones it is known yet."""
    facts, background = seller(lambda n: False)
    defects = [Defect(f"d-{n}", f"O-{n}", "ann", "claim", shipped_on(n) + (5 + n % 30) * ONE) for n in range(COUNT) if every(n, 13)]
    told = diagnose(PACK, PACK.metrics["order_defect_rate"], replace(facts, defects=defects), LAST, None, background)
    assert told.bad > 10
    assert told.causes == ()


def test_overdue_orders_are_compared_by_what_they_have_in_common_not_by_day():
    orders, values = [], {}
    for number in range(200):
        due = shipped_on(number * 3)
        stuck = number % 5 == 0 and number % 3 == 0
        orders.append(Order(f"O-{number}", "ann", due - ONE, ship_by=due, shipped_at=None if stuck else due))
        values[f"O-{number}"] = {"warehouse": "North" if number % 5 == 0 else "South"}
    facts = AccountFacts("ann", orders=orders)
    told = diagnose(PACK, PACK.metrics["overdue_unshipped"], facts, LAST, None, Background(values))
    assert told.denominator is None
    assert [(cause.dimension, cause.value) for cause in told.causes] == [("warehouse", "North")]


def test_late_answers_are_compared_by_message():
    hour = ONE / 24
    messages = [
        Message(
            f"m-{n}",
            "ann",
            shipped_on(n) - 2 * ONE,
            "from_buyer",
            shipped_on(n) - 2 * ONE + (40 if n % 10 == 3 else 2) * hour,
            topic="sizes" if n % 10 in (3, 4) else "other",
        )
        for n in range(COUNT)
    ]
    told = diagnose(PACK, PACK.metrics["late_response_rate"], AccountFacts("ann", messages=messages), LAST)
    assert (told.subject, told.met) == ("messages", None)
    assert [(cause.dimension, cause.value) for cause in told.causes] == [("topic", "sizes")]


def test_the_metric_is_the_one_asked_for_or_the_one_furthest_over_its_target():
    facts, _ = seller(lambda n: n % 2 == 0)
    assert metric_to_diagnose(PACK, facts, LAST).reason == "PERF_VALID_TRACKING"  # nothing is said of the tracking: all of it counts as invalid
    assert metric_to_diagnose(PACK, facts, LAST, reason="PERF_LATE_SHIPMENT").reason == "PERF_LATE_SHIPMENT"
    assert metric_to_diagnose(PACK, facts, LAST, metric="return_rate").name == "return_rate"
    with pytest.raises(UnusableInput, match="no metric is called 'lateness'"):
        metric_to_diagnose(PACK, facts, LAST, metric="lateness")
    with pytest.raises(UnusableInput, match=r"no metric of amazon@.* is behind 'AUTH_COUNTERFEIT'"):
        metric_to_diagnose(PACK, facts, LAST, reason="AUTH_COUNTERFEIT")


def test_a_pack_without_a_diagnosis_says_what_to_do():
    facts, _ = seller(lambda n: False)
    with pytest.raises(UnusableInput, match=r"has no \[diagnosis\]; copy that table"):
        diagnose(replace(PACK, diagnosis=None), LATE, facts, LAST)


def test_a_diagnosis_that_was_kept_says_the_same():
    told = diagnosis_of(lambda n: (380 <= n < 450 and n % 2 == 0) or every(n, 89), sign_ins=(SignIn("s", "ann", shipped_on(395), "d", "US", True),))
    assert from_record(to_record(told)) == told


def test_an_account_without_orders_has_nothing_to_explain():
    told = diagnose(PACK, LATE, AccountFacts("ann"), LAST)
    assert (told.numerator, told.denominator, told.met, told.causes, told.timeline) == (0, 0, None, (), ())
