"""Addresses for those who run the server."""

from django.urls import path

from goodstanding.server.probes import views

app_name = "probes"
urlpatterns = [
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("metrics", views.metrics, name="metrics"),
]
