"""Cases: the life of one action, from proposal to its end."""

from django.db import models

from goodstanding.core.cases.lifecycle import CaseState
from goodstanding.core.terms import AppealOutcome, Severity
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.actions import EnforcementAction
from goodstanding.server.store.models.choices import term, term_constraint


class Case(models.Model):
    """One case per action. `due_at` is when the clock of the present state runs out, None where none runs."""

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
    attempts = models.IntegerField(default=0, help_text="appeals submitted so far")
    outcome = term(AppealOutcome, blank=True)

    class Meta:
        """Constraints and the order of the queue."""

        constraints = [
            term_constraint("state", CaseState, "case_state"),
            term_constraint("severity", Severity, "case_severity"),
            term_constraint("outcome", AppealOutcome, "case_outcome", or_blank=True),
        ]
        indexes = [models.Index(fields=["state", "due_at", "case_id"], name="case_queue")]

    def __str__(self) -> str:
        return self.case_id
