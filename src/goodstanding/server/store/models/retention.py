"""Erasure: what a holder asked for and was answered, and what was erased when (requirement A3)."""

from django.db import models

from goodstanding.core.terms import RecordKind
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.choices import term, term_constraint


class ErasureRequest(models.Model):
    """A holder's request to erase, with its answer: a list of {kind, basis, until, is_erased, held_by_case}."""

    request_id = models.CharField(max_length=40, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="erasure_requests")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=100)
    answer = models.JSONField()

    def __str__(self) -> str:
        return f"{self.account_id} on {self.asked_at}"


class Erasure(models.Model):
    """That one kind of record of one account is gone. It says nothing of what the records were."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="erasures")
    kind = term(RecordKind)
    closed_at = models.DateTimeField(help_text="the closure from which its time was counted")
    erased_at = models.DateTimeField()
    records = models.IntegerField()

    class Meta:
        """Constraints: once for each closure, so that an account that was opened and closed again is erased again."""

        constraints = [
            term_constraint("kind", RecordKind, "erasure_kind"),
            models.UniqueConstraint(fields=["account", "kind", "closed_at"], name="one_erasure_per_kind_and_closure"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id}"
