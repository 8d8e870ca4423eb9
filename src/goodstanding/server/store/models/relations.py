"""Which accounts the last nightly run found related, by what, and which of them were under enforcement."""

from django.db import models


class Relation(models.Model):
    """One pair of the last run, `account_a` < `account_b`; values of identifiers are masked already.

    `evidence`: what `engines.relating.evidence_of` gives, the weightiest first; `against`: what speaks against it (`core.linkage.judgements`).
    `cluster_id` is empty for a pair too weak to count as related, which is kept only beside an account under enforcement. Accounts are kept
    by id, because facts may name some that they do not describe.
    """

    account_a = models.CharField(max_length=100)
    account_b = models.CharField(max_length=100)
    score = models.IntegerField()
    cluster_id = models.CharField(max_length=120, blank=True)
    evidence = models.JSONField(default=list)
    against = models.JSONField(default=list)
    as_of = models.DateField()

    class Meta:
        """Constraints and the look-ups pages make."""

        constraints = [models.UniqueConstraint(fields=["account_a", "account_b"], name="one_relation_per_pair")]
        indexes = [models.Index(fields=["account_b"], name="relation_by_b"), models.Index(fields=["cluster_id"], name="relation_by_cluster")]

    def other(self, account_id: str) -> str:
        """The account at the other end."""
        return self.account_b if account_id == self.account_a else self.account_a

    def __str__(self) -> str:
        return f"{self.account_a} and {self.account_b}: {self.score}"


class StruckAccount(models.Model):
    """A deactivation or closure that was in force on the day of the last run, of whatever system; relations alone caused none of them."""

    account_id = models.CharField(max_length=100, db_index=True)
    action_id = models.CharField(max_length=100, unique=True)
    since = models.DateField()

    def __str__(self) -> str:
        return f"{self.account_id} since {self.since}"
