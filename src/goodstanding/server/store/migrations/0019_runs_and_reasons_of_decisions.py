"""When each job last came to its end; and the reason beside each decision, so that the latest on a reason are found along an index."""

from typing import Any

from django.db import migrations, models


def copy_reasons(apps: Any, schema_editor: Any) -> None:
    """Give every decision the reason of its violation."""
    decisions, violations = apps.get_model("store", "ViolationDecision"), apps.get_model("store", "Violation")
    reason = violations.objects.filter(pk=models.OuterRef("violation_id")).values("reason")[:1]
    decisions.objects.update(reason=models.Subquery(reason))


class Migration(migrations.Migration):
    dependencies = [("store", "0018_policy_versions")]

    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                ("job", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("succeeded_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="violationdecision",
            name="reason",
            field=models.CharField(
                default="",
                help_text="the violation's, here too so that the latest decisions on a reason are found along an index",
                max_length=60,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(copy_reasons, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="violationdecision",
            index=models.Index(fields=["reason", "-decided_at"], name="decisions_on_a_reason"),
        ),
    ]
