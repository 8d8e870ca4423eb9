"""Keys with which programs ask the API."""

from django.db import models


class ApiKey(models.Model):
    """One key. Only the SHA-256 of it is kept; `scopes` are words like `standing:read`."""

    name = models.CharField(max_length=100)
    key_sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
