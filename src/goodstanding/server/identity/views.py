"""Pages of signing in where the house's way differs from allauth's; the others are allauth's own views with our templates."""

from typing import Any

from allauth.account.internal.flows.logout import logout
from allauth.account.views import LoginView, PasswordChangeView, PasswordResetFromKeyView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from goodstanding.server.identity.changes import APP_ADDED, CODES_MADE, note_change
from goodstanding.server.pages.asking import READERS, forget_link, user_of
from goodstanding.server.pages.demo import demo_entries
from goodstanding.server.pages.errors import refuse
from goodstanding.server.services.factors import lacks_factor, signs_on


class SignIn(LoginView):
    """The page to sign in, for staff and for holders."""

    template_name = "identity/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, the way by single sign-on, and in a demonstration the ways in without a password."""
        told = {"demo": demo_entries(), "sign_on": settings.OIDC_NAME if settings.OIDC_ISSUER else "", "needs_factor": settings.SECOND_FACTOR}
        return {**super().get_context_data(**kwargs), **told}


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the visit."""
    logout(request, show_message=False)
    forget_link(request)
    return redirect("portal:landing")


class Security(IndexView):
    """One's own way in: factors, passkeys, recovery codes, password, sessions."""

    template_name = "identity/security.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What there is, and whether something has to be set up first."""
        user = user_of(self.request)
        told: dict[str, Any] = super().get_context_data(**kwargs)
        if user:
            told |= {"lacks_factor": user.role in READERS and lacks_factor(user=user), "signs_on": signs_on(user=user)}
            told["keys"] = told["authenticators"].get(Authenticator.Type.WEBAUTHN, [])
            told["app"] = told["authenticators"].get(Authenticator.Type.TOTP)
            told["codes"] = told["authenticators"].get(Authenticator.Type.RECOVERY_CODES)
        return told


class Whole:
    """A form whose change is one transaction with its entry in the audit and its letter. `late`: what allauth would tell only after the commit."""

    request: HttpRequest
    late = ""

    def form_valid(self, form: Any) -> HttpResponse:
        """Change, write down, and only then commit."""
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            if self.late and (user := user_of(self.request)):
                note_change(self.request, user, self.late)
        return response


class AppAdding(Whole, ActivateTOTPView):
    """Set an authenticator app up."""

    late = APP_ADDED


class AppRemoval(Whole, DeactivateTOTPView):
    """Take the app away."""


class CodesMaking(Whole, GenerateRecoveryCodesView):
    """New recovery codes instead of the old ones."""

    late = CODES_MADE


class PasskeyAdding(Whole, AddWebAuthnView):
    """Add a passkey."""


class PasswordReset(Whole, PasswordResetFromKeyView):
    """A new password, by who has the letter's link."""


class PasswordChange(Whole, PasswordChangeView):
    """A new password, by who knows the old one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Who comes by single sign-on has none here."""
        user = user_of(request)
        if user is None or not user.has_usable_password():
            said = _("You come in another way, so there is no password to change here.")
            return refuse(request, status=403, title=_("You have no password here"), said=said)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_default_success_url(self) -> str:
        """Back to the page of one's own way in."""
        return "/security/"


class PasskeyRemoval(Whole, RemoveWebAuthnView):
    """Take a passkey away; not the last factor of who needs one."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it, or say why not."""
        authenticator = self.get_object()
        if not get_adapter().can_delete_authenticator(authenticator):
            messages.error(self.request, str(get_adapter().error_messages["cannot_delete_authenticator"]))
            return redirect("mfa_index")
        response: HttpResponse = super().form_valid(form)
        return response
