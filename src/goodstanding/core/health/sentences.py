"""Forecasts and early warnings as sentences, in the pack's words."""

from collections.abc import Mapping

from goodstanding.core.health.early_warnings import Forewarning
from goodstanding.core.health.self_audit import Task
from goodstanding.core.policy.pack import Metric, PolicyPack, Words
from goodstanding.core.policy.templates import fill, say_date
from goodstanding.core.terms import MetricRule, WarningCode
from goodstanding.core.values import Rate

GOOD: Mapping[MetricRule, str] = {
    MetricRule.ORDER_DEFECT_RATE: "orders_without_defect",
    MetricRule.NEGATIVE_FEEDBACK_RATE: "orders_without_negative_feedback",
    MetricRule.CANCELLATION_RATE: "orders_not_cancelled",
    MetricRule.LATE_SHIPMENT_RATE: "on_time_shipments",
    MetricRule.VALID_TRACKING_RATE: "shipments_with_valid_tracking",
    MetricRule.ON_TIME_DELIVERY_RATE: "on_time_deliveries",
    MetricRule.RETURN_RATE: "orders_kept",
    MetricRule.BUYER_CANCELLATION_RATE: "orders_not_cancelled",
    MetricRule.COMPLAINED_OF_RATE: "orders_without_complaint",
    MetricRule.LATE_RESPONSE_RATE: "messages_answered_in_time",
}
"""What speaks for an account in a metric, as a term of the pack. A count has nothing that does."""

BAD: Mapping[MetricRule, str] = {
    MetricRule.ORDER_DEFECT_RATE: "orders_with_defect",
    MetricRule.NEGATIVE_FEEDBACK_RATE: "orders_with_negative_feedback",
    MetricRule.CANCELLATION_RATE: "cancelled_orders",
    MetricRule.LATE_SHIPMENT_RATE: "late_shipments",
    MetricRule.OVERDUE_UNSHIPPED: "overdue_orders",
    MetricRule.VALID_TRACKING_RATE: "shipments_without_valid_tracking",
    MetricRule.ON_TIME_DELIVERY_RATE: "late_deliveries",
    MetricRule.RETURN_RATE: "returned_orders",
    MetricRule.BUYER_CANCELLATION_RATE: "cancelled_orders",
    MetricRule.COMPLAINED_OF_RATE: "orders_with_complaint",
    MetricRule.LATE_RESPONSE_RATE: "messages_answered_late",
}
"""What speaks against it."""


def say_to_target(words: Words, metric: Metric, many: int) -> str:
    """`wins.to_target` as a sentence; `many` is at least 1."""
    assert metric.target is not None, "only a metric with a target can miss it"
    return fill(words, "to_target", good=words.term(GOOD[metric.rule]), count=many, target=metric.target.text)


def say_headroom(words: Words, metric: Metric, many: int) -> str:
    """`wins.headroom` as a sentence."""
    assert metric.target is not None, "only a metric with a target has headroom"
    return fill(words, "headroom" if many else "no_headroom", bad=words.term(BAD[metric.rule]), count=many, target=metric.target.text)


def say_warning(pack: PolicyPack, words: Words, warning: Forewarning) -> str:
    """An early warning as a sentence."""
    if warning.code == WarningCode.BAND_FALLS:
        assert warning.on is not None, "the warning of a rating names its day"
        bands = {"band": words.term(str(warning.band)), "band_then": words.term(str(warning.band_then))}
        return fill(words, "warning_band_falls", on=say_date(words, warning.on), rating=warning.rating, rating_then=warning.rating_then, **bands)
    assert warning.metric is not None, "all other warnings are of a metric"
    metric = pack.metrics[warning.metric]
    name = words.metrics[metric.name]
    if warning.code == WarningCode.LITTLE_HEADROOM:
        assert warning.headroom is not None, "this warning is about headroom"
        return fill(
            words, "warning_little_headroom", metric=name, counts=_counts(words, warning.rate), left=say_headroom(words, metric, warning.headroom)
        )
    assert warning.on is not None, "this warning names its day"
    assert metric.target is not None, "only a target can be missed"
    values = {"counts": _counts(words, warning.rate), "counts_then": _counts(words, warning.rate_then), "target": metric.target.text}
    return fill(words, "warning_will_breach", metric=name, on=say_date(words, warning.on), **values)


def say_task(words: Words, task: Task) -> str:
    """An entry of the self-audit list as a sentence, without the items it names."""
    return fill(words, f"task_{task.code}", count=task.count, on=say_date(words, task.on))


def _counts(words: Words, rate: Rate | None) -> str:
    if rate is None or not rate.denominator:
        return str(rate.numerator) if rate else ""
    return fill(words, "counts_short", numerator=rate.numerator, denominator=rate.denominator, rate=rate.percent())
