"""Appeals in attempts, what was asked in between, and the verdict on each violation."""

from django.db import models

from goodstanding.core.terms import AppealOutcome, DecisionOutcome, Route
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint
from goodstanding.server.store.models.violations import Violation


class Appeal(models.Model):
    """One attempt. `submission_key` comes from the form or client: the same submission sent twice is one appeal."""

    appeal_id = models.CharField(max_length=40, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    attempt = models.IntegerField()
    submission_key = models.CharField(max_length=80)
    route = term(Route)
    language = models.CharField(max_length=20, blank=True)
    root_cause = models.TextField(blank=True)
    corrective = models.TextField(blank=True)
    preventive = models.TextField(blank=True)
    grounds = models.TextField(blank=True)
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=100)
    is_last_instance = models.BooleanField(default=False, help_text="beyond the pack's number of appeals: decided by a senior, and by nobody after")
    outcome = term(AppealOutcome, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=100, blank=True)
    erased_at = models.DateTimeField(null=True, help_text="when its text went")

    class Meta:
        """Constraints: attempts count up, and a submission is taken once."""

        constraints = [
            models.UniqueConstraint(fields=["case", "attempt"], name="one_appeal_per_attempt"),
            models.UniqueConstraint(fields=["case", "submission_key"], name="one_appeal_per_submission"),
            term_constraint("route", Route, "appeal_route"),
            term_constraint("outcome", AppealOutcome, "appeal_outcome", or_blank=True),
        ]

    def __str__(self) -> str:
        return f"appeal {self.attempt} of {self.case_id}"


class InformationRequest(models.Model):
    """Named items a reviewer asks the holder for, and the answer."""

    request_id = models.CharField(max_length=40, primary_key=True)
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="information_requests")
    items = models.JSONField(help_text="a list of texts, one per thing asked for")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=100)
    due_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"information asked for {self.appeal_id}"


class ViolationDecision(models.Model):
    """The verdict on one violation in one appeal, with the reason the holder reads (requirement H6)."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="decisions")
    violation = models.ForeignKey(Violation, on_delete=models.PROTECT, related_name="decisions")
    reason = models.CharField(max_length=60, help_text="the violation's, here too so that the latest decisions on a reason are found along an index")
    outcome = term(DecisionOutcome)
    because = models.TextField()
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100)

    class Meta:
        """Constraints."""

        constraints = [
            models.UniqueConstraint(fields=["appeal", "violation"], name="one_decision_per_violation"),
            term_constraint("outcome", DecisionOutcome, "violation_decision_outcome"),
        ]
        indexes = [models.Index(fields=["reason", "-decided_at"], name="decisions_on_a_reason")]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.violation_id}"


class FirstDecision(models.Model):
    """What the first of two pairs of eyes would decide; nothing of it happens before a second person agrees (requirement H1)."""

    decision_id = models.CharField(max_length=40, primary_key=True)
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="first_decisions")
    event = models.CharField(max_length=40, help_text="the event of the lifecycle that it comes to, once agreed")
    verdicts = models.JSONField(help_text="violation id -> [outcome, reason in words]")
    conditions = models.JSONField(default=list, help_text="a list of {commitment, due}")
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=100, blank=True)
    agreed = models.BooleanField(null=True)
    answered_because = models.TextField(blank=True)

    class Meta:
        """Constraints: one at a time."""

        constraints = [models.UniqueConstraint(fields=["appeal"], condition=models.Q(answered_at=None), name="one_first_decision_at_a_time")]

    def __str__(self) -> str:
        return f"first decision {self.decision_id}"
