"""What explains a violation, and which corrective tasks the facts show as done, as the last nightly run found it."""

from django.db import models

from goodstanding.server.store.models.violations import Violation


class DiagnosisRecord(models.Model):
    """The diagnosis of one violation as of a day. Codes and numbers only, so that each reader gets it in the reader's language.

    `diagnosis` is a record of `core.appeals.diagnosis.records`, None where no metric is behind the violation; `ticks` are the corrective tasks,
    each with task, state, done, of and the ids still open.
    """

    violation = models.OneToOneField(Violation, on_delete=models.CASCADE, primary_key=True, related_name="diagnosed")
    as_of = models.DateField()
    recorded_at = models.DateTimeField()
    diagnosis = models.JSONField(null=True)
    ticks = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.violation_id} as of {self.as_of}"
