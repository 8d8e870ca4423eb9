"""The assurance programme for tests: a pack that has it, members, windows, and the moves of holder and specialist."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.policy.pack import Assurance, PolicyPack, Retention
from goodstanding.core.terms import ActionKind, CallOutcome, ClockStart, RecordKind, Route
from goodstanding.core.values import Span
from goodstanding.server.services.actions import approve_action
from goodstanding.server.services.calls import record_call, take_call
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.enrollments import review_memberships
from goodstanding.server.services.windows import contact_me_now, hand_in_plan
from goodstanding.server.store.models import Account, Case, ContactAttempt
from tests.factories import CITED
from tests.server.factories import NOW, TODAY, automation, holder, make_account, make_proposed, make_rating, senior, server_pack, specialist

PLAN = Answer(Route.PLAN, "One supplier sent fakes.", "We removed 12 listings.", "We test every delivery.")
OTHER_PLAN = replace(PLAN, preventive="We test every delivery of every supplier, since 2026-11-20.")


def assured_pack(**overrides: Any) -> PolicyPack:
    """The server's test pack with the programme of the reference pack, and times to keep records."""
    plain = server_pack()
    programme = {
        "plans": frozenset({"professional"}),
        "floor": 250,
        "period": Span(months=6),
        "most_days_below": 10,
        "most_days_below_in_a_row": 10,
        "contact_verified": True,
        "stores": {"US": date(2022, 11, 1)},
        "ends_for": frozenset({"fraud"}),
        "window": Span(hours=72),
        "extension": Span(hours=24),
        "calls": (0, 4, 24, 48),
        "call_required": True,
        "monitoring": Span(days=90),
    } | overrides
    cited = dict.fromkeys(("citation", "stores_citation", "ends_citation", "window_citation"), CITED)
    keep = {
        RecordKind.IDENTITY: Span(months=120),
        RecordKind.CASES: Span(months=60),
        RecordKind.EVIDENCE: Span(months=6),
        RecordKind.STANDING: Span(months=6),
    }
    return replace(
        plain,
        assurance=Assurance(**programme, **cited),
        retention={kind: Retention(kind, keep.get(kind), ClockStart.CLOSURE, f"basis_{kind}", CITED) for kind in RecordKind},
        deadlines={**plain.deadlines, "solve_window": Span(hours=72), "monitoring": Span(days=90)},
    )


def at(hours: float) -> datetime:
    """A moment some hours after NOW."""
    return NOW + timedelta(hours=hours)


def make_assured(account_id: str | None = None, *, rating: int = 300, **fields: Any) -> Account:
    """A seller who meets every condition of the programme."""
    values = {
        "plan": "professional",
        "emergency_phone": "+1 206 555 0123",
        "emergency_phone_verified_at": NOW - timedelta(days=200),
    }
    account = make_account(account_id, **values | fields)
    make_rating(account, rating, as_of=TODAY - timedelta(days=400))
    return account


def make_member(pack: PolicyPack, account_id: str | None = None, **fields: Any) -> Account:
    """A member of the programme."""
    account = make_assured(account_id, **fields)
    review_memberships(call=automation(now=at(-1)), pack=pack, as_of=TODAY)
    return account


def make_window(pack: PolicyPack, account: Account | None = None) -> Case:
    """The case of a member whose deactivation a senior has approved: its window is open since NOW."""
    case = make_proposed(ActionKind.DEACTIVATE, account=account or make_member(pack), pack=pack)
    approve_action(call=senior("user:9"), pack=pack, case_id=case.pk)
    return Case.objects.select_related("action", "account", "window").get(pk=case.pk)


def fire(pack: PolicyPack, hours: float) -> int:
    """Let the worker look at the clocks."""
    return fire_due(call=automation(now=at(hours)), pack=pack)


def call_holder(pack: PolicyPack, case: Case, outcome: CallOutcome, *, hours: float) -> ContactAttempt:
    """A specialist takes the call that waits and says how it went."""
    attempt = ContactAttempt.objects.get(window=case.pk, called_at=None, dropped_at=None)
    caller = specialist(now=at(hours))
    take_call(call=caller, attempt_id=attempt.pk)
    return record_call(call=caller, pack=pack, attempt_id=attempt.pk, outcome=outcome, note="rang ten times")


def ask_for_call(pack: PolicyPack, case: Case, *, hours: float) -> ContactAttempt:
    """The holder's button."""
    return contact_me_now(call=holder(case.account_id, now=at(hours)), pack=pack, case_id=case.pk)


def send_plan(pack: PolicyPack, case: Case, *, hours: float, answer: Answer = PLAN) -> None:
    """The holder's plan."""
    hand_in_plan(call=holder(case.account_id, now=at(hours)), pack=pack, case_id=case.pk, answer=answer)
