"""People, accounts, violations and actions for tests of the server. Everything happens at `NOW` unless told otherwise."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from goodstanding.core.policy.pack import PolicyPack, Rule, Words
from goodstanding.core.policy.templates import TEMPLATES
from goodstanding.core.terms import Act, ActionKind, Approval, FoundBy, HolderKind, Role, Severity
from goodstanding.core.values import AUTOMATION, Actor, Span
from goodstanding.server.services.actions import approve_action, propose_actions
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import Account, Assessment, Case, MetricReading, RatingReading, Violation, WebhookEndpoint
from goodstanding.server.store.sealing import Purpose, seal
from tests.factories import CITED, make_pack

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
POINTS = {Severity.CRITICAL: 100, Severity.HIGH: 40, Severity.MEDIUM: 16, Severity.LOW: 4}

_numbers = count(1)

REASON_OF = {
    ActionKind.WARN: "late_shipment",
    ActionKind.HOLD: "buyer_abuse",
    ActionKind.RESTRICT: "order_defects",
    ActionKind.DEACTIVATE: "counterfeit",
    ActionKind.CLOSE: "fraud",
}
"""Which reason of the test pack brings which action."""


def server_pack(**overrides: Any) -> PolicyPack:
    """The small test pack with a rule for each kind of action, the clocks of a case, and letters that name their holes."""
    values: dict[str, Any] = {
        "rules": _rules(),
        "deadlines": {"appeal_window": Span(months=6), "review_due": Span(days=2), "information_due": Span(days=10)},
        "most_appeals": 2,
    }
    values |= overrides
    pack = make_pack(**values)
    return replace(pack, words={language: _with_letters(words, pack) for language, words in pack.words.items()})


def call_as(role: Role, name: str, *, now: datetime = NOW, accounts: Collection[str] = ()) -> Call:
    """A call of anybody."""
    return Call(Actor(name, role, frozenset(accounts)), now)


def specialist(name: str = "user:1", *, now: datetime = NOW) -> Call:
    """A call of a specialist."""
    return call_as(Role.SPECIALIST, name, now=now)


def senior(name: str = "user:2", *, now: datetime = NOW) -> Call:
    """A call of a senior specialist."""
    return call_as(Role.SENIOR_SPECIALIST, name, now=now)


def holder(account: Account | str, *, now: datetime = NOW) -> Call:
    """A call of an account's holder, as it comes in by the link of a notice."""
    account_id = account if isinstance(account, str) else account.account_id
    return call_as(Role.HOLDER, f"holder:{account_id}", now=now, accounts=[account_id])


def automation(*, now: datetime = NOW) -> Call:
    """A call of the system itself."""
    return Call(AUTOMATION, now)


def make_account(account_id: str | None = None, **fields: Any) -> Account:
    """A seller in the US who reads English."""
    number = next(_numbers)
    values = {
        "holder_kind": HolderKind.SELLER,
        "marketplace": "US",
        "language": "en",
        "display_name": f"Seller {number}",
        "email": f"seller{number}@example.com",
        "opened_at": NOW - timedelta(days=900),
    }
    return Account.objects.create(account_id=account_id or f"S{number:04}", **values | fields)


def make_violation(account: Account, reason: str = "counterfeit", *, items: int = 2, **fields: Any) -> Violation:
    """An open violation of a reason of the test pack, opened five days ago, resting on `items` items with facts."""
    number = next(_numbers)
    reasons = server_pack().reasons
    severity = fields.get("severity", reasons[reason].severity)
    kind = reasons[reason].subject
    values = {
        "found_by": reasons[reason].found_by,
        "opened": TODAY - timedelta(days=5),
        "severity": severity,
        "points": POINTS[severity],
        "subject_kind": kind,
        "items": [make_item(f"{kind[0].upper()}-{number}-{i}", kind) for i in range(1, items + 1)],
        "recorded_at": NOW - timedelta(days=1),
    }
    if reasons[reason].found_by == FoundBy.METRIC and items:
        metric = next(name for name, metric in server_pack().metrics.items() if metric.reason == reason)
        values |= {"metric": metric, "numerator": items, "denominator": items * 10}
    return Violation.objects.create(violation_id=f"V-{number:016x}", account=account, reason=reason, **values | fields)


def make_item(id: str, kind: str = "orders", facts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """One item of a violation, as it is kept."""
    known = {
        "orders": {"placed_at": "2026-11-01T10:00:00+00:00", "ship_by": "2026-11-03T10:00:00+00:00"},
        "complaints": {"at": "2026-11-14T08:00:00+00:00", "source": "buyer", "text": "not what was pictured"},
    }
    return {"id": id, "kind": kind, "facts": dict(facts if facts is not None else known.get(kind, {"country": "US"}))}


def make_rating(account: Account, rating: int = 250, *, as_of: date = TODAY, fulfilled_orders: int = 3000, points: int = 0) -> RatingReading:
    """A rating reading; its band follows from the rating."""
    band = server_pack().rating.band(rating)
    return RatingReading.objects.create(account=account, as_of=as_of, rating=rating, band=band, fulfilled_orders=fulfilled_orders, points=points)


def make_assessment(as_of: date = TODAY) -> Assessment:
    """A recorded run of an engine."""
    return Assessment.objects.create(as_of=as_of, recorded_at=NOW, pack_name="example@1", pack_digest="0" * 64, facts="facts", findings=0)


def make_metric_reading(account: Account, metric: str = "late_shipment_rate", **fields: Any) -> MetricReading:
    """A metric of the last day."""
    values = {"as_of": TODAY, "window_days": 30, "lag_days": 0, "numerator": 4, "denominator": 60, "target": "< 4 %", "met": False}
    return MetricReading.objects.create(account=account, assessment=make_assessment(), metric=metric, **values | fields)


def make_proposed(
    kind: ActionKind = ActionKind.DEACTIVATE, *, account: Account | None = None, reasons: Collection[str] = (), pack: PolicyPack | None = None
) -> Case:
    """The case of an action that the pack has proposed (or, where it needs no approval, put in force)."""
    account = account or make_account()
    for reason in reasons or [REASON_OF[kind]]:
        make_violation(account, reason)
    propose_actions(call=automation(), pack=pack or server_pack(), as_of=TODAY)
    return Case.objects.select_related("action", "account").get(account=account, action__kind=kind)


def make_action_in_force(
    kind: ActionKind = ActionKind.DEACTIVATE,
    *,
    account: Account | None = None,
    reasons: Collection[str] = (),
    pack: PolicyPack | None = None,
    approver: Call | None = None,
) -> Case:
    """The case of an action that is in force, with its limits and its notice; `approver` is a senior unless given."""
    case = make_proposed(kind, account=account, reasons=reasons, pack=pack)
    if case.action.effective_at is None:
        approve_action(call=approver or senior("user:9"), pack=pack or server_pack(), case_id=case.case_id)
    return Case.objects.select_related("action", "account").get(pk=case.pk)


def make_endpoint(url: str = "https://market.example/hooks", secret: str = "a shared secret") -> WebhookEndpoint:
    """Somewhere events are sent to."""
    return WebhookEndpoint.objects.create(url=url, secret=seal(secret, Purpose.WEBHOOKS), created_at=NOW)


def _rules() -> tuple[Rule, ...]:
    stop_selling = frozenset({Act.SELL, Act.WITHDRAW})
    return (
        Rule("warn-late", ("late_shipment", "cancellations"), ActionKind.WARN, Approval.NONE, CITED),
        Rule("hold-buyer", ("buyer_abuse",), ActionKind.HOLD, Approval.NONE, CITED, frozenset({Act.BUY}), lasts=Span(days=14)),
        Rule(
            "restrict-defects", ("order_defects", "restricted_products"), ActionKind.RESTRICT, Approval.PERSON, CITED, frozenset({Act.LIST, Act.SELL})
        ),
        Rule("deactivate-counterfeit", ("counterfeit", "related_account"), ActionKind.DEACTIVATE, Approval.SENIOR, CITED, stop_selling),
        Rule("close-fraud", ("fraud",), ActionKind.CLOSE, Approval.SENIOR, CITED, stop_selling | {Act.LIST}),
    )


def _with_letters(words: Words, pack: PolicyPack) -> Words:
    """Templates that say their own name and their holes, so that a test sees what a letter tells."""
    templates = {name: " ".join([name.replace("_", " "), *(f"{hole}=${{{hole}}}" for hole in sorted(holes))]) for name, holes in TEMPLATES.items()}
    templates |= {
        "date": "${year}-${month}-${day}",
        "moment": "${date} ${hour}:${minute} ${zone}",
        "list_separator": ", ",
        "fact_pair": "${column} ${value}",
    }
    clauses = {code: f"what {code} asks [{words.language}]" for code in pack.reasons}
    return replace(words, templates=templates, clauses=clauses)
