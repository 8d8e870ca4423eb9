"""Batches of facts that programs sent: what came when, so that the same batch sent twice is taken once."""

from django.db import models


class FactBatch(models.Model):
    """One batch. `digest` is the SHA-256 of its kind and lines; the rows themselves lie as Parquet in the folder of facts."""

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=40)
    sent_by = models.CharField(max_length=100)
    rows = models.IntegerField()
    refused = models.IntegerField()
    findings = models.JSONField(default=list)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"
