"""Where allauth asks this house: who may come in, what is written down, how letters leave, what is kept secret."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodstanding.server.identity.changes import AFTER_COMMIT, TOLD, note_change, post_letter
from goodstanding.server.identity.letters import RESET, write_reset
from goodstanding.server.identity.telling import means_of, tell, user_of_address
from goodstanding.server.pages.asking import READERS
from goodstanding.server.pages.errors import refuse
from goodstanding.server.pages.language import django_language, remember_language, was_chosen
from goodstanding.server.services.factors import SECOND, signs_on
from goodstanding.server.store.models import User
from goodstanding.server.store.models.audit import AuditKind
from goodstanding.server.store.sealing import Purpose, SealedOtherwise, seal, unseal

log = logging.getLogger(__name__)

_WRONG = gettext_lazy("This e-mail and password do not belong together. Please check both.")
_LOCKED = gettext_lazy("There were too many attempts that failed. Please wait five minutes, and try again.")
_CODE = gettext_lazy("This code is not right, or was used before. Take the one that is shown now.")


class AccountAdapter(DefaultAccountAdapter):
    """Signing in by password. Wrong address, wrong password and a switched-off user are answered alike."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "incorrect_password": gettext_lazy("This password is not right."),
        "too_many_login_attempts": _LOCKED,
        "rate_limited": _LOCKED,
        "incorrect_code": _CODE,
        "enter_current_password": gettext_lazy("This password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes oneself a user here."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where the work of this user is."""
        return str(resolve_url("console:enter"))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt; one too many is written down and refused."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            tell(request, AuditKind.LOCKED_OUT, user_of_address(credentials.get("email", "")), "password")
            raise

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user of these credentials. One who is switched off, or who comes by single sign-on alone, has none here."""
        user = super().authenticate(request, **credentials)
        if user is not None and (not user.is_active or signs_on(user=user)):
            self.authentication_failed(request, **credentials)
            return None
        return user if isinstance(user, User) else None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write a failure down."""
        tell(request, AuditKind.SIGN_IN_FAILED, user_of_address(credentials.get("email", "")), "password")

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the user's password; asked for before factors change."""
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def pre_login(self, request: HttpRequest, user: User, **told: Any) -> HttpResponse | None:
        """Refuse who is switched off, and by a passkey who must come by single sign-on."""
        means = means_of(request)
        if user.is_active and (not signs_on(user=user) or "single_sign_on" in means):
            return None
        tell(request, AuditKind.SIGN_IN_FAILED, user, means)
        return refuse(request, status=403, title=_("You cannot sign in"), said=_("Your sign-in is switched off here, or works another way."))

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in under a new session key, for as long as staff may stay in, and write it down."""
        means = means_of(request)
        super().login(request, user)
        limit_session(request, user)
        tell(request, AuditKind.SIGNED_IN, user, means)

    def post_login(self, request: HttpRequest, user: User, **told: Any) -> HttpResponse:
        """Speak the user's language from now on where none was chosen."""
        response: HttpResponse = super().post_login(request, user, **told)
        if user.language and not was_chosen(request):
            remember_language(response, django_language(user.language))
        return response

    def logout(self, request: HttpRequest) -> None:
        """Write it down, and sign out."""
        tell(request, AuditKind.SIGNED_OUT, request.user)
        super().logout(request)

    def add_message(self, *args: Any, message: str | None = None, **told: Any) -> None:
        """Only what this house says itself; the pages show the rest."""
        if message:
            super().add_message(*args, message=message, **told)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link begins with the address of this house, whatever the request called it."""
        return f"{settings.BASE_URL}{urlsplit(super().get_reset_password_from_key_url(key)).path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the letter with the link for a new password, unless the user has no password to set; no other letter has no words here."""
        user = context["user"]
        if template_prefix == RESET and not signs_on(user=user):
            post_letter(user, write_reset(user, context["password_reset_url"]))

    def send_notification_mail(self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None) -> None:
        """What has changed about a way in is written down, and told to its user; what comes too late for that, the view has told."""
        if template_prefix in TOLD.keys() - AFTER_COMMIT:
            note_change(self.request, user, template_prefix)


class FactorAdapter(DefaultMFAAdapter):
    """Second factors. Their secrets lie in the database under a key made of the server's own."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _CODE,
        "cannot_delete_authenticator": gettext_lazy("This is your last second factor, and you need one. Add another one first."),
    }

    def encrypt(self, text: str) -> str:
        """The secret as it is stored."""
        return seal(text, Purpose.FACTORS)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; where no key of the server opens it, a page says so, and no code is called wrong."""
        try:
            return unseal(encrypted_text, Purpose.FACTORS, what="a second factor")
        except SealedOtherwise as error:
            log.error("%s", str(error))
            said = _(
                "It was stored under another key of this server, so no code can be right. "
                "Whoever runs the server can set the former key again; who manages the staff can take your factors away."
            )
            raise ImmediateHttpResponse(refuse(context.request, status=503, title=_("Your second factor cannot be checked"), said=said)) from error

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff who need a factor keep one."""
        if not settings.SECOND_FACTOR or authenticator.user.role not in READERS or authenticator.type not in SECOND:
            return True
        others = Authenticator.objects.filter(user=authenticator.user, type__in=SECOND).exclude(pk=authenticator.pk)
        return bool(others.exists())

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """What a new passkey is called unless its owner says otherwise."""
        return _("Passkey %(number)s") % {"number": Authenticator.objects.filter(user=user, type=type).count() + 1}


class SessionsAdapter(DefaultUserSessionsAdapter):
    """One's own sessions."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        """End them, and write each down."""
        for session in sessions:
            tell(self.request, AuditKind.SESSION_ENDED, session.user)
            session.end()


def limit_session(request: HttpRequest, user: User) -> None:
    """Staff have to sign in again after some hours, whatever they did meanwhile."""
    if user.role in READERS:
        request.session.set_expiry(timezone.now() + timedelta(hours=settings.STAFF_SESSION_HOURS))
