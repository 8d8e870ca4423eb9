"""Evidence: files a holder attached, kept unaltered with their digest (requirement F5)."""

from django.db import models

from goodstanding.server.store.models.appeals import Appeal, InformationRequest


class Evidence(models.Model):
    """One file. Its bytes lie under the evidence folder by their SHA-256, never by the name the holder gave."""

    evidence_id = models.CharField(max_length=40, primary_key=True)
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="evidence")
    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, null=True, related_name="evidence")
    part = models.CharField(max_length=40, blank=True, help_text="the part of the answer that it proves")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, help_text="when its bytes and name went; its digest stays")

    def __str__(self) -> str:
        return self.name
