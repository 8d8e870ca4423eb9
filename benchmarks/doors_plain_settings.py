"""Settings of the plain server that `benchmarks.doors` compares with: the same tables, sessions and users, and nothing between a request and its view."""

from goodstanding.server.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.doors_plain"
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"]
