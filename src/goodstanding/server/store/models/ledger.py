"""The ledger: append-only, each entry carrying the digest of the one before it in its case (requirement K3).

Database triggers (migration 0002) refuse every UPDATE and DELETE of entries; bodies may be erased, which the chain survives.
"""

from django.db import models


class LedgerHead(models.Model):
    """The tip of one case's chain; its row is the lock that orders appends."""

    case_id = models.CharField(max_length=40, primary_key=True)
    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.case_id} #{self.sequence}"


class LedgerEntry(models.Model):
    """One thing that happened to a case: who, what, when, and a commitment to the body."""

    case_id = models.CharField(max_length=40)
    sequence = models.BigIntegerField()
    at = models.CharField(max_length=40, help_text="ISO 8601, as it was digested")
    actor = models.CharField(max_length=100)
    role = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    body_digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        """Constraints."""

        constraints = [models.UniqueConstraint(fields=["case_id", "sequence"], name="ledger_sequence")]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.sequence} {self.kind}"


class LedgerBody(models.Model):
    """What an entry says, apart from it so that personal data can be erased without breaking the chain."""

    entry = models.OneToOneField(LedgerEntry, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="body")
    salt = models.CharField(max_length=32)
    text = models.TextField()

    def __str__(self) -> str:
        return self.text[:80]
