"""A change of a way in: written to the audit and told to its user, in the transaction that makes the change, so that no crash comes between."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils import timezone

from goodstanding.core.values import AUTOMATION
from goodstanding.server.identity.letters import Written, write_change
from goodstanding.server.identity.telling import tell
from goodstanding.server.services.call import Call
from goodstanding.server.services.outbox import queue_letter
from goodstanding.server.store.models import User
from goodstanding.server.store.models.audit import AuditKind

APP_ADDED, CODES_MADE = "mfa/email/totp_activated", "mfa/email/recovery_codes_generated"
AFTER_COMMIT = frozenset({APP_ADDED, CODES_MADE})
"""What allauth tells only when the transaction is over; the views write it down before."""

TOLD: Mapping[str, tuple[AuditKind, str]] = {
    APP_ADDED: (AuditKind.FACTOR_ADDED, "totp"),
    "mfa/email/totp_deactivated": (AuditKind.FACTOR_REMOVED, "totp"),
    "mfa/email/webauthn_added": (AuditKind.FACTOR_ADDED, "webauthn"),
    "mfa/email/webauthn_removed": (AuditKind.FACTOR_REMOVED, "webauthn"),
    CODES_MADE: (AuditKind.RECOVERY_CODES_MADE, "recovery_codes"),
    "account/email/password_changed": (AuditKind.PASSWORD_CHANGED, "password"),
    "account/email/password_reset": (AuditKind.PASSWORD_RESET, "password"),
}
"""By the name that allauth gives the message: what happened, and to which means."""


def note_change(request: HttpRequest, user: User, name: str) -> None:
    """Write down what allauth calls `name`, and tell the user."""
    kind, method = TOLD[name]
    tell(request, kind, user, method)
    post_letter(user, write_change(user, kind, method))


def post_letter(user: User, written: Written) -> None:
    """Queue a letter to a user about the own sign-in."""
    call = Call(AUTOMATION, timezone.now())
    queue_letter(call=call, recipient=user.email, subject=written.subject, body=written.body, language=written.language)
