"""The app that owns every table."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Tables of the server."""

    name = "goodstanding.server.store"
    label = "store"
