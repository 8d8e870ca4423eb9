"""People who sign in, and the apps and codes they have."""

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from goodstanding.core.terms import Role
from goodstanding.server.store.models import AuditEntry, User

PASSWORD = "correct horse battery"


def person(name: str, role: Role, *, manages_staff: bool = False) -> User:
    """Somebody who signs in with PASSWORD."""
    return User.objects.create_user(f"{name}@market.example", PASSWORD, name=name.title(), role=role, manages_staff=manages_staff)


def sign_in(user: User, password: str = PASSWORD, *, browser: Client | None = None):  # type: ignore[no-untyped-def]
    """The answer to e-mail and password, and the browser."""
    browser = browser or Client()
    return browser.post("/console/sign-in/", {"login": user.email, "password": password}), browser


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows now, or some half minutes away."""
    counter = next(iter(totp.yield_hotp_counters_from_time())) + steps
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def with_app(user: User) -> str:
    """Give the user an authenticator app and recovery codes; gives the secret."""
    secret = totp.generate_totp_secret()
    RecoveryCodes.activate(user)
    totp.TOTP.activate(user, secret)
    return secret


def written(user: User | None = None) -> list[str]:
    """The kinds of what the audit says, the oldest first."""
    entries = AuditEntry.objects.order_by("pk")
    return list((entries.filter(user=user) if user else entries).values_list("kind", flat=True))
