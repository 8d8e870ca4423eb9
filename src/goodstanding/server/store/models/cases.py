"""Cases: the life of one action, from proposal to its end."""

from django.db import models

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.cases.queue import Lane
from goodstanding.core.terms import AppealOutcome, Severity
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.actions import EnforcementAction
from goodstanding.server.store.models.choices import term, term_constraint


class Case(models.Model):
    """One case per action. `due_at` is when the clock of the present state that pages show runs out, None where none runs.

    `told_at`: when its holder first got a letter about it; before that nothing of it may be read by them. `review_due_at`: when the reviewer's
    clock runs out; it rests from `paused_at` while the holder is asked for something. `raised_at`: since when the present appeal waits longer
    than the pack allows, and so comes first. `lane` and `place`: where it waits (`services.placing`). `attempts_before`: appeals against an earlier force of the action, before a breach re-opened the case.
    """

    case_id = models.CharField(max_length=40, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="cases")
    action = models.OneToOneField(EnforcementAction, on_delete=models.PROTECT, related_name="case")
    state = term(CaseState)
    severity = term(Severity)
    language = models.CharField(max_length=20)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    appeal_until = models.DateTimeField(null=True)
    assignee = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, help_text="until when the assignee holds the case")
    attempts = models.IntegerField(default=0, help_text="appeals submitted so far")
    attempts_before = models.IntegerField(default=0)
    message_waits_at = models.DateTimeField(null=True, help_text="since when a message of the holder waits for an answer")
    clocks = models.IntegerField(default=0, help_text="clocks started so far, by which each has its number")
    is_escalated = models.BooleanField(default=False, help_text="the present appeal is with a senior, beyond whom there is nobody to ask")
    told_at = models.DateTimeField(null=True)
    review_due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    raised_at = models.DateTimeField(null=True)
    asked_after_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True, help_text="since when it is open again because a condition was not kept")
    closed_at = models.DateTimeField(null=True, help_text="since when the case rests; what is kept is kept from then on")
    outcome = term(AppealOutcome, blank=True)
    reason = models.CharField(max_length=60, blank=True, help_text="the gravest reason, under which it is filed")
    skill = models.CharField(max_length=60, blank=True, help_text="what its reviewer should know, by the pack")
    lane = term(Lane, blank=True, help_text="whom it waits for; empty: for nobody of the staff")
    place = models.BigIntegerField(default=0, help_text="its place in the queue, the smallest first (core.cases.queue)")

    class Meta:
        """Constraints and the order of the queue."""

        constraints = [
            term_constraint("state", CaseState, "case_state"),
            term_constraint("severity", Severity, "case_severity"),
            term_constraint("outcome", AppealOutcome, "case_outcome", or_blank=True),
            term_constraint("lane", Lane, "case_lane", or_blank=True),
        ]
        # One index for the queue and one for each filter, each in the order of its pages, so that a page reads as many rows as it shows.
        indexes = [
            models.Index(fields=["lane", "place", "case_id"], name="queue_all"),
            models.Index(fields=["lane", "language", "place", "case_id"], name="queue_language"),
            models.Index(fields=["lane", "skill", "language", "place", "case_id"], name="queue_skill"),
            models.Index(fields=["lane", "severity", "place", "case_id"], name="queue_severity"),
            models.Index(fields=["lane", "reason", "place", "case_id"], name="queue_reason"),
            models.Index(fields=["lane", "place", "case_id"], name="queue_overdue", condition=models.Q(raised_at__isnull=False)),
            models.Index(fields=["lane", "due_at", "case_id"], name="queue_due"),
            models.Index(fields=["assignee", "place", "case_id"], name="queue_mine"),
            models.Index(fields=["message_waits_at", "case_id"], name="queue_messages", condition=models.Q(message_waits_at__isnull=False)),
            models.Index(fields=["-changed_at", "-case_id"], name="cases_newest"),
            models.Index(fields=["state", "-changed_at", "-case_id"], name="cases_by_state"),
            models.Index(fields=["due_at", "case_id"], name="cases_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.case_id
