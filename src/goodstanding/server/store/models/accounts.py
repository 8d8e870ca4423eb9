"""Accounts as the marketplace's facts describe them; their standing is derived, never stored here."""

from django.db import models

from goodstanding.core.terms import HolderKind
from goodstanding.server.store.models.choices import term, term_constraint


class Account(models.Model):
    """One seller's or buyer's account on the marketplace."""

    account_id = models.CharField(max_length=100, primary_key=True)
    holder_kind = term(HolderKind)
    marketplace = models.CharField(max_length=20)
    plan = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=20, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=320, blank=True)
    emergency_phone = models.CharField(max_length=40, blank=True)
    emergency_phone_verified_at = models.DateTimeField(null=True)
    contact_asked_at = models.DateTimeField(null=True, help_text="when the holder was told that only an emergency contact is missing")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """Constraints."""

        constraints = [term_constraint("holder_kind", HolderKind, "account_holder_kind")]

    def __str__(self) -> str:
        return self.display_name or self.account_id


class ReopeningRequest(models.Model):
    """A holder asks to have an account back that he closed himself: a request, not an appeal (requirement A4)."""

    request_id = models.CharField(max_length=40, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="reopening_requests")
    because = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=100)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=100, blank=True)
    granted = models.BooleanField(null=True)
    decided_because = models.TextField(blank=True)

    class Meta:
        """Constraints: one request waits at a time."""

        constraints = [models.UniqueConstraint(fields=["account"], condition=models.Q(decided_at=None), name="one_reopening_request_at_a_time")]

    def __str__(self) -> str:
        return f"reopening of {self.account_id}"
