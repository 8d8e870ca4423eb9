"""What staff opened of a case, and who has it open at the moment (requirement H8)."""

from django.db import models

from goodstanding.core.terms import Opened
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class Opening(models.Model):
    """Somebody of the staff opened a part of a case: the first time in each of its appeals. Append-only: triggers refuse every change.

    `attempt`: the appeal that was the newest; 0: none. `part_id`: which notice, which evidence, which earlier appeal; empty where there is one only.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="openings")
    attempt = models.IntegerField()
    actor = models.CharField(max_length=100)
    part = term(Opened)
    part_id = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        """Constraints: the first time counts."""

        constraints = [
            term_constraint("part", Opened, "opening_part"),
            models.UniqueConstraint(fields=["case", "attempt", "actor", "part", "part_id"], name="one_opening_per_attempt"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} opened {self.part} {self.part_id} of {self.case_id}"


class Viewing(models.Model):
    """When somebody of the staff last asked for the page of a case, and until when it is known to be open still (None: no script told)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="viewings")
    actor = models.CharField(max_length=100)
    seen_at = models.DateTimeField()
    open_until = models.DateTimeField(null=True)

    class Meta:
        """Constraints: one row a person and case."""

        constraints = [models.UniqueConstraint(fields=["case", "actor"], name="one_viewing_per_person")]

    def __str__(self) -> str:
        return f"{self.actor} saw {self.case_id} at {self.seen_at}"
