"""Staff who come from the company's own identity provider (OpenID Connect): their groups there are their role here, anew at every sign-in.

The provider vouches for the second factor. Holders never come this way, and nobody who does can use a password or a passkey of this house.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from goodstanding.core.errors import GoodstandingError
from goodstanding.core.terms import Role
from goodstanding.core.values import AUTOMATION
from goodstanding.server.identity.telling import tell
from goodstanding.server.pages.errors import refuse
from goodstanding.server.services.call import Call
from goodstanding.server.services.staff import lose_role, take_role
from goodstanding.server.store.models import User
from goodstanding.server.store.models.audit import AuditKind

METHOD = "single_sign_on"


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Who the provider sends, in the role that the groups give."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Users are made in `pre_social_login`, with their role; there is nothing to sign up for."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Give the user the role of the groups, making the user where there is none; refuse with a plain page where no group has one."""
        claims = claims_of(sociallogin.account.extra_data)
        user = sociallogin.user if sociallogin.is_existing else None
        email = _proved_email(claims)
        role = role_of(groups_of(sociallogin.account.extra_data))
        call = Call(AUTOMATION, timezone.now())
        if role is None:
            if user:
                lose_role(call=call, user_id=user.pk)
            raise ImmediateHttpResponse(
                _refused(request, user, _("None of your groups has a role here. Ask who manages the groups of your company."))
            )
        try:
            found = take_role(call=call, user_id=user.pk if user else None, email=email, name=str(claims.get("name") or email), role=role)
        except GoodstandingError as error:
            said = _("Your sign-in was proved, but it opens nothing here. Tell who manages the staff.")
            raise ImmediateHttpResponse(_refused(request, user, said, because="not_open")) from error
        if user is None:
            sociallogin.connect(request, found)
        sociallogin.user = found

    def on_authentication_error(self, request: HttpRequest, provider: Any, **told: Any) -> None:
        """A sign-in that the provider or the way back broke off."""
        tell(request, AuditKind.SIGN_ON_REFUSED, None, METHOD, because="broken_off")


def _refused(request: HttpRequest, user: User | None, said: str, because: str = "no_group") -> HttpResponse:
    tell(request, AuditKind.SIGN_ON_REFUSED, user, METHOD, because=because)
    return refuse(request, status=403, title=_("You cannot sign in"), said=said)


def claims_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider says of the user: the token, and over it what the user's own page at the provider says."""
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})}


def groups_of(data: Mapping[str, Any]) -> frozenset[str]:
    """The user's groups, by the claim that the settings name, in the token or on the user's page at the provider."""
    found: set[str] = set()
    for part in ("id_token", "userinfo"):
        told = (data.get(part) or {}).get(settings.OIDC_GROUPS_CLAIM) or ()
        found.update([told] if isinstance(told, str) else (str(one) for one in told))
    return frozenset(found)


def role_of(groups: Iterable[str]) -> Role | None:
    """The role of the first group of the settings that the user is in; None where of none."""
    held = set(groups)
    return next((Role(role) for group, role in settings.OIDC_ROLES.items() if group in held), None)


def _proved_email(claims: Mapping[str, Any]) -> str:
    """The address, where the provider vouches for it: by it a user who is here already is found."""
    return str(claims.get("email") or "").strip().lower() if claims.get("email_verified") is True else ""
