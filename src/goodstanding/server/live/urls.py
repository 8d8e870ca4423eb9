"""The addresses of streams."""

from django.urls import path

from goodstanding.server.live import streams

urlpatterns = [path("live/<str:door>/<str:case_id>/", streams.case_stream, name="live")]
