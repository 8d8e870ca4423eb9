"""Enforcement actions: what was proposed, by which rule, on which violations, who agreed, and from when it holds."""

from django.db import models

from goodstanding.core.terms import ActionKind, Approval, NoticeException
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.choices import term, term_constraint
from goodstanding.server.store.models.violations import Violation


class EnforcementAction(models.Model):
    """One action on one account. In force from `effective_at` until `lifted_at` or `ends_at`; announced for `scheduled_for`.

    `decided_role`: in which role it was approved; the approval is looked at again when a delayed action takes effect. `notice_exception`: why a
    closing took effect without the time of notice, with the reason in words. `ended_at`: when its own end date had come.
    """

    action_id = models.CharField(max_length=40, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="actions")
    kind = term(ActionKind)
    rule = models.CharField(max_length=100)
    violations = models.ManyToManyField(Violation, related_name="actions")
    approval = term(Approval)
    pack_name = models.CharField(max_length=100)
    pack_digest = models.CharField(max_length=64)
    as_of = models.DateField(help_text="the day whose facts called for it")
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=100)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=100, blank=True, help_text="who approved or dismissed it")
    decided_role = models.CharField(max_length=40, blank=True)
    dismissed_because = models.TextField(blank=True)
    notice_exception = term(NoticeException, blank=True)
    exception_because = models.TextField(blank=True)
    scheduled_for = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=100, blank=True)

    behind: list[Violation] | None = None
    """Its violations, once `services.standing.violations_behind` has read them."""

    class Meta:
        """Constraints."""

        constraints = [
            term_constraint("kind", ActionKind, "action_kind"),
            term_constraint("approval", Approval, "action_approval"),
            term_constraint("notice_exception", NoticeException, "action_notice_exception", or_blank=True),
            models.CheckConstraint(condition=models.Q(effective_at=None) | ~models.Q(decided_by=""), name="action_in_force_has_decider"),
        ]
        indexes = [models.Index(fields=["account", "effective_at"], name="action_by_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.account_id}"
