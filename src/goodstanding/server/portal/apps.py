"""The app that brings the templates of the portal."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Pages."""

    name = "goodstanding.server.portal"
    label = "portal"
