"""What the nightly assessment said: the newest metrics of each account, and its rating wherever it changed."""

from django.db import models

from goodstanding.core.terms import Band
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.choices import term, term_constraint


class Assessment(models.Model):
    """One run of the engine: which day, over which facts, by which version of the pack."""

    as_of = models.DateField()
    recorded_at = models.DateTimeField()
    pack_name = models.CharField(max_length=100)
    pack_digest = models.CharField(max_length=64)
    facts = models.CharField(max_length=500, help_text="where the facts lay")
    mapping = models.CharField(max_length=500, blank=True, help_text="where the mapping of these facts lay; empty: they needed none")
    findings = models.IntegerField(help_text="fact rows that could not be used")

    def __str__(self) -> str:
        return f"{self.as_of} by {self.pack_name}"


class MetricReading(models.Model):
    """One metric of one account as of the day of its last assessment."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="metric_readings")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT)
    metric = models.CharField(max_length=80)
    as_of = models.DateField()
    window_days = models.IntegerField()
    lag_days = models.IntegerField()
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField(null=True)
    target = models.CharField(max_length=40, blank=True)
    met = models.BooleanField(null=True)

    class Meta:
        """Constraints."""

        constraints = [models.UniqueConstraint(fields=["account", "metric"], name="one_reading_per_metric")]

    def __str__(self) -> str:
        return f"{self.metric} of {self.account_id}: {self.numerator}/{self.denominator}"


class RatingReading(models.Model):
    """The rating of one account from one day on, until the next row of the account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="rating_readings")
    as_of = models.DateField()
    rating = models.IntegerField()
    band = term(Band)
    fulfilled_orders = models.BigIntegerField()
    points = models.IntegerField()

    class Meta:
        """Constraints."""

        constraints = [
            models.UniqueConstraint(fields=["account", "as_of"], name="one_rating_per_day"),
            term_constraint("band", Band, "rating_band"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.as_of}: {self.rating}"
