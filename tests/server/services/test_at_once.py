"""Several workers and people at once: each thing still happens once. Only PostgreSQL shows what a missing lock would do."""

import threading

import pytest
from django.db import connection, connections

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.errors import IllegalTransition
from goodstanding.core.terms import Act, ActionKind, NoticeKind
from goodstanding.server.services import ledger
from goodstanding.server.services.actions import approve_action, propose_actions, rescind_action
from goodstanding.server.services.deadlines import fire_due
from goodstanding.server.services.outbox import send_due
from goodstanding.server.services.standing import standing_of
from goodstanding.server.store.models import Case, LedgerEntry, Notice
from tests.patience import SECONDS
from tests.server.factories import NOW, TODAY, automation, make_account, make_action_in_force, make_proposed, make_violation, senior

pytestmark = pytest.mark.usefixtures("transactional_db")

WORKERS = 4


@pytest.fixture(autouse=True)
def _on_postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: SQLite lets one writer in at a time, which hides lost updates")


def at_once(*works):
    """Run all at the same moment, each with its own connection; gives what each returned or raised."""
    start, came = threading.Barrier(len(works)), [None] * len(works)

    def run(number):
        try:
            start.wait(timeout=SECONDS)
            came[number] = works[number]()
        except Exception as error:
            came[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=SECONDS)
    return came


def test_two_nights_at_once_propose_everything_once(pack):
    for _ in range(10):
        account = make_account()
        make_violation(account, "late_shipment")
        make_violation(account, "counterfeit")
    made = at_once(*[lambda: len(propose_actions(call=automation(), pack=pack, as_of=TODAY))] * WORKERS)
    assert sum(made) == Case.objects.count() == 20
    assert Notice.objects.count() == 10


def test_an_action_approved_by_several_at_once_is_approved_once(pack):
    case = make_proposed(ActionKind.DEACTIVATE)
    came = at_once(*[lambda: approve_action(call=senior(), pack=pack, case_id=case.case_id)] * WORKERS)
    assert sum(isinstance(one, IllegalTransition) for one in came) == WORKERS - 1
    assert Notice.objects.count() == 1


def test_several_workers_send_each_message_once():
    for _ in range(12):
        make_action_in_force(ActionKind.RESTRICT)
    took, lock = [], threading.Lock()

    def take(message, now):
        with lock:
            took.append(message.key)

    counts = at_once(*[lambda: send_due(now=NOW, deliver=take).sent] * WORKERS)
    assert sum(counts) == len(took) == len(set(took)) == 12


def test_several_workers_let_a_clock_run_out_once(pack):
    cases = [make_action_in_force(ActionKind.RESTRICT) for _ in range(6)]
    fired = at_once(*[lambda: fire_due(call=automation(now=cases[-1].due_at), pack=pack)] * WORKERS)
    assert sum(fired) == 6
    assert LedgerEntry.objects.filter(kind="AppealWindowEnded").count() == 6
    assert set(Case.objects.values_list("state", flat=True)) == {CaseState.FINAL}


def test_of_two_cases_taken_back_at_once_the_last_letter_says_that_nothing_is_left(pack):
    """Requirement A7: each letter tells the limits that really remain."""
    account = make_account()
    make_violation(account, "fraud")
    cases = [make_action_in_force(kind, account=account) for kind in (ActionKind.DEACTIVATE, ActionKind.RESTRICT)]
    came = at_once(*[lambda case=case: rescind_action(call=senior(), pack=pack, case_id=case.case_id, because="wrong") for case in cases])
    assert all(isinstance(one, Case) for one in came)
    letters = list(Notice.objects.filter(kind=NoticeKind.REINSTATED).values_list("body", flat=True))
    assert sum("remaining none" in body for body in letters) == 1
    assert standing_of(account_id=account.account_id, now=NOW).permissions[Act.SELL].allowed
    assert list(ledger.verify()) == []
