"""The WSGI application that `goodstanding serve` runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodstanding.server.settings")
application = get_wsgi_application()
