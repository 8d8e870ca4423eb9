"""Commitments: preventive measures with a date, followed against the facts while a case is monitored (requirement I2)."""

from django.db import models

from goodstanding.core.cases import commitments as rules
from goodstanding.core.terms import CommitmentState
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class Commitment(models.Model):
    """One measure of one case. `state` and the counts are those of the last night that looked."""

    commitment_id = models.CharField(max_length=40, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="commitments")
    measure = models.TextField()
    metric = models.CharField(max_length=80, blank=True, help_text="the metric that must be within its target from the due day on")
    due = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=100)
    done_on = models.DateField(null=True)
    done_by = models.CharField(max_length=100, blank=True)
    done_note = models.TextField(blank=True)
    state = term(CommitmentState)
    looked_at = models.DateTimeField(null=True)
    counted_on = models.DateField(null=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)

    class Meta:
        """Constraints and order."""

        constraints = [term_constraint("state", CommitmentState, "commitment_state")]
        ordering = ["due", "commitment_id"]

    def __str__(self) -> str:
        return f"{self.measure[:60]} by {self.due}"

    def as_value(self) -> rules.Commitment:
        """The commitment as the rules read it."""
        return rules.Commitment(self.commitment_id, self.measure, self.made_at.date(), self.due, self.metric, self.done_on)
