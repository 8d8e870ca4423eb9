"""Signed links of notices: a holder who can no longer sign in comes to the case by one (requirement C2)."""

from django.db import models

from goodstanding.server.store.models.cases import Case


class AccessLink(models.Model):
    """One link. Only the SHA-256 of its token is kept, so that a stolen table opens no case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link to {self.case_id}"
