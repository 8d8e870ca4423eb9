"""What lies behind a metric: the orders (or messages) that speak against an account, as the last nightly run found them."""

from django.db import models

from goodstanding.server.store.models.accounts import Account


class MetricItems(models.Model):
    """The items behind one metric of one account as of a day, kept for accounts that miss a target on that day.

    `count`: how many there are; `items`: the newest of them as id, kind and facts, as violations keep theirs.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="metric_items")
    metric = models.CharField(max_length=80)
    as_of = models.DateField()
    count = models.IntegerField()
    items = models.JSONField(default=list)

    class Meta:
        """Constraints."""

        constraints = [models.UniqueConstraint(fields=["account", "metric"], name="one_list_per_metric")]

    def __str__(self) -> str:
        return f"{self.count} behind {self.metric} of {self.account_id}"
