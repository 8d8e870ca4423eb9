"""The app that brings the templates of the console."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Pages."""

    name = "goodstanding.server.console"
    label = "console"
