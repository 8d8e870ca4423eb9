"""Accounts that may have to be set free: what they were limited for has ended, but a person set the limits (requirements A7, I1)."""

from enum import StrEnum

from django.db import models

from goodstanding.core.terms import ReleaseCause
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class ReleaseOutcome(StrEnum):
    """What a person made of the proposal."""

    RELEASED = "released"
    KEPT = "kept"


class ReleaseProposal(models.Model):
    """One proposal to lift the action of a case; open while `outcome` is empty. `because` says why it was kept."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="release")
    cause = term(ReleaseCause)
    proposed_at = models.DateTimeField()
    outcome = term(ReleaseOutcome, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=100, blank=True)
    because = models.TextField(blank=True)

    class Meta:
        """Constraints."""

        constraints = [
            term_constraint("cause", ReleaseCause, "release_cause"),
            term_constraint("outcome", ReleaseOutcome, "release_outcome", or_blank=True),
        ]

    def __str__(self) -> str:
        return f"release of {self.case_id}"
