"""The database itself refuses to change or delete a ledger entry."""

from django.db import migrations

SQLITE = [
    "create trigger ledger_no_update before update on store_ledgerentry begin select raise(abort, 'the ledger is append-only'); end",
    "create trigger ledger_no_delete before delete on store_ledgerentry begin select raise(abort, 'the ledger is append-only'); end",
]
POSTGRESQL = [
    "create function ledger_refuse() returns trigger language plpgsql as $$ begin raise exception 'the ledger is append-only'; end $$",
    "create trigger ledger_no_change before update or delete on store_ledgerentry for each row execute function ledger_refuse()",
]
UNDO = {
    "sqlite": ["drop trigger ledger_no_update", "drop trigger ledger_no_delete"],
    "postgresql": ["drop trigger ledger_no_change on store_ledgerentry", "drop function ledger_refuse()"],
}


def put_up(apps, schema_editor):
    """Create the triggers of the database in use."""
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def take_down(apps, schema_editor):
    """Drop them."""
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Triggers on the ledger."""

    dependencies = [("store", "0001_initial")]
    operations = [migrations.RunPython(put_up, take_down)]
