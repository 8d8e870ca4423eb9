"""Limits: one act an account may not do, owned by one action (requirement A7)."""

from django.db import models

from goodstanding.core.enforcement import limits as rules
from goodstanding.core.terms import Act, OwnerKind
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.actions import EnforcementAction
from goodstanding.server.store.models.choices import term, term_constraint


class Limit(models.Model):
    """One limit. Rows are never deleted; lifting writes who lifted it and when.

    Held money is a limit on `withdraw` with an amount in the currency's smallest unit, the reason in words and, as `ends_at`, the day of its release.
    """

    limit_id = models.CharField(max_length=40, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="limits")
    action = models.ForeignKey(EnforcementAction, on_delete=models.PROTECT, related_name="limits")
    act = term(Act)
    owner_kind = term(OwnerKind)
    owner = models.CharField(max_length=100)
    since = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=100, blank=True)
    held_amount = models.BigIntegerField(null=True, help_text="in the currency's smallest unit; None: no particular amount")
    currency = models.CharField(max_length=3, blank=True)
    held_because = models.TextField(blank=True)

    class Meta:
        """Constraints: one action forbids an act once at a time; an amount has a currency and a reason, and holds money only."""

        constraints = [
            term_constraint("act", Act, "limit_act"),
            term_constraint("owner_kind", OwnerKind, "limit_owner_kind"),
            models.UniqueConstraint(fields=["action", "act"], condition=models.Q(lifted_at=None), name="one_live_limit_per_action_and_act"),
            models.CheckConstraint(
                condition=models.Q(held_amount=None)
                | (models.Q(act=Act.WITHDRAW, held_amount__gt=0) & ~models.Q(currency="") & ~models.Q(held_because="")),
                name="held_money_is_explained",
            ),
        ]
        indexes = [models.Index(fields=["account"], name="limit_live", condition=models.Q(lifted_at=None))]

    def __str__(self) -> str:
        return f"no {self.act} for {self.account_id}"

    def as_value(self) -> rules.Limit:
        """The limit as the rules in `core.enforcement.limits` read it."""
        return rules.Limit(
            id=self.limit_id,
            act=Act(self.act),
            action_id=self.action_id,
            owner_kind=OwnerKind(self.owner_kind),
            owner=self.owner,
            since=self.since,
            ends_at=self.ends_at,
            lifted_at=self.lifted_at,
            held=rules.HeldMoney(self.held_amount, self.currency, self.held_because) if self.held_amount else None,
        )
