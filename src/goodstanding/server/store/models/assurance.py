"""The assurance programme: who is in it, the windows in which holders solve what would deactivate them, and the calls to them (J1-J4)."""

from django.db import models

from goodstanding.core.terms import CallOutcome, CallWish, WindowOutcome
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class Enrollment(models.Model):
    """One membership of an account, from `enrolled_at` until `ended_at`. Its id names a chain of the ledger of its own."""

    enrollment_id = models.CharField(max_length=40, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="enrollments")
    enrolled_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.JSONField(default=list, help_text="the criteria that were lost, or 'harm'")
    pack_name = models.CharField(max_length=100)

    class Meta:
        """Constraints: an account is in the programme once at a time."""

        constraints = [models.UniqueConstraint(fields=["account"], condition=models.Q(ended_at=None), name="one_membership_at_a_time")]

    def __str__(self) -> str:
        return f"{self.account_id} since {self.enrolled_at}"


class SolveWindow(models.Model):
    """The time in which a member solves with the platform what would deactivate the account; one for a case, ended once.

    `ends_at` moves on while it is the platform's turn. The plan is the newest that was handed in; `answered_at`: when the platform last asked
    for more about it.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="window")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="windows")
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    extensions = models.IntegerField(default=0)
    root_cause = models.TextField(blank=True)
    corrective = models.TextField(blank=True)
    preventive = models.TextField(blank=True)
    measures = models.JSONField(default=list, help_text="what the holder would commit to: a list of {measure, due}")
    plan_at = models.DateTimeField(null=True)
    plan_by = models.CharField(max_length=100, blank=True)
    question = models.TextField(blank=True, help_text="what the platform asked about the plan last")
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=100, blank=True)
    outcome = term(WindowOutcome, blank=True)
    because = models.TextField(blank=True)

    class Meta:
        """Constraints: a window that ended has an outcome, and no other has."""

        constraints = [
            term_constraint("outcome", WindowOutcome, "window_outcome", or_blank=True),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, outcome="") | ~(models.Q(ended_at=None) | models.Q(outcome="")), name="window_end"
            ),
        ]

    def __str__(self) -> str:
        return f"window of {self.case_id} until {self.ends_at}"


class ContactAttempt(models.Model):
    """A call to a holder: due by the pack's schedule or because the holder asked, made by a person, who says how it went.

    `placed_at` and `provider_call`: when it was handed to the telephony provider, and the provider's id of it.
    """

    attempt_id = models.CharField(max_length=40, primary_key=True)
    window = models.ForeignKey(SolveWindow, on_delete=models.PROTECT, related_name="attempts")
    wish = term(CallWish)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    assignee = models.CharField(max_length=100, blank=True)
    assigned_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField(null=True)
    provider_call = models.CharField(max_length=100, blank=True)
    called_at = models.DateTimeField(null=True)
    called_by = models.CharField(max_length=100, blank=True)
    outcome = term(CallOutcome, blank=True)
    note = models.TextField(blank=True)
    dropped_at = models.DateTimeField(null=True, help_text="the window ended before the call was made")

    class Meta:
        """Constraints, and the call list's look-up."""

        constraints = [
            term_constraint("wish", CallWish, "contact_attempt_wish"),
            term_constraint("outcome", CallOutcome, "contact_attempt_outcome", or_blank=True),
            models.UniqueConstraint(
                fields=["window"], condition=models.Q(wish=CallWish.HOLDER, called_at=None, dropped_at=None), name="one_wish_for_a_call_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="calls_to_make", condition=models.Q(called_at=None, dropped_at=None))]

    def __str__(self) -> str:
        return f"call of {self.window_id} due {self.due_at}"
