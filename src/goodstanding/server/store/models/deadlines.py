"""Deadlines: one row per running clock. A row is the promise; the worker only looks for rows whose time has come."""

from django.db import models

from goodstanding.server.store.models.cases import Case


class Deadline(models.Model):
    """A clock of one case. `key` names clock and case and numbers the clocks of the case, so that no clock stands twice."""

    key = models.CharField(max_length=160, unique=True)
    clock = models.CharField(max_length=60)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deadlines")
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        """The worker's look-up."""

        indexes = [models.Index(fields=["due_at"], name="deadline_due", condition=models.Q(done_at=None, cancelled_at=None))]

    def __str__(self) -> str:
        return self.key
