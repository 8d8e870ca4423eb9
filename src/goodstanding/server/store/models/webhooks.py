"""Where the marketplace's own systems want to be told."""

from django.db import models


class WebhookEndpoint(models.Model):
    """One address. Each delivery is signed with `secret` (HMAC-SHA-256 over time stamp and body)."""

    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url
