"""Mails that came in: what became of each, and the original byte for byte under its digest (requirements C2, G1)."""

from django.db import models

from goodstanding.core.terms import MailCause, MailVerdict
from goodstanding.server.store.models.appeals import Appeal
from goodstanding.server.store.models.cases import Case
from goodstanding.server.store.models.choices import term, term_constraint


class IncomingMail(models.Model):
    """One mail. `key` makes it one, however often and by whatever way it comes: its Message-ID and the digest of its content.

    `signature`: digest of the DKIM signature that proved it, so that it proves no second mail. `files`: what was attached, a list of
    {name, size, refused}. `asks_route`: it could be an appeal, but does not say which route it takes, and its writer is asked.
    """

    mail_id = models.CharField(max_length=40, primary_key=True)
    key = models.CharField(max_length=64, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="mails")
    verdict = term(MailVerdict)
    cause = term(MailCause)
    sender = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    message_id = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    files = models.JSONField(default=list)
    proof = models.JSONField(default=dict)
    signature = models.CharField(max_length=64, blank=True, db_index=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    received_at = models.DateTimeField()
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, null=True, related_name="mails")
    asks_route = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True, help_text="when its sender was told that it is held")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=100, blank=True)
    decided_because = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True, help_text="when its text went; its digest stays")

    class Meta:
        """Constraints, and the look-up of what waits for a person."""

        constraints = [term_constraint("verdict", MailVerdict, "mail_verdict"), term_constraint("cause", MailCause, "mail_cause")]
        indexes = [models.Index(fields=["received_at"], name="mail_held", condition=models.Q(verdict="held"))]

    def __str__(self) -> str:
        return self.subject or self.mail_id
