"""Where the marketplace's own systems want to be told."""

from django.db import models


class WebhookEndpoint(models.Model):
    """One address. Each delivery is signed with `secret` and, until `previous_until`, with the one before it as well.

    Both are sealed (`store.sealing`), since whoever signs needs what the receiver has. `is_active` False: nothing is sent there.
    `kinds`: the kinds of events it is told, whole groups as `appeal.*`; empty: every kind.
    """

    url = models.URLField(max_length=500, unique=True)
    secret = models.CharField(max_length=500)
    previous_secret = models.CharField(max_length=500, blank=True)
    previous_until = models.DateTimeField(null=True)
    kinds = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url
