"""The list a holder goes through regularly (requirement I3)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from goodstanding.core.facts import Account, Complaint, Defect, Message, Order
from goodstanding.core.health.known import AccountFacts
from goodstanding.core.health.self_audit import MOST_IDS, Task, self_audit
from goodstanding.core.health.sentences import say_task
from goodstanding.core.terms import MetricRule, TaskCode
from goodstanding.packs.loader import load_pack
from tests.factories import make_metric, make_pack

NOON = datetime(2026, 3, 10, 12)
DAY = NOON.date()
ONE = timedelta(days=1)
ANN = Account("ann", "seller", "US", NOON - 30 * ONE)


def tasks(**facts: list) -> list[Task]:
    return self_audit(make_pack(), AccountFacts("ann", **{"accounts": [ANN]} | facts), DAY)


def order(name: str, ship_in: int, **values: object) -> Order:
    return Order(name, "ann", NOON - 20 * ONE, ship_by=NOON + ship_in * ONE, **values)


def test_nothing_to_do_is_an_empty_list():
    assert tasks(orders=[order("o1", 5), order("o2", -1, shipped_at=NOON), order("o3", -1, cancelled_at=NOON, cancelled_by="buyer")]) == []


def test_orders_overdue_and_due_next_are_told_apart_the_longest_overdue_first():
    orders = [order("today", 0), order("old", -40), order("tomorrow", 1), order("later", 2), order("ours", -3, caused_by="action-1")]
    assert tasks(orders=orders) == [
        Task(TaskCode.OVERDUE_ORDERS, DAY, 2, ("old", "today")),
        Task(TaskCode.ORDERS_DUE, DAY + ONE, 1, ("tomorrow",)),
    ]


def test_what_happens_after_the_day_is_not_known_on_it():
    assert [task.code for task in tasks(orders=[order("o1", -1, shipped_at=NOON + ONE)])] == [TaskCode.OVERDUE_ORDERS]


def test_a_message_without_an_answer_is_a_task_once_its_hours_are_over():
    messages = [
        Message("old", "ann", NOON - ONE, "from_buyer"),
        Message("new", "ann", NOON, "from_buyer"),
        Message("answered", "ann", NOON - 2 * ONE, "from_buyer", answered_at=NOON),
        Message("written", "ann", NOON - 2 * ONE, "to_buyer"),
    ]
    assert tasks(messages=messages) == [Task(TaskCode.UNANSWERED_MESSAGES, DAY, 1, ("old",))]


@pytest.mark.parametrize(("told", "is_task"), [([False], True), ([False, None], True), ([False, True], False), ([None], False)])
def test_information_is_a_task_while_the_last_that_was_said_is_that_it_is_incomplete(told: list[bool | None], is_task: bool):
    versions = [replace(ANN, information_complete=said, recorded_at=NOON - (9 - n) * ONE) for n, said in enumerate(told)]
    assert [task.ids for task in tasks(accounts=versions)] == ([("ann",)] if is_task else [])


def test_open_complaints_are_tasks_until_they_are_resolved():
    complaints = [Complaint("c1", "ann", "counterfeit", NOON - ONE), Complaint("c2", "ann", "counterfeit", NOON - ONE, resolved_at=NOON)]
    assert tasks(complaints=complaints) == [Task(TaskCode.OPEN_COMPLAINTS, DAY, 1, ("c1",))]


def test_products_with_several_defective_orders_come_by_their_number():
    products = ["lamp"] * 2 + ["mug"] * 3 + ["once"] + [None] * 2
    orders = [replace(order(f"o{n}", -9, shipped_at=NOON - 9 * ONE), product_id=product) for n, product in enumerate(products)]
    defects = [Defect(f"d{n}", f"o{n}", "ann", "claim", NOON - ONE) for n in range(len(products))]
    assert tasks(orders=orders, defects=defects) == [Task(TaskCode.DEFECTIVE_PRODUCTS, DAY, 2, ("mug", "lamp"))]


def test_a_long_list_names_the_first_and_counts_all():
    (task,) = tasks(orders=[order(f"o{n:03}", -1) for n in range(MOST_IDS + 5)])
    assert (task.count, len(task.ids), task.ids[0]) == (MOST_IDS + 5, MOST_IDS, "o000")


def test_a_pack_that_measures_no_messages_and_no_defects_lists_none():
    pack = make_pack(metrics={"late": make_metric(MetricRule.LATE_SHIPMENT_RATE)})
    facts = AccountFacts("ann", [ANN], messages=[Message("old", "ann", NOON - 5 * ONE, "from_buyer")])
    assert self_audit(pack, facts, DAY) == []


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_every_task_is_a_sentence(language: str):
    words = load_pack("amazon").words[language]
    for code in TaskCode:
        assert "$" not in say_task(words, Task(code, DAY, 3, ("a", "b", "c")))


def test_a_task_says_how_many_and_until_when():
    words = load_pack("amazon").words["en"]
    assert say_task(words, Task(TaskCode.ORDERS_DUE, DAY, 3, ())) == "Ship by 2026-03-10: orders due on that day and not shipped: 3."
