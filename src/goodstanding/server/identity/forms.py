"""Forms of signing in that write failures down, and keep the length of a session as the house sets it."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from goodstanding.server.identity.adapters import limit_session
from goodstanding.server.identity.telling import tell
from goodstanding.server.store.models.audit import AuditKind

LOCKED = "too_many_login_attempts"


class SignInForm(LoginForm):
    """E-mail and password."""

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Sign in. allauth sets the session's end by "remember me", which there is not; so the house's is set again."""
        response: HttpResponse = super().login(request, redirect_url=redirect_url)
        if request.user.is_authenticated:
            limit_session(request, request.user)
        return response


def _tell_failure(error: ValidationError, user: Any, method: str) -> None:
    tell(context.request, AuditKind.LOCKED_OUT if error.code == LOCKED else AuditKind.CODE_FAILED, user, method)


class TellsWrongCode:
    """A form with a code: a failure is written down, the code is not."""

    user: Any

    def clean_code(self) -> str:
        """Check it."""
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except ValidationError as error:
            _tell_failure(error, self.user, Authenticator.Type.TOTP)
            raise


class CodeForm(TellsWrongCode, AuthenticateForm):
    """The code of the app, or a recovery code, after the password."""


class ConfirmCodeForm(TellsWrongCode, ReauthenticateForm):
    """The same again, before factors change."""


class KeyForm(AuthenticateWebAuthnForm):
    """A passkey after the password."""

    def clean_credential(self) -> Authenticator:
        """Check it; a failure is written down."""
        try:
            return super().clean_credential()
        except ValidationError as error:
            _tell_failure(error, self.user, Authenticator.Type.WEBAUTHN)
            raise


class PasskeyForm(LoginWebAuthnForm):
    """A passkey instead of a password."""

    def clean_credential(self) -> Authenticator:
        """Check it; a failure is written down, about nobody: whom it claims to be is not proved."""
        try:
            return super().clean_credential()
        except ValidationError as error:
            _tell_failure(error, None, Authenticator.Type.WEBAUTHN)
            raise
