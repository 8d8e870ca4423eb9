"""Every address of the server. Doors are imported as modules, so that the import contracts see them."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from goodstanding.server.api import urls as api
from goodstanding.server.console import urls as console
from goodstanding.server.identity import urls as identity
from goodstanding.server.live import urls as live
from goodstanding.server.pages import errors
from goodstanding.server.portal import urls as portal
from goodstanding.server.probes import urls as probes

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(portal)),
    *identity.urlpatterns,
    path("console/", include(console)),
    *api.urlpatterns,
    path("", include(probes)),
    path("", include(live)),
    path("language/", set_language, name="set_language"),
]

handler403 = errors.not_permitted
handler404 = errors.not_found
handler500 = errors.our_fault
