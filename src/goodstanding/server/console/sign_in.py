"""Signing in by e-mail and password, for staff and for holders; each lands where their work is."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext_lazy as _

from goodstanding.server.pages.asking import holder_of, staff_of
from goodstanding.server.pages.demo import demo_entries
from goodstanding.server.pages.language import django_language, remember_language, was_chosen
from goodstanding.server.store.models import User


class SignInForm(AuthenticationForm):
    """E-mail and password. A wrong one of either is answered alike, so that nobody learns who has an account."""

    error_messages = {
        "invalid_login": _("This e-mail and password do not belong together. Please check both."),
        "inactive": _("This e-mail and password do not belong together. Please check both."),
    }

    def clean_username(self) -> str:
        """E-mail addresses are kept in small letters."""
        return str(self.cleaned_data["username"]).strip().lower()


class SignIn(LoginView):
    """The page to sign in."""

    template_name = "console/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and in a demonstration the ways in without a password."""
        return super().get_context_data(demo=demo_entries(), **kwargs)

    def get_default_redirect_url(self) -> str:
        """Where the work of this user is."""
        return resolve_url("console:enter")

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, and speak the user's language from now on where none was chosen."""
        response = super().form_valid(form)
        user = self.request.user
        if isinstance(user, User) and user.language and not was_chosen(self.request):
            remember_language(response, django_language(user.language))
        return response


def enter(request: HttpRequest) -> HttpResponse:
    """Send whoever comes to the right door."""
    if staff_of(request):
        return redirect("console:queue")
    return redirect("portal:account" if holder_of(request) else "console:sign_in")
