"""Second factors of staff, and the sessions they are signed in by: who has one, and taking them away (requirement K5)."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session

from goodstanding.server.services.call import Call
from goodstanding.server.store.models import User

SECOND = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor. Recovery codes alone do not: they are for the day on which the factor is lost."""


def has_factor(*, user: User) -> bool:
    """Whether the user proves more than a password: by a factor here, or by single sign-on, whose own provider asks for one."""
    return Authenticator.objects.filter(user=user, type__in=SECOND).exists() or signs_on(user=user)


def lacks_factor(*, user: User) -> bool:
    """Whether the user must set up a factor before anything of the console opens."""
    return bool(settings.SECOND_FACTOR) and not has_factor(user=user)


def signs_on(*, user: User) -> bool:
    """Whether the user comes in by single sign-on, and so by nothing else."""
    return bool(settings.OIDC_ISSUER) and SocialAccount.objects.filter(user=user).exists()


def end_sessions(*, user: User) -> int:
    """End every session in which the user is signed in; gives how many."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


def clear_sessions(*, call: Call) -> int:
    """Throw away sessions that have run out; gives how many."""
    gone: int = Session.objects.filter(expire_date__lte=call.now).delete()[0]
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return gone


def remove_factors(*, user: User) -> int:
    """Take every factor and recovery code of a user away, for one who has lost them; gives how many factors went."""
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    gone: int = Authenticator.objects.filter(user=user).delete()[0]
    return gone
