"""Statements put together once give what the ORM gives: the same rows with the same values, whatever is asked first."""

import importlib
import pkgutil

import pytest
from django.db import connection

from goodstanding.core.terms import ActionKind, DecisionOutcome
from goodstanding.server import services
from goodstanding.server.store import compiled
from goodstanding.server.store.models import Account, Deadline, LedgerEntry, LedgerHead, Limit, OutboxMessage
from tests.server.factories import NOW, make_account, make_action_in_force, make_endpoint, make_rating, make_violation
from tests.server.histories import pack_with_everything
from tests.server.services.appealing import appealed, at, decide

pytestmark = pytest.mark.django_db

QUERIES = {
    f"{module.name.rpartition('.')[2]}.{name}": one
    for module in pkgutil.iter_modules(services.__path__, services.__name__ + ".")
    for name, one in vars(importlib.import_module(module.name)).items()
    if isinstance(one, compiled.Query)
}
"""Every one there is, by module and name."""


def state(row, seen=()) -> dict:
    """A row with everything read along with it, each once."""
    related = {name: state(one, (*seen, row)) for name, one in row._state.fields_cache.items() if one is not None and one not in seen}
    return {name: value for name, value in vars(row).items() if name != "_state"} | {"related": related}


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_each_gives_the_rows_that_the_orm_gives(name):
    make_endpoint()
    make_rating(make_account("other"), 900)
    case = appealed(make_action_in_force(ActionKind.RESTRICT), pack_with_everything())
    make_rating(case.account, 100)
    decide(case, pack_with_everything(), DecisionOutcome.UPHELD)
    make_violation(case.account, "counterfeit")
    known = {"case_id": case.pk, "account_id": case.account_id, "account": case.account_id, "action_id": case.action_id, "actor": "user:1"}
    known["appeal_id"] = case.appeals.get().pk
    query = QUERIES[name]
    moments = dict.fromkeys(query.moments, at(5))
    asked = {key: known[key] for key in query.texts} | moments
    for values in (asked, dict.fromkeys(query.texts, "nobody") | moments, asked):
        assert [state(row) for row in query(**values)] == [state(row) for row in query.make(**values)]


def test_there_are_some():
    assert len(QUERIES) >= 12


def test_rows_are_inserted_with_the_keys_that_the_database_gives():
    fields = {"at": "x", "actor": "user:1", "role": "specialist", "body_digest": "b", "digest": "d"}
    entries = [LedgerEntry(case_id="C-1", sequence=number, kind=f"K{number}", **fields) for number in (1, 2, 3)]
    compiled.insert(entries)
    assert [LedgerEntry.objects.get(pk=one.pk).kind for one in entries] == ["K1", "K2", "K3"]
    assert not any(one._state.adding for one in entries)


@pytest.mark.parametrize("number", [0, 1, compiled.MOST_AT_ONCE, compiled.MOST_AT_ONCE + 1])
def test_any_number_of_rows_can_be_inserted(number):
    compiled.insert([LedgerHead(case_id=f"C-{one}", sequence=one, digest="d") for one in range(number)])
    assert LedgerHead.objects.count() == number


def test_a_change_changes_the_rows_that_the_orm_would_and_tells_how_many():
    change = compiled.Change(
        lambda case_id, now: (Deadline.objects.filter(case=case_id, done_at=None), {"done_at": now, "cancelled_at": None}),
        texts=["case_id"],
        moments=["now"],
    )
    case, other = make_action_in_force(account=make_account("A")), make_action_in_force(account=make_account("B"))
    running = Deadline.objects.filter(case=case).count()
    assert [change(case_id=case.pk, now=at(1)), change(case_id=case.pk, now=at(2)), change(case_id="nobody", now=at(1))] == [running, 0, 0]
    assert running > 0
    assert set(Deadline.objects.filter(case=case).values_list("done_at", flat=True)) == {at(1)}
    assert not Deadline.objects.filter(case=other).exclude(done_at=None).exists()


def test_a_new_row_is_what_the_model_makes_of_the_same():
    values = {"key": "k", "channel": "webhook", "created_at": NOW, "next_at": NOW}
    ours, theirs = compiled.new(OutboxMessage, **values), OutboxMessage(**values)
    assert state(ours) == state(theirs)
    assert ours._state.adding
    ours.payload["a"] = 1
    assert compiled.new(OutboxMessage, **values).payload == {}


def test_a_column_that_a_row_has_not_is_refused():
    with pytest.raises(TypeError, match="LedgerHead has no column case"):
        compiled.new(LedgerHead, case="C-1")


def test_every_kind_of_value_comes_back_as_it_was():
    account = make_account("A")
    message = OutboxMessage(key="k", channel="webhook", payload={"a": [1, "é", None]}, created_at=NOW, next_at=NOW, sent_at=None)
    compiled.insert([message])
    compiled.insert([OutboxMessage(key="k", channel="email", created_at=NOW, next_at=NOW)], ignore_conflicts=True)
    kept = OutboxMessage.objects.get()
    assert (kept.payload, kept.created_at, kept.sent_at, kept.attempts) == ({"a": [1, "é", None]}, NOW, None, 0)
    account.email, account.closed_at = "new@example.com", NOW
    compiled.update(account, ["email", "closed_at"])
    assert Account.objects.values_list("email", "closed_at", "marketplace").get() == ("new@example.com", NOW, account.marketplace)


def test_a_row_that_is_not_there_is_not_taken_for_written():
    with pytest.raises(Exception, match=r"not there|did not affect any rows"):
        compiled.update(LedgerHead(case_id="nobody", sequence=1), ["sequence"])


def test_a_query_without_a_place_for_a_value_is_refused():
    if connection.vendor != "postgresql":
        pytest.skip("statements are put together on PostgreSQL only")
    query = compiled.Query(lambda case_id: Deadline.objects.all(), texts=["case_id"])
    with pytest.raises(TypeError, match="no place for case_id"):
        query(case_id="C-1")


def test_a_query_that_found_nothing_finds_what_comes_later():
    query = compiled.Query(lambda action_id: Limit.objects.filter(action=action_id), texts=["action_id"])
    assert query(action_id="none") == []
    case = make_action_in_force(ActionKind.RESTRICT)
    assert {one.action_id for one in query(action_id=case.action_id)} == {case.action_id}
