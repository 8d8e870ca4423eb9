"""The part of the showcase about the assurance programme: a window that is open, and a case settled on commitments."""

from datetime import timedelta

from goodstanding.core.appeals.plan import Answer
from goodstanding.core.terms import CallOutcome, Route
from goodstanding.core.values import AUTOMATION
from goodstanding.server.services.call import Call
from goodstanding.server.services.calls import record_call, take_call
from goodstanding.server.services.commitments import Promise
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.endings import settle_window
from goodstanding.server.services.enrollments import review_memberships
from goodstanding.server.services.windows import contact_me_now, hand_in_plan
from goodstanding.server.store.models import Account, Case, ContactAttempt, RatingReading
from tests.server.showcase import Builder

PLANS = {
    "en": Answer(
        Route.PLAN,
        root_cause="Two batches of lamps came from a reseller whom we had not checked.",
        corrective="On 3 November we took the 12 listings down and refunded the 2 buyers.",
        preventive="Since 5 November every new supplier shows the maker's authorisation before the first order.",
    ),
    "zh-Hans": Answer(
        Route.PLAN,
        root_cause="两批台灯来自一家我们没有核实的经销商。",
        corrective="11 月 3 日已下架 12 个商品并向 2 位买家退款。",
        preventive="自 11 月 5 日起，新供应商须先出示制造商授权书。",
    ),
}


def make_member(builder: Builder, account_id: str, name: str, language: str) -> Account:
    """A seller whose rating has been high for a year, enrolled ten days ago."""
    account = builder.account(account_id, name, language)
    account.rating_readings.all().delete()
    RatingReading.objects.create(
        account=account, as_of=builder.today - timedelta(days=400), rating=320, band="healthy", fulfilled_orders=6000, points=0
    )
    account.emergency_phone, account.emergency_phone_verified_at = "+1 206 555 0147", builder.now - timedelta(days=300)
    account.save()
    review_memberships(call=Call(AUTOMATION, builder.now - timedelta(days=10)), pack=builder.pack, as_of=builder.today)
    return account


def open_window(builder: Builder, account: Account, *, hours_ago: float) -> Case:
    """A deactivation that a senior has approved; the first call of the schedule is on the list."""
    from goodstanding.server.services.actions import approve_action

    for _ in range(2):
        builder.violation(account, "AUTH_INAUTHENTIC", days=12, items=2)
    case = builder.propose(account)
    approve_action(call=builder.call(builder.senior, days_ago=hours_ago / 24), pack=builder.pack, case_id=case.pk)
    fire_due(call=Call(AUTOMATION, builder.now - timedelta(hours=hours_ago)), pack=builder.pack)
    return case


def call_holder(builder: Builder, case: Case, outcome: CallOutcome, *, hours_ago: float) -> None:
    """The specialist makes the call that waits."""
    attempt = ContactAttempt.objects.get(window=case.pk, called_at=None)
    call = builder.call(builder.specialist, days_ago=hours_ago / 24)
    take_call(call=call, attempt_id=attempt.pk)
    record_call(
        call=call, pack=builder.pack, attempt_id=attempt.pk, outcome=outcome, note="Rang for a minute." if outcome != CallOutcome.REACHED else ""
    )


def solving(builder: Builder) -> Case:
    """Two hours of 72 gone: one call missed, the plan is in, the holder has asked to be called."""
    account = make_member(builder, "S-1011", "Blue Kettle Lamps", "en")
    case = open_window(builder, account, hours_ago=5)
    call_holder(builder, case, CallOutcome.NO_ANSWER, hours_ago=4.5)
    hand_in_plan(call=builder.holder_call(account, days_ago=0.1), pack=builder.pack, case_id=case.pk, answer=PLANS["en"])
    contact_me_now(call=builder.holder_call(account, days_ago=0.05), pack=builder.pack, case_id=case.pk)
    return case


def monitored(builder: Builder) -> Case:
    """Settled three days ago on two measures, one of them in place."""
    account = make_member(builder, "S-1012", "云台灯饰", "zh-Hans")
    case = open_window(builder, account, hours_ago=24 * 4)
    hand_in_plan(call=builder.holder_call(account, days_ago=3.8), pack=builder.pack, case_id=case.pk, answer=PLANS["zh-Hans"])
    call_holder(builder, case, CallOutcome.REACHED, hours_ago=24 * 3.5)
    due = builder.today + timedelta(days=14)
    promises = [Promise("新供应商须先出示制造商授权书", due), Promise("所有订单两天内发货", due, "late_shipment_rate_30d")]
    call = builder.call(builder.specialist, days_ago=3)
    settle_window(call=call, pack=builder.pack, case_id=case.pk, because="授权书已核实，相关商品已下架。", promises=promises)
    return case
