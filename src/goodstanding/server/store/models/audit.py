"""The audit of ways in: sign-ins, failures, factors, changes of users. Append-only until its time to be kept is over (requirement K5).

Database triggers (audit_triggers.py) refuse every UPDATE, and every DELETE before `keep_until`.
"""

from enum import StrEnum

from django.db import models

from goodstanding.server.store.models.choices import term, term_constraint
from goodstanding.server.store.models.users import User


class AuditKind(StrEnum):
    """What happened to somebody's way in: kept append-only for who audits it (requirement K5)."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    CODE_FAILED = "code_failed"
    LOCKED_OUT = "locked_out"
    SIGN_ON_REFUSED = "sign_on_refused"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - what happened, no secret
    PASSWORD_RESET = "password_reset"  # noqa: S105 - as above
    USER_MADE = "user_made"
    USER_CHANGED = "user_changed"


class AuditEntry(models.Model):
    """One thing that happened. `user`: about whom, null where nobody of that address is known; `actor`: who did it. Never a password, a code or a key."""

    at = models.DateTimeField()
    kind = term(AuditKind)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.CharField(max_length=100, blank=True)
    method = models.CharField(max_length=40, blank=True, help_text="by which means: password, totp, webauthn, recovery_codes, single_sign_on, demo")
    address = models.GenericIPAddressField(null=True, help_text="the network address that asked")
    body = models.JSONField(default=dict, help_text="for changes: what was, and what is since")
    keep_until = models.DateTimeField()

    class Meta:
        """Constraints, and the orders of the audit page."""

        constraints = [term_constraint("kind", AuditKind, "audit_kind")]
        indexes = [
            models.Index(fields=["kind", "-id"], name="audit_by_kind"),
            models.Index(fields=["user", "-id"], name="audit_by_user"),
            models.Index(fields=["keep_until"], name="audit_keep_until"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"
