"""The app that brings the command `demo`."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demonstration."""

    name = "goodstanding.server.demo"
    label = "demo"
