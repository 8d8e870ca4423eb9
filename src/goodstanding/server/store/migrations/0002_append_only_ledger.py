"""The database itself refuses to change or delete a ledger entry."""

from django.db import migrations

from goodstanding.server.store.ledger_triggers import POSTGRESQL, SQLITE, UNDO

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
