"""What the parts of a service put aside is written once, in order, before the commit, or not at all (requirement K3)."""

from collections import Counter

import pytest
from django.db import connection

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import ActionKind, DecisionOutcome
from goodstanding.server.services import ledger, second
from goodstanding.server.services.actions import approve_action, propose_actions
from goodstanding.server.services.outbox import queue_event
from goodstanding.server.services.together import insert_later, save_later, together
from goodstanding.server.store.models import Account, Case, LedgerEntry, LedgerHead, OutboxMessage
from tests.server.factories import (
    NOW,
    TODAY,
    automation,
    make_account,
    make_action_in_force,
    make_endpoint,
    make_proposed,
    make_violation,
    senior,
    server_pack,
    specialist,
)
from tests.server.histories import pack_with_everything
from tests.server.services.appealing import at, claim, decide, submit

pytestmark = pytest.mark.django_db


def say(kind: str, case_id: str = "C-1") -> None:
    ledger.append(call=specialist(), case_id=case_id, kind=kind, body={"said": kind})


def kinds() -> list[tuple[str, int, str]]:
    return [*LedgerEntry.objects.order_by("case_id", "sequence").values_list("case_id", "sequence", "kind")]


def test_entries_of_one_transaction_stand_in_the_order_in_which_they_were_said():
    with together():
        say("One")
        say("Other", "C-2")
        with together():
            say("Two")
        assert kinds() == [], "nothing is written before the end"
        say("Three")
    assert kinds() == [("C-1", 1, "One"), ("C-1", 2, "Two"), ("C-1", 3, "Three"), ("C-2", 1, "Other")]
    assert list(ledger.verify()) == []


def test_an_entry_outside_of_any_transaction_of_a_service_is_written_at_once():
    say("One")
    say("Two")
    assert [kind for *_, kind in kinds()] == ["One", "Two"]
    assert list(ledger.verify()) == []


def test_an_error_leaves_nothing_for_the_next_transaction():
    def broken() -> None:
        with together():
            say("Never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with together():
        say("Next")
    assert [kind for *_, kind in kinds()] == ["Next"]


def test_a_part_that_is_undone_takes_what_it_said_with_it_and_nothing_else():
    def part() -> None:
        with together(undoable=True):
            say("Undone")
            make_account("gone")
            raise ZeroDivisionError

    with together():
        say("Before")
        with pytest.raises(ZeroDivisionError):
            part()
        say("After")
    assert [kind for *_, kind in kinds()] == ["Before", "After"]
    assert not Account.objects.filter(pk="gone").exists()


def test_a_row_is_saved_once_with_all_that_changed(django_assert_num_queries):
    account = make_account(email="old@example.com", country="DE")
    with django_assert_num_queries(3), together():  # SAVEPOINT, UPDATE, RELEASE
        account.email = "new@example.com"
        save_later(account, "email")
        account.country = "FR"
        save_later(account, "country", "email")
    account.refresh_from_db()
    assert (account.email, account.country) == ("new@example.com", "FR")


def test_a_new_row_is_inserted_as_it_is_at_the_end():
    account = Account(account_id="new", holder_kind="seller", marketplace="DE", opened_at=NOW)
    with together():
        insert_later(account)
        account.country = "FR"
        save_later(account, "country")
    assert Account.objects.get(pk="new").country == "FR"


def test_events_tell_the_standing_that_the_whole_transaction_comes_to():
    make_endpoint()
    case = make_action_in_force(ActionKind.RESTRICT)
    OutboxMessage.objects.all().delete()
    with together():
        queue_event(call=specialist(), type="test", case=case, body={})
        case.action.limits.update(lifted_at=NOW, lifted_by="user:1")
    assert OutboxMessage.objects.get(channel="webhook").payload["acts"]["sell"]


class Statements:
    """Statements that reach the database while it is open, without those that begin and end transactions."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def __call__(self, execute, sql, params, many, context):
        self.seen[sql] += 1
        return execute(sql, params, many, context)

    def of(self, work) -> int:
        before = self.seen.total()
        with connection.execute_wrapper(self):
            work()
        return self.seen.total() - before


def test_steps_of_a_case_take_few_statements():
    """What each step may cost, counted; a number may go down, and up only with a reason."""
    pack = pack_with_everything()
    make_endpoint()
    for kind, outcome in ((ActionKind.DEACTIVATE, DecisionOutcome.UPHELD), (ActionKind.RESTRICT, DecisionOutcome.OVERTURNED)):
        case, cost = make_proposed(kind, pack=pack), Statements()
        steps = {
            "approve": lambda case=case: approve_action(call=senior("user:9"), pack=pack, case_id=case.pk),
            "submit": lambda case=case: submit(case, pack),
            "claim": lambda case=case: claim(case, pack),
            "decide": lambda case=case, outcome=outcome: decide(case, pack, outcome),
        }
        taken = {name: cost.of(step) for name, step in steps.items()}
        if outcome == DecisionOutcome.UPHELD:
            taken["agree"] = cost.of(lambda case=case: second.agree(call=senior("user:3", now=at(4)), pack=pack, case_id=case.pk))
        case.refresh_from_db()
        assert case.state == (CaseState.UPHELD if outcome == DecisionOutcome.UPHELD else CaseState.REINSTATED)
        assert {name: number for name, number in taken.items() if number > MOST[outcome][name]} == {}, taken


MOST = {
    DecisionOutcome.UPHELD: {"approve": 22, "submit": 20, "claim": 12, "decide": 17, "agree": 30},
    DecisionOutcome.OVERTURNED: {"approve": 21, "submit": 20, "claim": 12, "decide": 32},
}
"""Statements of each step, by what it comes to: of an action that takes two people to uphold, and of one that is lifted."""


def test_proposals_share_their_statements():
    """Fifty accounts at once cost little more than one."""
    pack = server_pack()

    def cost(number: int) -> int:
        for _ in range(number):
            make_violation(make_account(), "counterfeit")
        return Statements().of(lambda: propose_actions(call=automation(), pack=pack, as_of=TODAY))

    one, many = cost(1), cost(20)
    assert Case.objects.count() == 21
    assert LedgerHead.objects.count() == 21
    assert many <= one + 4, (one, many)
