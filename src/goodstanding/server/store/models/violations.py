"""Violations: what breach, of which reason, on which facts, and what became of it."""

from django.db import models

from goodstanding.core.terms import DecisionOutcome, FoundBy, Severity
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.choices import term, term_constraint


class Violation(models.Model):
    """A breach of one reason of the pack by one account.

    `numerator` and `denominator` are its metric's counts as of `counted_on`, and `items` the snapshot of the facts it rests on as of that
    day: a list of {"id", "kind", "facts": {column: text}}. They follow the facts night by night until an action rests on the violation;
    from then on they stay as the holder was told.
    `closed` is set by facts, or by `settled_on` where that is earlier; `decided` by a reviewer's verdict, and an overturned violation never counts again (requirement H7).
    """

    violation_id = models.CharField(max_length=40, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="violations")
    reason = models.CharField(max_length=60)
    metric = models.CharField(max_length=80, blank=True)
    found_by = term(FoundBy)
    opened = models.DateField()
    closed = models.DateField(null=True)
    other_account = models.CharField(max_length=100, blank=True, db_index=True, help_text="whose relation it rests on; never shown to holders")
    severity = term(Severity)
    points = models.IntegerField()
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    counted_on = models.DateField(null=True)
    explanation = models.TextField(blank=True, help_text="what was seen and what was expected, as JSON, of behaviour out of line")
    subject_kind = models.CharField(max_length=40)
    items = models.JSONField(default=list)
    settled_on = models.DateField(null=True, help_text="the day on which a person settled it with the holder; it counts no more from then on")
    decided = term(DecisionOutcome, blank=True)
    decided_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        """Constraints and the look-ups pages make."""

        constraints = [
            term_constraint("found_by", FoundBy, "violation_found_by"),
            term_constraint("severity", Severity, "violation_severity"),
            term_constraint("decided", DecisionOutcome, "violation_decided", or_blank=True),
        ]
        indexes = [models.Index(fields=["account", "closed"], name="violation_by_account")]

    def __str__(self) -> str:
        return f"{self.reason} of {self.account_id} since {self.opened}"

    @property
    def is_open(self) -> bool:
        """Whether it still counts: neither closed by facts nor overturned."""
        return self.closed is None and self.decided != DecisionOutcome.OVERTURNED
