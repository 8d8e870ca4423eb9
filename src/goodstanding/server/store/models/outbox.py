"""The outbox: what has to leave the house, written in the transaction that decided it, sent afterwards."""

from enum import StrEnum

from django.db import models

from goodstanding.server.store.models.choices import term, term_constraint
from goodstanding.server.store.models.notices import Notice


class Channel(StrEnum):
    """By which way a message leaves."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class OutboxMessage(models.Model):
    """One message. `key` makes it one, however often it is written or sent; the other side gets it as idempotency key."""

    key = models.CharField(max_length=200, unique=True)
    channel = term(Channel)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, null=True, related_name="outbox")
    endpoint = models.ForeignKey("store.WebhookEndpoint", on_delete=models.PROTECT, null=True, related_name="outbox")
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        """Constraints and the worker's look-up."""

        constraints = [term_constraint("channel", Channel, "outbox_channel")]
        indexes = [models.Index(fields=["next_at"], name="outbox_due", condition=models.Q(sent_at=None, dead_at=None))]

    def __str__(self) -> str:
        return self.key
