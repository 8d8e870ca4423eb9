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
