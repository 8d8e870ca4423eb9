"""What happens to ways in, told to the audit: from which address, by which means, about whom."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils import timezone

from goodstanding.core.terms import Role
from goodstanding.core.values import Actor
from goodstanding.server.services.audit import record
from goodstanding.server.services.call import Call
from goodstanding.server.store.models import User
from goodstanding.server.store.models.audit import AuditKind

NOBODY = Actor("", Role.AUTOMATION)
UNPROVED = frozenset({AuditKind.SIGN_IN_FAILED, AuditKind.CODE_FAILED, AuditKind.LOCKED_OUT, AuditKind.SIGN_ON_REFUSED})
"""What somebody tried who has not proved to be that user."""

METHODS = "account_authentication_methods"
"""Where allauth keeps in the session by which means somebody came in."""


def tell(request: HttpRequest, kind: AuditKind, user: object, method: str = "", **body: object) -> None:
    """Write it down. `user`: about whom; nobody where the address is not known here."""
    known = user if isinstance(user, User) and user.pk else None
    actor = Actor(f"user:{known.pk}", Role(known.role)) if known and kind not in UNPROVED else NOBODY
    record(call=Call(actor, timezone.now()), kind=kind, user=known, method=method, address=get_adapter().get_client_ip(request), body=body)


def user_of_address(address: str) -> User | None:
    """Whose address that is; what was typed is not kept, because people type passwords into the wrong field."""
    return User.objects.filter(email=address.strip().lower()).first()


def means_of(request: HttpRequest) -> str:
    """By which means this session came in, like `password+totp`."""
    names = {"socialaccount": "single_sign_on"}
    told = [one.get("type") or names.get(one.get("method"), one.get("method")) for one in request.session.get(METHODS, [])]
    return "+".join(dict.fromkeys(name for name in told if name))
