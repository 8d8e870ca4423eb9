"""Decided appeals that a second person decides again without knowing the outcome (requirement H8)."""

from django.db import models

from goodstanding.core.terms import Automation
from goodstanding.server.store.models.appeals import Appeal
from goodstanding.server.store.models.choices import term, term_constraint


class BlindReview(models.Model):
    """One decided appeal of the sample. `verdicts`: violation id -> [outcome, reason in words], as the second person would decide.

    `automation`: how much of the contested action a machine had decided.
    """

    appeal = models.OneToOneField(Appeal, on_delete=models.PROTECT, primary_key=True, related_name="blind_review")
    drawn_at = models.DateTimeField()
    rule = models.CharField(max_length=100)
    automation = term(Automation)
    assignee = models.CharField(max_length=100, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=100, blank=True)
    verdicts = models.JSONField(default=dict)
    agrees = models.BooleanField(null=True, help_text="whether every verdict was the same")

    class Meta:
        """Constraints."""

        constraints = [term_constraint("automation", Automation, "blind_review_automation")]
        indexes = [models.Index(fields=["reviewed_at", "drawn_at"], name="blind_review_waiting")]

    def __str__(self) -> str:
        return f"blind review of {self.appeal_id}"
