"""The app that brings `manage receive_mail`."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Commands."""

    name = "goodstanding.server.inbox"
    label = "inbox"
