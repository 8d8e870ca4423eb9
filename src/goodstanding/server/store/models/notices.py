"""Notices: every letter to a holder, byte for byte as it was sent (requirement C5)."""

from django.db import models

from goodstanding.core.terms import NoticeKind
from goodstanding.server.store.models.accounts import Account
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint
from goodstanding.server.store.models.delegations import Delegation


class Notice(models.Model):
    """One letter: about a case, about an account as such, or to a delegate about a delegation. `message` is the whole RFC 5322 message; `statement` the statement of reasons it gives, as data."""

    notice_id = models.CharField(max_length=40, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="notices")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="letters")
    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, null=True, related_name="letters")
    kind = term(NoticeKind)
    language = models.CharField(max_length=20)
    recipient = models.CharField(max_length=320)
    subject = models.CharField(max_length=500)
    body = models.TextField()
    statement = models.JSONField(null=True)
    message_id = models.CharField(max_length=250, unique=True)
    message = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, help_text="when its holder first opened it in the portal")
    bounced_at = models.DateTimeField(null=True, help_text="when a server told that its mail did not arrive")
    bounce_said = models.CharField(max_length=300, blank=True)
    erased_at = models.DateTimeField(null=True, help_text="when its text went; its digest stays")

    class Meta:
        """Constraints."""

        constraints = [
            term_constraint("kind", NoticeKind, "notice_kind"),
            models.CheckConstraint(
                condition=models.Q(case__isnull=False, account=None, delegation=None)
                | models.Q(case=None, account__isnull=False, delegation=None)
                | models.Q(case=None, account=None, delegation__isnull=False),
                name="notice_is_about_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
