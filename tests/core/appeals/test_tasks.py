"""Corrective tasks are ticked by facts, each item for itself; what facts cannot show stays unknown (requirement E1)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from goodstanding.core.appeals.tasks import TICKS, Subject, Tick, TickState, subject_of_items, subjects_now, tick_tasks
from goodstanding.core.facts import Account, Complaint, Defect, ListingChange, Message, Order, Return, SignIn
from goodstanding.core.health.known import AccountFacts
from goodstanding.packs.loader import load_pack

PACK = load_pack("amazon")
NOON = datetime(2026, 3, 10, 12)
TODAY = date(2026, 3, 31)
ONE = timedelta(days=1)
SINCE = NOON.date()


def tick(task: str, kind: str = "orders", ids: tuple[str, ...] = ("o1", "o2"), **facts: object) -> Tick:
    reason = replace(PACK.reasons["PERF_ODR"], tasks=(task,))
    (got,) = tick_tasks(PACK, reason, AccountFacts("ann", **facts), subject_of_items(kind, ids, SINCE), TODAY)  # type: ignore[arg-type]
    return got


def order(id: str, **more: object) -> Order:
    return Order(id, "ann", NOON - 5 * ONE, **({"product_id": "P", "ship_by": NOON - 4 * ONE} | more))  # type: ignore[arg-type]


def test_each_refund_is_ticked_for_itself():
    refund = Return("r1", "o1", "ann", NOON, refunded_at=NOON + ONE)
    got = tick("refund_affected_buyers", orders=[order("o1"), order("o2")], returns=[refund])
    assert got == Tick("refund_affected_buyers", TickState.OPEN, 1, 2, ("o2",))
    later = Return("r2", "o2", "ann", NOON, refunded_at=NOON + 60 * ONE)
    assert tick("refund_affected_buyers", orders=[order("o1"), order("o2")], returns=[refund, later]).open_ids == ("o2",)


def test_a_buyer_whose_order_was_cancelled_needs_no_refund_of_a_return():
    assert tick("refund_affected_buyers", ids=("o1",), orders=[order("o1", cancelled_at=NOON)]).state is TickState.DONE


def test_claims_and_complaints_count_as_answered_when_withdrawn_or_resolved():
    claims = [Defect("d1", "o1", "ann", "claim", NOON, withdrawn_at=NOON + ONE), Defect("d2", "o2", "ann", "claim", NOON)]
    got = tick("answer_open_claims", orders=[order("o1"), order("o2")], defects=claims)
    assert (got.done, got.of, got.open_ids) == (1, 2, ("d2",))
    complaint = Complaint("c1", "ann", "AUTH_COUNTERFEIT", NOON, resolved_at=NOON + ONE)
    assert tick("answer_open_claims", "complaints", ("c1",), complaints=[complaint]).state is TickState.DONE


def test_overdue_orders_are_done_once_shipped():
    late = order("o1", shipped_at=NOON)
    assert tick("ship_overdue_orders", orders=[late, order("o3")]) == Tick("ship_overdue_orders", TickState.OPEN, 1, 2, ("o3",))
    assert tick("ship_overdue_orders", orders=[late, order("o3", cancelled_at=NOON)]).state is TickState.DONE


def test_tracking_counts_as_last_told():
    first = order("o1", shipped_at=NOON, tracking_valid=False)
    mended = replace(first, tracking_valid=True, recorded_at=NOON + 3 * ONE)
    assert tick("add_tracking", ids=("o1",), orders=[first]).state is TickState.OPEN
    assert tick("add_tracking", ids=("o1",), orders=[first, mended]).state is TickState.DONE
    assert tick("show_shipments", ids=("o1",), orders=[first, mended]).state is TickState.DONE


def test_a_product_is_off_sale_when_removed_and_never_ordered_again():
    complaint = Complaint("c1", "ann", "AUTH_COUNTERFEIT", NOON, product_id="P")
    removed = ListingChange("l1", "ann", "P", NOON + ONE, "removed")
    told = {"kind": "complaints", "ids": ("c1",), "complaints": [complaint]}
    assert tick("remove_listings", **told).open_ids == ("P",)  # type: ignore[arg-type]
    assert tick("remove_listings", listing_changes=[removed], **told).state is TickState.DONE  # type: ignore[arg-type]
    sold = replace(order("o9"), placed_at=NOON + 2 * ONE)
    assert tick("remove_listings", listing_changes=[removed], orders=[sold], **told).state is TickState.OPEN  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "field", "state"),
    [
        ("correct_product_pages", "title", TickState.DONE),
        ("correct_stock", "quantity", TickState.DONE),
        ("correct_stock", "title", TickState.OPEN),
        ("correct_prices", "price", TickState.DONE),
        ("set_true_handling_times", "handling_time", TickState.DONE),
        ("set_true_handling_times", "title", TickState.UNKNOWN),
    ],
)
def test_a_change_of_the_right_field_since_the_violation_ticks(task: str, field: str, state: TickState):
    change = ListingChange("l1", "ann", "P", NOON + ONE, field)
    assert tick(task, orders=[order("o1")], listing_changes=[change]).state is state
    before = replace(change, at=NOON - 3 * ONE)
    assert tick(task, orders=[order("o1")], listing_changes=[before]).state is not TickState.DONE


def test_messages_and_sessions_have_ended_after_days_without_them():
    concerned = Message("m1", "ann", NOON, "to_buyer", topic="advertising")
    assert tick("stop_messages", "messages", ("m1",), messages=[concerned]).state is TickState.DONE
    again = replace(concerned, message_id="m2", at=NOON + 20 * ONE)
    assert tick("stop_messages", "messages", ("m1",), messages=[concerned, again]).open_ids == ("m2",)
    strange = SignIn("s1", "ann", NOON, "phone-9", "BR", True)
    assert tick("end_unknown_sessions", "sign_ins", ("s1",), sign_ins=[strange]).state is TickState.DONE
    assert tick("end_unknown_sessions", "sign_ins", ("s1",), sign_ins=[strange, replace(strange, sign_in_id="s2", at=NOON + 20 * ONE)]).done == 0


def test_account_information_and_verification_are_what_the_account_says():
    account = Account("ann", "seller", "US", NOON - 300 * ONE, information_complete=False, identity_verified_at=NOON + ONE)
    assert tick("update_account_information", "accounts", ("ann",), accounts=[account]).state is TickState.OPEN
    assert tick("complete_verification", "accounts", ("ann",), accounts=[account]).state is TickState.DONE
    assert tick("update_account_information", "accounts", ("ann",), accounts=[replace(account, information_complete=None)]).state is TickState.UNKNOWN


def test_what_facts_cannot_show_is_unknown():
    assert tick("change_password") == Tick("change_password", TickState.UNKNOWN)


def test_every_task_that_facts_tick_is_a_task_of_the_pack():
    assert set(TICKS) <= {task for reason in PACK.reasons.values() for task in reason.tasks}


def test_the_breaches_of_today_are_found_with_their_items():
    late = [order(f"o{n}", ship_by=NOON + 10 * ONE, shipped_at=NOON + (12 if n < 5 else 9) * ONE, tracking_valid=True) for n in range(40)]
    open_complaint = Complaint("c1", "ann", "AUTH_COUNTERFEIT", NOON, product_id="P")
    facts = AccountFacts("ann", [Account("ann", "seller", "US", NOON - 300 * ONE)], late, complaints=[open_complaint])
    found = subjects_now(PACK, facts, TODAY)
    assert found["PERF_LATE_SHIPMENT"].of("orders") == {f"o{n}" for n in range(5)}
    assert found["AUTH_COUNTERFEIT"] == Subject(NOON.date(), {"complaints": frozenset({"c1"})})
    assert set(found) == {"PERF_LATE_SHIPMENT", "AUTH_COUNTERFEIT"}


def test_a_pack_that_ticks_nothing_leaves_every_task_to_people():
    (got,) = tick_tasks(
        replace(PACK, ticking=None), replace(PACK.reasons["PERF_ODR"], tasks=("add_tracking",)), AccountFacts("ann"), Subject(TODAY), TODAY
    )
    assert got.state is TickState.UNKNOWN
