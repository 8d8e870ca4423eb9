"""Relations of the last run, what people held of them, releases; the database itself refuses to change or delete a judgement."""

import django.db.models.deletion
from django.db import migrations, models

from goodstanding.server.store.judgement_triggers import POSTGRESQL, SQLITE, UNDO


def put_up(apps, schema_editor):
    """Create the triggers of the database in use."""
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def take_down(apps, schema_editor):
    """Drop them."""
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Tables and triggers."""

    dependencies = [
        ("store", "0005_services_of_the_lifecycle"),
    ]

    operations = [
        migrations.CreateModel(
            name="StruckAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(db_index=True, max_length=100)),
                ("action_id", models.CharField(max_length=100, unique=True)),
                ("since", models.DateField()),
            ],
        ),
        migrations.AddField(
            model_name="violation",
            name="other_account",
            field=models.CharField(blank=True, db_index=True, help_text="whose relation it rests on; never shown to holders", max_length=100),
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_a", models.CharField(max_length=100)),
                ("account_b", models.CharField(max_length=100)),
                ("score", models.IntegerField()),
                ("cluster_id", models.CharField(blank=True, max_length=120)),
                ("evidence", models.JSONField(default=list)),
                ("against", models.JSONField(default=list)),
                ("as_of", models.DateField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account_b"], name="relation_by_b"),
                    models.Index(fields=["cluster_id"], name="relation_by_cluster"),
                ],
                "constraints": [models.UniqueConstraint(fields=("account_a", "account_b"), name="one_relation_per_pair")],
            },
        ),
        migrations.CreateModel(
            name="Judgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("judgement_id", models.CharField(max_length=40, unique=True)),
                ("verdict", models.CharField(choices=[("confirmed", "confirmed"), ("denied", "denied")], max_length=40)),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("same_owner", "same owner"),
                            ("sold_business", "sold business"),
                            ("family", "family"),
                            ("former_employee", "former employee"),
                            ("service_provider", "service provider"),
                            ("mistaken_identity", "mistaken identity"),
                        ],
                        max_length=40,
                    ),
                ),
                ("note", models.TextField()),
                ("decided_at", models.DateTimeField()),
                ("decided_by", models.CharField(max_length=100)),
                ("account_a", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.account")),
                ("account_b", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.account")),
                ("case", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="judgements", to="store.case")),
            ],
            options={
                "indexes": [models.Index(fields=["account_a", "account_b"], name="judgement_by_pair")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("verdict__in", ["confirmed", "denied"])), name="judgement_verdict"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ground__in", ["same_owner", "sold_business", "family", "former_employee", "service_provider", "mistaken_identity"])
                        ),
                        name="judgement_ground",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReleaseProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cause", models.CharField(choices=[("relation_denied", "relation denied"), ("relation_ended", "relation ended")], max_length=40)),
                ("proposed_at", models.DateTimeField()),
                ("outcome", models.CharField(blank=True, choices=[("released", "released"), ("kept", "kept")], max_length=40)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=100)),
                ("because", models.TextField(blank=True)),
                ("case", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="release", to="store.case")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("cause__in", ["relation_denied", "relation_ended"])), name="release_cause"),
                    models.CheckConstraint(condition=models.Q(("outcome__in", ["released", "kept", ""])), name="release_outcome"),
                ],
            },
        ),
        migrations.RunPython(put_up, take_down),
    ]
