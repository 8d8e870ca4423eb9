"""A small policy pack for tests, built without any file: `make_pack(**overrides)`, `make_metric(...)`, `make_reason(...)`."""

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from goodstanding.core.policy.pack import (
    OURS,
    Citation,
    IdentifierWeight,
    Linkage,
    Marketplace,
    Metric,
    PolicyPack,
    Rating,
    Reason,
    Rule,
    SignInWatch,
    Source,
    Words,
)
from goodstanding.core.terms import (
    Act,
    ActionKind,
    Approval,
    Band,
    FoundBy,
    HolderKind,
    IdentifierKind,
    MetricRule,
    Route,
    Severity,
)
from goodstanding.core.values import Span, Target, Window

CITED = Citation(OURS, date(2026, 1, 1))
POINTS = {Severity.CRITICAL: 100, Severity.HIGH: 40, Severity.MEDIUM: 16, Severity.LOW: 4}

WINDOWS = {
    MetricRule.ORDER_DEFECT_RATE: (60, 0, "< 1 %"),
    MetricRule.NEGATIVE_FEEDBACK_RATE: (60, 0, "< 5 %"),
    MetricRule.CANCELLATION_RATE: (7, 0, "< 2.5 %"),
    MetricRule.LATE_SHIPMENT_RATE: (30, 0, "< 4 %"),
    MetricRule.OVERDUE_UNSHIPPED: (30, 0, "= 0"),
    MetricRule.VALID_TRACKING_RATE: (30, 0, "> 95 %"),
    MetricRule.ON_TIME_DELIVERY_RATE: (14, 7, ">= 90 %"),
    MetricRule.RETURN_RATE: (180, 0, "< 30 %"),
    MetricRule.BUYER_CANCELLATION_RATE: (180, 0, "< 20 %"),
    MetricRule.COMPLAINED_OF_RATE: (180, 0, "< 5 %"),
    MetricRule.LATE_RESPONSE_RATE: (30, 1, "< 10 %"),
}
BUYER_RULES = {MetricRule.RETURN_RATE, MetricRule.BUYER_CANCELLATION_RATE, MetricRule.COMPLAINED_OF_RATE}


def make_metric(rule: MetricRule = MetricRule.LATE_SHIPMENT_RATE, **overrides: Any) -> Metric:
    """A metric with the reference window and target of its rule; `days`, `lag` and `target` (text or None) may be given plainly."""
    days, lag, target = WINDOWS[rule]
    window = Window(overrides.pop("days", days), overrides.pop("lag", lag))
    text = overrides.pop("target", target)
    values: dict[str, Any] = {
        "name": str(rule),
        "rule": rule,
        "window": window,
        "holder_kind": HolderKind.BUYER if rule in BUYER_RULES else HolderKind.SELLER,
        "citation": CITED,
        "target": None if text is None else Target.parse(text),
    }
    return Metric(**values | overrides)


def make_reason(code: str = "late_shipment", **overrides: Any) -> Reason:
    """A reason of medium severity, found from a metric of a seller."""
    values: dict[str, Any] = {
        "code": code,
        "requirement": "B8",
        "severity": Severity.MEDIUM,
        "found_by": FoundBy.METRIC,
        "holder_kind": HolderKind.SELLER,
        "clause": f"Clause about {code.replace('_', ' ')}",
        "routes": frozenset(Route),
        "evidence": ("invoice",),
        "subject": "orders",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "keyword": "KEYWORD_OTHER",
        "citation": CITED,
    }
    return Reason(**values | overrides)


def make_rating(**overrides: Any) -> Rating:
    """The rating of the reference pack."""
    rating = Rating(200, 4, 200, 180, 0, 1000, 99, POINTS, ((Band.HEALTHY, 200), (Band.AT_RISK, 100), (Band.UNHEALTHY, 0)), CITED)
    return replace(rating, **overrides)


def make_words(language: str, pack: dict[str, Any]) -> Words:
    """Texts that say their own code, so that a test sees where they end up."""

    def say(codes: Any) -> dict[str, str]:
        return {str(code): f"{str(code).replace('_', ' ')} [{language}]" for code in codes}

    reasons = pack["reasons"]
    evidence = {name for reason in reasons.values() for name in reason.evidence}
    templates = {"subject": "{platform}: {action}", "body": "{reasons}"}
    return Words(language, "Example Market", say(reasons), say(reasons), say(pack["metrics"]), say(ActionKind), say(Act), say(evidence), templates)


def _reasons() -> dict[str, Reason]:
    made = (
        make_reason("order_defects", requirement="B6", severity=Severity.HIGH),
        make_reason("cancellations", requirement="B7"),
        make_reason("late_shipment"),
        make_reason("invalid_tracking", severity=Severity.LOW),
        make_reason("buyer_abuse", requirement="B19", holder_kind=HolderKind.BUYER),
        make_reason("counterfeit", requirement="B3", severity=Severity.CRITICAL, found_by=FoundBy.COMPLAINT, subject="complaints"),
        make_reason("restricted_products", requirement="B1", severity=Severity.HIGH, found_by=FoundBy.COMPLAINT, subject="complaints"),
        make_reason("stale_information", requirement="B18", severity=Severity.LOW, found_by=FoundBy.INFORMATION, subject="accounts"),
        make_reason("unlike_sign_in", requirement="B15", found_by=FoundBy.SIGN_IN, subject="sign_ins"),
        make_reason("related_account", requirement="B16", severity=Severity.CRITICAL, found_by=FoundBy.RELATION, subject="accounts"),
        make_reason("fraud", requirement="B11", severity=Severity.CRITICAL, found_by=FoundBy.PERSON, subject="accounts"),
    )
    return {reason.code: reason for reason in made}


def _metrics() -> dict[str, Metric]:
    reasons = {
        MetricRule.ORDER_DEFECT_RATE: "order_defects",
        MetricRule.CANCELLATION_RATE: "cancellations",
        MetricRule.LATE_SHIPMENT_RATE: "late_shipment",
        MetricRule.VALID_TRACKING_RATE: "invalid_tracking",
        MetricRule.RETURN_RATE: "buyer_abuse",
    }
    return {str(rule): make_metric(rule, reason=reasons.get(rule)) for rule in MetricRule}


def _rules() -> tuple[Rule, ...]:
    stop_selling = frozenset({Act.SELL, Act.WITHDRAW})
    return (
        Rule("warn-late", ("late_shipment", "cancellations"), ActionKind.WARN, Approval.NONE, CITED),
        Rule("restrict-defects", ("order_defects",), ActionKind.RESTRICT, Approval.PERSON, CITED, frozenset({Act.LIST}), open_days=3),
        Rule("deactivate-counterfeit", ("counterfeit", "fraud"), ActionKind.DEACTIVATE, Approval.SENIOR, CITED, stop_selling),
    )


def make_pack(**overrides: Any) -> PolicyPack:
    """A whole small pack: every metric rule, eleven reasons, three rules, English and Simplified Chinese."""
    values: dict[str, Any] = {
        "id": "example",
        "version": "1",
        "title": "Example Market",
        "effective_from": date(2026, 1, 1),
        "digest": "0" * 64,
        "languages": ("en", "zh-Hans"),
        "sources": {OURS: Source(OURS, "Chosen by this project", "", "-")},
        "marketplaces": {"US": Marketplace("US", ZoneInfo("UTC"))},
        "metrics": _metrics(),
        "rating": make_rating(),
        "reasons": _reasons(),
        "rules": _rules(),
        "deadlines": {"answer": Span(days=2), "appeal": Span(months=6), "information": Span(days=10)},
        "most_appeals": 3,
        "linkage": Linkage({kind: IdentifierWeight(100, False) for kind in IdentifierKind}, 50, 100, 150, 300, CITED),
        "sign_in_watch": SignInWatch(90, 3, CITED),
    }
    values |= overrides
    values.setdefault("deadline_citations", dict.fromkeys(values["deadlines"], CITED))
    values.setdefault("words", {language: make_words(language, values) for language in values["languages"]})
    return PolicyPack(**values)
