"""The app that brings the templates of signing in; it stands before allauth's, so that its pages are the ones shown."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Pages."""

    name = "goodstanding.server.identity"
    label = "identity"
