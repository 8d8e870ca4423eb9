"""Every address of the server. Doors are imported as modules, so that the import contracts see them."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
