"""The app that brings the management commands."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Commands."""

    name = "goodstanding.server.jobs"
    label = "jobs"
