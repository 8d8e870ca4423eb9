from django.db import migrations

FOUND = """
    SELECT own.relname FROM pg_index JOIN pg_class own ON own.oid = indexrelid JOIN pg_class of ON of.oid = indrelid
    WHERE of.relname LIKE 'store\\_%' AND own.relname LIKE '%\\_like' AND of.relnamespace = current_schema()::regnamespace
"""


def drop(apps, schema_editor):
    """On PostgreSQL Django gives each indexed text a second index, for LIKE with a known beginning, which nothing here asks for.

    A look at equal texts is served by the first. They were a quarter of what each step of a case writes.
    """
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FOUND)
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        schema_editor.execute(f'DROP INDEX "{name}"')


def nothing(apps, schema_editor):
    """Nothing needs them back."""


class Migration(migrations.Migration):
    dependencies = [("store", "0027_unsent_files")]
    operations = [migrations.RunPython(drop, nothing)]
