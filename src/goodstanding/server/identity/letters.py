"""What is written to a user about the own way in: the link to set a new password, and what has changed. Short, plain, in the user's language."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from goodstanding.server.pages.labels import label
from goodstanding.server.pages.language import django_language
from goodstanding.server.store.models import User
from goodstanding.server.store.models.audit import AuditKind

RESET = "account/email/password_reset_key"


@dataclass(frozen=True, slots=True)
class Written:
    """A letter, finished. `language` is that of the pages."""

    subject: str
    body: str
    language: str


def write_reset(user: User, url: str) -> Written:
    """The letter with the link to set a new password."""
    with translation.override(django_language(user.language)):
        body = _(
            "Somebody, probably you, asked for a new password for %(email)s. Set it here within an hour:\n\n%(url)s\n\n"
            "If it was not you, do nothing: your password stays as it is."
        )
        values = {"email": user.email, "url": url}
        return Written(_("Set a new password"), body % values, translation.get_language() or "en")


def write_change(user: User, kind: AuditKind, method: str) -> Written:
    """The letter that says what has changed about the user's way in."""
    with translation.override(django_language(user.language)):
        body = _(
            "This has changed for the sign-in of %(email)s at %(where)s: %(what)s (%(means)s).\n\n"
            "If it was not you, set a new password at once and tell who manages the staff."
        )
        what, means = label("audit", kind), label("means", method)
        values = {"email": user.email, "where": settings.BASE_URL, "what": what, "means": means}
        return Written(_("Your sign-in has changed"), body % values, translation.get_language() or "en")
