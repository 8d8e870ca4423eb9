"""Settings of the plain server that `benchmarks.doors` compares with: the same tables, sessions and users, and nothing between a request and its view."""

from goodstanding.server.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.doors_plain"
# The last one because allauth's check asks for it; it does nothing to a page that is found.
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
