"""What people held of relations, one row per judgement; the newest of a pair counts (requirement B16).

Database triggers (migration of the same name) refuse every UPDATE and DELETE.
"""

from django.db import models

from goodstanding.core.terms import RelationGround, RelationVerdict
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class Judgement(models.Model):
    """One judgement on a pair of accounts. `case`: where it was made in the decision of an appeal. `note` is for staff only."""

    judgement_id = models.CharField(max_length=40, unique=True)
    account_a = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    account_b = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    verdict = term(RelationVerdict)
    ground = term(RelationGround)
    note = models.TextField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="judgements")
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=100)

    class Meta:
        """Constraints. That `account_a` sorts first is the core's order, not the database's collation, so no constraint says it."""

        constraints = [
            term_constraint("verdict", RelationVerdict, "judgement_verdict"),
            term_constraint("ground", RelationGround, "judgement_ground"),
        ]
        indexes = [models.Index(fields=["account_a", "account_b"], name="judgement_by_pair")]

    def __str__(self) -> str:
        return f"{self.account_a_id} and {self.account_b_id}: {self.verdict}, {self.ground}"
