"""The door of signing in: passwords, second factors, single sign-on, one's own sessions (requirement K5). The machinery is django-allauth's."""
