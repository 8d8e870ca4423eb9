"""The ledger is append-only, and whoever goes past the database's guard is found (requirement K3)."""

import pytest
from django.db import DatabaseError, connection, transaction

from goodstanding.core.terms import ActionKind
from goodstanding.server.services import ledger
from goodstanding.server.store.models import LedgerBody, LedgerEntry, LedgerHead
from tests.server.factories import make_action_in_force

pytestmark = pytest.mark.django_db

DROP = {
    "sqlite": ["drop trigger ledger_no_update", "drop trigger ledger_no_delete"],
    "postgresql": ["alter table store_ledgerentry disable trigger ledger_no_change"],
}


@pytest.fixture
def case():
    return make_action_in_force(ActionKind.RESTRICT)


def by_hand(statement, *values):
    """Change the table as somebody with the database's password would."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate" if connection.vendor == "postgresql" else "select 1")
        for drop in DROP[connection.vendor]:
            cursor.execute(drop)
        cursor.execute(statement, values)


@pytest.mark.parametrize("change", [lambda rows: rows.update(actor="somebody else"), lambda rows: rows.delete()])
def test_the_database_refuses_to_change_an_entry(case, change):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(LedgerEntry.objects.filter(case_id=case.case_id, sequence=1))
    assert list(ledger.verify()) == []


def test_a_changed_entry_is_found(case):
    by_hand("update store_ledgerentry set actor = %s where case_id = %s and sequence = 2", "somebody else", case.case_id)
    assert list(ledger.verify()) == [ledger.Break(case.case_id, 2, "the entry was changed")]


def test_a_deleted_entry_is_found(case):
    by_hand("delete from store_ledgerentry where case_id = %s and sequence = 1", case.case_id)
    assert [(found.case_id, found.sequence) for found in ledger.verify()] == [(case.case_id, 1)]


def test_entries_cut_off_at_the_end_are_found(case):
    by_hand("delete from store_ledgerentry where case_id = %s and sequence = 3", case.case_id)
    assert [found.what for found in ledger.verify()] == ["entries at the end are missing"]


def test_a_whole_case_that_is_gone_is_found(case):
    by_hand("delete from store_ledgerentry where case_id = %s", case.case_id)
    assert [found.case_id for found in ledger.verify()] == [case.case_id]


def test_a_head_that_is_gone_is_found(case):
    LedgerHead.objects.all().delete()
    assert [found.case_id for found in ledger.verify()] == [case.case_id]


def test_a_changed_body_is_found_and_an_erased_one_is_no_break(case):
    body = LedgerBody.objects.filter(entry__case_id=case.case_id).first()
    LedgerBody.objects.filter(pk=body.pk).update(text=body.text.replace("order", "0rder"))
    assert [found.what for found in ledger.verify()] == ["what the entry says was changed"]
    LedgerBody.objects.filter(pk=body.pk).delete()
    assert list(ledger.verify()) == []


def test_one_broken_case_does_not_hide_another(case):
    other = make_action_in_force(ActionKind.RESTRICT)
    by_hand("update store_ledgerentry set kind = %s where sequence = 1", "Nothing")
    assert {found.case_id for found in ledger.verify()} == {case.case_id, other.case_id}
