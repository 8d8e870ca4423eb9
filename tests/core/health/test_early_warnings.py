"""Warned before a threshold is crossed, in sentences a seller understands (requirement I3)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from goodstanding.core.facts import Account, Complaint, Order
from goodstanding.core.health.early_warnings import Forewarning, early_warnings
from goodstanding.core.health.forecast import forecast
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.health.sentences import BAD, GOOD, say_headroom, say_to_target, say_warning
from goodstanding.core.policy.pack import EarlyWarning, PolicyPack
from goodstanding.core.terms import Band, MetricRule, WarningCode
from goodstanding.core.values import Rate
from goodstanding.packs.loader import load_pack
from tests.factories import CITED, make_metric, make_pack

NOON = datetime(2026, 3, 10, 12)
DAY = NOON.date()
ONE = timedelta(days=1)
ANN = Account("ann", "seller", "US", NOON - 30 * ONE)
AHEAD = EarlyWarning(days_ahead=7, headroom=1, citation=CITED)


def warned(pack: PolicyPack, **facts: list) -> list[Forewarning]:
    own = AccountFacts("ann", **{"accounts": [ANN]} | facts)
    return early_warnings(pack, forecast(pack, own, DAY, DAY + 30 * ONE))


def late_pack(**values: object) -> PolicyPack:
    metric = make_metric(MetricRule.LATE_SHIPMENT_RATE, **{"days": 10, "reason": "late_shipment"} | values)
    return make_pack(metrics={metric.name: metric}, early_warning=AHEAD)


def shipped(many: int, late: int, days_ago: int) -> list[Order]:
    at = NOON - days_ago * ONE
    return [Order(f"o{days_ago}-{n}", "ann", at - 2 * ONE, ship_by=at - (ONE if n < late else 0 * ONE), shipped_at=at) for n in range(many)]


def test_a_rate_that_will_miss_its_target_by_itself_is_told_with_its_day_and_counts():
    warning, _ = warned(late_pack(), orders=[*shipped(60, 0, 8), *shipped(20, 1, 1)])
    assert warning == Forewarning(WarningCode.WILL_BREACH, "late_shipment_rate", DAY + 2 * ONE, Rate(1, 80), Rate(1, 20))


def test_what_happens_beyond_the_days_ahead_is_told_only_once_it_is_near():
    orders = [*shipped(60, 0, 2), *shipped(20, 1, 1)]
    assert [w.code for w in warned(late_pack(), orders=orders)] == []
    near = replace(late_pack(), early_warning=replace(AHEAD, days_ahead=8))
    assert [w.code for w in warned(near, orders=orders)] == [WarningCode.WILL_BREACH, WarningCode.BAND_FALLS]


@pytest.mark.parametrize(("many", "late", "headroom"), [(20, 0, 0), (30, 0, 1), (51, 0, None), (51, 1, 1), (30, 1, 0), (9, 0, None), (30, 2, None)])
def test_little_headroom_is_told_on_enough_volume_and_not_once_it_is_a_breach(many: int, late: int, headroom: int | None):
    found = warned(late_pack(minimum_volume=10, recover_days=3), orders=shipped(many, late, 1))
    assert [w.headroom for w in found if w.code == WarningCode.LITTLE_HEADROOM] == ([] if headroom is None else [headroom])


def test_an_order_that_will_be_overdue_is_told_and_a_count_has_no_headroom_to_tell():
    metric = make_metric(MetricRule.OVERDUE_UNSHIPPED, reason="late_shipment")
    pack = make_pack(metrics={metric.name: metric}, early_warning=AHEAD)
    assert warned(pack) == []
    warning, _ = warned(pack, orders=[Order("o1", "ann", NOON, ship_by=NOON + 2 * ONE)])
    assert (warning.code, warning.on, warning.rate_then) == (WarningCode.WILL_BREACH, DAY + 2 * ONE, Rate(1, None))


def test_a_store_that_begins_to_enforce_a_target_warns_of_that_day():
    begins = DAY + 3 * ONE
    orders = shipped(20, 5, 1)
    (warning, *_) = warned(late_pack(enforced_from={"US": begins}), orders=orders)
    assert (warning.code, warning.on, warning.rate, warning.rate_then) == (WarningCode.WILL_BREACH, begins, Rate(5, 20), Rate(5, 20))
    assert warned(late_pack(enforced_from={"US": DAY + 10 * ONE}), orders=orders) == []
    assert warned(late_pack(enforced_from={"US": begins}), orders=shipped(30, 1, 1)) == []
    assert [w.code for w in warned(late_pack(enforced_from={"CA": begins}), orders=shipped(30, 1, 1))] == [WarningCode.LITTLE_HEADROOM]


def test_a_metric_that_is_shown_only_is_no_alarm():
    metric = make_metric(MetricRule.OVERDUE_UNSHIPPED)
    pack = make_pack(metrics={metric.name: metric}, early_warning=AHEAD)
    assert warned(pack, orders=[Order("o1", "ann", NOON, ship_by=NOON + 2 * ONE)]) == []


def test_a_rating_that_will_leave_its_band_downwards_is_told_and_upwards_is_no_warning():
    orders = [*shipped(60, 0, 8), *shipped(20, 1, 1)]
    complaint = Complaint("c1", "ann", "restricted_products", NOON - 175 * ONE)
    falls = warned(late_pack(), orders=orders)[-1]
    assert falls == Forewarning(WarningCode.BAND_FALLS, on=DAY + 2 * ONE, rating=200, rating_then=184, band=Band.HEALTHY, band_then=Band.AT_RISK)
    assert warned(late_pack(), complaints=[complaint]) == []


def test_a_pack_without_early_warnings_warns_of_nothing():
    assert warned(replace(late_pack(), early_warning=None), orders=[*shipped(60, 0, 8), *shipped(20, 1, 1)]) == []


SENTENCES = {
    "en": [
        "Late shipment rate (10 days): 1 of 80 (1.25 %) today. If nothing changes, it misses the target (< 4 %) on 2026-03-12, with 1 of 20 (5.00 %).",
        "Late shipment rate (10 days): 1 of 30 (3.33 %) today. There is no room for more late shipments: the next one misses the target (< 4 %).",
        "Late shipment rate (10 days): 1 of 51 (1.96 %) today. More late shipments you can have before the target (< 4 %) is missed: 1.",
        "If nothing changes, the rating falls from 200 (healthy) to 184 (at risk) on 2026-03-12.",
        "Overdue orders not shipped: 0 today. If nothing changes, it misses the target (= 0) on 2026-03-12, with 1.",
    ],
}


def examples() -> list[Forewarning]:
    name, on = "late_shipment_rate_10d", DAY + 2 * ONE
    return [
        Forewarning(WarningCode.WILL_BREACH, name, on, Rate(1, 80), Rate(1, 20)),
        Forewarning(WarningCode.LITTLE_HEADROOM, name, rate=Rate(1, 30), headroom=0),
        Forewarning(WarningCode.LITTLE_HEADROOM, name, rate=Rate(1, 51), headroom=1),
        Forewarning(WarningCode.BAND_FALLS, on=on, rating=200, rating_then=184, band=Band.HEALTHY, band_then=Band.AT_RISK),
        Forewarning(WarningCode.WILL_BREACH, "overdue_unshipped", on, Rate(0, None), Rate(1, None)),
    ]


def test_a_warning_is_a_sentence_with_its_numbers():
    pack = load_pack("amazon")
    assert [say_warning(pack, pack.words["en"], warning) for warning in examples()] == SENTENCES["en"]


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_every_rule_has_its_words_in_every_language(language: str):
    pack = load_pack("amazon")
    words = pack.words[language]
    assert {*GOOD.values(), *BAD.values(), *map(str, Band)} <= set(words.terms)
    assert set(BAD) == set(MetricRule) == {*GOOD, MetricRule.OVERDUE_UNSHIPPED}
    for warning in examples():
        assert "$" not in say_warning(pack, words, warning)


def test_what_is_missing_to_the_target_is_a_sentence():
    pack = load_pack("amazon")
    metric, words = pack.metrics["late_shipment_rate_30d"], pack.words["en"]
    assert say_to_target(words, metric, 3) == "More on-time shipments needed to meet the target (< 4 %): 3."
    assert say_headroom(words, metric, 0) == "There is no room for more late shipments: the next one misses the target (< 4 %)."


def test_the_amazon_pack_marks_how_early_it_warns_as_our_own_choice():
    early = load_pack("amazon").early_warning
    assert early is not None
    assert (early.citation.source, early.citation.as_of) == ("ours", date(2026, 11, 22))
