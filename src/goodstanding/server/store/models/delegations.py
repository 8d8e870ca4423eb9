"""Delegates: an agency, a lawyer or an employee who acts for accounts, within granted rights (requirement A1)."""

from datetime import datetime

from django.db import models

from goodstanding.core.terms import DelegationEnd
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.choices import term, term_constraint


class Delegate(models.Model):
    """Somebody who acts for others, told by an address alone: each time a code goes there, so there is no password to lose."""

    delegate_id = models.CharField(max_length=40, primary_key=True)
    email = models.CharField(max_length=320, blank=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=20, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        """Constraints: one for an address, in small letters; without one after erasure."""

        constraints = [models.UniqueConstraint(fields=["email"], condition=~models.Q(email=""), name="one_delegate_per_address")]

    def __str__(self) -> str:
        return self.name or self.delegate_id


class Delegation(models.Model):
    """What one delegate may do for one account, from acceptance until an end. Its id names a chain of the ledger of its own.

    `ends_at`: the moment from which on it holds no more, None where it lasts until somebody ends it; `ended_at`: when it was ended.
    """

    delegation_id = models.CharField(max_length=40, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(Delegate, on_delete=models.PROTECT, related_name="delegations")
    rights = models.JSONField(help_text="a list of rights")
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=100)
    ends_at = models.DateTimeField(null=True)
    token_sha256 = models.CharField(max_length=64, help_text="of the invitation's link")
    invited_until = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=100, blank=True)
    ended_because = term(DelegationEnd, blank=True)

    class Meta:
        """Constraints: one at a time, and an end with its reason; the clock's look-up."""

        constraints = [
            models.UniqueConstraint(fields=["account", "delegate"], condition=models.Q(ended_at=None), name="one_delegation_at_a_time"),
            term_constraint("ended_because", DelegationEnd, "delegation_end", or_blank=True),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_because="") | (models.Q(ended_at__isnull=False) & ~models.Q(ended_because="")),
                name="delegation_ends_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["token_sha256"], name="delegation_by_token")]

    def is_over(self, now: datetime) -> bool:
        """Whether its last moment has gone by, or that of its invitation, though no clock has come round to it yet."""
        return (self.ends_at is not None and self.ends_at <= now) or (self.accepted_at is None and self.invited_until <= now)

    def __str__(self) -> str:
        return f"{self.delegate_id} for {self.account_id}"
