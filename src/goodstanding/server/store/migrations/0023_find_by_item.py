from django.db import migrations

INDEX = "CREATE INDEX IF NOT EXISTS violation_items ON store_violation USING gin (items jsonb_path_ops)"


def add(apps, schema_editor):
    """The search by an order's id reads this index; SQLite has none for JSON and reads the table."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(INDEX)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS violation_items")


class Migration(migrations.Migration):
    dependencies = [("store", "0022_conversation")]
    operations = [migrations.RunPython(add, drop)]
