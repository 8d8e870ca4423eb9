"""Each case keeps how many clocks it has started, so that a new one is numbered without counting rows."""

from django.db import migrations, models


def count_clocks(apps, schema_editor):
    case, deadline = apps.get_model("store", "Case"), apps.get_model("store", "Deadline")
    started = deadline.objects.filter(case=models.OuterRef("pk")).order_by().values("case").annotate(many=models.Count("pk")).values("many")
    case.objects.update(clocks=models.functions.Coalesce(models.Subquery(started), 0))


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0015_metric_items_and_read_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='clocks',
            field=models.IntegerField(default=0, help_text='clocks started so far, by which each has its number'),
        ),
        migrations.RunPython(count_clocks, migrations.RunPython.noop),
    ]
